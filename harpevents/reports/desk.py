"""Staff pages of reports: years, one event, the change log, and their tables as files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from harpevents.core import clock, i18n
from harpevents.core.access import ADMIN, SECRETARIAT, staff
from harpevents.core.downloads import table_download
from harpevents.core.errors import NotFound
from harpevents.core.paging import page_number
from harpevents.core.web import desk_blueprint, query_text
from harpevents.events import policy
from harpevents.events.models import Event, EventKind, GrantKind
from harpevents.people.signed_in import current_staff, is_secretariat
from harpevents.reports import change_log, figures, registry, sentences, tables, words, years
from harpevents.reports.registry import Report, Subject

bp = desk_blueprint("desk_reports", __name__)
ON_A_PAGE = 300  # rows; the files hold them all


@bp.get("/reports/")
@staff(ADMIN, SECRETARIAT)
def index() -> ResponseReturnValue:
    """All fiscal years with their figures, and all reports there are."""
    found = list(years.of_all().values())
    latest = found[0].fiscal_year if found else clock.fiscal_year(clock.today())
    return render_template(
        "reports/index.html",
        years=found,
        undecided=years.count_undecided(found),
        of_association=[(one.title, _url(one)) for one in registry.of(Subject.ASSOCIATION)],
        of_year=[(one.title, _url(one, fiscal_year=latest)) for one in registry.of(Subject.YEAR)],
        of_event=[one.title for one in registry.of(Subject.EVENT)],
        latest=latest,
    )


@bp.get("/reports/<int:fiscal_year>")
@staff(ADMIN, SECRETARIAT)
def year(fiscal_year: int) -> ResponseReturnValue:
    """One fiscal year, counted and reported beside each other."""
    counted = years.of_year(_sensible(fiscal_year))
    return render_template(
        "reports/year.html",
        year=counted,
        undecided=years.count_undecided([counted]),
        illustrative=[
            i18n.local(line.event.title)
            for line in counted.lines
            if line.counted and figures.is_illustrative(line.event)
        ],
        number=sentences.number,
        kinds=words.EVENT_KINDS,
        kind_bars=[
            (words.EVENT_KINDS[EventKind(kind)], its["attendances"])
            for kind, its in counted.by_kind.items()
        ],
        reports=[
            (one.title, _url(one, fiscal_year=fiscal_year)) for one in registry.of(Subject.YEAR)
        ],
    )


@bp.get("/reports/<int:fiscal_year>.<any(csv, xlsx):form>")
@staff(ADMIN, SECRETARIAT)
def year_file(fiscal_year: int, form: str) -> ResponseReturnValue:
    """The events of the year as a file."""
    sheet = registry.get("year-events").sheet(_sensible(fiscal_year))
    return table_download([sheet], f"report-{fiscal_year}", form, clock.association_zone())


def _sensible(fiscal_year: int) -> int:
    if not 1900 <= fiscal_year <= 2999:
        raise NotFound(fiscal_year)
    return fiscal_year


def _event(slug: str, needed: GrantKind = GrantKind.CHECK_IN) -> Event:
    return policy.get_for_staff(slug, current_staff(), needed)


def _url(report: Report, **about: Any) -> str:
    endpoint = ".event_table" if report.subject is Subject.EVENT else ".table"
    return url_for(endpoint, name=report.name, **about)


@bp.get("/reports/<name>", endpoint="table")
@bp.get("/reports/<name>.<any(csv, xlsx):form>", endpoint="table")
@bp.get("/reports/<int:fiscal_year>/<name>", endpoint="table")
@bp.get("/reports/<int:fiscal_year>/<name>.<any(csv, xlsx):form>", endpoint="table")
@staff(ADMIN, SECRETARIAT)
def table(name: str, fiscal_year: int | None = None, form: str = "") -> ResponseReturnValue:
    """A report of a fiscal year or of the association, as a page or a file."""
    if fiscal_year is None:
        return _table(registry.get(name, Subject.ASSOCIATION), form, clock.association_zone())
    report = registry.get(name, Subject.YEAR)
    return _table(report, form, clock.association_zone(), _sensible(fiscal_year))


@bp.get("/events/<slug>/reports/<name>", endpoint="event_table")
@bp.get("/events/<slug>/reports/<name>.<any(csv, xlsx):form>", endpoint="event_table")
@staff()
def event_table(slug: str, name: str, form: str = "") -> ResponseReturnValue:
    """A report of an event, as a page or a file."""
    report = registry.get(name, Subject.EVENT)
    shown = _event(slug, report.grant)
    return _table(report, form, ZoneInfo(shown.zone), shown)


def _table(report: Report, form: str, zone: ZoneInfo, *about: Event | int) -> ResponseReturnValue:
    sheet = report.sheet(*about)
    whose = [one.slug if isinstance(one, Event) else str(one) for one in about]
    if form:
        return table_download([sheet], "-".join([*whose, report.name]), form, zone)
    rows = list(sheet.rows)
    return render_template(
        "reports/table.html",
        title=sheet.name,
        about=about[0] if about else None,
        is_event=report.subject is Subject.EVENT,
        header=sheet.header,
        numbers=[
            any(isinstance(one, int | float) for one in column)
            for column in zip(*rows, strict=True)
        ],
        rows=[[_shown(value, zone) for value in row] for row in rows[:ON_A_PAGE]],
        total=len(rows),
        file_url=lambda form: url_for(
            str(request.endpoint), **{**(request.view_args or {}), "form": form}
        ),
    )


def _shown(value: Any, zone: ZoneInfo) -> str:
    """A cell in words."""
    if isinstance(value, datetime):
        return i18n.show_moment(value, zone.key, "medium")
    if isinstance(value, date):
        return i18n.show_date(value, "medium")
    return "–" if value is None else str(value)


@bp.get("/events/<slug>/report")
@staff()
def event(slug: str) -> ResponseReturnValue:
    """Who came to one event: sentences to take away, tables and bars."""
    shown = _event(slug)
    counted = figures.of_event(shown)
    published = figures.published(shown)
    language = i18n.current_language()
    return render_template(
        "reports/event.html",
        event=shown,
        figures=counted,
        sentences=sentences.in_all_languages(counted),
        published=sentences.in_all_languages(published) if published else {},
        languages=[language, *(code for code in i18n.languages() if code != language)],
        published_number=sentences.number(published.present, published.qualifier)
        if published
        else "",
        begun=shown.starts_at <= clock.now(),
        may_decide_institutions=is_secretariat(current_staff()),
        differs=published is not None and published.present != counted.present,
        words=words,
        reports=[
            (one.title, _url(one, slug=slug))
            for one in registry.of(Subject.EVENT)
            if policy.may(current_staff(), shown, one.grant)
        ],
    )


@bp.get("/events/<slug>/report.<any(csv, xlsx):form>")
@staff()
def event_file(slug: str, form: str) -> ResponseReturnValue:
    """The report of one event as a file: one table, or a workbook with a sheet for each."""
    shown = _event(slug)
    counted = figures.of_event(shown)
    published = figures.published(shown)
    sheets = tables.event_sheets(
        counted,
        sentences.number(published.present, published.qualifier)
        if published and published.qualifier
        else counted.reported,
        sentences.in_all_languages(figures.said(shown, counted)),
    )
    if form == "csv":
        sheets = [tables.in_one(counted, sheets)]
    return table_download(sheets, f"{slug}-report", form, ZoneInfo(shown.zone))


@bp.get("/audit")
@staff(ADMIN, SECRETARIAT)
def audit() -> ResponseReturnValue:
    """Who changed what, when."""
    asked = change_log.Asked(*(query_text(name) for name in ("actor", "action", "event")))
    lines, page = change_log.lines(asked, page_number(request.args.get("page")))
    filters: dict[str, Any] = {name: value for name, value in vars(asked).items() if value}
    return render_template(
        "reports/audit.html",
        lines=lines,
        page=page,
        asked=asked,
        actions=[(code, words.ACTIONS.get(code, code)) for code in change_log.actions()],
        actors=words.ACTORS,
        targets=words.TARGETS,
        zone=clock.association_zone().key,
        url_for_page=lambda number: url_for(".audit", **filters, page=number),
    )
