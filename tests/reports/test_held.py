"""Which events were held: one rule for the home page, the list and the figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.events import queries
from harpevents.events.models import EventStatus
from harpevents.registrations.models import Source
from harpevents.reports import years
from harpevents.site import queries as home
from tests.factories import an_event, registered
from tests.reports.test_pages import came

BEGINS = datetime(2020, 9, 25, 7, tzinfo=UTC)
ENDS = BEGINS + timedelta(hours=3)
A_MOMENT = timedelta(milliseconds=1)
DRAFT, PUBLISHED, CANCELLED, ARCHIVED = EventStatus


def slugs(query):
    return [event.slug for event in db.session.scalars(query)]


@pytest.mark.parametrize(
    ("status", "now", "held", "upcoming", "past", "coming_home"),
    [
        (PUBLISHED, BEGINS - A_MOMENT, 0, 1, 0, 1),
        (PUBLISHED, BEGINS, 1, 1, 0, 1),
        (PUBLISHED, ENDS - A_MOMENT, 1, 1, 0, 1),
        (PUBLISHED, ENDS, 1, 0, 1, 0),
        (PUBLISHED, ENDS + A_MOMENT, 1, 0, 1, 0),
        (ARCHIVED, BEGINS - A_MOMENT, 0, 1, 0, 0),
        (ARCHIVED, ENDS - A_MOMENT, 1, 1, 0, 0),
        (ARCHIVED, ENDS, 1, 0, 1, 0),
        (CANCELLED, ENDS - A_MOMENT, 0, 1, 0, 0),
        (CANCELLED, ENDS, 0, 0, 1, 0),
        (DRAFT, ENDS - A_MOMENT, 0, 0, 0, 0),
        (DRAFT, ENDS, 0, 0, 0, 0),
    ],
)
def test_an_event_is_held_from_the_instant_it_begins(
    app, monkeypatch, status, now, held, upcoming, past, coming_home
):
    event = an_event(starts_at=BEGINS)
    with transaction():
        event.status = status
    monkeypatch.setattr(clock, "now", lambda: now)

    assert len(slugs(queries.held(now))) == held
    assert len(slugs(queries.upcoming(now))) == upcoming
    assert len(slugs(queries.past(now))) == past
    assert len(home.upcoming(9)) == coming_home
    assert len(home.recent(9)) == (past if held else 0)
    assert years.count_events() == held
    assert len(years.of_year(2020).lines) == held


def test_the_home_page_and_the_figures_hold_the_same_events(app):
    whole = an_event("assembly", starts_at=BEGINS, reported_participants=150)
    an_event("forum", starts_at=BEGINS, parent="assembly", reported_participants=57)
    an_event("reception", starts_at=BEGINS, parent="assembly")
    an_event("seminar", starts_at=BEGINS)
    assert [line.event.slug for line in years.of_year(2020).lines] == [
        "assembly", "forum", "seminar",
    ]  # fmt: skip
    assert years.count_events() == 3

    came(whole, registered(whole, source=Source.DESK))
    assert [line.event.slug for line in years.of_year(2020).lines] == ["assembly", "seminar"]
    assert years.count_events() == 2


def test_who_came_to_an_event_that_has_not_begun_is_in_no_public_figure(app):
    event = an_event("soon")
    came(event, registered(event, source=Source.DESK))
    assert years.of_all() == {}
    assert years.count_events() == 0
