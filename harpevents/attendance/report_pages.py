"""What the pages about reports of online meetings show: results, and the queue of decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from harpevents.attendance import door, queries, report_import, words
from harpevents.attendance.models import AttendanceReport, MatchKind, ReportedPerson
from harpevents.attendance.report_import import ImportPlan
from harpevents.core import i18n, names
from harpevents.core.db import db
from harpevents.core.names.kanji import has_kana, has_kanji
from harpevents.core.paging import Page, page_of
from harpevents.events.models import Event
from harpevents.registrations import queries as registrations
from harpevents.registrations.models import Registration

ON_ONE_PAGE = 100
DECIDED_AT_ONCE = 20  # people of the queue on one page: each is compared with every registration


@dataclass(frozen=True)
class Shown:
    """One person of a report and who she is, for a table."""

    name: str
    other_names: list[str]
    organisation: str
    seconds: int
    first_join: datetime | None
    last_leave: datetime | None
    match: MatchKind
    is_host: bool
    registration: str | None
    number: int | None
    set_aside: bool = False

    @property
    def minutes(self) -> int:
        return round(self.seconds / 60)

    @property
    def state(self) -> str:
        if self.is_host:
            return "host"
        if self.number is not None:
            return "matched"
        return "set_aside" if self.set_aside else "waiting"


def of_plan(plan: ImportPlan) -> dict[str, Any]:
    """What taking the file would do, as `attendance/report.html` shows it."""
    ids = [row.registration_id for row in plan.people if row.registration_id]
    people = _registrations(ids)
    shown = [
        _shown(
            ReportedPerson(
                names={"names": row.person.names},
                organisation=row.person.organisation or "",
                union_seconds=row.person.union_seconds,
                first_join=report_import.instant(row.person.first_join, plan.zone),
                last_leave=report_import.instant(row.person.last_leave, plan.zone),
                match=row.match,
                is_host=row.person.is_host,
                set_aside_at=None,
            ),
            people.get(row.registration_id or 0),
        )
        for row in plan.people[:ON_ONE_PAGE]
    ]
    return {
        "people": shown,
        "page": None,
        "left_out": max(0, len(plan.people) - ON_ONE_PAGE),
        "filename": plan.filename,
        "format": words.FORMATS.get(plan.report.format, plan.report.format),
        "encoding": plan.report.encoding,
        "rows": plan.report.rows,
        "ignored": _ignored([ignored.as_json() for ignored in plan.report.ignored]),
        "zone": plan.zone,
        "counts": queries.ReportCounts(plan.matched, plan.unmatched, 0),
    }


def of_report(report: AttendanceReport, page: int) -> dict[str, Any]:
    """A report that was taken in, in the same shape."""
    counts = queries.count_people([report.id]).get(report.id, queries.ReportCounts(0, 0, 0))
    people: Page[ReportedPerson] = page_of(queries.people_of(report), page, ON_ONE_PAGE)
    return {
        "people": [_shown(person, person.registration) for person in people.items],
        "page": people,
        "left_out": 0,
        "filename": report.filename,
        "format": words.FORMATS.get(report.format, report.format),
        "encoding": report.encoding,
        "rows": report.rows,
        "ignored": _ignored(report.ignored.get("rows", [])),
        "zone": report.zone,
        "counts": counts,
    }


def _ignored(rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    return [(row["row"], str(words.IGNORED.get(row["reason"], row["reason"]))) for row in rows]


def _shown(person: ReportedPerson, registration: Registration | None) -> Shown:
    shown: list[str] = person.names["names"]
    language = i18n.current_language()
    return Shown(
        name=shown[0] if shown else "",
        other_names=shown[1:],
        organisation=person.organisation,
        seconds=person.union_seconds,
        first_join=person.first_join,
        last_leave=person.last_leave,
        match=person.match,
        is_host=person.is_host,
        registration=registrations.display_name(registration, language) if registration else None,
        number=registration.number if registration else None,
        set_aside=person.set_aside_at is not None,
    )


def _registrations(ids: Sequence[int]) -> dict[int, Registration]:
    rows = db.session.scalars(select(Registration).where(Registration.id.in_(ids)))
    return {row.id: row for row in rows}


def listed(event: Event) -> list[tuple[AttendanceReport, queries.ReportCounts]]:
    """The reports taken in before, with how they stand."""
    reports = db.session.scalars(queries.reports_of(event).limit(ON_ONE_PAGE)).all()
    counts = queries.count_people(report.id for report in reports)
    return [(report, counts.get(report.id, queries.ReportCounts(0, 0, 0))) for report in reports]


@dataclass(frozen=True)
class Waiting:
    """Somebody of the queue, and the registrations she may be."""

    person: ReportedPerson
    name: str
    other_names: list[str]
    suggestions: list[door.DoorRow]

    @property
    def minutes(self) -> int:
        return round(self.person.union_seconds / 60)


def queue(event: Event, page: int) -> tuple[list[Waiting], Page[ReportedPerson]]:
    """One page of those who match nobody, with the nearest names among the registrations."""
    people: Page[ReportedPerson] = page_of(queries.waiting_people(event), page, DECIDED_AT_ONCE)
    known = db.session.scalars(queries.expected(event)).all() if people.items else []
    near = report_import.suggestions(people.items, known)
    distinct = {row.id: row for rows in near.values() for row in rows}
    rows = {row.registration.id: row for row in door.rows_of(event, list(distinct.values()))}
    return [
        waiting(person, [rows[near_one.id] for near_one in near[person.id]])
        for person in people.items
    ], people


def waiting(person: ReportedPerson, suggestions: list[door.DoorRow]) -> Waiting:
    shown: list[str] = person.names["names"]
    return Waiting(person, shown[0] if shown else "", shown[1:], suggestions)


def found(event: Event, q: str, page: int) -> tuple[list[door.DoorRow], Page[Registration]]:
    """Confirmed registrations that a search finds, to choose one for somebody of the queue."""
    query: Select[Registration] = queries.expected(event)
    if q:
        query = registrations.found_by(query, q)
    shown: Page[Registration] = page_of(
        query.order_by(Registration.sort_name, Registration.number), page
    )
    return door.rows_of(event, shown.items), shown


def as_walk_in(person: ReportedPerson) -> dict[str, Any]:
    """What a report knows of a person, as values of the walk-in form; names stay as shown."""
    name = names.split_remark((person.names["names"] or [""])[0]).name
    given, _blank, family = name.rpartition(" ")
    if has_kanji(name) or has_kana(name):
        family, _blank, given = name.partition(" ")
    latin = {"latin_family": family, "latin_given": given} if name.isascii() else {}
    return {
        "family": family,
        "given": given,
        **latin,
        "email": person.email or "",
        "institution": person.organisation,
    }
