"""Tests of lists, of what is refused, of hostile files, and of the collected real reports."""

import datetime as dt
import io
import json
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from harpevents.core.tables.reading import REASONS
from harpevents.meeting_reports import ReportRefused, parse_report
from harpevents.meeting_reports.reasons import FLAGS, IGNORED, REFUSALS
from tests.meeting_reports.reports import HEADER, brief, ignored, parse, refusal

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "attendance"
FIELDS = ("names", "total_minutes", "union_seconds", "first_join", "last_leave")
CONNPASS = "参加枠名,ユーザー名,表示名,コメント,参加ステータス,出欠ステータス,更新日時,受付番号\n"


def test_connpass_counts_those_who_were_ticked_off_if_anybody_was():
    rows = (
        '一般,a,髙橋,,参加,{},x,1\n配信,b,"Kim, Anna","一\n二",参加,,x,2\n'
        "一般,c,山﨑,,参加キャンセル,,x,3\n"
    )
    ticked, unticked = (parse(CONNPASS + rows.format(t), encoding="cp932") for t in ("出席", ""))

    assert (ticked.format, list(brief(ticked))) == ("connpass", ["name:髙橋"])
    assert ignored(ticked) == [(3, "not_marked_present"), (5, "cancelled")]
    assert ticked.statuses == {"参加": 2, "参加キャンセル": 1}
    assert list(brief(unticked)) == ["name:髙橋", "name:kim, anna"]
    assert "attendance_not_recorded" in unticked.people[0].flags


def test_eventbrite_counts_those_who_were_checked_in():
    report = parse(
        "Order #,Order Date,First Name,Surname,Email,Ticket Type,Attendee #,Attendee Status\n"
        "1,2022-01-01,Anna,Kim,A@example.com,Free,11,Attending\n"
        "2,2022-01-01,Bob,Lee,b@example.com,Free,12,Checked In\n"
        "3,2022-01-01,Eve,Ray,e@example.com,Free,13,Not Attending\n"
    )

    assert (report.format, report.people[0].names) == ("eventbrite", ["Bob Lee"])
    assert ignored(report) == [(2, "not_marked_present"), (4, "absent")]


def test_check_in_lists_of_other_systems_are_tables():
    indico = parse(
        "ID,Name,Email Address,Affiliation,Registration state,Checked in,Check-in date\n"
        '1,"Kim, Anna",a@example.com,ASU,Completed,Yes,2022-02-02 09:00\n'
        '2,"Lee, Bob",b@example.com,MSU,Completed,No,\n'
        '3,"Ray, Eve",e@example.com,MSU,Withdrawn,No,\n'
    )
    pretix = parse(
        "Код заказа,Имя участника,Продукт,Зарегистрирован,Адрес электронной почты,Company,"
        "Время заказа:\n"
        "ABC,Ким Анна,Вход,2022-02-02 09:00:00,a@example.com,ASU,x\nDEF,Ли,Вход,,b@example.com,,x\n"
    )

    for report in (indico, pretix):
        assert (report.format, list(brief(report))) == ("table", ["a@example.com"])
        assert report.people[0].first_join == "2022-02-02T09:00:00"
        assert report.people[0].organisation == "ASU"
    assert ignored(indico) == [(3, "absent"), (4, "cancelled")]
    assert ignored(pretix) == [(3, "not_marked_present")]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (
            "氏名,メールアドレス,所属\n髙橋一郎,I@example.com,長岡\n佐藤,,北大\n",
            ["i@example.com", "name:佐藤"],
        ),
        ("ФИО;Организация\nКим Анна;АГУ\n", ["name:ким анна"]),
        ("Name\nKim\nLee\n", ["name:kim", "name:lee"]),
        ("score,e-mail\n3,a@example.org\n", ["a@example.org"]),
    ],
)
def test_plain_lists_of_names_or_addresses(text, keys):
    report = parse(text)

    assert (report.format, list(brief(report))) == ("table", keys)
    assert "attendance_not_recorded" in report.people[0].flags


def test_a_workbook_is_read_like_a_csv():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        clock = book.add_format({"num_format": "yyyy/m/d h:mm"})
        sheet = book.add_worksheet()
        sheet.write_row(1, 0, HEADER.split(","))
        sheet.write_row(2, 0, ["Anna (Анна)", "a@example.org"])
        sheet.write_datetime(2, 2, dt.datetime(2021, 12, 8, 9, 0), clock)  # noqa: DTZ001
        sheet.write_datetime(2, 3, dt.datetime(2021, 12, 8, 10, 0), clock)  # noqa: DTZ001
        sheet.write_row(2, 4, [60, "Yes"])
    report = parse_report(file.getvalue(), "report.xlsx")

    assert (report.format, brief(report)) == ("zoom-meeting", {"a@example.org": (60, 3600)})
    assert report.people[0].rows == [3]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name,score\nfoo,1\nbar,2\n", "not_a_report"),
        ("id,country,name,members\n1,JP,x,4\n", "not_a_report"),
        ("sku,title,price\n1,x,2\n", "not_a_report"),
        ("id,created,updated,text\n1,2021-12-08 09:00,2021-12-08 10:00,x\n", "not_a_report"),
        ("Dear all,\nthis is text\nBye, Anna\n", "no_header"),
        ("", "empty_file"),
        ("\ufeff\r\n", "empty_file"),
        ("%PDF-1.7", "not_a_table"),
    ],
)
def test_other_files_are_refused_by_name_with_a_reason(text, code):
    refused = refusal(text.encode(), "c:\\some\\folder\\x.csv")

    assert (refused.code, refused.format) == (code, "unknown")
    assert str(refused).startswith("x.csv")
    assert refused.as_json()["error"] == str(refused)


def test_the_report_as_json_has_the_keys_other_programs_read():
    row = "Anna,,12/08/2021 09:00:00 AM,12/08/2021 10:00:00 AM,60,Yes"
    whole = parse(f"{HEADER}\n{row}\n{row}\n").as_json()

    assert json.loads(json.dumps(whole)) == {
        "format": "zoom-meeting",
        "encoding": "utf-8-sig",
        "meeting_start": None,
        "rows": 2,
        "ignored": [{"row": 3, "reason": "duplicate_row"}],
        "people": [
            {
                "key": "name:anna",
                "names": ["Anna"],
                "total_minutes": 60,
                "union_seconds": 3600,
                "first_join": "2021-12-08T09:00:00",
                "last_leave": "2021-12-08T10:00:00",
                "is_host": False,
                "flags": ["guest", "no_email"],
            }
        ],
    }


CELLS = st.sampled_from(
    [*HEADER.split(","), "1. Summary", "2. Participants", "First join", "Last leave", "Role",
     "Email", "Full Name", "User Action", "Timestamp", "Joined", "Left", "9:58 PM", "A (B)",
     "12/08/2021 09:00:00 AM", "a@example.org", "Yes", "No", "--", "60", "1h 2m", "Attended",
     "Time joined", "", "名前", "Order #", "Ticket Type", "参加枠名", "参加ステータス", "Topic"]
)  # fmt: skip


def outcome(data):
    """The report, or the code of the refusal; anything else that is raised fails the test."""
    try:
        return parse_report(data, "x.csv", on=dt.date(2021, 12, 8))
    except ReportRefused as refused:
        return refused.code


@given(st.lists(st.lists(CELLS, max_size=8), max_size=8), st.sampled_from(",\t;"))
def test_any_arrangement_of_familiar_cells_is_read_or_refused_with_a_known_reason(rows, delimiter):
    report = outcome("\n".join(delimiter.join(row) for row in rows).encode())

    if isinstance(report, str):
        assert report in {*REFUSALS, *REASONS}
    else:
        assert {one.reason for one in report.ignored} <= set(IGNORED)
        assert {flag for p in report.people for flag in p.flags} <= set(FLAGS)
        assert all(p.union_seconds >= 0 and p.key for p in report.people)


@settings(deadline=None)  # a workbook is read in a process of its own
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_known_reason(data):
    report = outcome(data)

    assert not isinstance(report, str) or report in {*REFUSALS, *REASONS}


def truth():
    """What each of the collected reports must say, where the collection is at hand."""
    path = REAL / "expected_attendance.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def test_every_collected_report_says_the_truth():
    for name, expected in truth().items():
        data = (REAL / name).read_bytes()
        if expected.get("expected_error"):
            assert name in str(refusal(data, name))
            continue
        day = expected.get("date_needed")
        report = parse_report(data, name, on=dt.date.fromisoformat(day) if day else None)
        for field in ("title", "meeting_start", "meeting_end"):
            assert getattr(report, field) == expected.get(field, getattr(report, field)), name
        if "people" in expected:
            got = {p.key: [getattr(p, field) for field in FIELDS] for p in report.people}
            assert got == {p["key"]: [p[field] for field in FIELDS] for p in expected["people"]}, (
                name
            )


def test_the_large_collected_report_says_the_truth():
    path = REAL / "30_zoom_large.expected.json"
    if not path.exists():
        return
    report = parse_report((REAL / "30_zoom_large.csv").read_bytes(), "30_zoom_large.csv")
    by_name = {name: p for p in report.people for name in p.names}
    expected = json.loads(path.read_text(encoding="utf-8"))

    assert report.rows == expected["data_rows"]
    for one in expected["people_truth"]:
        found = by_name[one["name_shown"].split(" (")[0]]
        assert [getattr(found, field) for field in FIELDS[1:]] == [one[f] for f in FIELDS[1:]]


def test_peatix_says_who_entered_and_who_did_not():
    report = parse(
        "注文番号,チケット名,姓,名,メールアドレス,入場日時,ステータス\r\n"
        "A-1,一般,小林,由美,yumi@u.example,2027/05/20 09:51,入場済み\r\n"
        "A-2,一般,高田,一郎,ichiro@u.example,,未入場\r\n"
    )

    assert report.format == "peatix"
    assert [(person.key, person.names) for person in report.people] == [
        ("yumi@u.example", ["小林 由美"])
    ]
    assert [(row.row, row.reason) for row in report.ignored] == [(3, "absent")]


@pytest.mark.parametrize(
    ("came", "absent"),
    [("入場済み", "未入場"), ("Checked in", "Not checked in"), ("Пришла", "Не пришла")],
)
def test_a_state_of_another_system_says_who_came(came, absent):
    report = parse(f"Name,Email,Status\r\nA B,a@u.example,{came}\r\nC D,c@u.example,{absent}\r\n")

    assert [(person.key, person.flags) for person in report.people] == [("a@u.example", [])]
    assert [(row.row, row.reason) for row in report.ignored] == [(3, "absent")]


def test_nobody_is_taken_for_present_where_all_are_said_to_be_absent():
    report = parse("Name,Email,Status\r\nA B,a@u.example,未入場\r\n")

    assert report.people == []


@given(st.integers(min_value=31 * 24 * 60 + 1, max_value=10**30))
def test_a_length_that_no_meeting_has_is_refused_beside_its_row(minutes):
    report = parse(
        "Name,Email,Join Time,Duration (Minutes)\r\n"
        f"A B,a@u.example,2027-05-20 10:00,{minutes}\r\n"
        "C D,c@u.example,2027-05-20 10:00,60\r\n"
    )

    assert [person.key for person in report.people] == ["c@u.example"]
    assert [(row.row, row.reason) for row in report.ignored] == [(2, "unreadable_time")]
