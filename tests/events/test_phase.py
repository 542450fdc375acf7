"""When people may register: each edge of time, for each status."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harpevents.core import clock
from harpevents.core.db import transaction
from harpevents.events.models import EventStatus
from harpevents.events.policy import Phase, phase, takes_place
from harpevents.registrations import refusals, services
from tests.factories import an_event

OPENS = datetime(2027, 5, 1, 0, tzinfo=UTC)
CLOSES = datetime(2027, 5, 20, 0, tzinfo=UTC)
BEGINS = datetime(2027, 5, 21, 6, tzinfo=UTC)
ENDS = BEGINS + timedelta(hours=3)
A_MOMENT = timedelta(milliseconds=1)
LONG_AGO = datetime(2026, 12, 1, tzinfo=UTC)
DRAFT, PUBLISHED, CANCELLED, ARCHIVED = EventStatus

EDGES = [  # the event, the instant, its phase
    ({}, OPENS - A_MOMENT, Phase.SOON),
    ({}, OPENS, Phase.OPEN),
    ({}, CLOSES - A_MOMENT, Phase.OPEN),
    ({}, CLOSES, Phase.CLOSED),
    ({}, BEGINS, Phase.CLOSED),
    ({}, ENDS - A_MOMENT, Phase.CLOSED),
    ({}, ENDS, Phase.OVER),
    ({"opens_at": None}, LONG_AGO, Phase.OPEN),
    ({"opens_at": None}, CLOSES, Phase.CLOSED),
    ({"closes_at": None}, OPENS - A_MOMENT, Phase.SOON),
    ({"closes_at": None}, CLOSES, Phase.OPEN),
    ({"closes_at": None}, BEGINS, Phase.OPEN),
    ({"closes_at": None}, ENDS - A_MOMENT, Phase.OPEN),
    ({"closes_at": None}, ENDS, Phase.OVER),
    ({"closes_at": ENDS}, ENDS - A_MOMENT, Phase.OPEN),
    ({"closes_at": ENDS}, ENDS, Phase.OVER),
    ({"takes_registrations": False}, OPENS, Phase.NONE),
    ({"takes_registrations": False}, CLOSES, Phase.NONE),
    ({"takes_registrations": False}, ENDS, Phase.OVER),
    ({"status": DRAFT}, OPENS, Phase.NONE),
    ({"status": DRAFT}, ENDS, Phase.OVER),
    ({"status": ARCHIVED}, OPENS, Phase.NONE),
    ({"status": ARCHIVED}, CLOSES, Phase.NONE),
    ({"status": ARCHIVED}, ENDS, Phase.OVER),
    ({"status": CANCELLED}, OPENS - A_MOMENT, Phase.CANCELLED),
    ({"status": CANCELLED}, OPENS, Phase.CANCELLED),
    ({"status": CANCELLED}, ENDS - A_MOMENT, Phase.CANCELLED),
    ({"status": CANCELLED}, ENDS, Phase.OVER),
    ({"status": CANCELLED, "takes_registrations": False}, OPENS, Phase.CANCELLED),
]


def made(status=PUBLISHED, **others):
    times = {"opens_at": OPENS, "closes_at": CLOSES, "starts_at": BEGINS, "ends_at": ENDS}
    event = an_event(**(times | others))
    with transaction():
        event.status = status
    return event


@pytest.mark.parametrize(("event", "now", "expected"), EDGES)
def test_page_form_and_service_know_the_same_phase(app, client, monkeypatch, event, now, expected):
    forum = made(**event)
    monkeypatch.setattr(clock, "now", lambda: now)

    assert phase(forum, now) is expected
    if expected is Phase.OPEN:
        services.refuse_unless_open(forum, now)
    else:
        with pytest.raises(refusals.RegistrationClosed):
            services.refuse_unless_open(forum, now)
    if forum.status is DRAFT:
        return
    page, form = client.get("/en/events/forum"), client.get("/en/events/forum/register")
    assert ("/en/events/forum/register" in page.text) == (expected is Phase.OPEN)
    assert form.status_code == (200 if expected is Phase.OPEN else 303)


@pytest.mark.parametrize("status", EventStatus)
@pytest.mark.parametrize(
    ("now", "before_its_end"), [(BEGINS, True), (ENDS - A_MOMENT, True), (ENDS, False)]
)
def test_places_change_hands_until_a_published_event_is_over(app, status, now, before_its_end):
    assert takes_place(made(status), now) == (before_its_end and status is PUBLISHED)
