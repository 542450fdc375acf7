"""The tables of reports as files: one CSV, or a workbook with a sheet for each question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from harpevents.core import i18n
from harpevents.core.tables.writing import Sheet, write_csv, write_workbook
from harpevents.core.types import in_language
from harpevents.events.models import Event
from harpevents.institutions.models import InstitutionKind
from harpevents.reports import words
from harpevents.reports.figures import EventFigures
from harpevents.reports.years import YearFigures


def event_sheets(counted: EventFigures, sentences: Mapping[str, str]) -> list[Sheet]:
    """What the report page shows, in the current language."""
    numbers = [_("Registered"), _("Present")]
    summary = [
        [_("Registered"), counted.registered],
        [_("Present"), counted.present],
        [_("Published figure"), counted.reported],
        *([i18n.native_name(code), text] for code, text in sentences.items()),
    ]
    countries: list[list[Any]] = [
        [i18n.country_name(code), its.registered, its.people, sum(its.institutions.values())]
        for code, its in counted.by_country.items()
    ]
    language = i18n.current_language()
    institutions: list[list[Any]] = [
        [
            in_language(row.names, language),
            i18n.country_name(row.country),
            str(words.INSTITUTION_KINDS[InstitutionKind(row.kind)]),
            row.registered,
            row.present,
        ]
        for row in counted.by_institution
    ]
    return [
        Sheet(_("Report"), [_("Figure"), _("Value")], summary),
        Sheet(_("By country"), [_("Country"), *numbers, _("Organisations")], countries),
        Sheet(
            _("By organisation"),
            [_("Organisation"), _("Country"), _("Kind of organisation"), *numbers],
            institutions,
        ),
        _grouped(_("By kind of organisation"), words.INSTITUTION_KINDS, counted.by_kind),
        _grouped(_("By category"), words.CATEGORIES, counted.by_category),
        _grouped(_("By way of taking part"), words.MODES, counted.by_mode),
    ]


def _grouped(title: str, names: Mapping[Any, Any], counted: Mapping[str, tuple[int, int]]) -> Sheet:
    rows = [[str(names.get(code, code)), *both] for code, both in counted.items()]
    return Sheet(title, [title, _("Registered"), _("Present")], rows)


def event_csv(counted: EventFigures, sentences: Mapping[str, str]) -> Iterator[bytes]:
    """The same as one table: part of the report, name, country, kind, registered, present."""
    _summary, countries, institutions, *groups = event_sheets(counted, sentences)
    rows: list[Sequence[Any]] = [
        [_("Report"), "", "", "", counted.registered, counted.present],
        *([countries.name, "", row[0], "", row[1], row[2]] for row in countries.rows),
        *([institutions.name, *row] for row in institutions.rows),
        *([sheet.name, row[0], "", "", *row[1:]] for sheet in groups for row in sheet.rows),
    ]
    header = [
        _("Part of the report"),
        _("Figure"),
        _("Country"),
        _("Kind of organisation"),
        _("Registered"),
        _("Present"),
    ]
    return write_csv(header, rows)


def event_workbook(event: Event, counted: EventFigures, sentences: Mapping[str, str]) -> bytes:
    return write_workbook(event_sheets(counted, sentences), ZoneInfo(event.zone))


def year_sheet(figures: YearFigures) -> Sheet:
    """A line for each event, counted beside reported, and the sums."""
    language = i18n.current_language()
    header = [
        _("Date"),
        _("Event"),
        _("Kind"),
        _("Counted"),
        _("Reported"),
        _("Attendances"),
    ]
    rows: list[list[Any]] = [
        [
            line.day,
            in_language(line.event.title, language),
            str(words.EVENT_KINDS[line.event.kind]),
            line.counted or None,
            line.reported,
            line.attendances,
        ]
        for line in figures.lines
    ]
    rows.append([None, _("Total"), None, figures.counted, figures.reported, figures.attendances])
    return Sheet(str(figures.fiscal_year), header, rows)
