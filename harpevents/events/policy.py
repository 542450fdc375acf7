"""Who may do what at which event, and when: staff load an event only through here."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Protocol

from sqlalchemy import Select, select

from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.events import queries
from harpevents.events.models import Event, EventGrant, EventStatus, GrantKind
from harpevents.people.models import Role, Staff

INCLUDED = {
    GrantKind.EDIT: {GrantKind.EDIT},
    GrantKind.MODERATE: {GrantKind.EDIT, GrantKind.MODERATE},
    GrantKind.CHECK_IN: {GrantKind.EDIT, GrantKind.MODERATE, GrantKind.CHECK_IN},
}


class Phase(enum.StrEnum):
    """How an event stands to whoever wants to register."""

    NONE = "none"
    SOON = "soon"
    OPEN = "open"
    CLOSED = "closed"
    OVER = "over"
    CANCELLED = "cancelled"


class Dated(Protocol):
    """As much of an event as decides its phase."""

    @property
    def status(self) -> EventStatus: ...
    @property
    def takes_registrations(self) -> bool: ...
    @property
    def opens_at(self) -> datetime | None: ...
    @property
    def closes_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime: ...


def phase(event: Dated, now: datetime) -> Phase:
    """Where the event stands at this instant; people may register while it is open, only then.

    It is open from `opens_at`, and closed from `closes_at`; from `ends_at` it is over.
    """
    if event.ends_at <= now:
        return Phase.OVER
    if event.status is EventStatus.CANCELLED:
        return Phase.CANCELLED
    if not event.takes_registrations or event.status is not EventStatus.PUBLISHED:
        return Phase.NONE
    if event.opens_at is not None and now < event.opens_at:
        return Phase.SOON
    closed = event.closes_at is not None and event.closes_at <= now
    return Phase.CLOSED if closed else Phase.OPEN


def takes_place(event: Dated, now: datetime) -> bool:
    """Whether the event is published and not over: places in it can still change hands."""
    return event.status is EventStatus.PUBLISHED and now < event.ends_at


def may(account: Staff, event: Event, needed: GrantKind) -> bool:
    """Whether the account may do `needed` at the event; a grant covers the event's parts."""
    if account.role in {Role.ADMIN, Role.SECRETARIAT}:
        return True
    covered = [event.id] if event.parent_id is None else [event.id, event.parent_id]
    query = select(EventGrant.id).where(
        EventGrant.account_id == account.id,
        EventGrant.event_id.in_(covered),
        EventGrant.kind.in_(INCLUDED[needed]),
    )
    return db.session.scalar(query.limit(1)) is not None


def get_for_staff(slug: str, account: Staff, needed: GrantKind) -> Event:
    """The event, when the account may do `needed` at it; else `NotFound`, as if it were not."""
    event = queries.get_by_slug(slug)
    if not may(account, event, needed):
        raise NotFound(slug)
    return event


def visible_to(account: Staff) -> Select[Event]:
    """A query of the events the account may see at the desk."""
    if account.role in {Role.ADMIN, Role.SECRETARIAT}:
        return select(Event)
    granted = select(EventGrant.event_id).where(EventGrant.account_id == account.id)
    return select(Event).where(Event.id.in_(granted) | Event.parent_id.in_(granted))
