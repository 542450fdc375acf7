"""Registering for an event and all that may become of a registration.

Each function runs inside one write transaction of its caller. It takes the event's lock first, so
the last place is given once: capacity counts everybody who holds a place (pending and confirmed),
in the room or online. A part has a capacity of its own, in which those who wait keep their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import delete, exists, select

from harpevents.audit import services as audit
from harpevents.audit.services import Actor
from harpevents.core import addresses, clock, tokens
from harpevents.core.db import db, lock
from harpevents.core.rows import append_now, insert_now
from harpevents.events import policy
from harpevents.events import queries as event_queries
from harpevents.events import services as events
from harpevents.events.models import Event
from harpevents.institutions import queries as institution_queries
from harpevents.institutions import services as institutions
from harpevents.outbox.models import Message
from harpevents.people import services as people
from harpevents.registrations import emails, entries, queries, refusals, words
from harpevents.registrations.entries import Entry
from harpevents.registrations.models import (
    AttendanceMode,
    Consent,
    ConsentPurpose,
    Registration,
    RegistrationPart,
    RegistrationState,
)

__all__ = ["Entry", "register"]

PROMOTE = events.PLACES  # the bell that has waiting lists looked through
LINK_PAUSE = timedelta(minutes=10)  # between two mails with the link to one registration
LANGUAGES = ("ja", "en", "ru")
State = RegistrationState


def register(
    event: Event,
    entry: Entry,
    *,
    actor: Actor,
    source: str = "form",
    form_key: str | None = None,
    form_digest: str | None = None,
    beyond_capacity: bool = False,
    at: datetime | None = None,
    quiet: bool = False,
    state: RegistrationState | None = None,
) -> Registration:
    """Give the person a place at `event`, or one on the waiting list when it is full.

    `source` is form, desk, walk_in, import or history: only a form is bound to the opening times
    and needs approval, and history knows no waiting list. The same `form_key` with the same digest
    gives the registration made before. Raises `AlreadyRegistered`, `FormKeyReused`,
    `RegistrationClosed` or what `entries.check` refuses. `quiet` sends no mail. `state` is what a
    list says the registration came to; without it the places decide.
    """
    entry = prepared(entry)
    if source == "form" and ConsentPurpose.PRIVACY not in entry.consents:
        raise refusals.PrivacyNeeded
    lock(event)
    standing = queries.standing(event, form_key, entry.address)
    if standing.same_form is not None and form_key:
        earlier = queries.get(standing.same_form)
        if earlier.form_digest != form_digest:
            raise refusals.FormKeyReused
        return earlier
    if standing.same_address is not None:
        raise refusals.AlreadyRegistered
    if source == "form":
        refuse_unless_open(event, clock.now())
    unlimited = beyond_capacity or source == "history"
    mode = entries.mode_at(event, entry.mode)
    parts = event_queries.parts_of(event) if entry.parts else ()
    chosen = entries.chosen_parts(parts, entry, mode, beyond_capacity=unlimited)
    state = _state_of_new(event, source, unlimited=unlimited, wanted=state)
    registration = insert_now(
        Registration,
        {
            **_identity(event, standing.last_number + 1, state, at or clock.now()),
            **_snapshot(entry, mode, event.day if source == "history" else None),
            "source": source,
            "form_key": form_key,
            "form_digest": form_digest,
        },
    )
    _choose(registration, chosen)
    _consent(registration, entry.consents, registration.created_at)
    events.touch(event)
    _record("create", registration, actor, {"state": state.value, "source": source})
    if not quiet and source != "history" and state in queries.LIVE_STATES:
        emails.received(registration)
    return registration


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


def edit(
    registration: Registration, entry: Entry, *, actor: Actor, quiet: bool = False
) -> Registration:
    """Put `entry` in place of what the registration says; its state and place stay.

    Consents not in `entry` are withdrawn, new ones are given now. A part that came free is for
    whoever asks next.
    """
    entry = prepared(entry)
    event = lock(registration.event)
    lock(registration)
    if registration.state not in queries.LIVE_STATES:
        raise refusals.StateRefused
    former_address = registration.email
    moved = entry.address != former_address
    if moved and queries.find_live(event, entry.address) is not None:
        raise refusals.AlreadyRegistered
    with db.session.no_autoflush:
        for name, value in _snapshot(entry, entries.mode_at(event, entry.mode)).items():
            setattr(registration, name, value)
        changed = audit.changes(registration)
    kept = {part.event_id: part for part in queries.parts_of(registration)}
    parts = event_queries.parts_of(event) if entry.parts else ()
    chosen = entries.chosen_parts(parts, entry, registration.mode, kept=kept)
    changed |= _parts_changed(registration, chosen, kept)
    changed |= _consents_changed(registration, entry.consents)
    if not changed:
        return registration
    registration.updated_at = clock.now()
    events.touch(event)
    told = {name: change for name, change in changed.items() if name != "search"}
    _record("edit", registration, actor, told)
    if not quiet:
        emails.send("changed", registration)
    if moved:
        emails.send("moved", registration, to=former_address)
    return registration


def promote(event: Event, actor: Actor) -> int:
    """Give free places to those who wait longest, each with a mail; returns how many.

    After the event nobody moves up any more.
    """
    lock(event)
    given, now = 0, clock.now()
    standing = queries.places(event)
    free = None if event.capacity is None else event.capacity - standing.held
    while standing.waiting - given and (free is None or given < free):
        waiting = queries.first_waiting(event)
        if waiting is None or not policy.takes_place(event, now):
            break
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
    told = db.session.scalars(
        select(Registration).where(concerned, Registration.state.in_(queries.LIVE_STATES))
    ).all()
    for registration in told:
        emails.send("called_off", registration, about=event, reason=reason)
    return len(told)


def resend_link(registration: Registration, *, actor: Actor) -> None:
    """Mail the personal link (and the ticket) once more."""
    emails.send("link", registration)
    _record("link", registration, actor, {})


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


def note(registration: Registration, text: str, *, actor: Actor) -> None:
    """What the desk remarks about the registration, for staff only."""
    if registration.desk_note != text:
        registration.desk_note = text
        _record("note", registration, actor, {})


def participant(registration: Registration) -> Actor:
    """The person of the registration, acting through her link."""
    return Actor("participant", "", str(registration.number))


FORM = Actor("participant", "")


def _state_of_new(
    event: Event, source: str, *, unlimited: bool, wanted: RegistrationState | None
) -> RegistrationState:
    """What a new registration comes to, by the places left under the event's lock."""
    limited = event.capacity is not None and not unlimited
    full = limited and queries.places(event).left(event.capacity) == 0
    if full and source == "walk_in":
        raise refusals.EventFull
    if wanted is not None and not (full and wanted in queries.HOLDING):
        return wanted
    if full:
        return State.WAITLISTED
    return State.PENDING if event.needs_approval and source == "form" else State.CONFIRMED


def _identity(
    event: Event, number: int, state: RegistrationState, now: datetime
) -> dict[str, object]:
    """The columns of a new row that say which it is and how it stands."""
    return {
        "event_id": event.id,
        "number": number,
        "key": tokens.new_key(),
        "key_version": 1,
        "ticket_key": tokens.new_key(),
        "state": state,
        "created_at": now,
        "updated_at": now,
        "confirmed_at": now if state is State.CONFIRMED else None,
        "waitlisted_at": now if state is State.WAITLISTED else None,
        "cancelled_at": now if state is State.CANCELLED else None,
    }


def _snapshot(entry: Entry, mode: AttendanceMode, on: date | None = None) -> dict[str, object]:
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


def prepared(entry: Entry) -> Entry:
    """The entry checked, its institution looked up and its search keys written.

    Whatever needs no lock is done here; a form does it before its transaction, so that others
    need not wait for it.
    """
    if entry.is_prepared:
        return entry
    entries.check(entry, LANGUAGES)
    institution_id, asks = _institution(entry)
    return replace(
        entry,
        address=addresses.normalise(entry.email),
        institution_id=institution_id,
        asks=asks,
        search=entries.search_text(entry),
        is_prepared=True,
    )


def _institution(entry: Entry) -> tuple[int | None, bool]:
    """(the chosen institution, else the one that the text certainly means; whether to ask)."""
    if entry.institution and (found := institution_queries.find_by_slug(entry.institution)):
        return found.id, False
    if not entry.institution_text:
        return None, False
    meant = institutions.match(entry.institution_text)
    return meant.certain, meant.certain is None and not meant.is_known


def _choose(registration: Registration, chosen: Mapping[int, AttendanceMode]) -> None:
    append_now(
        RegistrationPart,
        *(
            {"registration_id": registration.id, "event_id": part, "mode": mode}
            for part, mode in chosen.items()
        ),
    )


def _parts_changed(
    registration: Registration,
    chosen: Mapping[int, AttendanceMode],
    kept: Mapping[int, RegistrationPart],
) -> dict[str, list[object]]:
    before = {part: row.mode for part, row in kept.items()}
    if before == dict(chosen):
        return {}
    db.session.execute(
        delete(RegistrationPart).where(RegistrationPart.registration_id == registration.id)
    )
    _choose(registration, chosen)
    return {"parts": [sorted(before), sorted(chosen)]}


def _consent(registration: Registration, purposes: frozenset[ConsentPurpose], at: datetime) -> None:
    append_now(
        Consent,
        *(
            {
                "registration_id": registration.id,
                "purpose": purpose,
                "wording": words.WORDING,
                "language": registration.language,
                "given_at": at,
                "withdrawn_at": None,
            }
            for purpose in sorted(purposes)
        ),
    )


def _consents_changed(
    registration: Registration, purposes: frozenset[ConsentPurpose]
) -> dict[str, list[object]]:
    now = clock.now()
    given = [row for row in queries.consents_of(registration) if row.withdrawn_at is None]
    for row in given:
        if row.purpose not in purposes:
            row.withdrawn_at = now
    before = frozenset(row.purpose for row in given)
    _consent(registration, purposes - before, now)
    if before == purposes:
        return {}
    return {"consents": [sorted(before), sorted(purposes)]}


def _change_state(registration: Registration, state: State, actor: Actor, verb: str) -> None:
    now = clock.now()
    before, registration.state = registration.state, state
    registration.updated_at = now
    if state is State.CONFIRMED:
        registration.confirmed_at = now
    if state is State.CANCELLED:
        registration.cancelled_at = now
    events.touch(registration.event)
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
