"""Builds the application out of its domains."""

from __future__ import annotations

import gc
import sys

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from config import ROOT, Settings
from harpevents.attendance import desk as attendance_desk
from harpevents.attendance import models as attendance_models
from harpevents.audit import models as audit_models
from harpevents.core import (
    access,
    asgi,
    db,
    i18n,
    jobs,
    limits,
    security,
    static_files,
    supervisor,
    web,
)
from harpevents.events import desk as events_desk
from harpevents.events import views as events_views
from harpevents.institutions import desk as institutions_desk
from harpevents.institutions import views as institutions_views
from harpevents.mailings import desk as mailings_desk
from harpevents.mailings import models as mailings_models
from harpevents.mailings import views as mailings_views
from harpevents.memberships import desk as memberships_desk
from harpevents.memberships import models as memberships_models
from harpevents.memberships import rollover_desk
from harpevents.memberships import views as memberships_views
from harpevents.outbox import desk as outbox_desk
from harpevents.outbox import jobs as outbox_jobs
from harpevents.people import desk as people_desk
from harpevents.people import sessions as people_sessions
from harpevents.people import views as people_views
from harpevents.registrations import desk as registrations_desk
from harpevents.registrations import views as registrations_views
from harpevents.reports import desk as reports_desk
from harpevents.reports import sentences as report_sentences
from harpevents.reports import views as reports_views
from harpevents.site import chrome
from harpevents.site import desk as site_desk
from harpevents.site import jobs as site_jobs
from harpevents.site import models as site_models
from harpevents.site import views as site_views

BLUEPRINTS = (
    site_views.bp,
    people_views.bp,
    institutions_views.bp,
    memberships_views.bp,
    events_views.bp,
    registrations_views.bp,
    mailings_views.bp,
    reports_views.bp,
    site_desk.bp,
    people_desk.bp,
    institutions_desk.bp,
    memberships_desk.bp,
    events_desk.bp,
    registrations_desk.bp,
    attendance_desk.bp,
    outbox_desk.bp,
    mailings_desk.bp,
    reports_desk.bp,
)
MODELS = (  # known to migrations by import, whoever else imports them
    audit_models,
    attendance_models,
    mailings_models,
    memberships_models,
    site_models,
)
PAGES_BESIDE = (rollover_desk,)  # pages on another room's blueprint, known to it by import

csrf = CSRFProtect()


def create_app(settings: Settings) -> Flask:
    """The whole program as one WSGI application; reads no environment and opens no connection."""
    app = Flask("harpevents", static_folder=str(ROOT / "static"), template_folder="core/templates")
    app.config.update(settings.flask())
    app.url_map.converters["lang"] = web.converter_of(settings.languages)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    db.init_app(app)
    i18n.init_app(app)
    jobs.init_app(app)
    outbox_jobs.init_app(app)
    site_jobs.init_app(app)
    csrf.init_app(app)
    security.init_app(app)
    web.init_app(app)
    access.init_app(app)
    people_sessions.init_app(app)
    chrome.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    limits.init_app(app)
    app.extensions["say_participants"] = report_sentences.of_public_page  # asked a floor below
    static_files.init_app(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app


# How long a thread computes on while others want to, a tenth of Python's own: a post asks the
# database twenty times and wants its turn back after each, while an export computes for a second.
SWITCH_SECONDS = 0.0005


def serving() -> asgi.Site:
    """The site of one web process, which ends with the server that started it."""
    supervisor.die_with_parent()
    sys.setswitchinterval(SWITCH_SECONDS)
    app = create_app(Settings.from_environment())
    db.limit_statements(app)
    site = asgi.of(app)
    gc.freeze()  # what is there now stays: no collection need look at it again
    return site
