"""Reading events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, bindparam, extract, func, select
from sqlalchemy.orm import joinedload

from harpevents.core import i18n
from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.core.slugs import is_slug
from harpevents.core.types import in_language
from harpevents.events.models import Event, EventGrant, EventHost, EventStatus
from harpevents.institutions import queries as institution_queries

_BY_SLUG = select(Event).where(Event.slug == bindparam("slug"))


def find_by_slug(slug: str) -> Event | None:
    """The event of this slug, in whatever status."""
    return db.session.scalar(_BY_SLUG, {"slug": slug})


def get_by_slug(slug: str) -> Event:
    """The event, in whatever status; raises `NotFound`."""
    event = find_by_slug(slug)
    if event is None:
        raise NotFound(slug)
    return event


def get_shown(slug: str) -> Event:
    """The event, as far as the public may see it; raises `NotFound`."""
    event = find_by_slug(slug) if is_slug(slug) else None
    if event is None or event.status is EventStatus.DRAFT:
        raise NotFound(slug)
    return event


def parts_of(event: Event) -> Sequence[Event]:
    """The co-held parts under one registration, in the order they begin."""
    query = select(Event).where(Event.parent_id == event.id)
    return db.session.scalars(query.order_by(Event.starts_at, Event.id)).all()


def first_begins_at(event: Event) -> datetime:
    """When the first of the whole event and its parts begins."""
    whole = event.parent_id or event.id
    query = select(func.min(Event.starts_at)).where(
        (Event.id == whole) | (Event.parent_id == whole)
    )
    return db.session.scalar(query) or event.starts_at


def hosts_of(event: Event) -> Sequence[EventHost]:
    """Hosts first, then co-hosts, with their institutions loaded."""
    query = (
        select(EventHost)
        .where(EventHost.event_id == event.id)
        .options(joinedload(EventHost.institution))
        .order_by(EventHost.position)
    )
    return db.session.scalars(query).all()


def hosts_of_many(event_ids: Sequence[int]) -> dict[int, list[EventHost]]:
    """Hosts by event, in order: one query for a whole list."""
    found: dict[int, list[EventHost]] = {}
    query = (
        select(EventHost)
        .where(EventHost.event_id.in_(event_ids))
        .order_by(EventHost.event_id, EventHost.position)
    )
    for host in db.session.scalars(query):
        found.setdefault(host.event_id, []).append(host)
    return found


def host_names(hosts: Sequence[EventHost], language: str, on: date | None) -> list[str]:
    """What the hosts are called in `language`, institutions by their name of that day."""
    ids = [host.institution_id for host in hosts if host.institution_id is not None]
    names = institution_queries.names_of(ids, on) if ids else {}
    return [
        in_language(names.get(host.institution_id or 0) or host.name, language) for host in hosts
    ]


def shown() -> Select[Event]:
    """Events that the public may see: all but drafts."""
    return select(Event).where(Event.status != EventStatus.DRAFT)


def is_over(now: datetime) -> ColumnElement[bool]:
    """Whether the event has ended; the instant at which it ends is after it."""
    return Event.ends_at <= now


def upcoming(now: datetime) -> Select[Event]:
    """Public events that are not over, the next one first; parts stand on their event's page."""
    return (
        shown().where(~is_over(now), Event.parent_id.is_(None)).order_by(Event.starts_at, Event.id)
    )


def past(now: datetime) -> Select[Event]:
    """Public events that are over, the latest first; those that were called off too."""
    return (
        shown()
        .where(is_over(now), Event.parent_id.is_(None))
        .order_by(Event.starts_at.desc(), Event.id.desc())
    )


def held(now: datetime) -> Select[Event]:
    """Events and parts that took place: begun, and neither a draft nor called off."""
    return select(Event).where(
        Event.status.in_((EventStatus.PUBLISHED, EventStatus.ARCHIVED)), Event.starts_at <= now
    )


def everything() -> Select[Event]:
    """All events with their parents loaded, in the order they begin."""
    return select(Event).options(joinedload(Event.parent)).order_by(Event.starts_at, Event.id)


def years(query: Select[Event]) -> list[int]:
    """The years in which the events of `query` begin (by UTC), the latest first."""
    year = extract("year", Event.starts_at)
    rows = db.session.execute(query.order_by(None).with_only_columns(year).distinct())
    return sorted({int(row[0]) for row in rows}, reverse=True)


def grants_of(event: Event) -> Sequence[EventGrant]:
    """Who organises the event, with their accounts."""
    query = (
        select(EventGrant)
        .where(EventGrant.event_id == event.id)
        .options(joinedload(EventGrant.account))
        .order_by(EventGrant.id)
    )
    return db.session.scalars(query).all()


def host_lines(shown: Sequence[Event]) -> dict[int, str]:
    """{event: its hosts' names in one line}, in two queries for the whole list."""
    language = i18n.current_language()
    names = host_names_of_many(hosts_of_many([event.id for event in shown]), language)
    return {event: i18n.listed(lines, language) for event, lines in names.items()}


def host_names_of_many(
    hosts: Mapping[int, Sequence[EventHost]], language: str
) -> dict[int, list[str]]:
    """{event: what its hosts are called today}: one query for a whole list."""
    ids = {host.institution_id for some in hosts.values() for host in some if host.institution_id}
    names = institution_queries.names_of(ids) if ids else {}
    return {
        event: [
            in_language(names.get(host.institution_id or 0) or host.name, language) for host in some
        ]
        for event, some in hosts.items()
    }


def for_subscribers(now: datetime) -> Select[Event]:
    """What a subscribed calendar holds: the last year and all that is coming, 500 at most."""
    return (
        shown()
        .where(~is_over(now - timedelta(days=366)))
        .order_by(Event.starts_at, Event.id)
        .limit(500)
    )
