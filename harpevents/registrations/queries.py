"""Reading registrations: lists, counts, single ones by their keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, and_, bindparam, func, or_, select, text, true

from harpevents.core import i18n, names, tokens
from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.core.types import in_language
from harpevents.events import queries as event_queries
from harpevents.events.models import Event
from harpevents.institutions import queries as institution_queries
from harpevents.institutions.models import Institution
from harpevents.registrations.models import (
    LIVE,
    AttendanceMode,
    Category,
    Consent,
    Registration,
    RegistrationPart,
    RegistrationState,
)

Rows = TypeVar("Rows", bound="Select[*tuple[Any, ...]]")
MANAGE, TICKET = "manage", "ticket"  # purposes of the two secret links


def of_event(event: Event) -> Select[Registration]:
    """All registrations of the event in whatever state, in the order of their numbers."""
    return (
        select(Registration).where(Registration.event_id == event.id).order_by(Registration.number)
    )


def get_by_number(event: Event, number: int) -> Registration:
    """The registration with this running number; raises `NotFound`."""
    if number > 2**31:
        raise NotFound(number)
    found = db.session.scalar(_BY_NUMBER, {"event": event.id, "number": number})
    if found is None:
        raise NotFound(number)
    return found


def counts(event: Event) -> dict[RegistrationState, int]:
    """How many registrations are in each state (every state has an entry)."""
    return counts_of([event.id])[event.id]


def counts_of(ids: Sequence[int]) -> dict[int, dict[RegistrationState, int]]:
    """The same of several events, by their ids, in one query."""
    found = {id: dict.fromkeys(RegistrationState, 0) for id in ids}
    query = (
        select(Registration.event_id, Registration.state, func.count())
        .where(Registration.event_id.in_(ids))
        .group_by(Registration.event_id, Registration.state)
    )
    for event_id, state, count in db.session.execute(query):
        found[event_id][state] = count
    return found


# Statements of a rush are put together once: that takes longer than the database's answer.
_here = Registration.event_id == bindparam("event")
_BY_NUMBER = select(Registration).where(_here, Registration.number == bindparam("number"))
_LIVE = select(Registration.id).where(
    _here,
    Registration.email == bindparam("address"),
    text(LIVE),  # word for word the condition of the index, else SQLite would not use it
)
_OBSTACLES = select(
    select(func.max(Registration.number)).where(_here).scalar_subquery(),
    select(Registration.id)
    .where(_here, Registration.form_key == bindparam("form_key"))
    .scalar_subquery(),
    _LIVE.scalar_subquery(),
)


@dataclass(frozen=True)
class Obstacles:
    """What a new registration of an event meets: the last number, ids of rows in its way."""

    last_number: int
    same_form: int | None
    same_address: int | None


def obstacles(event: Event, form_key: str | None, address: str) -> Obstacles:
    """What stands in the way of this form and this normalised address; exact under the lock."""
    asked = {"event": event.id, "form_key": form_key, "address": address}
    last_number, by_form, by_address = db.session.execute(_OBSTACLES, asked).one()
    return Obstacles(last_number or 0, by_form, by_address)


def get(key: int) -> Registration:
    """The registration of this id; raises `NotFound`."""
    found = db.session.get(Registration, key)
    if found is None:
        raise NotFound(key)
    return found


def find_live(event: Event, email: str) -> Registration | None:
    """The live registration of a normalised address."""
    key = db.session.scalar(_LIVE, {"event": event.id, "address": email})
    return None if key is None else db.session.get(Registration, key)


def first_waiting(event: Event) -> Registration | None:
    return db.session.scalar(
        select(Registration)
        .where(
            Registration.event_id == event.id,
            Registration.state == RegistrationState.WAITLISTED,
        )
        .order_by(Registration.waitlisted_at, Registration.id)
        .limit(1)
    )


def waiting_position(registration: Registration) -> int:
    """The place in the waiting list, from 1."""
    ahead = db.session.scalar(
        select(func.count()).where(
            Registration.event_id == registration.event_id,
            Registration.state == RegistrationState.WAITLISTED,
            or_(
                Registration.waitlisted_at < registration.waitlisted_at,
                and_(
                    Registration.waitlisted_at == registration.waitlisted_at,
                    Registration.id < registration.id,
                ),
            ),
        )
    )
    return (ahead or 0) + 1


def events_with_somebody_waiting(now: datetime) -> Sequence[Event]:
    """Events that are not over and have a waiting list."""
    waiting = select(Registration.event_id).where(
        Registration.state == RegistrationState.WAITLISTED
    )
    return db.session.scalars(
        select(Event).where(Event.id.in_(waiting), ~event_queries.is_over(now)).order_by(Event.id)
    ).all()


def find_by_key(key: str) -> Registration | None:
    """By the public half of the manage link."""
    return db.session.scalar(select(Registration).where(Registration.key == key))


def find_by_ticket_key(key: str) -> Registration | None:
    """By the public half of the ticket, as printed below the QR code (`ticket_code`)."""
    plain = "".join(sign for sign in key.lower() if sign.isalnum())[:40]
    return db.session.scalar(select(Registration).where(Registration.ticket_key == plain))


def find_by_token(token: str, purpose: str = MANAGE) -> Registration | None:
    """The registration whose secret link this is; None for whatever we did not make."""
    key = tokens.key_of(token)
    if key is None:
        return None
    found = find_by_key(key) if purpose == MANAGE else find_by_ticket_key(key)
    version = found.key_version if found is not None and purpose == MANAGE else 1
    genuine = tokens.is_genuine(token, purpose, version)
    return found if genuine else None


def manage_placeholder(registration: Registration, language: str | None = None) -> str:
    """What stands in a stored mail for the link to manage the registration."""
    path = f"/{i18n.spoken(language or registration.language)}/r/"
    return tokens.placeholder(MANAGE, registration.key, path, registration.key_version)


def ticket_placeholder(registration: Registration) -> str:
    """What stands in a stored mail for the content of the QR code."""
    return tokens.placeholder(TICKET, registration.ticket_key, "/t/")


def manage_token(registration: Registration) -> str:
    return tokens.make(MANAGE, registration.key, registration.key_version)


def ticket_token(registration: Registration) -> str:
    return tokens.make(TICKET, registration.ticket_key)


def ticket_code(registration: Registration) -> str:
    """The ticket's key as people read it out: "K7M2-9QRS-4TUV"."""
    key = registration.ticket_key.upper()
    return "-".join(key[at : at + 4] for at in range(0, len(key), 4))


def parts_of(registration: Registration) -> Sequence[RegistrationPart]:
    """The chosen parts with their events, in the order they begin."""
    return db.session.scalars(
        select(RegistrationPart)
        .join(RegistrationPart.event)
        .where(RegistrationPart.registration_id == registration.id)
        .order_by(Event.starts_at, Event.id)
    ).all()


def consents_of(registration: Registration) -> Sequence[Consent]:
    """All consents ever given, the earliest first, withdrawn ones too."""
    return db.session.scalars(
        select(Consent).where(Consent.registration_id == registration.id).order_by(Consent.id)
    ).all()


def display_name(registration: Registration, language: str) -> str:
    """The name to show a reader of `language`: own script where it is theirs, else Latin."""
    own = names.display(
        registration.family, registration.given, registration.patronymic, lang=language
    )
    latin = names.display(registration.latin_family, registration.latin_given, lang=language)
    if not own or not latin:
        return own or latin
    return own if language == registration.language or i18n.is_written_in(language, own) else latin


def found_by(query: Rows, typed: str) -> Rows:
    """`query` cut down to whom the typed words find, in any script; a number or the code of a
    ticket finds its row."""
    if typed.isascii() and typed.isdigit() and len(typed) <= 6:
        return query.where(Registration.number == int(typed))
    if "@" in typed:
        return query.where(Registration.email.contains(typed.lower(), autoescape=True))
    named = and_(
        true(),
        *(
            or_(*(Registration.search.contains(f" {key}", autoescape=True) for key in group))
            for group in names.query_keys(typed)
        ),
    )
    ticket = "".join(sign for sign in typed.lower() if sign.isalnum())
    if ticket.isascii() and len(ticket) == tokens.KEY_LENGTH:
        return query.where(or_(named, Registration.ticket_key == ticket))
    return query.where(named)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a desk list is cut down to; None or "" means all."""

    q: str = ""
    state: RegistrationState | None = None
    country: str = ""
    institution_id: int | None = None
    kind: str = ""
    category: Category | None = None
    mode: AttendanceMode | None = None

    def apply(self, query: Rows) -> Rows:
        wanted: Iterable[tuple[object, object]] = (
            (Registration.state, self.state),
            (Registration.country, self.country),
            (Registration.institution_id, self.institution_id),
            (Registration.institution_kind, self.kind),
            (Registration.category, self.category),
            (Registration.mode, self.mode),
        )
        for column, value in wanted:
            if value:
                query = query.where(column == value)  # type: ignore[arg-type]
        return found_by(query, self.q) if self.q else query


def origins(event: Event) -> tuple[set[str], set[int]]:
    """The countries and the institutions (ids) people come from, in one look at all rows."""
    rows = db.session.execute(
        select(Registration.country, Registration.institution_id)
        .where(Registration.event_id == event.id)
        .distinct()
    ).all()
    return {country for country, _key in rows}, {key for _country, key in rows if key is not None}


def institutions_named(keys: Collection[int], language: str) -> list[tuple[int, str, str]]:
    """(id, slug, name in `language`) of institutions, sorted by name."""
    rows = db.session.execute(
        select(Institution.id, Institution.slug).where(Institution.id.in_(keys))
    ).all()
    names_by_id = institution_queries.names_of([key for key, _slug in rows])
    found = [(key, slug, in_language(names_by_id.get(key), language) or slug) for key, slug in rows]
    return sorted(found, key=lambda one: one[2])
