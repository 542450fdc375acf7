"""Lists of events for the home page."""

from __future__ import annotations

from collections.abc import Sequence

from harpevents.core import clock
from harpevents.core.db import db
from harpevents.events import queries as events
from harpevents.events.models import Event, EventStatus


def upcoming(limit: int) -> Sequence[Event]:
    """Published events that are not over, the next first; parts stand on their event's page."""
    query = events.upcoming(clock.now()).where(Event.status == EventStatus.PUBLISHED)
    return db.session.scalars(query.limit(limit)).all()


def recent(limit: int) -> Sequence[Event]:
    """Events that were held and are over, the last first."""
    now = clock.now()
    query = events.held(now).where(Event.parent_id.is_(None), events.is_over(now))
    return db.session.scalars(query.order_by(Event.starts_at.desc(), Event.id).limit(limit)).all()
