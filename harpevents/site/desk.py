"""Staff pages of the house: overview, search over everything, health, components."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from harpevents.core.access import ADMIN, SECRETARIAT, staff
from harpevents.core.web import desk_blueprint
from harpevents.site import health, overview, search, styles

bp = desk_blueprint("desk_site", __name__)

TITLES = {
    "database": _l("Database"),
    "schema": _l("Version of the tables"),
    "sqlite": _l("SQLite"),
    "disk": _l("Disk"),
    "secret_key": _l("Secret key"),
    "catalogues": _l("Translations"),
    "jobs": _l("Background jobs"),
    "worker": _l("Background worker"),
    "outbox": _l("Outgoing mail"),
    "backup": _l("Backup"),
}


@bp.get("/")
@staff()
def index() -> ResponseReturnValue:
    """What waits for somebody, and what comes next."""
    return render_template("site/desk.html", **overview.context())


@bp.get("/search", endpoint="search")
@staff()
def search_everything() -> ResponseReturnValue:
    return render_template("site/search.html", **search.context())


@bp.get("/health", endpoint="health")
@staff(ADMIN)
def show_health() -> ResponseReturnValue:
    return render_template("site/health.html", checks=health.checks(), titles=TITLES)


@bp.get("/styles", endpoint="styles")
@staff(ADMIN, SECRETARIAT)
def show_styles() -> ResponseReturnValue:
    return render_template("site/styles.html", **styles.context())
