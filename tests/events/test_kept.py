"""Events kept by the process: never older than the row, whoever changed it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import select, update

from harpevents.audit.models import AuditEntry
from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.core.errors import NotFound
from harpevents.events import kept, queries, services
from harpevents.events.models import Event, EventStatus
from tests.factories import STAFF, an_event


def called(slug="forum"):
    db.session.remove()  # as the next request does
    event = queries.find_by_slug(slug)
    assert event is not None
    return event


def changed(**values):
    event = called()
    with transaction():
        services.edit(event, replace(services.values_of(event), **values), STAFF)


def test_a_change_is_seen_at_once_even_twice_in_a_millisecond(app):
    an_event(capacity=10)
    with time_machine.travel(clock.now(), tick=False):
        for capacity in (20, 30, 40):
            changed(capacity=capacity)
            assert called().capacity == capacity


def test_a_state_and_places_taken_are_seen_at_once(app):
    an_event()
    event = called()
    before = event.revision
    with transaction():
        services.touch(event)
    assert called().revision == before + 1
    event = called()
    with transaction():
        services.archive(event, STAFF)
    assert called().status is EventStatus.ARCHIVED


def test_what_another_process_wrote_is_seen_at_once(app):
    an_event(title={"en": "Old"})
    assert called().title == {"en": "Old"}
    later = called().updated_at.replace(year=2031)
    with transaction():
        db.session.execute(update(Event).values(title={"en": "New"}, updated_at=later))
    assert called().title == {"en": "New"}


def test_an_event_that_is_kept_costs_one_statement(app, count_queries):
    an_event()
    an_event("part", parent="forum")
    called()
    called("part")
    db.session.remove()
    with count_queries() as statements:
        event, parts = queries.find_with_parts("forum")
        assert event is not None
        assert ([part.slug for part in parts], event.title["en"]) == (
            ["part"],
            "Forum of the North",
        )
    assert len(statements) == 1


def test_what_is_looked_at_is_in_no_session_whether_it_was_kept_or_not(app):
    an_event()
    kept.shelf.clear()
    for _visit in range(2):
        db.session.remove()
        event, _parts = queries.find_with_parts("forum")
        assert event is not None
        assert (event in db.session, event.slug) == (False, "forum")


def test_held_under_the_lock_it_is_as_it_is_now(app):
    an_event(capacity=10)
    seen = called()
    with transaction():
        db.session.execute(
            update(Event).values(capacity=1, updated_at=seen.updated_at.replace(year=2031))
        )
        held = kept.hold(seen)
        assert (held.capacity, held in db.session) == (1, True)


def test_an_event_that_is_gone_is_not_held(app):
    an_event()
    seen = called()
    with transaction():
        db.session.delete(seen)
    with pytest.raises(NotFound), transaction():
        kept.hold(seen)


def test_a_change_that_may_still_be_refused_is_not_kept(app):
    an_event(title={"en": "Old"})
    event = called()
    kept.shelf.clear()

    def change_and_think_better_of_it():
        with transaction(), db.session.no_autoflush:
            event.title = {"en": "New"}
            assert queries.find_by_slug("forum") is event
            raise LookupError

    with pytest.raises(LookupError):
        change_and_think_better_of_it()
    assert called().title == {"en": "Old"}


def test_an_event_that_becomes_a_part_is_one_at_once_and_the_change_is_on_record(app):
    an_event()
    an_event("part")
    part = called("part")
    with transaction():
        services.edit(part, replace(services.values_of(part), parent="forum"), STAFF)
    assert called("part").parent_id == called().id
    said = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "event.edit")).all()
    assert [entry.details for entry in said] == [{"parent_id": [None, called().id]}]
