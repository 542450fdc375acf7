"""The figures of a fiscal year (April to March): attendances (延べ) apart from people (実)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, case, func, or_, select

from harpevents.attendance import queries as attendance
from harpevents.core import clock
from harpevents.core.db import db
from harpevents.events import queries as event_queries
from harpevents.events.models import Event
from harpevents.memberships import queries as memberships


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
    """{fiscal year: its figures}, newest first: four queries, however many years and events."""
    by_year: dict[int, list[Event]] = defaultdict(list)
    for event in _events(only):
        by_year[clock.fiscal_year(_day(event, clock.association_zone()))].append(event)
    counted = _attendances([event.id for events in by_year.values() for event in events])
    people = _people({year: [event.id for event in events] for year, events in by_year.items()})
    found: dict[int, YearFigures] = {}
    for year in sorted(by_year, reverse=True):
        lines = [
            YearLine(
                event,
                _day(event, ZoneInfo(event.zone)),
                sum(counted.get(event.id, {}).values()),
                event.reported_participants,
            )
            for event in by_year[year]
        ]
        of_its_people = people.get(year, {})
        found[year] = YearFigures(year, *_bounds(year), lines, of_its_people.pop("", 0))
        _add_up(found[year], counted, of_its_people)
    return found


def count_undecided(found: Iterable[YearFigures]) -> int:
    """People of meeting reports who are missing until somebody says who they are."""
    return attendance.count_waiting_at([line.event.id for year in found for line in year.lines])


def count_events() -> int:
    """How many events the figures of all years hold together."""
    return (
        db.session.scalar(select(func.count()).select_from(_counting(clock.now()).subquery())) or 0
    )


def _bounds(fiscal_year: int) -> tuple[date, date]:
    return date(fiscal_year, 4, 1), date(fiscal_year + 1, 3, 31)


def _day(event: Event, zone: ZoneInfo) -> date:
    return event.starts_at.astimezone(zone).date()


def _counting(now: datetime) -> Select[Event]:
    """The events that were held, with the parts that count for themselves.

    A part does where a figure was reported for it alone and nobody was counted at the whole.
    """
    wholes = select(Event.parent_id).where(Event.reported_participants.is_not(None))
    counted = attendance.present(wholes).subquery()
    of_its_own = and_(
        Event.reported_participants.is_not(None),
        Event.parent_id.not_in(select(counted.c.event_id)),
    )
    return event_queries.held(now).where(or_(Event.parent_id.is_(None), of_its_own))


def _events(fiscal_year: int | None) -> Sequence[Event]:
    """The events of the year (all years) in the order they began."""
    query = _counting(clock.now())
    if fiscal_year is not None:
        zone = clock.association_zone()
        query = query.where(
            Event.starts_at >= datetime(fiscal_year, 4, 1, tzinfo=zone),
            Event.starts_at < datetime(fiscal_year + 1, 4, 1, tzinfo=zone),
        )
    return db.session.scalars(query.order_by(Event.starts_at, Event.id)).all()


def _attendances(event_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    present = attendance.present(event_ids).subquery()
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
    ids = [event for events in years.values() for event in events]
    present = attendance.present(ids).subquery()
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
    by_country: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_country.values())


def members_over_time() -> list[Members]:
    """The members at the beginning of each term, and today: three queries."""
    today = clock.today()
    counted = memberships.count_members_by_term()
    found = [
        Members(term.opens_on, term.number, counted.get(term.number, {}))
        for term in memberships.terms()
        if term.opens_on and term.opens_on <= today
    ]
    found.append(Members(today, None, memberships.count_members(today)))
    return found if any(one.total for one in found) else []
