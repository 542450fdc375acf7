"""The figures of a fiscal year (April to March): attendances (延べ) apart from people (実)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Subquery, case, func, or_, select

from harpevents.attendance.queries import counting
from harpevents.core import clock
from harpevents.core.db import db
from harpevents.events.models import Event, EventStatus
from harpevents.institutions.models import Institution
from harpevents.memberships import queries as memberships
from harpevents.memberships.models import Spell
from harpevents.registrations.models import Registration, RegistrationState


@dataclass(frozen=True)
class YearLine:
    """One event of the year: what was counted by check-ins and what was published about it."""

    event: Event
    day: date
    counted: int
    reported: int | None

    @property
    def attendances(self) -> int:
        """What the sums take: the count, or else what was reported."""
        return self.counted or self.reported or 0

    @property
    def source(self) -> str:
        if self.counted:
            return "counted"
        return "none" if self.reported is None else "reported"


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

    @property
    def counted(self) -> int:
        return sum(line.counted for line in self.lines)

    @property
    def reported(self) -> int:
        return sum(line.reported or 0 for line in self.lines)


def of_year(fiscal_year: int) -> YearFigures:
    """The year's events, in the order they began, a constant number of queries.

    A part is counted within its parent; it has a line of its own only where a figure was reported
    for it alone and nothing was counted for the whole.
    """
    figures = of_all(fiscal_year).get(fiscal_year)
    return figures or YearFigures(fiscal_year, *_bounds(fiscal_year), [], 0)


def of_all(only: int | None = None) -> dict[int, YearFigures]:
    """{fiscal year: its figures}, newest first: four queries, however many years and events.

    Events to come are left out until something is known about who came.
    """
    by_year: dict[int, list[Event]] = defaultdict(list)
    for event in _events(only):
        by_year[clock.fiscal_year(_day(event, clock.association_zone()))].append(event)
    counted = _attendances([event.id for events in by_year.values() for event in events])
    people = _people({year: [event.id for event in events] for year, events in by_year.items()})
    found: dict[int, YearFigures] = {}
    now = clock.now()
    for year in sorted(by_year, reverse=True):
        lines = [
            YearLine(
                event,
                _day(event, ZoneInfo(event.zone)),
                sum(counted.get(event.id, {}).values()),
                event.reported_participants,
            )
            for event in by_year[year]
            if event.parent_id is None or not counted.get(event.parent_id)
        ]
        lines = [line for line in lines if line.event.starts_at <= now or line.attendances]
        if not lines:
            continue
        of_its_people = people.get(year, {})
        found[year] = YearFigures(year, *_bounds(year), lines, of_its_people.pop("", 0))
        _add_up(found[year], counted, of_its_people)
    return found


def _bounds(fiscal_year: int) -> tuple[date, date]:
    return date(fiscal_year, 4, 1), date(fiscal_year + 1, 3, 31)


def _day(event: Event, zone: ZoneInfo) -> date:
    return event.starts_at.astimezone(zone).date()


def _events(fiscal_year: int | None) -> Sequence[Event]:
    """Public events of the year (all years), with parts that have a reported figure."""
    query = select(Event).where(
        Event.status.in_([EventStatus.PUBLISHED, EventStatus.ARCHIVED]),
        or_(Event.parent_id.is_(None), Event.reported_participants.is_not(None)),
    )
    if fiscal_year is not None:
        zone = clock.association_zone()
        query = query.where(
            Event.starts_at >= datetime(fiscal_year, 4, 1, tzinfo=zone),
            Event.starts_at < datetime(fiscal_year + 1, 4, 1, tzinfo=zone),
        )
    return db.session.scalars(query.order_by(Event.starts_at, Event.id)).all()


def _present(event_ids: Sequence[int]) -> Subquery:
    """(event id of the registration, registration id, person, country) once per registration."""
    counted = counting().subquery()
    return (
        select(Registration.event_id, Registration.id, Registration.person_id, Registration.country)
        .join(counted, counted.c.registration_id == Registration.id)
        .where(
            Registration.event_id.in_(event_ids),
            Registration.state == RegistrationState.CONFIRMED,
        )
        .distinct()
        .subquery()
    )


def _attendances(event_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    present = _present(event_ids)
    query = select(present.c.event_id, present.c.country, func.count()).group_by(
        present.c.event_id, present.c.country
    )
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    for event_id, country, number in db.session.execute(query):
        counted[event_id][country] = number
    return counted


def _people(years: dict[int, list[int]]) -> dict[int, dict[str, int]]:
    """{fiscal year: {country: different people, "": of all countries together}}."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    if not years:
        return found
    present = _present([event for events in years.values() for event in events])
    year = case(*((present.c.event_id.in_(events), number) for number, events in years.items()))
    people = func.count(func.distinct(present.c.person_id))
    for number, country, count in db.session.execute(
        select(year, present.c.country, people).group_by(year, present.c.country)
    ):
        found[number][country] = count
    for number, count in db.session.execute(select(year, people).group_by(year)):
        found[number][""] = count
    return found


def _add_up(
    figures: YearFigures, counted: dict[int, dict[str, int]], people: dict[str, int]
) -> None:
    for line in figures.lines:
        kind = figures.by_kind.setdefault(line.event.kind.value, {"events": 0, "attendances": 0})
        kind["events"] += 1
        kind["attendances"] += line.attendances
        for country, number in counted.get(line.event.id, {}).items():
            its = figures.by_country.setdefault(country, {"attendances": 0, "people": 0})
            its["attendances"] += number
            its["people"] = people.get(country, 0)
    ordered = sorted(
        figures.by_country.items(), key=lambda pair: (-pair[1]["attendances"], pair[0])
    )
    figures.by_country = dict(ordered)


@dataclass(frozen=True)
class Members:
    """How many member universities there were on a day, by country."""

    on: date
    term: int | None
    total: int
    by_country: dict[str, int]


def members_over_time() -> list[Members]:
    """The members at the beginning of each term, and today: two queries."""
    today = clock.today()
    terms = [term for term in memberships.terms() if term.opens_on and term.opens_on <= today]
    rows = db.session.execute(
        select(Spell.begins_on, Spell.ends_on, Institution.country).join(Spell.institution)
    ).all()
    found = []
    for day, number in [*((term.opens_on, term.number) for term in terms), (today, None)]:
        if day is None:
            continue
        counted = Counter(
            country for begins, ends, country in rows if begins <= day and (not ends or day < ends)
        )
        by_country = dict(sorted(counted.items()))
        found.append(Members(day, number, sum(counted.values()), by_country))
    return found if rows else []
