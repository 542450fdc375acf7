"""Reading events."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.events.models import Event, EventHost


def find_by_slug(slug: str) -> Event | None:
    return db.session.scalar(select(Event).where(Event.slug == slug))


def get_by_slug(slug: str) -> Event:
    """The event, in whatever status; raises `NotFound`."""
    event = find_by_slug(slug)
    if event is None:
        raise NotFound(slug)
    return event


def parts_of(event: Event) -> Sequence[Event]:
    """The co-held parts under one registration, in the order they begin."""
    query = select(Event).where(Event.parent_id == event.id).order_by(Event.starts_at, Event.id)
    return db.session.scalars(query).all()


def hosts_of(event: Event) -> Sequence[EventHost]:
    """Hosts first, then co-hosts, with their institutions loaded."""
    query = (
        select(EventHost)
        .where(EventHost.event_id == event.id)
        .options(joinedload(EventHost.institution))
        .order_by(EventHost.position)
    )
    return db.session.scalars(query).all()
