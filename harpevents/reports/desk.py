"""Staff pages of reports: years, one event, the change log, and their tables as files."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from harpevents.core import clock, i18n
from harpevents.core.access import ADMIN, SECRETARIAT, staff
from harpevents.core.errors import NotFound
from harpevents.core.forms import clean_line
from harpevents.core.paging import page_number
from harpevents.core.tables.writing import write_csv, write_workbook
from harpevents.core.web import desk_blueprint
from harpevents.events import policy
from harpevents.events.models import Event, EventKind, GrantKind
from harpevents.people.signed_in import current_staff
from harpevents.reports import change_log, figures, sentences, tables, words, years

bp = desk_blueprint("desk_reports", __name__)
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/reports/")
@staff(ADMIN, SECRETARIAT)
def index() -> ResponseReturnValue:
    """All fiscal years with their figures."""
    return render_template("reports/index.html", years=list(years.of_all().values()))


@bp.get("/reports/<int:fiscal_year>")
@staff(ADMIN, SECRETARIAT)
def year(fiscal_year: int) -> ResponseReturnValue:
    """One fiscal year, counted and reported beside each other."""
    counted = years.of_year(_sensible(fiscal_year))
    return render_template(
        "reports/year.html",
        year=counted,
        kinds=words.EVENT_KINDS,
        kind_bars=[
            (words.EVENT_KINDS[EventKind(kind)], its["attendances"])
            for kind, its in counted.by_kind.items()
        ],
    )


@bp.get("/reports/<int:fiscal_year>.<any(csv, xlsx):form>")
@staff(ADMIN, SECRETARIAT)
def year_file(fiscal_year: int, form: str) -> ResponseReturnValue:
    """The table of the year as a file."""
    sheet = tables.year_sheet(years.of_year(_sensible(fiscal_year)))
    if form == "csv":
        content = b"".join(write_csv(sheet.header, sheet.rows))
    else:
        content = write_workbook([sheet], clock.association_zone())
    return _file(content, f"report-{fiscal_year}", form)


def _sensible(fiscal_year: int) -> int:
    if not 1900 <= fiscal_year <= 2999:
        raise NotFound(fiscal_year)
    return fiscal_year


def _file(content: bytes, name: str, form: str) -> Response:
    response = Response(content, content_type=CSV if form == "csv" else XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename={name}.{form}"
    return response


def _event(slug: str) -> Event:
    return policy.get_for_staff(slug, current_staff(), GrantKind.CHECK_IN)


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
        differs=published is not None and published.present != counted.present,
        words=words,
    )


@bp.get("/events/<slug>/report.<any(csv, xlsx):form>")
@staff()
def event_file(slug: str, form: str) -> ResponseReturnValue:
    """The report of one event as a file."""
    shown = _event(slug)
    counted = figures.of_event(shown)
    said = sentences.in_all_languages(counted)
    if form == "csv":
        content = b"".join(tables.event_csv(counted, said))
    else:
        content = tables.event_workbook(shown, counted, said)
    return _file(content, f"{slug}-report", form)


@bp.get("/audit")
@staff(ADMIN, SECRETARIAT)
def audit() -> ResponseReturnValue:
    """Who changed what, when."""
    asked = change_log.Asked(*(_typed(name) for name in ("actor", "action", "event")))
    lines, page = change_log.lines(asked, page_number(request.args.get("page")))
    kept: dict[str, Any] = {name: value for name, value in vars(asked).items() if value}
    return render_template(
        "reports/audit.html",
        lines=lines,
        page=page,
        asked=asked,
        actions=[(code, words.ACTIONS.get(code, code)) for code in change_log.actions()],
        actors=words.ACTORS,
        targets=words.TARGETS,
        zone=clock.association_zone().key,
        url_for_page=lambda number: url_for(".audit", **kept, page=number),
    )


def _typed(name: str) -> str:
    shown = "".join(sign for sign in request.args.get(name, "")[:200] if sign.isprintable())
    return (clean_line(shown) or "")[:100]
