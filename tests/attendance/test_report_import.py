"""Reports of online meetings at the desk and on the command line: matched, queued, refused."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from config import ROOT
from harpevents.attendance import queries, report_import
from harpevents.attendance.models import (
    AttendanceReport,
    CheckIn,
    CheckInSource,
    MatchKind,
    ReportedPerson,
)
from harpevents.cli import root
from harpevents.core.db import db, transaction
from harpevents.core.errors import InputRefused
from harpevents.registrations import services as registration_services
from harpevents.registrations.models import Registration, Source
from tests.databases import one
from tests.factories import KATO, STAFF, an_account, an_event, registered, sign_in
from tests.visitor import FormReader, text_of

HEADER = (
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,In Waiting Room"
)
REPORT = "\r\n".join(
    [
        HEADER,
        "Taro K,Taro@Hokudai.example,09/25/2020 04:00:00 PM,09/25/2020 05:00:00 PM,60,No,No",
        "Иванов Иван,,09/25/2020 04:05:00 PM,09/25/2020 05:00:00 PM,55,Yes,No",
        "iPhone,,09/25/2020 04:10:00 PM,09/25/2020 04:20:00 PM,10,Yes,No",
        "Sokolova A.,,09/25/2020 04:10:00 PM,09/25/2020 04:50:00 PM,40,Yes,No",
        "Sokolova A.,,09/25/2020 04:08:00 PM,09/25/2020 04:10:00 PM,2,Yes,Yes",
        "",
    ]
).encode()
PATH = "/desk/events/forum/attendance"
REAL = ROOT.parent / "shared" / "data" / "attendance"


@pytest.fixture
def staff(app, client):
    return sign_in(client, an_account())


@pytest.fixture
def event(app):
    """A round table of 2020 with three people; two of them are in the report for certain."""
    event = an_event(starts_at=datetime(2020, 9, 25, 7, 0, tzinfo=UTC), mode="online")
    registered(event, **KATO, source=Source.DESK)
    registered(
        event, email="ivan@nefu.example", language="ru", country="RU", family="Иванов",
        given="Иван", patronymic="Петрович", latin_family="Ivanov", latin_given="Ivan",
        source=Source.DESK,
    )  # fmt: skip
    registered(
        event, email="anna@dvfu.example", language="ru", country="RU", family="Соколова",
        given="Анна", source=Source.DESK,
    )  # fmt: skip
    return event


def send(visitor, data=REPORT, name="report.csv", **values):
    form = visitor.form(f"{PATH}/reports", None)
    for key, value in values.items():
        form.values.setlist(key, [value])
    return visitor.post(
        f"{PATH}/reports",
        data={**form.values.to_dict(), "file": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
        follow_redirects=True,
    )


def count(table):
    return one(select(func.count()).select_from(table))


def present(event):
    rows = db.session.scalars(
        select(Registration.email).where(Registration.id.in_(queries.present_ids(event)))
    )
    return sorted(rows)


def test_people_are_recognised_by_address_then_by_name_across_scripts(staff, event):
    page = send(staff)

    assert page.status_code == 200
    assert present(event) == ["ivan@nefu.example", "taro@hokudai.example"]
    matches = dict(db.session.execute(select(ReportedPerson.key, ReportedPerson.match)).all())
    assert matches == {
        "taro@hokudai.example": MatchKind.ADDRESS,
        "name:иванов иван": MatchKind.NAME,
        "name:iphone": MatchKind.NONE,
        "name:sokolova a.": MatchKind.NONE,
    }
    words = text_of(page.text)
    assert "The report was imported." in words
    assert "Time in the waiting room does not count." in words
    fact = one(select(CheckIn).order_by(CheckIn.happened_at))
    assert (fact.source, fact.seconds) == (CheckInSource.REPORT, 3600)
    assert fact.happened_at == datetime(2020, 9, 25, 7, 0, tzinfo=UTC)


def test_only_looking_stores_nothing(staff, event):
    page = send(staff, dry_run="y")

    assert "Nothing was stored" in page.text
    assert "by address" in page.text
    assert (count(AttendanceReport), count(ReportedPerson), count(CheckIn)) == (0, 0, 0)


def test_the_same_file_twice_changes_nothing_and_says_so(staff, event):
    send(staff)
    before = [count(table) for table in (AttendanceReport, ReportedPerson, CheckIn)]

    page = send(staff, name="renamed.csv")

    assert "This file was imported earlier. Nothing was changed." in page.text
    assert [count(table) for table in (AttendanceReport, ReportedPerson, CheckIn)] == before


def test_the_zone_says_when_it_was(staff, event):
    send(staff, zone="Europe/Moscow")
    first = one(select(func.min(ReportedPerson.first_join)))
    assert first == datetime(2020, 9, 25, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "is not an attendance report of a known kind"),
        ("ja", "出席レポート"),
        ("ru", "отчёт"),
    ],
)
def test_a_refusal_stands_beside_the_file_in_the_readers_language(event, visitor, language, words):
    account = an_account(email=f"{language}@association.example", language=language)
    signed_in = sign_in(visitor(), account)

    page = send(signed_in, b"Date,Weather,Wind\r\n2020-01-01,snow,north\r\n", "weather.csv")

    assert page.status_code == 422
    errors = page.text.split('id="file-errors"')[1][:600]
    assert "weather.csv" in errors
    assert words in errors
    assert count(AttendanceReport) == 0


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"%PDF-1.4", b"PK\x03\x04broken"])
def test_what_is_no_table_is_refused_beside_the_file(staff, event, data):
    page = send(staff, data)
    assert page.status_code == 422
    assert 'id="file-errors"' in page.text


def test_no_file_and_no_zone_are_named(staff, event):
    page = staff.submit(f"{PATH}/reports", {"zone": "Moon/Base"})
    assert page.status_code == 422
    assert "Please choose a file." in page.text
    assert "There is no time zone of this name." in page.text
    assert "Moon/Base" in page.text


def test_a_list_that_does_not_say_who_came_needs_a_tick(staff, event):
    data = "Name,Email\r\n加藤太郎,taro@hokudai.example\r\n".encode()

    refused = send(staff, data, "list.csv")
    assert refused.status_code == 422
    assert "does not say who of them came" in refused.text
    assert present(event) == []

    send(staff, data, "list.csv", all_came="y")
    assert present(event) == ["taro@hokudai.example"]


def test_the_queue_suggests_and_a_person_decides(staff, event):
    send(staff)
    page = staff.get(f"{PATH}/queue")
    words = text_of(page.text)
    assert "Sokolova A." in words
    assert "Соколова" in words
    assert "iPhone" in words

    answer = staff.submit(f"{PATH}/queue", action="queue", follow_redirects=True)

    assert present(event) == [
        "anna@dvfu.example", "ivan@nefu.example", "taro@hokudai.example",
    ]  # fmt: skip
    decided = one(select(ReportedPerson).where(ReportedPerson.match == MatchKind.PERSON))
    assert (decided.key, decided.decided_by) == ("name:sokolova a.", "Ōta Mika")
    assert "Checked in." in answer.text


def test_who_is_none_of_ours_is_set_aside(staff, event):
    send(staff)
    for _person in range(2):
        form = next(f for f in _forms(staff, f"{PATH}/queue") if "registration" not in f.values)
        staff.post(form.action, data=form.values)
    page = staff.get(f"{PATH}/queue").text
    assert "Nobody is waiting" in page
    assert len(present(event)) == 2


def test_a_decision_is_made_once(staff, event):
    send(staff)
    form = staff.form(f"{PATH}/queue", "queue")
    first, second = (staff.post(form.action, data=form.values) for _time in range(2))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "dealt with already" in second.text


def test_any_registration_may_be_chosen_by_searching(staff, event):
    send(staff)
    waiting = one(select(ReportedPerson).where(ReportedPerson.key == "name:sokolova a."))
    path = f"{PATH}/queue/{waiting.id}?q=Анна"
    assert "Соколова" in staff.get(path).text
    staff.submit(path, action="queue")
    assert "anna@dvfu.example" in present(event)


def test_somebody_of_the_report_may_be_registered_as_a_walk_in(staff, event):
    send(staff)
    waiting = one(select(ReportedPerson).where(ReportedPerson.key == "name:iphone"))
    path = f"{PATH}/walk-in?reported={waiting.id}"
    assert 'value="iPhone"' in staff.get(path).text
    values = {"family": "Olsen", "given": "Kari", "email": "kari@uit.example", "country": "NO"}
    values |= {"institution_kind": "university", "category": "faculty"}
    form = staff.form(path)
    for name, value in values.items():
        form.values.setlist(name, [value])

    for _time in range(2):
        assert staff.post(path, data=form.values).status_code == 303

    assert "kari@uit.example" in present(event)
    assert (
        one(select(ReportedPerson).where(ReportedPerson.id == waiting.id)).registration.email
        == "kari@uit.example"
    )
    fact = one(select(CheckIn).where(CheckIn.registration.has(email="kari@uit.example")))
    assert fact.happened_at == datetime(2020, 9, 25, 7, 10, tzinfo=UTC)


def test_people_of_other_events_cannot_be_chosen_nor_seen(staff, event):
    other = an_event("other")
    registered(other, email="stranger@uni.example", family="佐藤", given="花")
    send(staff)
    waiting = one(select(ReportedPerson).where(ReportedPerson.key == "name:iphone"))
    report = one(select(AttendanceReport))
    for page in (f"queue/{waiting.id}", f"reports/{report.id}", f"walk-in?reported={waiting.id}"):
        assert staff.get(f"/desk/events/other/attendance/{page}").status_code == 404
    assert "Nobody found" in staff.get(f"{PATH}/queue/{waiting.id}?q=佐藤").text


def test_queries_of_the_queue_and_the_result_do_not_grow(staff, event, count_queries):
    def rows(number):
        lines = [HEADER] + [
            f"Unknown {n} Person{n},,09/25/2020 04:00:00 PM,09/25/2020 05:00:00 PM,60,No,No"
            for n in range(number)
        ]
        return "\r\n".join(lines).encode()

    counted = []
    for number in (2, 15):
        send(staff, rows(number), f"{number}.csv")
        report = one(queries.reports_of(event))
        for path in (f"{PATH}/queue", f"{PATH}/reports/{report.id}", f"{PATH}/reports"):
            with count_queries() as statements:
                assert staff.get(path).status_code == 200
            counted.append(len(statements))
    assert counted[:3] == counted[3:]
    assert max(counted) <= 20


def test_instants_of_files_with_an_offset():
    assert report_import.instant("2020-09-25T16:00:00", "+09:00") == datetime(
        2020, 9, 25, 7, 0, tzinfo=UTC
    )
    assert report_import.instant(None, "Asia/Tokyo") is None


def test_a_registration_cancelled_since_counts_nobody(app, event):
    planned = report_import.plan(event, REPORT, "report.csv")
    with transaction():
        registration_services.cancel(
            one(select(Registration).where(Registration.country == "JP")),
            actor=STAFF,
            quiet=True,
        )
    with transaction():
        report_import.take(planned, actor=STAFF)
    assert present(event) == ["ivan@nefu.example"]


def test_a_file_that_is_none_names_row_and_reason(app, event):
    with pytest.raises(InputRefused) as refused:
        report_import.plan(event, b"", "empty.csv")
    assert refused.value.field == "file"
    assert "empty" in str(refused.value)


def _forms(visitor, path):
    reader = FormReader()
    reader.feed(visitor.get(path).text)
    return [form for form in reader.forms if "/queue/" in form.action]


# The command


def run(app, *arguments):
    result = app.test_cli_runner().invoke(root, ["attendance", "import", *arguments], obj=app)
    db.session.expire_all()
    return result


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "report.csv"
    path.write_bytes(REPORT)
    return str(path)


def test_the_command_prints_the_shape_that_other_programs_read(app, event, file):
    printed = json.loads(run(app, "forum", file, "--dry-run", "--json").stdout)

    assert printed["people"][0] == {
        "key": "taro@hokudai.example",
        "names": ["Taro K"],
        "total_minutes": 60,
        "union_seconds": 3600,
        "first_join": "2020-09-25T16:00:00",
        "last_leave": "2020-09-25T17:00:00",
        "is_host": False,
        "flags": [],
        "registration": one(
            select(Registration.id).where(Registration.email == "taro@hokudai.example")
        ),
        "match": "address",
    }
    del printed["people"]
    assert printed == {
        "event": "forum",
        "format": "zoom-meeting",
        "encoding": printed["encoding"],
        "meeting_start": printed["meeting_start"],
        "rows": 5,
        "ignored": [{"row": 6, "reason": "waiting_room"}],
        "matched": 2,
        "unmatched": 2,
    }
    assert count(AttendanceReport) == 0


def test_the_command_takes_in_once(app, event, file):
    first, second = run(app, "forum", file), run(app, "forum", file)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "2 matched, 2 to be matched by hand" in first.stdout
    assert "taken in before" in second.stdout
    assert (count(AttendanceReport), len(present(event))) == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "FILE"], "no event “nowhere”"),
        (["forum", "FILE", "--zone", "Moon/Base"], "no time zone"),
    ],
)
def test_the_command_refuses_with_exit_code_1(app, event, file, arguments, words):
    result = run(app, *[file if one == "FILE" else one for one in arguments], "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert words in json.loads(result.stderr)["error"]


def test_a_refused_file_is_an_error_with_its_row(app, event, tmp_path):
    path = tmp_path / "weather.csv"
    path.write_text("Date,Weather,Wind\n2020-01-01,snow,north\n")
    result = run(app, "forum", str(path), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stderr)["row"] == 1
    assert count(AttendanceReport) == 0


FIELDS = ("total_minutes", "union_seconds", "first_join", "last_leave")


def truths():
    """(file, what it must say) of the collected reports, where the collection is at hand."""
    path = REAL / "expected_attendance.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return [
        pytest.param(name, expected, id=name)
        for name, expected in known.items()
        if "people" in expected or expected.get("expected_error")
    ]


if collected := truths():

    @pytest.mark.parametrize(("name", "expected"), collected)
    def test_the_command_says_the_truth_about_collected_reports(app, name, expected):
        day = expected.get("date_needed", "2022-02-02")
        an_event(starts_at=datetime.fromisoformat(f"{day}T08:00:00+00:00"), mode="online")

        result = run(app, "forum", str(REAL / name), "--json")

        if expected.get("expected_error"):
            assert result.exit_code == 1
            assert "error" in json.loads(result.stderr)
            return
        printed = json.loads(result.stdout)
        got = {one["key"]: [one[field] for field in FIELDS] for one in printed["people"]}
        assert got == {p["key"]: [p[field] for field in FIELDS] for p in expected["people"]}
        assert printed["meeting_start"] == expected.get("meeting_start", printed["meeting_start"])
        assert printed["matched"] == 0

    @pytest.mark.parametrize("whole", [1_000, 10], ids=["compared whole", "by sound first"])
    def test_the_roster_is_recognised_in_the_large_report(app, monkeypatch, whole):
        """141 of 164 have an address; of the others only those whose names are certain."""
        monkeypatch.setattr(report_import.Registrants, "COMPARED_WHOLE", whole)
        an_event(starts_at=datetime(2021, 12, 8, 0, 0, tzinfo=UTC), mode="online")
        roster = REAL.parent / "roster" / "roster_utf8.csv"
        taken = app.test_cli_runner().invoke(
            root, ["registrations", "import", "forum", str(roster), "--history"], obj=app
        )
        assert taken.exit_code == 0, taken.output
        truth = json.loads((REAL / "30_zoom_large.expected.json").read_text(encoding="utf-8"))

        result = run(app, "forum", str(REAL / "30_zoom_large.csv"), "--json")

        printed = json.loads(result.stdout)
        emails = dict(db.session.execute(select(Registration.id, Registration.email)).all())
        with roster.open(encoding="utf-8-sig", newline="") as lines:
            addresses = {row["id"]: row["email"].lower() for row in csv.DictReader(lines)}
        by_name = {name: one for one in printed["people"] for name in one["names"]}
        wrong, missed = [], 0
        for one in truth["people_truth"]:
            found = by_name[one["name_shown"].split(" (")[0]]
            if found["registration"] is None:
                missed += 1
            elif emails[found["registration"]] != addresses[one["id"]]:
                wrong.append((one, found))
        assert wrong == []
        assert missed <= 10
        assert printed["matched"] >= 154
