"""The tables of reports: a header and rows in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from harpevents.core import i18n
from harpevents.core.tables.writing import Sheet
from harpevents.core.types import in_language
from harpevents.events.models import Event, EventKind, GrantKind
from harpevents.events.words import QUALIFIERS
from harpevents.institutions.models import InstitutionKind
from harpevents.registrations import exports
from harpevents.reports import figures, words, years
from harpevents.reports.figures import EventFigures
from harpevents.reports.registry import Subject, Table, report


def _countries(counted: EventFigures) -> Table:
    header = [_("Country"), _("Registered"), _("Present"), _("Organisations")]
    return header, [
        [i18n.country_name(code), its.registered, its.people, sum(its.institutions.values())]
        for code, its in counted.by_country.items()
    ]


def _organisations(counted: EventFigures) -> Table:
    language = i18n.current_language()
    header = [_("Organisation"), _("Country"), _("Kind of organisation")]
    return [*header, _("Registered"), _("Present")], [
        [
            in_language(row.names, language),
            i18n.country_name(row.country),
            str(words.INSTITUTION_KINDS[InstitutionKind(row.kind)]),
            row.registered,
            row.present,
        ]
        for row in counted.by_institution
    ]


def _grouped(
    title: str, names: Mapping[Any, Any], counted: Callable[[EventFigures], Mapping[str, Any]]
) -> Callable[[EventFigures], Table]:
    def table(figures: EventFigures) -> Table:
        rows = [[str(names.get(code, code)), *both] for code, both in counted(figures).items()]
        return [str(title), _("Registered"), _("Present")], rows

    return table


_KINDS, _PARTS, _MODES = (
    _l("By kind of organisation"),
    _l("By category"),
    _l("By way of taking part"),
)
OF_FIGURES: dict[str, tuple[Any, Callable[[EventFigures], Table]]] = {
    "countries": (_l("By country"), _countries),
    "organisations": (_l("By organisation"), _organisations),
    "kinds": (_KINDS, _grouped(_KINDS, words.INSTITUTION_KINDS, lambda its: its.by_kind)),
    "categories": (_PARTS, _grouped(_PARTS, words.CATEGORIES, lambda its: its.by_category)),
    "modes": (_MODES, _grouped(_MODES, words.MODES, lambda its: its.by_mode)),
}


def _counted(table: Callable[[EventFigures], Table]) -> Callable[[Event], Table]:
    """The table of an event whose figures are counted when it is asked for."""
    return lambda event: table(figures.of_event(event))


for _name, (_title, _table) in OF_FIGURES.items():
    report(f"event-{_name}", _title, Subject.EVENT)(_counted(_table))


@report("registrations", _l("Registrations"), Subject.EVENT, GrantKind.MODERATE)
def registrations(event: Event) -> Table:
    return exports.titles(), exports.in_words(event, i18n.current_language())


def event_sheets(
    counted: EventFigures, published: int | str | None, sentences: Mapping[str, str]
) -> list[Sheet]:
    """What the page of the event's report shows, counted once for all."""
    summary = [
        [_("Registered"), counted.registered],
        [_("Present"), counted.present],
        [_("Published figure"), published],
        *_undecided(counted),
        *([i18n.native_name(code), text] for code, text in sentences.items()),
    ]
    return [
        Sheet(_("Report"), [_("Figure"), _("Value")], summary),
        *(Sheet(str(title), *table(counted)) for title, table in OF_FIGURES.values()),
    ]


def _undecided(counted: EventFigures) -> list[list[Any]]:
    """Who is missing from the figures, as rows beside them."""
    people, institutions = counted.undecided
    rows = [
        [_("Not decided: people of meeting reports"), people],
        [_("Not decided: people whose organisation is not recognised"), institutions],
    ]
    return [row for row in rows if row[1]]


def in_one(counted: EventFigures, sheets: Sequence[Sheet]) -> Sheet:
    """The same as one table: part of the report, name, country, kind, registered, present."""
    _summary, countries, institutions, *groups = sheets
    rows: list[Sequence[Any]] = [
        [_("Report"), "", "", "", counted.registered, counted.present],
        *([_("Report"), what, "", "", "", number] for what, number in _undecided(counted)),
        *([countries.name, "", row[0], "", row[1], row[2]] for row in countries.rows),
        *([institutions.name, *row] for row in institutions.rows),
        *([sheet.name, row[0], "", "", *row[1:]] for sheet in groups for row in sheet.rows),
    ]
    header = [_("Part of the report"), _("Figure"), _("Country"), _("Kind of organisation")]
    return Sheet(_("Report"), [*header, _("Registered"), _("Present")], rows)


@report("year-events", _l("Events of the year"), Subject.YEAR)
def events_of_year(fiscal_year: int) -> Table:
    """A line for each event, counted beside reported, and the sums."""
    language, its = i18n.current_language(), years.of_year(fiscal_year)
    header = [_("Date"), _("Event"), _("Kind"), _("Counted"), _("Reported"), _("Attendances")]
    header.append(_("What the reported number means"))
    rows: list[list[Any]] = [
        [
            line.day,
            in_language(line.event.title, language),
            str(words.EVENT_KINDS[line.event.kind]),
            line.counted or None,
            line.reported,
            line.attendances,
            _qualified(line),
        ]
        for line in its.lines
    ]
    total = [None, _("Total"), None, its.counted, its.reported, its.attendances, None]
    return header, [*rows, total]


def _qualified(line: years.YearLine) -> str | None:
    """ "About so many" or the like, where the published number is no exact one."""
    qualifier = line.event.reported_qualifier
    return str(QUALIFIERS[qualifier]) if line.reported is not None and qualifier else None


@report("year-kinds", _l("By kind of event"), Subject.YEAR)
def kinds_of_year(fiscal_year: int) -> Table:
    return [_("Kind"), _("Events"), _("Attendances")], [
        [str(words.EVENT_KINDS[EventKind(kind)]), its["events"], its["attendances"]]
        for kind, its in years.of_year(fiscal_year).by_kind.items()
    ]


@report("year-countries", _l("By country"), Subject.YEAR)
def countries_of_year(fiscal_year: int) -> Table:
    """As counted by check-ins; published figures have no countries here."""
    return [_("Country"), _("Attendances"), _("Different people")], [
        [i18n.country_name(code), its["attendances"], its["people"]]
        for code, its in years.of_year(fiscal_year).by_country.items()
    ]


@report("years", _l("Figures by fiscal year"), Subject.ASSOCIATION)
def all_years() -> Table:
    header = [_("Fiscal year"), _("Events"), _("Counted"), _("Reported"), _("Attendances")]
    return [*header, _("People known")], [
        [year, len(its.lines), its.counted, its.reported, its.attendances, its.people]
        for year, its in years.of_all().items()
    ]


@report("members", _l("Member universities"), Subject.ASSOCIATION)
def members_over_time() -> Table:
    """A line for the beginning of each term and for today."""
    found = years.members_over_time()
    countries = sorted({code for one in found for code in one.by_country})
    header = [_("Date"), *map(i18n.country_name, countries), _("Total")]
    return header, [
        [one.on, *(one.by_country.get(code, 0) for code in countries), one.total] for one in found
    ]
