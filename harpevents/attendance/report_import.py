"""Taking in the report of an online meeting: who in it is which registration, and the rest.

Reading the file and matching its people write nothing (`plan`); `take` writes what was planned, in
one transaction, without looking at the file again. The same file taken twice changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from harpevents.attendance import queries, services, words
from harpevents.attendance.models import (
    AttendanceReport,
    CheckInResult,
    CheckInSource,
    MatchKind,
    ReportedPerson,
)
from harpevents.audit.services import Actor, record
from harpevents.core import clock, names
from harpevents.core.addresses import AddressRefused, normalise
from harpevents.core.clock import zone_names
from harpevents.core.db import db, lock
from harpevents.core.errors import InputRefused, RuleBroken
from harpevents.events.models import Event
from harpevents.meeting_reports import ParsedPerson, ParsedReport, ReportRefused, parse_report
from harpevents.people.services import PersonNames
from harpevents.registrations.entries import NAMES
from harpevents.registrations.models import Registration

LONGEST_NAME = 300
UNRECORDED = "attendance_not_recorded"
NOBODY = frozenset({"device", "anonymous", "dial_in", "bot"})  # names that name nobody


class ReportZoneUnknown(RuleBroken):
    """The time zone is no IANA name."""

    message = _l("There is no time zone of this name.")
    field = "zone"
    status = 422


class PresenceUnknown(RuleBroken):
    """The file lists people without saying who of them came."""

    message = _l(
        "This file lists people, but does not say who of them came. If everybody in it was there, "
        "tick the box that says so."
    )
    field = "all_came"
    status = 422


class NotOurs(RuleBroken):
    """The chosen registration is not confirmed, so nobody can have come with it."""

    message = _l("This registration is not confirmed.")


class DecidedAlready(RuleBroken):
    """Somebody else dealt with this person of the report in the meantime."""

    message = _l("This person of the report was dealt with already.")


@dataclass(frozen=True)
class Matched:
    """A person of the report and the registration she is, as far as that is certain."""

    person: ParsedPerson
    match: MatchKind
    registration_id: int | None


@dataclass(frozen=True)
class ImportPlan:
    """What taking the report would do; nothing is written yet."""

    event: Event
    report: ParsedReport
    filename: str
    digest: str
    zone: str
    people: list[Matched]

    @property
    def matched(self) -> int:
        return sum(row.registration_id is not None for row in self.people)

    @property
    def unmatched(self) -> int:
        """Those who wait for a decision; the host's own row does not."""
        return sum(row.registration_id is None and not row.person.is_host for row in self.people)

    def as_json(self) -> dict[str, Any]:
        """The shape of `attendance import --json`."""
        people = [
            {**row.person.as_json(), "registration": row.registration_id, "match": row.match.value}
            for row in self.people
        ]
        return {
            "event": self.event.slug,
            **self.report.as_json(),
            "people": people,
            "matched": self.matched,
            "unmatched": self.unmatched,
        }


def plan(
    event: Event,
    data: bytes,
    filename: str,
    zone: str | None = None,
    encoding: str | None = None,
) -> ImportPlan:
    """Read the report and match its people with the confirmed registrations of `event`.

    `zone` is the IANA zone of the file's wall-clock times, the event's own unless given; `encoding`
    is what a text file is written in, found out unless given. Raises
    `ReportRefused` (shown by `InputRefused`) for what is no report, and `ReportZoneUnknown`.
    """
    zone = zone or event.zone
    if zone not in zone_names():
        raise ReportZoneUnknown
    day = event.starts_at.astimezone(ZoneInfo(zone)).date()
    try:
        report = parse_report(data, filename, on=day, encoding=encoding)
    except ReportRefused as refused:
        raise _refusal(refused) from refused
    registrations = db.session.scalars(queries.expected(event)).all()
    return ImportPlan(
        event,
        report,
        filename,
        hashlib.sha256(data).hexdigest(),
        report.zone or zone,
        _match(report.people, registrations),
    )


def _refusal(refused: ReportRefused) -> InputRefused:
    """The reason in the reader's language, with its place in the file."""
    known = words.REPORT_REFUSED.get(refused.code) if refused.words is None else None
    reason = str(known) % refused.params if known is not None else str(refused)
    shown = InputRefused(reason, row=refused.row, column=refused.column)
    shown.field = "file"
    return shown


def _match(people: Sequence[ParsedPerson], registrations: Sequence[Registration]) -> list[Matched]:
    """By address, then by name across scripts where one person alone is certain."""
    by_address = {row.email: row.id for row in registrations}
    roster = Registrants(registrations)
    matched: list[Matched] = []
    for person in people:
        kind, found = MatchKind.NONE, None
        if not person.is_host:
            if found := by_address.get(_mailbox(person.email)):
                kind = MatchKind.ADDRESS
            elif found := _by_name(person, roster):
                kind = MatchKind.NAME
        matched.append(Matched(person, kind, found))
    return matched


def _mailbox(email: str | None) -> str:
    try:
        return normalise(email or "")
    except AddressRefused:
        return ""


def _by_name(person: ParsedPerson, roster: Registrants) -> int | None:
    if NOBODY & set(person.flags):
        return None
    return roster.best_match(person.names).key


class Registrants:
    """The names of registrations, to be compared with names that a meeting program showed.

    Each name is compared with each registration; of a long list only with those that share a
    word's sound, because comparing ten thousand names takes a quarter of a second.
    """

    COMPARED_WHOLE = 1_000

    def __init__(self, registrations: Sequence[Registration]) -> None:
        self.written = {row.id: written_names(row) for row in registrations}
        self.by_sound: dict[str, set[int]] = defaultdict(set)
        if len(self.written) > self.COMPARED_WHOLE:
            for row in registrations:
                for sound in row.search.split():
                    self.by_sound[sound].add(row.id)

    def best_match(self, shown: Sequence[str]) -> names.BestMatch[int]:
        """The registration these names mean, or those they may mean."""
        plain = [names.split_remark(name).name for name in shown]
        near: Iterable[int] = self.written
        if self.by_sound:
            sounds = {key for name in plain for keys in names.query_keys(name) for key in keys}
            near = sorted(set().union(*(self.by_sound.get(sound, ()) for sound in sounds)))
        return names.best_match(((id, self.written[id]) for id in near), plain)


def written_names(registration: Registration) -> list[str]:
    """Every spelling of a registration's name, each as one text."""
    return PersonNames(**{name: getattr(registration, name) for name in NAMES}).written()


def find_taken(event: Event, digest: str) -> AttendanceReport | None:
    """The report made of the same file before."""
    query = select(AttendanceReport).where(
        AttendanceReport.event_id == event.id, AttendanceReport.digest == digest
    )
    return db.session.scalar(query)


def take(plan: ImportPlan, *, actor: Actor, all_came: bool = False) -> AttendanceReport:
    """Write the plan: the report, its people, and a check-in for each that is matched.

    The same file again gives the report made before and writes nothing. A list that does not
    record who came is refused unless `all_came` says that everybody did (`PresenceUnknown`).
    """
    event = lock(plan.event)
    if (taken := find_taken(event, plan.digest)) is not None:
        return taken
    if not all_came and any(UNRECORDED in row.person.flags for row in plan.people):
        raise PresenceUnknown
    report = _report_of(plan, event, actor)
    db.session.add(report)
    db.session.flush()
    for matched in plan.people:
        person = _reported(report, matched)
        db.session.add(person)
        if matched.registration_id is not None:
            _check_in(
                event, person, db.session.get_one(Registration, matched.registration_id), actor
            )
    record(
        "attendance.import",
        report,
        actor=actor,
        event_id=event.id,
        details={"matched": plan.matched, "unmatched": plan.unmatched, "format": report.format},
    )
    return report


def _report_of(plan: ImportPlan, event: Event, actor: Actor) -> AttendanceReport:
    return AttendanceReport(
        event_id=event.id,
        filename=plan.filename[:LONGEST_NAME],
        digest=plan.digest,
        format=plan.report.format,
        encoding=plan.report.encoding,
        zone=plan.zone,
        title=(plan.report.title or "")[:LONGEST_NAME],
        rows=plan.report.rows,
        ignored={"rows": [ignored.as_json() for ignored in plan.report.ignored]},
        imported_at=clock.now(),
        imported_by=actor.name,
    )


def _reported(report: AttendanceReport, matched: Matched) -> ReportedPerson:
    person = matched.person
    return ReportedPerson(
        report_id=report.id,
        report=report,
        key=person.key,
        names={"names": person.names},
        email=person.email,
        organisation=person.organisation or "",
        is_host=person.is_host,
        total_minutes=person.total_minutes,
        union_seconds=person.union_seconds,
        first_join=instant(person.first_join, report.zone),
        last_leave=instant(person.last_leave, report.zone),
        registration_id=matched.registration_id,
        match=matched.match,
    )


def instant(wall_clock: str | None, zone: str) -> datetime | None:
    """The instant of a wall-clock time; `zone` is an IANA name or an offset such as "+09:00"."""
    if wall_clock is None:
        return None
    if zone in zone_names():
        local = datetime.fromisoformat(wall_clock).replace(tzinfo=ZoneInfo(zone))
    else:
        local = datetime.fromisoformat(f"{wall_clock}{zone}")
    return local.astimezone(UTC)


def _check_in(
    event: Event, person: ReportedPerson, registration: Registration, actor: Actor
) -> CheckInResult:
    fact = services.check_in(
        event,
        registration,
        source=CheckInSource.REPORT,
        actor=actor,
        happened_at=person.first_join or event.starts_at,
    )
    fact.left_at, fact.seconds = person.last_leave, person.union_seconds
    fact.report_id = person.report_id
    return fact.result


def decide(person: ReportedPerson, registration: Registration | None, *, actor: Actor) -> None:
    """Settle somebody of the queue: she is `registration` (and was there), or nobody of ours."""
    lock(person)
    if person.registration_id is not None or person.set_aside_at is not None:
        raise DecidedAlready
    person.decided_by = actor.name
    if registration is None:
        person.set_aside_at = clock.now()
    else:
        person.registration_id, person.match = registration.id, MatchKind.PERSON
        if _check_in(person.report.event, person, registration, actor) is CheckInResult.REFUSED:
            raise NotOurs
    record(
        "attendance.match",
        person,
        actor=actor,
        event_id=person.report.event_id,
        details={"key": person.key, "registration": registration and registration.id},
    )


def suggestions(
    people: Sequence[ReportedPerson], registrations: Sequence[Registration], limit: int = 3
) -> dict[int, list[Registration]]:
    """{reported person: the registrations whose names come nearest, best first}."""
    by_id, roster = {row.id: row for row in registrations}, Registrants(registrations)
    return {
        person.id: [
            by_id[key]
            for key, _score in roster.best_match(person.names["names"]).candidates[:limit]
        ]
        for person in people
    }
