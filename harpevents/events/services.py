"""Making, changing, publishing and calling off events, and naming who organises them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from blinker import Signal
from sqlalchemy import delete, select

from harpevents.audit import services as audit
from harpevents.audit.services import Actor
from harpevents.core import clock, jobs
from harpevents.core.db import db, lock
from harpevents.core.errors import check_all
from harpevents.core.slugs import is_slug
from harpevents.core.texts import is_storable
from harpevents.events import queries, refusals
from harpevents.events.models import (
    Event,
    EventGrant,
    EventHost,
    EventKind,
    EventStatus,
    GrantKind,
    HostRole,
    Mode,
    Precision,
    Qualifier,
)
from harpevents.people.models import Account

BROKEN_DOWN = {"persons", "universities", "institutions"}  # what the breakdown holds
moved = Signal("An event, or a part of it, begins at another instant than before.")
PLACES = "registrations.promote"  # the job that looks through waiting lists
LONGEST = {"title": 300, "summary": 2_000, "venue": 500, "description": 20_000}
MOST_PLACES = 100_000
OWN_PAGES = frozenset({"new"})  # /desk/events/new is no event
LANGUAGE_CODES = frozenset("ja en ru zh ko fr de es".split())  # noqa: SIM905


@dataclass(frozen=True, kw_only=True)
class EventValues:
    """Everything a person may say about an event. Instants are aware; texts {language: text}."""

    slug: str
    kind: EventKind
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    zone: str
    title: Mapping[str, str]
    summary: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    venue: Mapping[str, str] = field(default_factory=dict)
    precision: Precision = Precision.MINUTE
    languages: str = "ja,en,ru"
    series: str = ""
    edition: int | None = None
    parent: str | None = None  # slug
    capacity: int | None = None
    takes_registrations: bool = False
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    needs_approval: bool = False
    join_url: str = ""
    reported_participants: int | None = None
    reported_qualifier: Qualifier | None = None
    reported_note: str = ""
    reported: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Host:
    """A host by institution, or by a name in languages where it is no institution."""

    institution_id: int | None
    name: Mapping[str, str] | None = None
    role: HostRole = HostRole.HOST


def create(values: EventValues, actor: Actor) -> Event:
    """A new event as a draft; `publish` shows it. Raises a refusal naming the wrong field."""
    now = clock.now()
    event = Event(status=EventStatus.DRAFT, revision=1, created_at=now, updated_at=now)
    _fill(event, values)
    db.session.add(event)
    db.session.flush()
    if event.parent is not None:
        _touch(event.parent)
        moved.send(event)
    audit.record(
        "event.create", event, actor=actor, event_id=event.id, details={"slug": event.slug}
    )
    return event


def edit(event: Event, values: EventValues, actor: Actor) -> Event:
    """Put `values` in place of what the event says of itself.

    Its address can change only while it is a draft: afterwards it stands in mails, calendars and
    choices of readers.
    """
    lock(event)
    if values.slug != event.slug and event.status is not EventStatus.DRAFT:
        raise refusals.SlugFixed
    former_parent = event.parent
    with db.session.no_autoflush:
        _fill(event, values)
        changed = audit.changes(event)
    if not changed:
        return event
    _changed(event)
    if "capacity" in changed:
        jobs.request_after_commit(PLACES)
    if former_parent is not None and former_parent is not event.parent:
        _touch(former_parent)
        moved.send(former_parent)
    if {"starts_at", "parent_id"} & changed.keys():
        moved.send(event)
    audit.record("event.edit", event, actor=actor, event_id=event.id, details=changed)
    return event


def publish(event: Event, actor: Actor) -> None:
    """Show a draft (or an event put away) to everybody, and its parts that are drafts with it."""
    _change_status(event, EventStatus.PUBLISHED, {EventStatus.DRAFT, EventStatus.ARCHIVED}, actor)
    for part in queries.parts_of(event):
        if part.status is EventStatus.DRAFT:
            publish(part, actor)


def archive(event: Event, actor: Actor) -> None:
    """Close the work on an event; its page stays."""
    _change_status(event, EventStatus.ARCHIVED, {EventStatus.PUBLISHED}, actor)


def cancel(event: Event, actor: Actor, reason: str = "") -> None:
    """Call the event off with its parts. Who is told is the business of registrations."""
    _change_status(
        event,
        EventStatus.CANCELLED,
        {EventStatus.DRAFT, EventStatus.PUBLISHED},
        actor,
        {"reason": reason} if reason else None,
    )
    event.cancelled_at = clock.now()
    for part in queries.parts_of(event):
        if part.status in {EventStatus.DRAFT, EventStatus.PUBLISHED}:
            cancel(part, actor, reason)


def _touch(event: Event) -> None:
    """End what caches hold of the event: they are keyed by its revision."""
    event.revision = Event.revision + 1


def _changed(event: Event) -> None:
    """Note that the event itself is another than before; its parent's page may show it."""
    event.updated_at = clock.now()
    _touch(event)
    if event.parent is not None:
        _touch(event.parent)


def set_hosts(event: Event, hosts: Sequence[Host], actor: Actor) -> None:
    """Name who holds the event, in this order, in place of who was named before."""
    db.session.execute(delete(EventHost).where(EventHost.event_id == event.id))
    for position, host in enumerate(hosts, 1):
        db.session.add(
            EventHost(
                event_id=event.id,
                institution_id=host.institution_id,
                name=dict(host.name) if host.name else None,
                role=host.role,
                position=position,
            )
        )
    _changed(event)
    db.session.flush()
    said = [host.institution_id or dict(host.name or {}) for host in hosts]
    audit.record("event.hosts", event, actor=actor, event_id=event.id, details={"hosts": said})


def set_breakdown(
    event: Event,
    persons: Mapping[str, int],
    institutions: Mapping[str, Mapping[str, int]],
    actor: Actor,
) -> None:
    """Keep how a published number was broken down, in place of what stood there.

    `persons` are people of universities by country, `institutions` are counted by kind and country;
    "" is no country. Other remarks of the source stay. Raises `BreakdownRefused` where the people
    are more than the published number, or there is none.
    """
    lock(event)
    if event.reported_participants is None and any(persons.values()):
        raise refusals.BreakdownRefused
    _check_breakdown(persons, event.reported_participants, event.reported_qualifier)
    remarks = {key: value for key, value in event.reported.items() if key not in BROKEN_DOWN}
    counted = {
        "persons": dict(persons),
        "institutions": {k: dict(n) for k, n in institutions.items()},
    }
    event.reported = remarks | {key: value for key, value in counted.items() if value}
    _changed(event)
    audit.record(
        "event.published_figure",
        event,
        actor=actor,
        event_id=event.id,
        details={"reported": counted},
    )


def grant(event: Event, account: Account, kind: GrantKind, actor: Actor) -> EventGrant:
    """Let `account` organise the event; an earlier grant is replaced."""
    given = db.session.scalar(
        select(EventGrant).where(
            EventGrant.event_id == event.id, EventGrant.account_id == account.id
        )
    )
    if given is None:
        given = EventGrant(
            event_id=event.id, account_id=account.id, kind=kind, created_at=clock.now()
        )
        db.session.add(given)
    given.kind = kind
    details = {"account": account.email, "kind": kind.value}
    audit.record("event.grant", event, actor=actor, event_id=event.id, details=details)
    return given


def revoke(event: Event, account: Account, actor: Actor) -> None:
    """Take the organiser's grant at this event back; nothing when there is none."""
    db.session.execute(
        delete(EventGrant).where(
            EventGrant.event_id == event.id, EventGrant.account_id == account.id
        )
    )
    details = {"account": account.email}
    audit.record("event.revoke", event, actor=actor, event_id=event.id, details=details)


def clone(event: Event, slug: str, actor: Actor) -> Event:
    """A draft with the same texts, hosts and settings under a new address; no people, no parts.

    Opening times and published figures belong to the first event alone.
    """
    values = values_of(event)
    copied = {f.name: getattr(values, f.name) for f in fields(values)}
    copied |= {"slug": slug, "opens_at": None, "closes_at": None, "reported_participants": None}
    copied |= {
        "reported_qualifier": None,
        "reported_note": "",
        "reported": {},
        "parent": None,
        "join_url": "",
    }
    twin = create(EventValues(**copied), actor)
    hosts = [Host(host.institution_id, host.name, host.role) for host in queries.hosts_of(event)]
    if hosts:
        set_hosts(twin, hosts, actor)
    return twin


def values_of(event: Event) -> EventValues:
    """What the event says of itself, as `edit` takes it."""
    names = [f.name for f in fields(EventValues) if f.name != "parent"]
    parent = event.parent.slug if event.parent is not None else None
    return EventValues(parent=parent, **{name: getattr(event, name) for name in names})


def _change_status(
    event: Event,
    status: EventStatus,
    allowed_from: set[EventStatus],
    actor: Actor,
    details: dict[str, Any] | None = None,
) -> None:
    lock(event)
    if event.status not in allowed_from:
        raise refusals.StatusRefused
    before, event.status = event.status, status
    _changed(event)
    recorded = {"status": [before.value, status.value], **(details or {})}
    audit.record(f"event.{status.value}", event, actor=actor, event_id=event.id, details=recorded)


def _fill(event: Event, values: EventValues) -> None:
    codes = [code.strip() for code in values.languages.split(",") if code.strip()]
    check_all(
        lambda: _check_slug(event, values.slug),
        lambda: _check_title(values),
        lambda: _check_times(values),
        lambda: _check_numbers(values),
        lambda: _check_lines(values, codes),
    )
    for name in LONGEST:
        texts = _texts(name, getattr(values, name))
        if texts != getattr(event, name):
            setattr(event, name, texts)
    event.parent = _parent(event, values.parent)
    event.parent_id = event.parent.id if event.parent is not None else None  # seen as a change
    event.languages = ",".join(codes)
    if event.reported != dict(values.reported):
        event.reported = dict(values.reported)
    for name in (
        "slug", "kind", "mode", "starts_at", "ends_at", "zone", "precision", "series", "edition",
        "capacity", "takes_registrations", "opens_at", "closes_at", "needs_approval", "join_url",
        "reported_participants", "reported_qualifier", "reported_note",
    ):  # fmt: skip
        setattr(event, name, getattr(values, name))


def _check_title(values: EventValues) -> None:
    for name in LONGEST:
        texts = _texts(name, getattr(values, name))
        if name == "title" and not texts:
            raise refusals.TitleMissing


def _check_lines(values: EventValues, codes: Sequence[str]) -> None:
    if values.join_url and not values.join_url.startswith(("https://", "http://")):
        raise refusals.LinkRefused
    if not codes or not LANGUAGE_CODES.issuperset(codes):
        raise refusals.LanguagesRefused
    for name in ("series", "reported_note", "join_url"):
        _refuse_odd(getattr(values, name), 500, name)


def _check_slug(event: Event, slug: str) -> None:
    if not is_slug(slug) or slug in OWN_PAGES:
        raise refusals.SlugRefused
    found = queries.find_by_slug(slug)
    if found is not None and found is not event:
        raise refusals.SlugTaken(slug=slug)


def _check_times(values: EventValues) -> None:
    if values.zone not in clock.zone_names():
        raise refusals.ZoneUnknown(zone=values.zone[:80])
    moments = (values.starts_at, values.ends_at, values.opens_at, values.closes_at)
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        raise ValueError("instants of an event are aware")
    if not values.starts_at < values.ends_at:
        raise refusals.DatesRefused
    if not (values.starts_at.year >= 1900 and values.ends_at.year <= 2200):
        raise refusals.DatesRefused
    opens, closes = values.opens_at, values.closes_at
    if opens is not None and not (1900 <= opens.year <= 2200):
        raise refusals.OpeningRefused(field="opens_at")
    if closes is not None and (closes > values.ends_at or (opens is not None and opens >= closes)):
        raise refusals.OpeningRefused
    if opens is not None and opens >= values.ends_at:
        raise refusals.OpeningRefused(field="opens_at")


def _check_numbers(values: EventValues) -> None:
    if values.capacity is not None and not 1 <= values.capacity <= MOST_PLACES:
        raise refusals.CapacityRefused
    if values.edition is not None and not 1 <= values.edition <= 10_000:
        raise refusals.NumberRefused(field="edition")
    reported = values.reported_participants
    if reported is not None and not 0 <= reported <= 10_000_000:
        raise refusals.NumberRefused(field="reported_participants")
    _check_breakdown(values.reported.get("persons") or {}, reported, values.reported_qualifier)


def _check_breakdown(
    persons: Mapping[str, Any], number: int | None, qualifier: Qualifier | None
) -> None:
    """Refuse people of universities beyond an exact number; about or at least so many may be."""
    counted = sum(one for one in persons.values() if isinstance(one, int))
    if number is not None and qualifier is None and counted > number:
        raise refusals.BreakdownRefused(field="reported_participants")


def _texts(name: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Only the languages in which something is written, each checked."""
    for language, text in texts.items():
        _refuse_odd(text, LONGEST[name], f"{name}_{language}")
    return {language: text for language, text in texts.items() if text.strip()}


def _refuse_odd(text: str, longest: int, name: str) -> None:
    if len(text) > longest or not is_storable(text):
        raise refusals.EventTextRefused(field=name)


def _parent(event: Event, slug: str | None) -> Event | None:
    if not slug:
        return None
    parent = queries.find_by_slug(slug)
    if parent is None or parent is event or parent.parent_id is not None:
        raise refusals.ParentRefused
    if event.id is not None and queries.parts_of(event):
        raise refusals.ParentRefused
    return parent
