"""Public pages of events: what is coming, the archive, and calendar files."""

from __future__ import annotations

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import extract

from harpevents.core import clock, i18n
from harpevents.core.access import public
from harpevents.core.db import db
from harpevents.core.downloads import download
from harpevents.core.paging import page_number, page_of
from harpevents.core.web import cacheable_page, current_query, external_url, public_blueprint
from harpevents.events import calendar, queries, words
from harpevents.events.models import Event, EventKind, Mode

bp = public_blueprint("events", __name__, prefix=None)


def _choice(name: str, known: type[EventKind] | type[Mode]) -> EventKind | Mode | None:
    """A filter from the address; whatever is none of the known values filters nothing."""
    text = request.args.get(name, "")
    return known(text) if text in {member.value for member in known} else None


@bp.get("/<lang:lang>/events/")
@public
def index() -> ResponseReturnValue:
    """Upcoming events first, then the archive, by year where one is chosen."""
    now = clock.now()
    kind, mode = _choice("kind", EventKind), _choice("mode", Mode)
    upcoming, past = queries.upcoming(now), queries.past(now)
    years = queries.years(past)
    if kind is not None:
        upcoming, past = upcoming.where(Event.kind == kind), past.where(Event.kind == kind)
    if mode is not None:
        upcoming, past = upcoming.where(Event.mode == mode), past.where(Event.mode == mode)
    year = request.args.get("year", "")
    chosen = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
    if chosen is not None:
        past = past.where(extract("year", Event.starts_at) == chosen)
    page = page_of(past, page_number(request.args.get("page")))
    coming = db.session.scalars(upcoming.limit(100)).all()
    html = render_template(
        "events/index.html",
        upcoming=coming,
        page=page,
        years=[(one, one) for one in years],
        year=chosen,
        kind=kind,
        mode=mode,
        hosts=queries.host_lines([*coming, *page.items]),
        words=words,
        leaf=calendar.leaf,
        page_url=lambda number: url_for(".index", **{**current_query(), "page": number}),
    )
    return cacheable_page(html)


@bp.get("/<lang:lang>/events/<slug>.ics")
@public
def calendar_file(slug: str) -> ResponseReturnValue:
    """One event as a calendar file."""
    event = queries.get_shown(slug)
    language = i18n.current_language()
    dated = calendar.CalendarItem(event, _url(event, language), _names(event, language))
    return _ics(calendar.to_calendar([dated], language), f"{slug}.ics")


@bp.get("/events.ics")
@public
def all_calendar() -> ResponseReturnValue:
    """All events that are coming and those of the last year, to subscribe to."""
    language = i18n.current_language()
    query = queries.for_subscribers(clock.now())
    dated = [
        calendar.CalendarItem(event, _url(event, language))
        for event in db.session.scalars(query).all()
    ]
    return _ics(calendar.to_calendar(dated, language, name=_("Events")), "events.ics")


def _names(event: Event, language: str) -> list[str]:
    return queries.host_names(queries.hosts_of(event), language, event.day)


def _url(event: Event, language: str) -> str:
    return external_url("registrations.event", lang=language, slug=event.slug)


def _ics(text: str, name: str) -> Response:
    response = download(text, name, calendar.TYPE)
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response
