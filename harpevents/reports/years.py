"""The figures of a fiscal year (April to March): attendances (延べ) apart from people (実)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Subquery, func, or_, select

from harpevents.attendance.queries import counting
from harpevents.core import clock
from harpevents.core.db import db
from harpevents.events.models import Event, EventStatus
from harpevents.registrations.models import Registration, RegistrationState


@dataclass(frozen=True)
class YearLine:
    """One event of the year; `attendances` were counted here, or else only reported to us."""

    event: Event
    day: date
    attendances: int
    source: str  # counted | reported | none
    reported: int | None


@dataclass
class YearFigures:
    """A fiscal year. `people` counts each person once, as far as check-ins know who she is."""

    fiscal_year: int
    begins_on: date
    ends_on: date
    lines: list[YearLine]
    people: int
    by_kind: dict[str, dict[str, int]] = field(default_factory=dict)
    by_country: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def attendances(self) -> int:
        return sum(line.attendances for line in self.lines)


def of_year(fiscal_year: int) -> YearFigures:
    """The year's events, in the order they began, a constant number of queries.

    A part is counted within its parent; it has a line of its own only where a figure was reported
    for it alone.
    """
    begins, ends = date(fiscal_year, 4, 1), date(fiscal_year + 1, 3, 31)
    events = _events_between(begins, ends)
    counted = _attendances(events)
    lines = [_line(event, sum(counted.get(event.id, {}).values())) for event in events]
    figures = YearFigures(fiscal_year, begins, ends, lines, _people(events))
    _add_up(figures, counted, _people_by_country(events))
    return figures


def years_with_events() -> list[int]:
    """The fiscal years that have events, newest first."""
    starts = db.session.scalars(select(Event.starts_at).where(_public())).all()
    zone = clock.association_zone()
    return sorted({clock.fiscal_year(at.astimezone(zone).date()) for at in starts}, reverse=True)


def _public() -> ColumnElement[bool]:
    return Event.status.in_([EventStatus.PUBLISHED, EventStatus.ARCHIVED])


def _events_between(begins: date, ends: date) -> Sequence[Event]:
    zone = clock.association_zone()
    first = datetime.combine(begins, datetime.min.time(), zone).astimezone(UTC)
    beyond = datetime(ends.year, ends.month + 1, 1, tzinfo=zone).astimezone(UTC)
    query = (
        select(Event)
        .where(
            _public(),
            Event.starts_at >= first,
            Event.starts_at < beyond,
            or_(Event.parent_id.is_(None), Event.reported_participants.is_not(None)),
        )
        .order_by(Event.starts_at, Event.id)
    )
    return db.session.scalars(query).all()


def _present(events: Sequence[Event]) -> Subquery:
    """(event id of the registration, registration id, person, country) once per registration."""
    counted = counting().subquery()
    return (
        select(Registration.event_id, Registration.id, Registration.person_id, Registration.country)
        .join(counted, counted.c.registration_id == Registration.id)
        .where(
            Registration.event_id.in_([event.id for event in events]),
            Registration.state == RegistrationState.CONFIRMED,
        )
        .distinct()
        .subquery()
    )


def _attendances(events: Sequence[Event]) -> dict[int, dict[str, int]]:
    present = _present(events)
    query = select(present.c.event_id, present.c.country, func.count()).group_by(
        present.c.event_id, present.c.country
    )
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    for event_id, country, number in db.session.execute(query):
        counted[event_id][country] = number
    return counted


def _people(events: Sequence[Event]) -> int:
    present = _present(events)
    query = select(func.count(func.distinct(present.c.person_id)))
    return db.session.scalar(query) or 0


def _people_by_country(events: Sequence[Event]) -> dict[str, int]:
    present = _present(events)
    query = select(present.c.country, func.count(func.distinct(present.c.person_id))).group_by(
        present.c.country
    )
    return dict(db.session.execute(query).tuples().all())


def _line(event: Event, counted: int) -> YearLine:
    day = event.starts_at.astimezone(ZoneInfo(event.zone)).date()
    reported = event.reported_participants
    if counted:
        return YearLine(event, day, counted, "counted", reported)
    return YearLine(event, day, reported or 0, "none" if reported is None else "reported", reported)


def _add_up(
    figures: YearFigures, counted: dict[int, dict[str, int]], people: dict[str, int]
) -> None:
    for line in figures.lines:
        kind = figures.by_kind.setdefault(line.event.kind.value, {"events": 0, "attendances": 0})
        kind["events"] += 1
        kind["attendances"] += line.attendances
    for by_country in counted.values():
        for country, number in by_country.items():
            its = figures.by_country.setdefault(country, {"attendances": 0, "people": 0})
            its["attendances"] += number
            its["people"] = people.get(country, 0)
    ordered = sorted(
        figures.by_country.items(), key=lambda pair: (-pair[1]["attendances"], pair[0])
    )
    figures.by_country = dict(ordered)
