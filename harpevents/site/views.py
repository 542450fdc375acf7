"""Public pages of the house: home, the choice of language, privacy, and what machines ask."""

from __future__ import annotations

from flask import (
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from harpevents.core import association, clock, i18n
from harpevents.core.access import public
from harpevents.core.security import allow_plain_http
from harpevents.core.web import cacheable_page, external_url, is_safe_path, public_blueprint
from harpevents.events import calendar, words
from harpevents.events import queries as event_queries
from harpevents.memberships import queries as memberships
from harpevents.people import sessions
from harpevents.reports import years
from harpevents.site import health, queries, sharing

bp = public_blueprint("site", __name__, prefix=None)

NEXT_EVENTS = 4
LAST_EVENTS = 3


@bp.get("/")
@public
def root() -> ResponseReturnValue:
    """Go to the home page in the language chosen before, else in the browser's."""
    answer = make_response(redirect(url_for("site.home", lang=i18n.preferred_language())))
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer


@bp.get("/<lang:lang>/")
@public
def home() -> ResponseReturnValue:
    coming, past = queries.upcoming(NEXT_EVENTS), queries.recent(LAST_EVENTS)
    page = render_template(
        "site/home.html",
        about=association.about(),
        languages=i18n.language_names(),
        upcoming=coming,
        recent=past,
        hosts=event_queries.host_lines([*coming, *past]),
        members=memberships.count_members(clock.today()),
        held_events=years.count_events(),
        words=words,
        leaf=calendar.leaf,
    )
    return cacheable_page(page)


@bp.get("/<lang:lang>/privacy")
@public
def privacy() -> ResponseReturnValue:
    page = render_template(
        "site/privacy.html",
        contact=current_app.config["SETTINGS"].mail_from,
        languages=i18n.language_names(),
    )
    return cacheable_page(page)


@bp.get("/language/<code>")
@public
def choose_language(code: str) -> ResponseReturnValue:
    """Remember the language in a cookie, and nothing else, and go back to the page."""
    wanted = request.args.get("next")
    known = code in i18n.languages()
    home_page = url_for("site.home", lang=code if known else i18n.preferred_language())
    answer = make_response(redirect(wanted if wanted and is_safe_path(wanted) else home_page, 303))
    if known:
        sessions.speak(answer, code)
    return answer


@bp.get("/healthz")
@public
@allow_plain_http
def healthz() -> ResponseReturnValue:
    """Whether this process answers; asks nothing else."""
    return jsonify(ok=True)


@bp.get("/readyz")
@public
@allow_plain_http
def readyz() -> ResponseReturnValue:
    """Whether pages can be served: 503 while the database is away or of another version."""
    ready = health.is_ready()
    return jsonify(ok=ready), 200 if ready else 503


@bp.get("/robots.txt")
@public
@allow_plain_http
def robots() -> ResponseReturnValue:
    """Staff pages and secret links are nothing for search engines."""
    pages = external_url("site.sitemap")
    closed = ["/desk/", "/sign-in", "/forgot", "/password/", "/language/", "/*/r/", "/*/u/"]
    text = "".join(f"Disallow: {path}\n" for path in closed)
    return Response(f"User-agent: *\n{text}\nSitemap: {pages}\n", mimetype="text/plain")


@bp.get("/sitemap.xml")
@public
def sitemap() -> ResponseReturnValue:
    """The addresses of all public pages, for search engines."""
    text = render_template("site/sitemap.xml", pages=sharing.public_pages())
    return Response(text, mimetype="application/xml")
