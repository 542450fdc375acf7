"""A database of a release, filled as people left it, is brought to this version without loss."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text

from config import ROOT
from harpevents.attendance.models import CheckIn, CheckInKind, RefusalReason
from harpevents.attendance.services import REHEARSED_BEFORE
from harpevents.audit.services import COMMAND_LINE
from harpevents.core import clock
from harpevents.core.db import Base, db, transaction
from harpevents.events import queries as events
from harpevents.events.models import Event
from harpevents.registrations import services as registrations
from harpevents.registrations.models import Registration, Source
from tests.factories import an_entry
from tests.migrating import contents, differences, migrated, put_back, reflected, shape
from tests.visitor import Visitor
from tools.migration import differing_checks

RELEASE = "0.1.0"
RELEASED = {
    "0001_initial.py": "1cb668c08073fd32a1ca2c6651139520cebe2aeb4d8cb41823ab43057b9d4bcc",
}


@pytest.fixture
def released(fresh_database: str) -> str:
    """The address of a database that 0.1.0 made and filled."""
    put_back(RELEASE, fresh_database)
    return fresh_database


@pytest.fixture
def upgraded(released, tmp_path) -> Iterator[Flask]:
    with migrated(released, tmp_path) as app:
        yield app


def test_a_released_migration_never_changes():
    folder = ROOT / "migrations" / "versions"
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in RELEASED}
    assert found == RELEASED


def test_every_row_of_a_release_is_there_afterwards_with_all_it_said(released, tmp_path):
    engine = create_engine(released)
    with engine.connect() as connection:
        tables = reflected(connection)
        before = contents(connection, tables)
    assert sum(map(len, before.values())) > 6_000
    with migrated(released, tmp_path), engine.connect() as connection:
        now = contents(connection, tables)
    engine.dispose()
    assert {name: len(rows) for name, rows in now.items()} == {
        name: len(rows) for name, rows in before.items()
    }
    in_words_of_now(before["check_in"])
    assert now == before


def in_words_of_now(check_ins: dict[tuple[Any, ...], dict[str, Any]]) -> None:
    """What migration 0003 moves: `reason` says why somebody was refused, and nothing else."""
    for row in check_ins.values():
        if row["result"] != "refused":
            row["reason"] = None


def test_check_ins_of_a_release_are_numbered_and_keep_what_was_said(upgraded):
    query = select(CheckIn).order_by(CheckIn.received_at).where(CheckIn.source != "history")
    facts = db.session.scalars(query).all()
    assert [fact.remark for fact in facts if fact.kind is CheckInKind.ANNUL] == [
        "came to the wrong room"
    ]
    taken_back = {fact.annuls for fact in facts if fact.annuls is not None}
    assert {fact.arrival for fact in facts if fact.id in taken_back} == {1}
    (again,) = [fact for fact in facts if fact.arrival == 2]
    assert again.registration_id in {fact.registration_id for fact in facts if fact.arrival == 1}
    assert {fact.reason for fact in facts} == {
        None,
        RefusalReason.CANCELLED,
        RefusalReason.OTHER_EVENT,
        RefusalReason.UNKNOWN_TICKET,
    }


def test_an_upgraded_database_looks_as_the_models_say(upgraded, database):
    with db.engine.connect() as connection:
        assert differences(connection) == []
        assert list(differing_checks(connection, Base.metadata)) == []
        found = shape(connection)
    wanted_engine = create_engine(database.url)
    with wanted_engine.connect() as connection:
        wanted = shape(connection)
    wanted_engine.dispose()
    assert {part: says for part, says in found.items() if wanted.get(part) != says} == {}
    assert set(found) == set(wanted)


@pytest.mark.sqlite_only
def test_every_reference_still_leads_somewhere(upgraded):
    with db.engine.connect() as connection:
        assert connection.execute(text("pragma foreign_key_check")).all() == []
        assert connection.execute(text("pragma integrity_check")).scalar_one() == "ok"


def test_an_upgraded_site_answers_and_takes_registrations(upgraded):
    visitor = Visitor(upgraded, upgraded.response_class, use_cookies=True)
    for path in ("/en/", "/ja/members/", "/ru/figures/", "/en/events/", "/readyz"):
        assert visitor.get(path).status_code == 200, path
    before = count_registrations()
    event = events.get_by_slug("seminar-northern-cooperation")
    with transaction():
        registrations.register(event, an_entry(), actor=COMMAND_LINE, source=Source.DESK)
    assert count_registrations() == before + 1


def count_registrations() -> int:
    return db.session.scalar(select(func.count(Registration.id))) or 0


@pytest.mark.sqlite_only
def test_what_was_added_since_has_a_value_for_the_rows_that_were_there(released):
    engine = create_engine(released)
    with engine.connect() as connection:
        of_release = reflected(connection).tables
    engine.dispose()
    added = [
        column
        for table in Base.metadata.sorted_tables
        if table.name in of_release
        for column in table.columns
        if column.name not in of_release[table.name].columns
    ]
    without = [str(column) for column in added if not column.nullable and not column.server_default]
    assert without == []


def test_early_check_ins_at_events_to_come_are_rehearsals_and_those_of_the_past_still_count(
    upgraded,
):
    facts = db.session.scalars(select(CheckIn)).all()
    begins = {event.id: event for event in db.session.scalars(select(Event))}
    early = {
        fact.id
        for fact in facts
        if (event := begins[fact.event_id]).starts_at > clock.now()
        and fact.happened_at < events.first_begins_at(event) - REHEARSED_BEFORE
    }
    assert {fact.id for fact in facts if fact.is_rehearsal} == early
    assert len(early) < len(facts)
