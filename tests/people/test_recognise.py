"""Recognising people by their mailbox, and finding them in every script."""

from __future__ import annotations

import json

import pytest

from harpevents.audit.services import COMMAND_LINE
from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.institutions import services as institutions
from harpevents.institutions.models import InstitutionKind
from harpevents.people import cli, queries, services
from harpevents.people.services import PersonNames
from tests.factories import an_event, registered

KATO = PersonNames(
    family="加藤",
    given="春香",
    kana_family="かとう",
    kana_given="はるか",
    latin_family="Kato",
    latin_given="Haruka",
)


def recognise(email="haruka@example.ac.jp", names=KATO, **others):
    with transaction():
        return services.recognise(email, language="ja", country="JP", names=names, **others)


def found(text):
    return list(db.session.scalars(queries.search(text)))


def test_one_mailbox_is_one_person_however_it_is_written(app):
    first = recognise()
    again = recognise("<HARUKA@Example.ac.jp> ")
    assert first == again
    assert {name.script for name in queries.names_of([first])[first]} == {
        "ja",
        "kana",
        "latin",
    }


def test_whoever_types_an_address_renames_nobody(app):
    person = recognise()
    recognise(names=PersonNames(family="Evil", given="Mallory", latin_family="Evil"))
    written = {queries.written(name) for name in queries.names_of([person])[person]}
    assert "Haruka Kato" in written
    assert not any("Evil" in name for name in written)


def test_a_script_not_known_yet_is_added(app):
    person = recognise()
    recognise(names=PersonNames(family="Като", given="Харука"))
    assert "Харука Като" in {queries.written(name) for name in queries.names_of([person])[person]}


@pytest.mark.parametrize(
    "text", ["加藤", "かとう", "カトウ", "Kato", "Katoh", "Като", "kat", "haruka@"]
)
def test_one_box_finds_a_person_in_every_script(app, text):
    person = recognise()
    recognise("ivan@example.ru", PersonNames(family="Иванов", given="Иван", patronymic="Петрович"))
    assert [one.id for one in found(text)] == [person]


@pytest.mark.parametrize("text", ["%", "_", "'", "()", "zzzz", "@"])
def test_odd_words_find_nobody_and_break_nothing(app, text):
    recognise()
    assert found(text) == [] or text == "@"


def test_where_somebody_registered_is_known_and_noted_once(app):
    with transaction():
        for name in ("Example University", "Another University"):
            institutions.ensure(name, InstitutionKind.UNIVERSITY, "JP", actor=COMMAND_LINE)
    event = an_event()
    registered(event, institution_text="Example University")
    again = an_event("again")
    registered(again, institution_text="Example University")
    result = app.test_cli_runner().invoke(cli.people, ["find", "tanaka", "--json"])
    (person,) = json.loads(result.output)
    assert person["institution"] == "example-university"
    places = queries.affiliations_of([person["id"]])[person["id"]]
    assert [place.valid_from for place in places] == [clock.today()]


def test_the_command_prints_what_programs_read(app):
    person = recognise()
    result = app.test_cli_runner().invoke(cli.people, ["find", "Като", "--json"])
    assert json.loads(result.output) == [
        {
            "id": person,
            "names": ["加藤 春香", "かとう はるか", "Haruka Kato"],
            "emails": ["haruka@example.ac.jp"],
            "institution": None,
            "country": "JP",
        }
    ]
