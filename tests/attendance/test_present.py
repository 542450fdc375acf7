"""Who was present: one rule, the same number wherever it is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from harpevents.attendance import queries, services
from harpevents.attendance.models import CheckInSource
from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.events import services as events
from harpevents.mailings import audiences
from harpevents.registrations.models import Registration, RegistrationState, Source
from harpevents.reports import figures, years
from tests.factories import STAFF, an_event, registered

BEGINS = datetime(2020, 9, 25, 7, tzinfo=UTC)


class Visit:
    """A person at an event with one part, and what happened to her there, step by step."""

    def __init__(self, *steps: str) -> None:
        self.whole = an_event("whole", starts_at=BEGINS)
        self.part = an_event("part", starts_at=BEGINS, parent="whole")
        self.person = registered(self.whole, source=Source.DESK)
        for step in steps:
            with transaction():
                self._happens(*step.split())

    def _happens(self, what: str, where: str = "") -> None:
        there = self.part if where == "part" else self.whole
        if what == "enters":
            services.check_in(there, self.person, source=CheckInSource.QR, actor=STAFF)
        elif what == "taken-back":
            fact = queries.counting_check_in(there, self.person.id)
            assert fact is not None
            services.annul(fact, actor=STAFF)
        else:
            db.session.get_one(Registration, self.person.id).state = RegistrationState(what)


# what happened: present at the whole, present at the part
VISITS: dict[tuple[str, ...], tuple[int, int]] = {
    (): (0, 0),
    ("enters whole",): (1, 0),
    ("enters part",): (1, 1),
    ("enters whole", "enters part"): (1, 1),
    ("enters whole", "enters whole"): (1, 0),
    ("enters whole", "taken-back whole"): (0, 0),
    ("enters whole", "enters whole", "taken-back whole"): (0, 0),
    ("enters whole", "taken-back whole", "enters whole"): (1, 0),
    ("enters part", "taken-back part"): (0, 0),
    ("enters whole", "enters part", "taken-back part"): (1, 0),
    ("enters whole", "enters part", "taken-back whole"): (1, 1),
    ("cancelled", "enters whole", "confirmed"): (0, 0),
    ("pending", "enters part", "confirmed"): (0, 0),
    ("enters part", "confirmed"): (1, 1),
    ("enters part", "pending"): (0, 0),
    ("enters part", "waitlisted"): (0, 0),
    ("enters part", "declined"): (0, 0),
    ("enters part", "cancelled"): (0, 0),
}


@pytest.mark.parametrize("steps", VISITS, ids=", then ".join)
def test_who_counts_as_present(app, steps):
    visit, (at_whole, at_part) = Visit(*steps), VISITS[steps]

    person, both = visit.person, [visit.whole.id, visit.part.id]
    expected = at_whole * [(visit.whole.id, person.id, person.person_id, "JP")]
    expected += at_part * [(visit.part.id, person.id, person.person_id, "JP")]
    assert sorted(db.session.execute(queries.present(both)).all()) == expected


@pytest.mark.parametrize("steps", VISITS, ids=", then ".join)
def test_door_report_year_and_mail_count_the_same(app, steps):
    visit, (at_whole, at_part) = Visit(*steps), VISITS[steps]

    for event, number in ((visit.whole, at_whole), (visit.part, at_part)):
        assert queries.count_present(event) == number
        assert figures.of_event(event).present == number
    assert years.of_year(2020).attendances == at_whole
    audience = {"kind": "event", "slug": "whole", "who": "present"}
    assert len(list(audiences.candidates(audience, date(2020, 9, 26)))) == at_whole


def test_presence_at_one_event_is_none_at_another(app):
    visit = Visit("enters whole")
    other = an_event("other", starts_at=BEGINS)
    with transaction():
        services.check_in(other, visit.person, source=CheckInSource.QR, actor=STAFF)
    assert queries.count_present(other) == 0
    assert years.of_year(2020).attendances == 1


@pytest.mark.parametrize(
    ("hours_before", "before_it_begins", "once_begun"),
    [(24 * 30, 1, 0), (24.1, 1, 0), (24, 1, 1), (1, 1, 1), (-1, 1, 1)],
)
def test_a_check_in_more_than_a_day_before_counts_only_until_the_event_begins(
    app, monkeypatch, hours_before, before_it_begins, once_begun
):
    visit = Visit()
    happened_at = BEGINS - timedelta(hours=hours_before)
    with transaction():
        services.check_in(
            visit.whole,
            visit.person,
            source=CheckInSource.QR,
            actor=STAFF,
            happened_at=happened_at,
        )
    monkeypatch.setattr(clock, "now", lambda: BEGINS - timedelta(seconds=1))
    assert queries.count_present(visit.whole) == before_it_begins
    monkeypatch.setattr(clock, "now", lambda: BEGINS)
    assert queries.count_present(visit.whole) == once_begun
    assert figures.of_event(visit.whole).present == once_begun


def test_whoever_was_rehearsed_is_welcome_when_the_event_has_begun(app, monkeypatch):
    visit = Visit()
    results = []
    for moment in (BEGINS - timedelta(days=7), BEGINS - timedelta(days=6), BEGINS, BEGINS):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        with transaction():
            fact = services.check_in(
                visit.whole, visit.person, source=CheckInSource.QR, actor=STAFF
            )
            results.append(fact.result.value)
    assert results == ["ok", "repeated", "ok", "repeated"]
    assert queries.count_present(visit.whole) == 1


def test_a_part_of_the_day_before_makes_no_rehearsal_of_the_whole(app):
    visit = Visit()
    an_event("eve", starts_at=BEGINS - timedelta(days=1), parent="whole")
    with transaction():
        fact = services.check_in(
            visit.whole,
            visit.person,
            source=CheckInSource.QR,
            actor=STAFF,
            happened_at=BEGINS - timedelta(days=1.5),
        )
    assert not fact.is_rehearsal


@pytest.mark.parametrize("which", ["whole", "part"])
def test_a_date_put_right_afterwards_makes_real_check_ins_of_rehearsals_and_back(
    app, monkeypatch, which
):
    """The date was typed a month too late: who came on the day must not be lost, nor doubled."""
    visit = Visit()
    came_at = BEGINS + timedelta(minutes=5)
    moved = {"whole": visit.whole, "part": visit.part}[which]
    with transaction():
        for event in (visit.whole, visit.part):
            events.edit(
                event, replace(events.values_of(event), **_days_later(event, 30)), actor=STAFF
            )
        fact = services.check_in(
            visit.whole,
            visit.person,
            source=CheckInSource.QR,
            actor=STAFF,
            happened_at=came_at,
        )
    assert fact.is_rehearsal
    monkeypatch.setattr(clock, "now", lambda: BEGINS + timedelta(days=60))
    assert queries.count_present(visit.whole) == 0
    for days, present in ((-30, 1), (30, 0)):
        with transaction():
            values = replace(events.values_of(moved), **_days_later(moved, days))
            events.edit(moved, values, actor=STAFF)
        assert queries.count_present(visit.whole) == present


def _days_later(event, days):
    later = timedelta(days=days)
    return {"starts_at": event.starts_at + later, "ends_at": event.ends_at + later}
