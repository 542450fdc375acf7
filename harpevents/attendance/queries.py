"""Reading attendance: who was there is derived from the facts, never stored."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased, contains_eager, joinedload

from harpevents.attendance.models import (
    AttendanceReport,
    CheckIn,
    CheckInKind,
    CheckInResult,
    ReportedPerson,
)
from harpevents.core import clock, tokens
from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.events.models import Event
from harpevents.institutions.models import Institution, InstitutionKind
from harpevents.registrations import queries as registrations
from harpevents.registrations.models import Registration, RegistrationPart, RegistrationState


def find_by_ticket(code: str) -> Registration | None:
    """Whose ticket this is: the QR code's text (a link or its token), or the key typed by hand."""
    last = code.strip().rstrip("/").rsplit("/", 1)[-1].lower()
    if (key := tokens.key_of(last)) is not None:
        registration = registrations.find_by_ticket_key(key)
        return registration if registration and tokens.is_genuine(last, "ticket") else None
    typed = re.sub(r"[^a-z0-9]", "", last)
    return registrations.find_by_ticket_key(typed) if typed else None


# Given at each execution, as statements are put together once.
_now = bindparam("now", callable_=lambda: clock.now(), type_=Event.starts_at.type, unique=True)
_begun = exists().where(Event.id == CheckIn.event_id, Event.starts_at <= _now)
_annulment = aliased(CheckIn)
_taken = and_(
    CheckIn.kind == CheckInKind.IN,
    CheckIn.result == CheckInResult.OK,
    ~exists().where(_annulment.annuls == CheckIn.id),
)


def counting() -> Select[CheckIn]:
    """The check-ins that count: an `in` that was taken and not annulled.

    Rehearsals do until the event begins, so that a door can be tried out, and never afterwards.
    """
    return select(CheckIn).where(_taken, or_(~CheckIn.is_rehearsal, ~_begun))


def present(event_ids: Sequence[int] | Select[Any]) -> Select[int, int, int | None, str]:
    """(event_id, registration_id, person_id, country) of everybody present at these events.

    Present at an event is a confirmed registration with a check-in that counts on the event or any
    of its parts; at a part, on the part itself (docs/figures.md). Each is one row, however often
    she came in.
    """
    listed, there = aliased(Event), aliased(Event)
    return (
        counting()
        .join(Registration, Registration.id == CheckIn.registration_id)
        .join(listed, listed.id == CheckIn.event_id)
        .join(there, or_(there.id == listed.id, there.id == listed.parent_id))
        .where(there.id.in_(event_ids), Registration.state == RegistrationState.CONFIRMED)
        .with_only_columns(
            there.id.label("event_id"),
            Registration.id.label("registration_id"),
            Registration.person_id,
            Registration.country,
        )
        .distinct()
    )


def present_ids(event: Event) -> Select[int]:
    """Ids of the registrations present at the event."""
    return select(present([event.id]).subquery().c.registration_id)


def find_by_id(id: uuid.UUID) -> CheckIn | None:
    return db.session.get(CheckIn, id)


# Statements of the door are put together once: that takes longer than the database's answer.
_OF_ONE = (CheckIn.event_id == bindparam("event"), CheckIn.registration_id == bindparam("person"))
_COUNTING = counting().where(*_OF_ONE).order_by(CheckIn.received_at).limit(1)
_GONE = select(func.count()).where(
    *_OF_ONE, or_(CheckIn.kind == CheckInKind.ANNUL, and_(_taken, CheckIn.is_rehearsal, _begun))
)


def counting_check_in(event: Event, registration_id: int) -> CheckIn | None:
    """The `in` that stands on this list for the registration, if there is one."""
    return db.session.scalar(_COUNTING, {"event": event.id, "person": registration_id})


def next_arrival(event: Event, registration_id: int) -> int:
    """The number of the next `in` on this list: one more than were taken back or rehearsals."""
    gone = db.session.scalar(_GONE, {"event": event.id, "person": registration_id})
    return (gone or 0) + 1


def find_of_event(event: Event, id: uuid.UUID) -> CheckIn | None:
    """The check-in, when it belongs to this list."""
    fact = find_by_id(id)
    return fact if fact is not None and fact.event_id == event.id else None


def counting_by_registration(event: Event, ids: Iterable[int]) -> dict[int, CheckIn]:
    """{registration id: its check-in that counts on this list} for the rows of one page."""
    query = counting().where(CheckIn.event_id == event.id, CheckIn.registration_id.in_(list(ids)))
    return {row.registration_id or 0: row for row in db.session.scalars(query)}


def latest(event: Event, limit: int = 20) -> Sequence[CheckIn]:
    """What happened at this list last, newest first: also what was refused or taken back."""
    query = (
        select(CheckIn)
        .where(CheckIn.event_id == event.id)
        .options(joinedload(CheckIn.registration))
        .order_by(CheckIn.received_at.desc(), CheckIn.id)
        .limit(limit)
    )
    return db.session.scalars(query).all()


def count_present(event: Event) -> int:
    """How many are present at the event or any of its parts, a person once."""
    return db.session.scalar(select(func.count()).select_from(present_ids(event).subquery())) or 0


class ReportCounts(NamedTuple):
    """Of one report: people matched, people who wait for a decision, people set aside."""

    matched: int
    waiting: int
    set_aside: int


class PresentCount(NamedTuple):
    """How many of one country, institution and kind are registered, and how many of them came."""

    country: str
    institution_id: int | None
    institution_text: str
    kind: InstitutionKind
    registered: int
    present: int


def counts(event: Event) -> list[PresentCount]:
    """Registered and present by country, institution and kind: one query whatever the size.

    The institution's own kind wins over what the person said; words that were typed stay apart
    only where no institution was found for them. Of a part, registered are those who chose it,
    and present also those who came without.
    """
    kind = func.coalesce(Institution.kind, Registration.institution_kind).label("kind")
    typed = case(
        (Registration.institution_id.is_(None), Registration.institution_text), else_=""
    ).label("typed")
    columns = (Registration.country, Registration.institution_id, typed, kind)
    query = (
        expected(event)
        .outerjoin(Institution, Institution.id == Registration.institution_id)
        .with_only_columns(*columns, *_registered_and_present(event))
        .group_by(*columns)
    )
    return [
        PresentCount(country, institution, text, InstitutionKind(its_kind), chosen, came)
        for country, institution, text, its_kind, chosen, came in db.session.execute(query)
        if chosen or came
    ]


def expected(event: Event) -> Select[Registration]:
    """The confirmed registrations that may be checked in here: for a part, those of the whole."""
    return select(Registration).where(
        Registration.state == RegistrationState.CONFIRMED,
        Registration.event_id == (event.parent_id or event.id),
    )


def registered(event: Event) -> Select[Registration]:
    """The confirmed registrations of the event; of a part, of those who chose it."""
    return expected(event).where(*_chose(event))


def _chose(event: Event) -> list[ColumnElement[bool]]:
    if event.parent_id is None:
        return []
    chosen = select(RegistrationPart.registration_id).where(RegistrationPart.event_id == event.id)
    return [Registration.id.in_(chosen)]


def _registered_and_present(event: Event) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Two sums over a grouping of `expected`."""
    chosen = case((and_(true(), *_chose(event)), 1), else_=0)
    came = case((Registration.id.in_(present_ids(event)), 1), else_=0)
    return func.sum(chosen), func.sum(came)


def count_by(event: Event, column: InstrumentedAttribute[Any]) -> dict[str, tuple[int, int]]:
    """{value of a column of Registration: (registered, present)}, for category and mode."""
    query = (
        expected(event)
        .with_only_columns(column, *_registered_and_present(event))
        .group_by(column)
        .order_by(column)
    )
    return {
        str(value): (int(chosen), int(came))
        for value, chosen, came in db.session.execute(query)
        if chosen or came
    }


def reports_of(event: Event) -> Select[AttendanceReport]:
    """The reports taken in for this list, the latest first."""
    return (
        select(AttendanceReport)
        .where(AttendanceReport.event_id == event.id)
        .order_by(AttendanceReport.imported_at.desc(), AttendanceReport.id.desc())
    )


def get_report(event: Event, id: int) -> AttendanceReport:
    """The report of this list; raises `NotFound`."""
    found = db.session.scalar(reports_of(event).where(AttendanceReport.id == id))
    if found is None:
        raise NotFound(id)
    return found


def people_of(report: AttendanceReport) -> Select[ReportedPerson]:
    """The people of a report with their registrations, in the order they joined."""
    return (
        select(ReportedPerson)
        .where(ReportedPerson.report_id == report.id)
        .options(joinedload(ReportedPerson.registration))
        .order_by(ReportedPerson.first_join, ReportedPerson.id)
    )


def count_people(reports: Iterable[int]) -> dict[int, ReportCounts]:
    """How each report stands: matched, waiting for a decision, set aside; one query for a list."""
    unmatched = ReportedPerson.registration_id.is_(None)
    query = (
        select(
            ReportedPerson.report_id,
            func.count().filter(~unmatched),
            func.count().filter(and_(*_waiting())),
            func.count().filter(ReportedPerson.set_aside_at.is_not(None)),
        )
        .where(ReportedPerson.report_id.in_(list(reports)))
        .group_by(ReportedPerson.report_id)
    )
    return {row[0]: ReportCounts(*row[1:]) for row in db.session.execute(query)}


def waiting_people(event: Event) -> Select[ReportedPerson]:
    """People of this list's reports whom a person must recognise, the longest present first."""
    return (
        select(ReportedPerson)
        .join(ReportedPerson.report)
        .options(contains_eager(ReportedPerson.report))
        .where(AttendanceReport.event_id == event.id, *_waiting())
        .order_by(ReportedPerson.union_seconds.desc(), ReportedPerson.id)
    )


def count_waiting(event: Event) -> int:
    """How many people of reports of the event or of its parts wait for a decision."""
    return count_waiting_at([event.id])


def count_waiting_at(event_ids: Sequence[int]) -> int:
    """The same of several events with their parts."""
    listed = select(Event.id).where(or_(Event.id.in_(event_ids), Event.parent_id.in_(event_ids)))
    query = (
        select(func.count(ReportedPerson.id))
        .join(ReportedPerson.report)
        .where(AttendanceReport.event_id.in_(listed), *_waiting())
    )
    return db.session.scalar(query) or 0


def get_waiting(event: Event, id: int) -> ReportedPerson:
    """Somebody of a report of this list, decided or not; raises `NotFound`."""
    query = (
        select(ReportedPerson)
        .join(ReportedPerson.report)
        .where(AttendanceReport.event_id == event.id, ReportedPerson.id == id)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(id)
    return found


def _waiting() -> list[ColumnElement[bool]]:
    return [
        ReportedPerson.registration_id.is_(None),
        ReportedPerson.set_aside_at.is_(None),
        ReportedPerson.is_host.is_(False),
    ]
