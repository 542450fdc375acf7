"""Lists of events for the home page."""

from __future__ import annotations

from collections.abc import Sequence

from harpevents.core import clock, i18n
from harpevents.core.db import db
from harpevents.events import queries as events
from harpevents.events.models import Event, EventStatus


def upcoming(limit: int) -> Sequence[Event]:
    """Published events that are not over, the next first; parts stand on their event's page."""
    query = events.upcoming(clock.now()).where(Event.status == EventStatus.PUBLISHED)
    return db.session.scalars(query.limit(limit)).all()


def recent(limit: int) -> Sequence[Event]:
    """Events that were held, the last first."""
    query = events.held(clock.now()).where(Event.parent_id.is_(None))
    return db.session.scalars(query.order_by(Event.starts_at.desc(), Event.id).limit(limit)).all()


def hosts(shown: Sequence[Event], language: str) -> dict[int, str]:
    """{event: its hosts' names in one line}, in two queries for the whole list."""
    found = events.hosts_of_many([event.id for event in shown])
    names = events.host_names_of_many(found, language)
    return {event: i18n.listed(lines, language) for event, lines in names.items()}
