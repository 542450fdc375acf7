"""Reading attendance: who was there is derived from the facts, never stored."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from harpevents.attendance.models import CheckIn, CheckInKind, CheckInResult
from harpevents.core import tokens
from harpevents.core.db import db
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


def counting() -> Select[CheckIn]:
    """The check-ins that count: an `in` that was taken and not annulled."""
    annulment = aliased(CheckIn)
    return select(CheckIn).where(
        CheckIn.kind == CheckInKind.IN,
        CheckIn.result == CheckInResult.OK,
        ~exists().where(annulment.annuls == CheckIn.id),
    )


def lists_of(event: Event) -> Select[int]:
    """Ids of the event and its parts: being at a part is being at the event."""
    return select(Event.id).where(or_(Event.id == event.id, Event.parent_id == event.id))


def present_ids(event: Event) -> Select[int]:
    """Ids of the registrations present at the event or any of its parts (design.md §7).

    Of a part: those checked in on the part itself.
    """
    counted = counting().subquery()
    return (
        select(counted.c.registration_id)
        .join(Registration, Registration.id == counted.c.registration_id)
        .where(
            counted.c.event_id.in_(lists_of(event)),
            Registration.state == RegistrationState.CONFIRMED,
        )
        .distinct()
    )


def find_by_id(id: uuid.UUID) -> CheckIn | None:
    return db.session.get(CheckIn, id)


def standing_check_in(event: Event, registration_id: int) -> CheckIn | None:
    """The `in` that stands on this list for the registration, if there is one."""
    query = counting().where(
        CheckIn.event_id == event.id, CheckIn.registration_id == registration_id
    )
    return db.session.scalar(query.order_by(CheckIn.received_at).limit(1))


def standing_by_registration(event: Event, ids: Iterable[int]) -> dict[int, CheckIn]:
    """{registration id: its standing check-in on this list} for the rows of one page."""
    query = counting().where(CheckIn.event_id == event.id, CheckIn.registration_id.in_(list(ids)))
    return {row.registration_id or 0: row for row in db.session.scalars(query)}


def latest(event: Event, limit: int = 20) -> Sequence[CheckIn]:
    """What happened at this list last, newest first: also what was refused or taken back."""
    query = (
        select(CheckIn)
        .where(CheckIn.event_id == event.id)
        .order_by(CheckIn.received_at.desc())
        .limit(limit)
    )
    return db.session.scalars(query).all()


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
    only where no institution was found for them. Of a part, registered are those who chose it.
    """
    kind = func.coalesce(Institution.kind, Registration.institution_kind).label("kind")
    typed = case(
        (Registration.institution_id.is_(None), Registration.institution_text), else_=""
    ).label("typed")
    came = case((Registration.id.in_(present_ids(event)), 1), else_=0)
    query = (
        registered(event)
        .outerjoin(Institution, Institution.id == Registration.institution_id)
        .with_only_columns(
            Registration.country,
            Registration.institution_id,
            typed,
            kind,
            func.count(Registration.id),
            func.sum(came),
        )
        .group_by(Registration.country, Registration.institution_id, typed, kind)
    )
    return [
        PresentCount(
            country, institution, text, InstitutionKind(its_kind), total, int(present or 0)
        )
        for country, institution, text, its_kind, total, present in db.session.execute(query)
    ]


def registered(event: Event) -> Select[Registration]:
    """The confirmed registrations of the event; of a part, of those who chose it."""
    query = select(Registration).where(Registration.state == RegistrationState.CONFIRMED)
    if event.parent_id is None:
        return query.where(Registration.event_id == event.id)
    chosen = select(RegistrationPart.registration_id).where(RegistrationPart.event_id == event.id)
    return query.where(Registration.id.in_(chosen))


def count_by(event: Event, column: Any) -> dict[str, tuple[int, int]]:
    """{value of a column of Registration: (registered, present)}, for category and mode."""
    came = case((Registration.id.in_(present_ids(event)), 1), else_=0)
    query = (
        registered(event)
        .with_only_columns(column, func.count(Registration.id), func.sum(came))
        .group_by(column)
    )
    return {
        str(value): (total, int(present or 0))
        for value, total, present in db.session.execute(query)
    }
