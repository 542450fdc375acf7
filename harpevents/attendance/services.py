"""Checking in, taking it back, and walk-ins: the one place where the rules of the door stand."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select, update

from harpevents.attendance import queries
from harpevents.attendance.models import (
    CheckIn,
    CheckInKind,
    CheckInResult,
    CheckInSource,
    RefusalReason,
)
from harpevents.audit.services import Actor, record
from harpevents.core import addresses, clock
from harpevents.core.db import db, lock
from harpevents.core.errors import NotFound, RuleBroken
from harpevents.events import queries as events
from harpevents.events import services as event_services
from harpevents.events.models import Event
from harpevents.registrations import queries as registrations
from harpevents.registrations import services as registration_services
from harpevents.registrations.models import Registration, RegistrationState, Source
from harpevents.registrations.services import Entry

LONGEST_REASON = 200
REHEARSED_BEFORE = timedelta(days=1)


class AlreadyAnnulled(RuleBroken):
    """The check-in was taken back before."""

    message = _l("This check-in was taken back already.")


class IdReused(RuleBroken):
    """The id of a check-in was used before, for somebody else or on another list."""

    message = _l("This check-in was sent before for somebody else. Please reload the page.")


def check_in(
    event: Event,
    registration: Registration,
    *,
    source: CheckInSource,
    actor: Actor,
    kind: CheckInKind = CheckInKind.IN,
    id: uuid.UUID | None = None,
    happened_at: datetime | None = None,
    device: str = "",
) -> CheckIn:
    """Append that somebody came (or left) and say how it was taken.

    `event` is the list: the event or one of its parts. `id` comes from the device: the same id
    again gives the same answer and no second row. The first `in` counts ("ok"), a later one is
    "repeated"; a registration of another event or one that is not confirmed is "refused" with its
    reason. All of them are rows. `happened_at` is when it was, now unless given.
    """
    happened_at = happened_at or clock.now()
    lock(registration)
    if (known := _known(id, event, registration.id)) is not None:
        return known
    counted = queries.counting_check_in(event, registration.id)
    result, reason = _judge(event, registration, kind, counted)
    arrives = kind is CheckInKind.IN and result is CheckInResult.OK
    fact = CheckIn(
        id=id or uuid.uuid4(),
        event=event,
        registration=registration,
        kind=kind,
        source=source,
        result=result,
        reason=reason,
        arrival=queries.next_arrival(event, registration.id) if arrives else None,
        happened_at=happened_at,
        is_rehearsal=_is_rehearsal(event, happened_at),
        device=device,
    )
    return _append(fact, actor)


def check_in_by_code(
    event: Event, code: str, *, actor: Actor, id: uuid.UUID | None = None, device: str = ""
) -> CheckIn:
    """Check in who holds the ticket `code` (as typed or scanned); unknown codes are rows too."""
    registration = queries.find_by_ticket(code)
    if registration is not None:
        return check_in(
            event, registration, source=CheckInSource.QR, actor=actor, id=id, device=device
        )
    lock(event)  # the same unknown ticket twice at once is one row too
    if (known := _known(id, event, None)) is not None:
        return known
    unknown = CheckIn(
        id=id or uuid.uuid4(),
        event=event,
        kind=CheckInKind.IN,
        source=CheckInSource.QR,
        result=CheckInResult.REFUSED,
        reason=RefusalReason.UNKNOWN_TICKET,
        happened_at=clock.now(),
        device=device,
    )
    return _append(unknown, actor)


def annul(check_in: CheckIn, *, actor: Actor, reason: str = "") -> CheckIn:
    """Take back an `in`: another fact, with who and why; the person is absent again."""
    if check_in.kind is not CheckInKind.IN or check_in.result is not CheckInResult.OK:
        raise NotFound(str(check_in.id))
    if check_in.registration is not None:
        lock(check_in.registration)
    counted = queries.counting_check_in(check_in.event, check_in.registration_id or 0)
    if counted is None or counted.id != check_in.id:
        raise AlreadyAnnulled
    taken_back = CheckIn(
        id=uuid.uuid4(),
        event=check_in.event,
        registration=check_in.registration,
        kind=CheckInKind.ANNUL,
        source=CheckInSource.DESK,
        result=CheckInResult.OK,
        remark=reason[:LONGEST_REASON],
        annuls=check_in.id,
        happened_at=clock.now(),
    )
    return _append(taken_back, actor)


def walk_in(
    event: Event,
    entry: Entry,
    *,
    actor: Actor,
    id: uuid.UUID | None = None,
    happened_at: datetime | None = None,
) -> tuple[Registration, CheckIn]:
    """Register somebody who stands at the door, beyond capacity too, and check her in: one step.

    Who is registered already is only checked in. At a part, the person is registered for the whole
    event with this part. The same `id` again registers nobody twice.
    """
    whole = lock(event.parent or event)
    registration = registrations.find_live(whole, addresses.normalise(entry.email))
    if registration is None:
        chosen = {event.slug: None, **entry.parts} if event.parent is not None else entry.parts
        registration = registration_services.register(
            whole,
            replace(entry, parts=chosen),
            actor=actor,
            source=Source.WALK_IN,
            beyond_capacity=True,
        )
    fact = check_in(
        event,
        registration,
        source=CheckInSource.WALK_IN,
        actor=actor,
        id=id,
        happened_at=happened_at,
    )
    return registration, fact


def _known(id: uuid.UUID | None, event: Event, registration_id: int | None) -> CheckIn | None:
    """The row that a device's `id` made before; raises `IdReused` where it meant something else."""
    known = queries.find_by_id(id) if id is not None else None
    if known is not None and (known.event_id, known.registration_id) != (event.id, registration_id):
        raise IdReused
    return known


def _judge(
    event: Event, registration: Registration, kind: CheckInKind, counted: CheckIn | None
) -> tuple[CheckInResult, RefusalReason | None]:
    if registration.event_id not in {event.id, event.parent_id}:
        return CheckInResult.REFUSED, RefusalReason.OTHER_EVENT
    if registration.state is RegistrationState.CANCELLED:
        return CheckInResult.REFUSED, RefusalReason.CANCELLED
    if registration.state is not RegistrationState.CONFIRMED:
        return CheckInResult.REFUSED, RefusalReason.NOT_CONFIRMED
    if kind is CheckInKind.IN and counted is not None:
        return CheckInResult.REPEATED, None
    return CheckInResult.OK, None


def _is_rehearsal(event: Event, happened_at: datetime) -> bool:
    """Whether this is more than a day before the event or anything held with it begins."""
    if happened_at + REHEARSED_BEFORE >= event.starts_at:
        return False
    return happened_at < events.first_begins_at(event) - REHEARSED_BEFORE


@event_services.moved.connect
def judge_rehearsals(event: Event) -> None:
    """Mark anew what was a rehearsal, as the event or something held with it begins elsewhen."""
    db.session.flush()
    whole = event.parent_id or event.id
    family = select(Event.id).where(or_(Event.id == whole, Event.parent_id == whole))
    early = CheckIn.happened_at < events.first_begins_at(event) - REHEARSED_BEFORE
    for is_rehearsal, so in ((True, early), (False, ~early)):
        db.session.execute(
            update(CheckIn)
            .where(CheckIn.event_id.in_(family), CheckIn.is_rehearsal.is_not(is_rehearsal), so)
            .values(is_rehearsal=is_rehearsal)
        )


def _append(fact: CheckIn, actor: Actor) -> CheckIn:
    """Write the fact and who it comes from, with its line in the audit trail."""
    fact.received_at = clock.now()
    fact.actor_name, fact.actor_key = actor.name, actor.key
    db.session.add(fact)
    record(
        f"attendance.{fact.kind}",
        fact,
        actor=actor,
        event_id=fact.event.id,
        details={
            "registration": fact.registration.id if fact.registration else None,
            "result": fact.result,
            "reason": fact.reason or fact.remark,
        },
    )
    return fact
