"""Figures and lists for the home pages, read across the domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from harpevents.core import clock, i18n
from harpevents.core.db import db
from harpevents.events import queries as events
from harpevents.events.models import Event, EventStatus
from harpevents.institutions.models import Institution
from harpevents.memberships.models import Spell


@dataclass(frozen=True)
class Membership:
    """How many members there are, and of which countries (largest first)."""

    total: int
    by_country: list[tuple[str, int]]


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


def membership(on: date) -> Membership:
    """The members of a day; spells are half-open."""
    query = (
        select(Institution.country, func.count())
        .select_from(Spell)
        .join(Spell.institution)
        .where(Spell.begins_on <= on, or_(Spell.ends_on.is_(None), Spell.ends_on > on))
        .group_by(Institution.country)
        .order_by(func.count().desc(), Institution.country)
    )
    by_country = [(country, count) for country, count in db.session.execute(query)]
    return Membership(sum(count for _country, count in by_country), by_country)
