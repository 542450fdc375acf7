"""Places: how many an event and its parts have left, who gets one, and in which way of taking part.

Capacity counts everybody who holds a place (pending and confirmed), in the room or online. A part
has a capacity of its own, in which those who wait keep their place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from harpevents.core import i18n
from harpevents.core.db import db
from harpevents.core.types import in_language
from harpevents.events.models import Event, Mode
from harpevents.registrations import refusals
from harpevents.registrations.models import (
    HOLDING,
    LIVE_STATES,
    AttendanceMode,
    Registration,
    RegistrationPart,
    RegistrationState,
    Source,
)

WAYS = {
    Mode.IN_PERSON: (AttendanceMode.ROOM,),
    Mode.ONLINE: (AttendanceMode.ONLINE,),
    Mode.HYBRID: (AttendanceMode.ROOM, AttendanceMode.ONLINE),
}


@dataclass(frozen=True)
class Places:
    """How an event stands: places held, and people waiting."""

    held: int
    waiting: int

    def left(self, capacity: int | None) -> int | None:
        """Places left, None where there is no limit; none while somebody is waiting."""
        if capacity is None:
            return None
        return 0 if self.waiting else max(0, capacity - self.held)

    def free(self, capacity: int | None) -> int:
        """How many of those who wait may move up."""
        return self.waiting if capacity is None else min(self.waiting, capacity - self.held)


def taken(event_id: int) -> Places:
    """Places held and people waiting: exact under the event's lock, a glance otherwise."""
    held, waiting = db.session.execute(
        select(
            func.count().filter(Registration.state.in_(HOLDING)),
            func.count().filter(Registration.state == RegistrationState.WAITLISTED),
        ).where(Registration.event_id == event_id)
    ).one()
    return Places(held, waiting)


def held_in_parts(parts: Collection[int]) -> dict[int, int]:
    """How many live registrations chose each part; who waits keeps a place in the part."""
    if not parts:
        return {}
    rows = db.session.execute(
        select(RegistrationPart.event_id, func.count())
        .join(Registration, Registration.id == RegistrationPart.registration_id)
        .where(RegistrationPart.event_id.in_(parts), Registration.state.in_(LIVE_STATES))
        .group_by(RegistrationPart.event_id)
    )
    return dict(rows.all())


def left(event_id: int, limits: Mapping[int, int]) -> dict[int, int]:
    """{id: places left} of those in `limits` {id: capacity}: the event, parts of it, or both."""
    held = held_in_parts([part for part in limits if part != event_id])
    found = {one: max(0, limit - held.get(one, 0)) for one, limit in limits.items()}
    if event_id in limits:
        found[event_id] = taken(event_id).left(limits[event_id]) or 0
    return found


def ways(event: Event) -> tuple[AttendanceMode, ...]:
    """The ways to take part, the usual one first."""
    return WAYS[event.mode]


def way_at(event: Event, wanted: AttendanceMode | None) -> AttendanceMode:
    """How the person takes part in the event; refuses a way in which it is not held."""
    if wanted is None:
        return ways(event)[0]
    if wanted not in ways(event):
        raise refusals.ModeRefused
    return wanted


def choose_parts(
    parts: Sequence[Event],
    wanted: Mapping[str, AttendanceMode | None],
    way: AttendanceMode,
    *,
    holds: Mapping[int, Any] | None = None,
    beyond_capacity: bool = False,
) -> dict[int, AttendanceMode]:
    """{id of the part: how}; refuses unknown parts and, unless allowed, full ones.

    `wanted` is {slug: how}, where None means the way of the whole, or the only one. `holds` are
    the parts the registration has already: its own places do not stand in its way.
    """
    if not wanted:
        return {}
    by_slug = {part.slug: part for part in parts}
    if not by_slug.keys() >= wanted.keys():
        raise refusals.PartUnknown
    limited = [part.id for part in parts if part.capacity is not None and part.slug in wanted]
    held = {} if beyond_capacity else held_in_parts(limited)
    chosen: dict[int, AttendanceMode] = {}
    for slug, how in wanted.items():
        part = by_slug[slug]
        full = part.capacity is not None and held.get(part.id, 0) >= part.capacity
        if full and part.id not in (holds or {}):
            raise refusals.PartFull(title=in_language(part.title, i18n.current_language()))
        possible = ways(part)
        fallback = way if way in possible else possible[0]
        chosen[part.id] = way_at(part, how if how is not None else fallback)
    return chosen


def state_of_new(
    event: Event, source: Source, *, unlimited: bool, wanted: RegistrationState | None
) -> RegistrationState:
    """What a new registration comes to, by the places left under the event's lock."""
    limited = event.capacity is not None and not unlimited
    full = limited and taken(event.id).left(event.capacity) == 0
    if full and source is Source.WALK_IN:
        raise refusals.EventFull
    if wanted is not None and not (full and wanted in HOLDING):
        return wanted
    if full:
        return RegistrationState.WAITLISTED
    awaited = event.needs_approval and source is Source.FORM
    return RegistrationState.PENDING if awaited else RegistrationState.CONFIRMED
