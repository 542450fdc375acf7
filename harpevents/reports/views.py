"""Public pages of reports: the figures of the association."""

from __future__ import annotations

from itertools import accumulate

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from harpevents.core.access import public
from harpevents.core.web import cacheable_page, public_blueprint
from harpevents.events.models import EventKind
from harpevents.reports import words, years

bp = public_blueprint("reports", __name__)


@bp.get("/figures/")
@public
def figures() -> ResponseReturnValue:
    """What the association did, year by year, and how many members it had."""
    found = list(years.of_all().values())
    oldest_first = found[::-1]
    cumulated = list(accumulate(year.attendances for year in oldest_first))
    members = years.members_over_time()
    page = render_template(
        "reports/figures.html",
        years=list(zip(oldest_first, cumulated, strict=True)),
        total_events=sum(len(year.lines) for year in found),
        total=cumulated[-1] if cumulated else 0,
        bars=_bars(found),
        kinds=_kinds(found),
        members=members,
        member_countries=sorted({country for one in members for country in one.by_country}),
    )
    return cacheable_page(page)


def _bars(found: list[years.YearFigures]) -> list[tuple[str, int]]:
    """(fiscal year, attendances) from the first year to the last, those without events too."""
    known = {year.fiscal_year: year.attendances for year in found}
    every = range(min(known), max(known) + 1) if known else ()
    return [(_fiscal_year(year), known.get(year, 0)) for year in every]


def _fiscal_year(number: int) -> str:
    return str(_("Fiscal year %(year)s", year=number))


def _kinds(found: list[years.YearFigures]) -> list[tuple[str, int, str]]:
    """(kind, attendances, events) over all years, the largest first."""
    sums: dict[str, list[int]] = {}
    for year in found:
        for kind, its in year.by_kind.items():
            both = sums.setdefault(kind, [0, 0])
            both[0] += its["attendances"]
            both[1] += its["events"]
    ordered = sorted(sums.items(), key=lambda pair: -pair[1][0])
    return [
        (
            str(words.EVENT_KINDS[EventKind(kind)]),
            people,
            ngettext("%(num)s event", "%(num)s events", events),
        )
        for kind, (people, events) in ordered
        if people
    ]
