"""Registering for an event and all that may become of a registration.

Each function runs inside one write transaction of its caller. It takes the event's lock first, so
the last place is given once (see `places`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, select

from harpevents.audit import services as audit
from harpevents.audit.models import ActorKind
from harpevents.audit.services import Actor
from harpevents.core import addresses, clock, i18n, tokens
from harpevents.core.db import db, insert_rows, lock
from harpevents.events import policy
from harpevents.events import queries as event_queries
from harpevents.events import services as events
from harpevents.events.models import Event
from harpevents.institutions import queries as institution_queries
from harpevents.institutions import services as institutions
from harpevents.outbox import services as outbox
from harpevents.outbox.models import Message, SuppressionReason
from harpevents.people import services as people
from harpevents.registrations import emails, entries, places, queries, refusals, words
from harpevents.registrations.entries import Entry, PreparedEntry
from harpevents.registrations.models import (
    LIVE_STATES,
    AttendanceMode,
    Consent,
    ConsentPurpose,
    Registration,
    RegistrationPart,
    RegistrationState,
    Source,
)

__all__ = ["Entry", "register"]

PROMOTE = events.PLACES  # the job that looks through waiting lists
LINK_PAUSE = timedelta(minutes=10)  # between two mails with the link to one registration
State = RegistrationState


def register(
    event: Event,
    entry: Entry,
    *,
    actor: Actor,
    source: Source = Source.FORM,
    form_key: str | None = None,
    form_digest: str | None = None,
    beyond_capacity: bool = False,
    at: datetime | None = None,
    quiet: bool = False,
    state: RegistrationState | None = None,
) -> Registration:
    """Give the person a place at `event`, or one on the waiting list when it is full.

    Only a form is bound to the opening times and needs approval, and history knows no waiting
    list. The same `form_key` with the same digest
    gives the registration made before. Raises `AlreadyRegistered`, `FormKeyReused`,
    `RegistrationClosed` or what `entries.check` refuses. `quiet` sends no mail. `state` is what a
    list says the registration came to; without it the places decide.
    """
    entry = prepared(entry, event.day)
    if source is Source.FORM and ConsentPurpose.PRIVACY not in entry.consents:
        raise refusals.PrivacyNeeded
    lock(event)
    met = queries.obstacles(event, form_key, entry.address)
    if met.same_form is not None:
        return _made_before(met.same_form, form_digest)
    if met.same_address is not None:
        raise refusals.AlreadyRegistered
    if source is Source.FORM:
        refuse_unless_open(event, clock.now())
    unlimited = beyond_capacity or source is Source.HISTORY
    mode = places.way_at(event, entry.mode)
    parts = event_queries.parts_of(event) if entry.parts else ()
    chosen = places.choose_parts(parts, entry.parts, mode, beyond_capacity=unlimited)
    state = places.state_of_new(event, source, unlimited=unlimited, wanted=state)
    registration = Registration(
        event_id=event.id,
        number=met.last_number + 1,
        source=source,
        form_key=form_key,
        form_digest=form_digest,
        **_state_columns(state, at or clock.now()),
        **_snapshot(entry, mode, event.day if source is Source.HISTORY else None),
    )
    db.session.add(registration)
    db.session.flush()
    _choose(registration, chosen)
    _consent(registration, entry.consents, registration.created_at)
    _record("create", registration, actor, {"state": state.value, "source": source.value})
    if not quiet and source is not Source.HISTORY and state in LIVE_STATES:
        emails.received(registration)
    return registration


def _made_before(key: int, form_digest: str | None) -> Registration:
    """What the same form made when it was sent first; raises `FormKeyReused` for another one."""
    earlier = queries.get(key)
    if earlier.form_digest != form_digest:
        raise refusals.FormKeyReused
    return earlier


def refuse_unless_open(event: Event, now: datetime) -> None:
    """Raise `RegistrationClosed` unless anybody may register for the event at this moment."""
    if policy.phase(event, now) is not policy.Phase.OPEN:
        raise refusals.RegistrationClosed


def approve(registration: Registration, *, actor: Actor) -> None:
    """Confirm a pending registration; it holds its place already."""
    lock(registration.event)
    lock(registration)
    if registration.state is not State.PENDING:
        raise refusals.StateRefused
    _change_state(registration, State.CONFIRMED, actor, "approve")
    emails.send("approved", registration)


def decline(registration: Registration, *, actor: Actor, reason: str = "") -> None:
    """Turn a pending or waiting registration down, with the reason in the mail if one is given."""
    lock(registration.event)
    lock(registration)
    if registration.state not in {State.PENDING, State.WAITLISTED}:
        raise refusals.StateRefused
    _change_state(registration, State.DECLINED, actor, "decline")
    emails.send("declined", registration, reason=reason)
    promote(registration.event, actor)


def cancel(registration: Registration, *, actor: Actor, quiet: bool = False) -> None:
    """Give the place back; the first in the waiting list gets it. Twice is the same as once."""
    lock(registration.event)
    lock(registration)
    if registration.state is State.CANCELLED:
        return
    if registration.state is State.DECLINED:
        raise refusals.StateRefused
    _change_state(registration, State.CANCELLED, actor, "cancel")
    if not quiet:
        emails.send("cancelled", registration)
    promote(registration.event, actor)


def edit(registration: Registration, entry: Entry, *, actor: Actor, quiet: bool = False) -> bool:
    """Put `entry` in place of what the registration says; its state and place stay.

    Consents not in `entry` are withdrawn, new ones are given now. A part that came free is for
    whoever asks next. Returns whether anything is different now.
    """
    entry = prepared(entry, registration.event.day)
    event = lock(registration.event)
    lock(registration)
    if registration.state not in LIVE_STATES:
        raise refusals.StateRefused
    former_address = registration.email
    moved = entry.address != former_address
    if moved and queries.find_live(event, entry.address) is not None:
        raise refusals.AlreadyRegistered
    holds = {part.event_id: part for part in queries.parts_of(registration)}
    parts = event_queries.parts_of(event) if entry.parts else ()
    mode = places.way_at(event, entry.mode)
    chosen = places.choose_parts(parts, entry.parts, mode, holds=holds)
    with db.session.no_autoflush:
        for name, value in _snapshot(entry, mode).items():
            setattr(registration, name, value)
        changed = audit.changes(registration)
    changed |= _parts_changed(registration, chosen, holds)
    changed |= _consents_changed(
        registration, entry.consents, by_herself=not moved and actor.kind is ActorKind.PARTICIPANT
    )
    if not changed:
        return False
    registration.updated_at = clock.now()
    if moved and not quiet:  # whoever reads the former mailbox has the former link
        registration.key_version += 1
    _record("edit", registration, actor, {key: changed[key] for key in changed if key != "search"})
    if not quiet:
        emails.send("changed", registration)
    if moved:
        emails.send("moved", registration, to=former_address)
    return True


def promote(event: Event, actor: Actor) -> int:
    """Give free places to those who wait longest, each with a mail; returns how many.

    Nobody moves up after the event.
    """
    lock(event)
    if not policy.takes_place(event, clock.now()):
        return 0
    given, free = 0, places.taken(event.id).free(event.capacity)
    while given < free and (waiting := queries.first_waiting(event)) is not None:
        state = State.PENDING if event.needs_approval else State.CONFIRMED
        _change_state(waiting, state, actor, "promote")
        emails.send("promoted" if state is State.CONFIRMED else "pending", waiting)
        db.session.flush()
        given += 1
    return given


def give_free_places(actor: Actor) -> int:
    """Look through every waiting list, for a capacity may have been raised; returns how many."""
    waiting = queries.events_with_somebody_waiting(clock.now())
    return sum(promote(event, actor) for event in waiting)


def call_off_event(event: Event, actor: Actor, reason: str = "") -> int:
    """Call the event off and tell everybody who has a place or waits; returns how many."""
    events.cancel(event, actor, reason)
    part = exists().where(
        RegistrationPart.registration_id == Registration.id, RegistrationPart.event_id == event.id
    )
    concerned = Registration.event_id == event.id if event.parent_id is None else part
    affected = db.session.scalars(
        select(Registration).where(concerned, Registration.state.in_(LIVE_STATES))
    ).all()
    for registration in affected:
        emails.send("called_off", registration, about=event, reason=reason)
    return len(affected)


def resend_link(registration: Registration, *, actor: Actor) -> None:
    """Mail the personal link (and the ticket) once more."""
    emails.send("link", registration)
    _record("link", registration, actor, {})


def renew_link(registration: Registration, *, actor: Actor) -> None:
    """Cut off every personal link that was given out, and mail a new one."""
    lock(registration)
    registration.key_version += 1
    emails.send("link", registration)
    _record("renew_link", registration, actor, {})


def remind_of_registration(event: Event, email: str) -> None:
    """Mail the link to whoever registered this address, at most once in ten minutes."""
    registration = queries.find_live(event, addresses.normalise(email))
    if registration is None:
        return
    since = clock.now() - LINK_PAUSE
    lately = select(Message.id).where(
        Message.kind == "registration.link",
        Message.cause_table == Registration.__tablename__,
        Message.cause_key == str(registration.id),
        Message.created_at > since,
    )
    if db.session.scalar(lately.limit(1)) is None:
        emails.send("link", registration)


def withdraw_consent(registration: Registration, purpose: ConsentPurpose, *, actor: Actor) -> None:
    """End a consent given before; the registration stays, and what it was is kept."""
    lock(registration)
    now = clock.now()
    for consent in queries.consents_of(registration):
        if consent.purpose is purpose and consent.withdrawn_at is None:
            consent.withdrawn_at = now
            _record("consent", registration, actor, {purpose.value: ["given", "withdrawn"]})
            _heed_newsletter(registration, frozenset({purpose}), frozenset(), by_herself=False)


def note(registration: Registration, text: str, *, actor: Actor) -> None:
    """What the desk remarks about the registration, for staff only."""
    if registration.desk_note != text:
        registration.desk_note = text
        _record("note", registration, actor, {})


def participant(registration: Registration) -> Actor:
    """The person of the registration, acting through her link."""
    return Actor(ActorKind.PARTICIPANT, "", str(registration.number))


FORM = Actor(ActorKind.PARTICIPANT, "")


def _state_columns(state: RegistrationState, now: datetime) -> dict[str, Any]:
    """The columns of a new row that say which it is and how it stands."""
    return {
        "key": tokens.new_key(),
        "ticket_key": tokens.new_key(),
        "state": state,
        "created_at": now,
        "updated_at": now,
        "confirmed_at": now if state is State.CONFIRMED else None,
        "waitlisted_at": now if state is State.WAITLISTED else None,
        "cancelled_at": now if state is State.CANCELLED else None,
    }


def _snapshot(entry: PreparedEntry, mode: AttendanceMode, on: date | None = None) -> dict[str, Any]:
    """The columns that say who the person is, whom this makes known where she was not.

    `on` is the day of which the entry speaks, today unless given.
    """
    person_id = people.recognise(
        entry.address,
        language=entry.language,
        country=entry.country,
        names=entry.person_names,
        institution_id=entry.institution_id,
        position=entry.position,
        on=on,
    )
    if entry.asks:
        institutions.ask(entry.institution_text)
    return {
        **{name: getattr(entry, name) for name in entries.NAMES},
        "email": entry.address,
        "person_id": person_id,
        "language": entry.language,
        "country": entry.country,
        "institution_text": entry.institution_text,
        "institution_id": entry.institution_id,
        "institution_kind": entry.institution_kind,
        "category": entry.category,
        "position": entry.position,
        "mode": mode,
        "note": entry.note,
        "sort_name": entry.sort_name,
        "search": entry.search,
    }


def prepared(entry: Entry, on: date) -> PreparedEntry:
    """The entry checked, its institution as of the event's day looked up, its search keys written.

    Whatever needs no lock is done here; a form does it before its transaction, so that others
    need not wait for it.
    """
    if isinstance(entry, PreparedEntry):
        return entry
    entries.check(entry, i18n.languages())
    institution_id, asks = _institution(entry, on)
    return PreparedEntry(
        **vars(entry),
        address=addresses.normalise(entry.email),
        institution_id=institution_id,
        asks=asks,
        search=entries.search_text(entry),
    )


def _institution(entry: Entry, on: date) -> tuple[int | None, bool]:
    """(the chosen institution, else the one that the text certainly means; whether to ask)."""
    if entry.institution and (found := institution_queries.find_by_slug(entry.institution)):
        return institutions.as_of(found, on).id, False
    if not entry.institution_text:
        return None, False
    meant = institutions.match(entry.institution_text, entry.country, on)
    return meant.certain, meant.certain is None and not meant.is_known


def _choose(registration: Registration, chosen: Mapping[int, AttendanceMode]) -> None:
    rows = [
        {"registration_id": registration.id, "event_id": part, "mode": mode}
        for part, mode in chosen.items()
    ]
    insert_rows(RegistrationPart, rows)


def _parts_changed(
    registration: Registration,
    chosen: Mapping[int, AttendanceMode],
    holds: Mapping[int, RegistrationPart],
) -> dict[str, list[object]]:
    before = {part: row.mode for part, row in holds.items()}
    if before == dict(chosen):
        return {}
    db.session.execute(
        delete(RegistrationPart).where(RegistrationPart.registration_id == registration.id)
    )
    _choose(registration, chosen)
    return {"parts": [sorted(before), sorted(chosen)]}


def _consent(registration: Registration, purposes: frozenset[ConsentPurpose], at: datetime) -> None:
    rows = [
        {
            "registration_id": registration.id,
            "purpose": purpose,
            "wording": words.WORDING,
            "language": registration.language,
            "given_at": at,
        }
        for purpose in sorted(purposes)
    ]
    insert_rows(Consent, rows)


def _consents_changed(
    registration: Registration, purposes: frozenset[ConsentPurpose], *, by_herself: bool
) -> dict[str, list[object]]:
    """Withdraw what is no longer agreed to and note what is now."""
    now = clock.now()
    given = [row for row in queries.consents_of(registration) if row.withdrawn_at is None]
    for row in given:
        if row.purpose not in purposes:
            row.withdrawn_at = now
    before = frozenset(row.purpose for row in given)
    _consent(registration, purposes - before, now)
    _heed_newsletter(registration, before, purposes, by_herself=by_herself)
    if before == purposes:
        return {}
    return {"consents": [sorted(before), sorted(purposes)]}


def _heed_newsletter(
    registration: Registration,
    before: frozenset[ConsentPurpose],
    after: frozenset[ConsentPurpose],
    *,
    by_herself: bool,
) -> None:
    """Stop a newsletter that is withdrawn at once, also one whose readers are fixed already.

    Agreed to by the personal link it comes again, whatever was unsubscribed from before.
    """
    newsletter = ConsentPurpose.NEWSLETTER
    if newsletter in before - after:
        outbox.suppress(registration.email, newsletter.value, SuppressionReason.UNSUBSCRIBED)
    elif newsletter in after - before and by_herself:
        outbox.lift(registration.email, newsletter.value)


def _change_state(registration: Registration, state: State, actor: Actor, verb: str) -> None:
    now = clock.now()
    before, registration.state = registration.state, state
    registration.updated_at = now
    if state is State.CONFIRMED:
        registration.confirmed_at = now
    if state is State.CANCELLED:
        registration.cancelled_at = now
    _record(verb, registration, actor, {"state": [before.value, state.value]})


def _record(
    verb: str, registration: Registration, actor: Actor, details: Mapping[str, object]
) -> None:
    audit.record(
        f"registration.{verb}",
        registration,
        actor=actor,
        event_id=registration.event_id,
        details=dict(details),
    )
