"""Events: what is refused, who sees what, and the calendar files."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from harpevents.audit.models import AuditEntry
from harpevents.cli import root
from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.core.errors import RuleBroken, SeveralBroken
from harpevents.events import queries, refusals, services
from harpevents.events.models import EventStatus, Mode
from tests.factories import STAFF, an_account, an_event, event_values, sign_in
from tests.visitor import Visitor

NOW = datetime(2030, 5, 20, 1, tzinfo=UTC)
NONSENSE: dict[str, dict[str, Any]] = {
    "slug": {"slug": "Not A Slug"},
    "title": {"title": {"en": "  "}},
    "ends_at": {"ends_at": NOW - timedelta(days=400 * 365)},
    "zone": {"zone": "Mars/Olympus"},
    "capacity": {"capacity": 10**30},
    "opens_at": {"opens_at": NOW + timedelta(days=9)},
    "closes_at": {"closes_at": NOW + timedelta(days=9)},
    "edition": {"edition": -1},
    "parent": {"parent": "no-such-event"},
    "join_url": {"join_url": "javascript:alert(1)"},
    "languages": {"languages": "tlh"},
    "reported_participants": {"reported_participants": -5},
    "venue_ru": {"venue": {"ru": "зал\x00"}},
}


@pytest.mark.parametrize("field", NONSENSE)
def test_nonsense_is_refused_beside_its_field(app: Flask, field: str):
    told: dict[str, Any] = {
        "starts_at": NOW,
        "ends_at": NOW + timedelta(hours=2),
        **NONSENSE[field],
    }
    with pytest.raises(RuleBroken) as refused, transaction():
        services.create(event_values(**told), STAFF)
    assert refused.value.field == field
    assert str(refused.value)


def test_an_address_belongs_to_one_event_and_a_part_to_no_part(app: Flask):
    an_event()
    part = an_event("part", parent="forum")
    with pytest.raises(RuleBroken), transaction():
        services.create(event_values(), STAFF)
    with pytest.raises(RuleBroken), transaction():
        services.create(event_values("deeper", parent="part"), STAFF)
    assert [one.slug for one in queries.parts_of(queries.get_by_slug("forum"))] == [part.slug]


def test_every_change_raises_the_revision_and_no_change_does_not(app: Flask):
    event = an_event(starts_at=NOW)
    before = event.revision
    with transaction():
        services.edit(event, services.values_of(event), STAFF)
    assert event.revision == before
    with transaction():
        services.edit(event, replace(services.values_of(event), capacity=7), STAFF)
    assert (event.revision, event.capacity) == (before + 1, 7)


def test_calling_off_takes_the_parts_along(app: Flask):
    event, part = an_event(), an_event("part", parent="forum")
    with transaction():
        services.cancel(event, STAFF, "Storm.")
    assert {event.status, part.status} == {EventStatus.CANCELLED}
    with pytest.raises(RuleBroken), transaction():
        services.publish(event, STAFF)


def test_a_copy_is_a_draft_without_figures(app: Flask):
    event = an_event(reported_participants=140, capacity=5)
    with transaction():
        twin = services.clone(event, "forum-2", STAFF)
    assert (twin.status, twin.capacity, twin.reported_participants) == (
        EventStatus.DRAFT,
        5,
        None,
    )


def test_the_calendar_file_is_whole_and_says_what_changed(app: Flask, client: Visitor):
    event = an_event(starts_at=NOW, title={"ja": "長い題名" * 30, "en": "Forum"})
    answer = client.get("/ja/events/forum.ics")

    assert answer.content_type.startswith("text/calendar")
    assert max(len(line) for line in answer.data.split(b"\r\n")) <= 75
    calendar = Calendar.from_ical(answer.data)
    entry: Any = calendar.walk("VEVENT")[0]
    assert calendar.walk("VTIMEZONE")
    assert entry["DTSTART"].dt == NOW
    assert entry["DTSTART"].params["TZID"] == "Asia/Tokyo"
    assert (entry["STATUS"], entry["UID"]) == ("CONFIRMED", "forum@127.0.0.1")
    with transaction():
        event.created_at -= timedelta(days=1)
        services.cancel(event, STAFF)
    later: Any = Calendar.from_ical(client.get("/en/events/forum.ics").data).walk("VEVENT")[0]
    assert later["STATUS"] == "CANCELLED"
    assert int(later["SEQUENCE"]) > int(entry["SEQUENCE"])
    assert "Forum" in client.get("/events.ics").text


def test_the_list_shows_what_comes_and_keeps_the_archive_by_year(app: Flask, client: Visitor):
    an_event("coming", title={"en": "Coming soon"})
    an_event("past", title={"en": "Long past"}, starts_at=datetime(2020, 9, 25, 6, tzinfo=UTC))
    an_event("hidden", title={"en": "Hidden draft"}, published=False)
    an_event("online", title={"en": "Far away"}, mode=Mode.ONLINE)

    page = client.get("/en/events/").text
    assert page.index("Coming soon") < page.index("Long past")
    assert "Hidden draft" not in page
    year = client.get("/en/events/?year=2020").text
    assert "Long past" in year
    assert "Coming soon" not in year
    assert "Coming soon" not in client.get("/en/events/?mode=online").text
    for odd in ("kind=x", "year=99999999", "page=-1", "mode=%27", "page=" + "9" * 500):
        assert client.get(f"/en/events/?{odd}").status_code == 200


def test_the_desk_creates_publishes_and_edits_an_event(app: Flask, client: Visitor):
    sign_in(client, an_account())
    day = (clock.now() + timedelta(days=40)).strftime("%Y-%m-%d")
    told = {
        "slug": "new-seminar",
        "kind": "seminar",
        "title_en": "New seminar",
        "starts_at": f"{day}T10:00",
        "ends_at": f"{day}T12:00",
        "zone": "Europe/Moscow",
        "capacity": "9" * 60,
    }
    refused = client.submit("/desk/events/new", told)
    assert refused.status_code == 422
    assert 'value="New seminar"' in refused.text
    made = client.submit("/desk/events/new", told | {"capacity": "30"})
    assert made.status_code == 303
    event = queries.get_by_slug("new-seminar")
    assert event.starts_at.hour == 7  # Moscow is three hours ahead
    client.submit("/desk/events/new-seminar", action="/publish")
    client.submit("/desk/events/new-seminar/edit", {"capacity": "31"})
    client.submit("/desk/events/new-seminar/hosts", {"institution": "A regional council"})

    event = queries.get_by_slug("new-seminar")
    assert (event.status, event.capacity) == (EventStatus.PUBLISHED, 31)
    for path in ("", "/edit", "/hosts", "/organisers"):
        assert client.get(f"/desk/events/new-seminar{path}").status_code == 200
    assert "A regional council" in client.get("/en/events/new-seminar").text


def test_the_commands_add_list_and_copy(app: Flask):
    def run(*arguments: str):
        return app.test_cli_runner().invoke(root, ["events", *arguments], obj=app)

    told = ["--kind", "seminar", "--title-en", "S", "--zone", "Asia/Tokyo", "--mode", "online"]
    when = ["--starts", "2031-05-20T10:00", "--ends", "2031-05-20T12:00"]
    assert run("add", "--slug", "s", *told, *when).exit_code == 0
    assert run("clone", "s", "s-2").exit_code == 0
    listed = json.loads(run("list", "--json").stdout)

    assert [(one["slug"], one["status"]) for one in listed] == [
        ("s", "published"),
        ("s-2", "draft"),
    ]
    assert listed[0]["starts_at"] == "2031-05-20T10:00:00+09:00"
    again = run("add", "--slug", "s", *told, *when, "--json")
    assert again.exit_code == 1
    assert "error" in json.loads(again.stderr)
    assert run("add", "--slug", "t", *told, "--starts", "soon", "--ends", "later").exit_code == 1


def test_the_address_of_a_published_event_stays(app: Flask):
    event, draft = an_event(), an_event("draft", published=False)
    with pytest.raises(refusals.SlugFixed), transaction():
        services.edit(event, replace(services.values_of(event), slug="renamed"), STAFF)
    with transaction():
        services.edit(draft, replace(services.values_of(draft), slug="renamed"), STAFF)
    assert (event.slug, draft.slug) == ("forum", "renamed")


def test_an_event_is_not_called_as_a_page_of_the_desk(app: Flask):
    with pytest.raises(refusals.SlugRefused), transaction():
        services.create(event_values("new"), STAFF)


@pytest.mark.parametrize(
    "odd",
    [
        {"zone": "Mars/Olympus"},
        {"starts_at": "0001-01-01T00:00"},
        {"ends_at": "9999-12-31T23:59", "zone": "America/New_York"},
        {"opens_at": "0001-01-01T00:00"},
    ],
)
def test_odd_zones_and_days_are_refused_beside_their_field(app: Flask, client: Visitor, odd):
    sign_in(client, an_account())
    an_event()
    answer = client.submit("/desk/events/forum/edit", {"series": "kept as typed", **odd})
    assert answer.status_code == 422
    assert "kept as typed" in answer.text


def test_an_event_begins_on_the_day_it_has_where_it_is_held(app: Flask):
    early = an_event(zone="Asia/Vladivostok", starts_at=datetime(2030, 5, 19, 23, tzinfo=UTC))
    assert early.day.isoformat() == "2030-05-20"


def test_a_copy_under_a_taken_address_is_asked_for_again_beside_the_field(app, client):
    an_event("forum")
    signed_in = sign_in(client, an_account())

    refused = signed_in.submit("/desk/events/forum/clone", {"slug": "forum"})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text

    made = signed_in.submit("/desk/events/forum/clone", {"slug": "forum-2"})
    assert (made.status_code, made.location) == (303, "/desk/events/forum-2")
    assert signed_in.get("/desk/events/forum-2").status_code == 200


def test_a_change_of_the_parent_alone_is_on_record(app: Flask):
    whole = an_event()
    part = an_event("part")
    with transaction():
        services.edit(part, replace(services.values_of(part), parent="forum"), STAFF)
    assert part.parent_id == whole.id
    said = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "event.edit")).all()
    assert [entry.details for entry in said] == [{"parent_id": [None, whole.id]}]


def test_parts_that_are_drafts_are_published_with_the_whole(app: Flask, client: Visitor):
    event = an_event(published=False)
    part = an_event("part", parent="forum", published=False)
    off = an_event("off", parent="forum", published=False)
    with transaction():
        services.cancel(off, STAFF)
    desk = sign_in(client, an_account())
    answer = desk.submit("/desk/events/forum", action="/publish")
    assert "and 1 part with it" in desk.get(answer.location).text
    assert [one.status for one in (event, part, off)] == [
        EventStatus.PUBLISHED,
        EventStatus.PUBLISHED,
        EventStatus.CANCELLED,
    ]


def test_all_that_is_wrong_is_said_at_once(app: Flask):
    wrong: dict[str, Any] = {"slug": "Not A Slug", "title": {}, "capacity": -1, "languages": "tlh"}
    with pytest.raises(SeveralBroken) as refused, transaction():
        services.create(event_values(**wrong), STAFF)
    assert [one.field for one in refused.value.each] == ["slug", "title", "capacity", "languages"]
