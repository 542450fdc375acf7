"""Who may do what at which event: staff load an event only through here."""

from __future__ import annotations

from sqlalchemy import Select, select

from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.events import queries
from harpevents.events.models import Event, EventGrant, GrantKind
from harpevents.people.models import Role, Staff

INCLUDED = {
    GrantKind.EDIT: {GrantKind.EDIT},
    GrantKind.MODERATE: {GrantKind.EDIT, GrantKind.MODERATE},
    GrantKind.CHECK_IN: {GrantKind.EDIT, GrantKind.MODERATE, GrantKind.CHECK_IN},
}


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
