"""Lists of people: read from any program's file, taken in whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import ROOT
from harpevents.cli import root
from harpevents.core import clock, i18n
from harpevents.core.db import db, transaction
from harpevents.core.tables import writing
from harpevents.events.models import Event
from harpevents.outbox.models import Message
from harpevents.registrations import entries, exports, imports, rosters
from harpevents.registrations.models import (
    AttendanceMode,
    Registration,
    RegistrationImport,
    RegistrationState,
)
from tests.factories import STAFF, an_event

GIVEN = ROOT.parent / "shared" / "data" / "roster"
FILES = [path.name for path in sorted(GIVEN.glob("roster*.*"))] if GIVEN.is_dir() else []
SMALL = """\
姓,名,セイ,メイ,メールアドレス,国,所属,言語
髙橋,一郎,タカハシ,イチロウ,i.takahashi@uni.example.org,日本,どこかの大学,日本語
Иванов,Иван,,,ivanov@uni.example.org,Россия,,русский
"""


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def take_in(event: Event, text: str, *, history=False, **how):
    listed = imports.read(event, text.encode(), "list.csv", **how)
    with transaction():
        return imports.take_in(event, listed, actor=STAFF, history=history)


def test_a_list_in_another_language_is_understood(app: Flask):
    event = an_event()

    outcome = take_in(event, SMALL)

    assert (outcome.read, outcome.created, outcome.encoding) == (2, 2, "utf-8")
    assert outcome.unmatched == ["どこかの大学"]
    first, second = db.session.scalars(select(Registration).order_by(Registration.number))
    assert (first.family, first.kana_family, first.country, first.language) == (
        "髙橋",
        "タカハシ",
        "JP",
        "ja",
    )
    assert (second.family, second.country, second.language) == ("Иванов", "RU", "ru")
    assert count(Message) == 2


def test_a_name_that_says_university_is_one_without_a_column_for_it(app: Flask):
    event = an_event()
    take_in(
        event,
        "family,given,email,country,institution\n"
        "Ivanov,Ivan,a@uni.example,RU,Дальний университет\n"
        "Petrov,Petr,b@uni.example,RU,Клуб друзей\n",
    )
    kinds = db.session.scalars(
        select(Registration.institution_kind).order_by(Registration.number)
    ).all()
    assert kinds == ["university", "other"]


def test_the_same_file_again_changes_nothing(app: Flask):
    event = an_event()
    take_in(event, SMALL)
    revision = event.revision

    again = take_in(event, SMALL)

    assert (again.read, again.created, again.updated, again.skipped) == (2, 0, 0, 2)
    assert (event.revision, count(Message), count(RegistrationImport)) == (revision, 2, 1)


def test_a_changed_file_updates_whom_it_changes(app: Flask):
    event = an_event()
    take_in(event, SMALL)

    outcome = take_in(event, SMALL.replace("一郎", "二郎"))

    assert (outcome.created, outcome.updated, outcome.skipped) == (0, 1, 1)
    assert count(Registration) == 2


WHOLE = """\
family,given,latin_family,latin_given,kana_family,kana_given,email,country,institution,kind,\
category,position,language
岡田,大輔,Okada,Daisuke,オカダ,ダイスケ,okada@uni.example.org,JP,Unheard College,university,\
faculty,教授,ru
"""


def values(registration: Registration) -> dict[str, object]:
    told = (*entries.NAMES, "country", "institution_text", "institution_kind", "category")
    return {name: getattr(registration, name) for name in (*told, "position", "language")}


@pytest.mark.parametrize(
    "poorer",
    [
        "Family name,Given name,E-mail,Country\nOkada,Daisuke,okada@uni.example.org,JP\n",
        "email\nokada@uni.example.org\n",
        "email,family,given,position\nokada@uni.example.org,?田,大輔,\n",
        "email,国,機関名,役職\nokada@uni.example.org,,,\n",
    ],
)
def test_what_a_file_does_not_say_stays_as_it_was(app: Flask, poorer: str):
    event = an_event()
    take_in(event, WHOLE)
    person = db.session.scalars(select(Registration)).one()
    before = values(person)

    take_in(event, poorer)

    db.session.expire_all()
    assert values(person) == before


@pytest.mark.parametrize("left_out", WHOLE.splitlines()[0].split(","))
def test_no_column_that_is_left_out_empties_a_registration(app: Flask, left_out: str):
    event = an_event()
    take_in(event, WHOLE)
    person = db.session.scalars(select(Registration)).one()
    before = values(person)
    header, row = (line.split(",") for line in WHOLE.splitlines())
    kept = [at for at, name in enumerate(header) if name != left_out or name == "email"]

    take_in(event, "\n".join(",".join(line[at] for at in kept) for line in (header, row)) + "\n")

    db.session.expire_all()
    assert values(person) == before


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("family", "??"),
        ("given", "大\ufffd"),
        ("family", "GarcÃ\xada"),
        ("institution", "????"),
        ("position", "#REF!"),
        ("given", "2026-03-01"),
    ],
)
def test_damaged_text_is_refused_in_its_cell_and_replaces_nothing(
    app: Flask, column: str, text: str
):
    event = an_event()
    take_in(event, WHOLE)
    before = values(db.session.scalars(select(Registration)).one())
    header, row = (line.split(",") for line in WHOLE.splitlines())
    row[header.index(column)] = text

    with pytest.raises(imports.FileRefused) as refused:
        take_in(event, f"{','.join(header)}\n{','.join(row)}\n")

    assert [(one.row, one.column) for one in refused.value.outcome.refused] == [(2, column)]
    db.session.rollback()
    assert values(db.session.scalars(select(Registration)).one()) == before


def test_the_good_file_repairs_what_another_did(app: Flask):
    event = an_event()
    take_in(event, WHOLE)
    take_in(event, WHOLE.replace("大輔", "太郎").replace("教授", "講師"))
    repaired = take_in(event, WHOLE)
    assert (repaired.updated, repaired.skipped) == (1, 0)
    person = db.session.scalars(select(Registration)).one()
    assert (person.given, person.position) == ("大輔", "教授")
    assert count(RegistrationImport) == 2


def test_columns_that_are_not_understood_are_named(app: Flask):
    event = an_event()
    told = take_in(
        event, "No.,Family name,email,Country,Shoe size\n1,Kim,kim@uni.example.org,KR,38\n2,,,,\n"
    )
    assert (told.read, told.created, told.ignored_columns) == (1, 1, ["Shoe size"])


def test_a_country_is_given_for_rows_that_name_none(app: Flask):
    event = an_event()
    with pytest.raises(imports.FileRefused):
        take_in(event, "family,email\nOkada,okada@uni.example.org\n")
    db.session.rollback()
    take_in(event, "family,email\nOkada,okada@uni.example.org\n", country="JP")
    assert db.session.scalars(select(Registration.country)).all() == ["JP"]


def test_a_list_is_cleaned_as_a_form_is(app: Flask):
    event = an_event()
    take_in(
        event,
        "family,given,email,country\n"
        "Smi\u00adth\u200b,\u202aAnn,mailto:Ann@Uni.example.org,GB\n"
        "Do\u0301ra,Bo,Bo Lee <bo@uni.example.org>;,HU\n",
    )
    people = db.session.scalars(select(Registration).order_by(Registration.number)).all()
    assert [(one.family, one.given, one.email) for one in people] == [
        ("Smith", "Ann", "ann@uni.example.org"),
        ("Dóra", "Bo", "bo@uni.example.org"),
    ]


def test_one_bad_row_refuses_the_whole_file_and_is_named(app: Flask):
    event = an_event()
    bad = SMALL + "Kim,,,,not an address,韓国,,\nSato,,,,sato@uni.example.org,Atlantis,,\n"

    with pytest.raises(imports.FileRefused) as refused:
        take_in(event, bad)

    rows = [(one.row, one.column) for one in refused.value.outcome.refused]
    assert rows == [(4, "メールアドレス"), (5, "国")]
    assert "Atlantis" in str(refused.value.outcome.refused[1])
    db.session.rollback()
    assert count(Registration) == count(Message) == 0


def test_history_is_recorded_without_mail_opening_times_or_waiting_list(app: Flask):
    begun = clock.now().replace(year=2020)
    event = an_event(capacity=1, starts_at=begun, takes_registrations=False)

    outcome = take_in(event, SMALL, history=True)

    assert outcome.created == 2
    found = db.session.scalars(select(Registration)).all()
    assert {(one.state.value, one.source) for one in found} == {("confirmed", "history")}
    assert {one.created_at for one in found} == {begun}
    assert count(Message) == 0


def test_a_list_waits_where_places_are_few(app: Flask):
    event = an_event(capacity=1)
    take_in(event, SMALL)
    query = select(Registration.state).order_by(Registration.number)
    assert [state.value for state in db.session.scalars(query)] == ["confirmed", "waitlisted"]


@pytest.mark.parametrize(
    ("whole", "parted"),
    [
        ("田中 太郎", ("田中", "太郎", "")),
        ("田中　太郎", ("田中", "太郎", "")),
        ("Семёнов Пётр Алексеевич", ("Семёнов", "Пётр", "Алексеевич")),
        ("Пётр Алексеевич Семёнов", ("Семёнов", "Пётр", "Алексеевич")),
        ("Алиев Расим Гасан оглы", ("Алиев", "Расим", "Гасан оглы")),
        ("Петров Иван", ("Петров", "Иван", "")),
        ("TAKAHASHI Ichiro", ("TAKAHASHI", "Ichiro", "")),
        ("Ichiro Takahashi", ("Takahashi", "Ichiro", "")),
        ("Takahashi, Ichiro", ("Takahashi", "Ichiro", "")),
        ("Sukarno", ("Sukarno", "", "")),
    ],
)
def test_whole_names_are_parted_as_lists_write_them(whole: str, parted: tuple[str, str, str]):
    assert rosters.part_name(whole) == parted


def run(app: Flask, *arguments: str):
    return app.test_cli_runner().invoke(root, ["registrations", *arguments], obj=app)


def test_the_command_says_what_it_did_and_a_dry_run_stores_nothing(app: Flask, tmp_path: Path):
    an_event()
    file = tmp_path / "list.csv"
    file.write_text(SMALL, encoding="utf-8")

    tried = run(app, "import", "forum", str(file), "--dry-run", "--json")
    assert (tried.exit_code, count(Registration)) == (0, 0)
    done = run(app, "import", "forum", str(file), "--json")

    assert json.loads(tried.stdout) == json.loads(done.stdout)
    assert json.loads(done.stdout) == {
        "event": "forum",
        "read": 2,
        "created": 2,
        "updated": 0,
        "skipped": 0,
        "refused": [],
        "encoding": "utf-8",
        "unmatched_institutions": ["どこかの大学"],
        "ignored_columns": [],
        "hidden_rows": [],
        "damaged_rows": [],
    }
    assert count(Registration) == 2


def test_the_command_refuses_with_the_place_and_code_1(app: Flask, tmp_path: Path):
    an_event()
    file = tmp_path / "list.csv"
    file.write_text(SMALL + "Kim,,,,nobody,JP,,\n", encoding="utf-8")

    refused = run(app, "import", "forum", str(file), "--json")

    assert refused.exit_code == 1
    error = json.loads(refused.stderr)
    assert (error["row"], error["column"]) == (4, "メールアドレス")
    assert run(app, "import", "no-such-event", str(file), "--json").exit_code == 1
    assert run(app, "import", "forum", "no-such-file").exit_code == 2


def test_what_is_exported_can_be_taken_in_elsewhere(app: Flask, tmp_path: Path):
    take_in(an_event(), SMALL)
    other = an_event("elsewhere")
    exported = run(app, "export", "forum", "--format", "csv").stdout_bytes

    listed = imports.read(other, exported, "forum.csv")
    with transaction():
        outcome = imports.take_in(other, listed, actor=STAFF)

    assert (outcome.created, outcome.refused) == (2, [])
    objects = json.loads(run(app, "export", "elsewhere", "--format", "json").stdout)
    assert [one["family"] for one in objects] == ["髙橋", "Иванов"]
    assert run(app, "export", "forum", "--format", "xlsx").stdout_bytes[:2] == b"PK"


def test_a_formula_in_a_name_stays_text(app: Flask):
    event = an_event()
    take_in(event, SMALL.replace("Иванов,Иван", '"=HYPERLINK(""x"")",Иван'))
    assert writing.guarded("=1+1") == "'=1+1"
    assert db.session.scalar(select(Registration.family).where(Registration.number == 2)) == (
        '=HYPERLINK("x")'
    )


@pytest.mark.parametrize("name", FILES)
def test_every_encoding_of_the_roster_gives_the_same_people(app: Flask, name: str):
    event = an_event()
    data = (GIVEN / name).read_bytes()
    expected = json.loads((GIVEN / "expected_roster.json").read_text())["expected"]

    listed = imports.read(event, data, name)
    with transaction():
        outcome = imports.take_in(event, listed, actor=STAFF, history=True)

    assert outcome.refused == []
    by_country = dict(
        db.session.execute(
            select(Registration.country, func.count()).group_by(Registration.country)
        ).all()
    )
    if "cp1251" in name:  # holds only those who are not from Japan
        assert outcome.created == 103
        expected["by_country"].pop("JP")
    else:
        assert outcome.created == 200
        kinds = select(Registration.institution_kind, func.count())
        by_kind = dict(db.session.execute(kinds.group_by(Registration.institution_kind)).all())
        assert {kind.value: number for kind, number in by_kind.items()} == expected["by_kind"]
    assert by_country == expected["by_country"]


def test_who_had_cancelled_in_a_list_is_not_written_down_again(app: Flask):
    event = an_event()
    listed = "email,family,country,state\na@uni.example.org,A,JP,cancelled\n"
    take_in(event, listed)

    outcome = take_in(event, f"{listed}b@uni.example.org,B,JP,confirmed\n")

    assert (outcome.created, outcome.skipped) == (1, 1)
    assert count(Registration) == 2


@pytest.mark.parametrize("language", ["en", "ja", "ru"])
def test_our_own_list_is_read_again_in_the_language_it_was_written_in(app: Flask, language: str):
    event = an_event()
    take_in(event, SMALL)
    with i18n.speaking(language):
        content = writing.write_csv(exports.titles(), exports.in_words(event, language))

    roster = rosters.read(b"".join(content), "list.csv", event.day)

    assert roster.refused == []
    assert [line.state for line in roster.lines] == [RegistrationState.CONFIRMED] * 2
    before = rosters.read(SMALL.encode(), "list.csv", event.day)
    assert [line.entry for line in roster.lines] == [
        replace(line.entry, mode=AttendanceMode.ROOM) for line in before.lines
    ]


@pytest.mark.sqlite_only
def test_a_list_is_read_and_understood_before_anybody_has_to_wait(app: Flask, count_queries):
    event = an_event()
    row = "Person{0},p{0}@uni.example.org,JP,Institute {1}"
    rows = [row.format(number, number % 7) for number in range(60)]
    text = "\n".join(["family,email,country,institution", *rows])
    listed = imports.read(event, text.encode(), "list.csv")

    with transaction(), count_queries() as statements:
        outcome = imports.take_in(event, listed, actor=STAFF, history=True)

    assert outcome.created == 60
    assert not [one for one in statements if "institution_name" in one.lower()]
