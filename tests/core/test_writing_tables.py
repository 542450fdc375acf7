"""Tests of the tables people download: safe in a spreadsheet, unchanged when read back."""

import csv
import datetime as dt
import io
import time
import zipfile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from harpevents.core.tables import writing
from harpevents.core.tables.reading import read_table
from harpevents.core.tables.writing import Sheet, guarded, write_csv, write_workbook, write_xlsx

SAPPORO = ZoneInfo("Asia/Tokyo")


def csv_bytes(header, rows, zone=None):
    return b"".join(write_csv(header, rows, zone))


def sheet_of(data):
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_csv_begins_with_a_byte_order_mark_and_ends_lines_as_spreadsheets_do():
    data = csv_bytes(["name", "note"], [["Ким, Анна", "一行目\n二行目"], ["髙橋", None]])

    assert data == '\ufeffname,note\r\n"Ким, Анна","一行目\n二行目"\r\n髙橋,\r\n'.encode()


@pytest.mark.parametrize(
    ("seconds", "rests"), [(writing.WORK_SECONDS * 1.5, 4), (writing.WORK_SECONDS / 8, 0)]
)
def test_a_long_table_rests_so_that_others_are_served(monkeypatch, seconds, rests):
    now: list[float] = [0.0]
    rested: list[float] = []
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(time, "sleep", rested.append)

    def rows():
        for number in range(4):
            now[0] += seconds
            yield [number]

    assert csv_bytes(["n"], rows()).splitlines()[1:] == [b"0", b"1", b"2", b"3"]
    assert rested == [writing.REST_SECONDS] * rests


@pytest.mark.parametrize(
    "text",
    ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "+7*A1", "\tx", "＝1", " =1", "-=x"],
)
def test_text_that_a_spreadsheet_would_run_is_guarded_and_comes_back_whole(text):
    data = csv_bytes(["note"], [[text], ["x"]])
    written = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1][0]

    assert written == f"'{text}"
    assert read_table(data).rows[1] == [text]


@pytest.mark.parametrize(
    "text", ["+7 912 345-67-89", "+81-11-706-2111", "+7 (4212) 22-43-73", "-12.5", "-", "+81"]
)
def test_telephone_numbers_and_negative_numbers_keep_their_sign(text):
    data = csv_bytes(["phone"], [[text], ["x"]])

    assert text.encode() in data.splitlines()[1]
    assert b"'" not in data
    assert read_table(data).rows[1] == [text]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_any_text_comes_back_as_it_went_out(text):
    table = read_table(csv_bytes(["a", "b", "c"], [["x", text, "z"]]), encoding="utf-8-sig")

    expected = text if text not in {"\ufffe", "\uffff"} else ""
    cleaned = "".join(sign for sign in expected if sign not in "\ufffe\uffff")
    assert table.rows[-1] == ["x", cleaned, "z"]


@given(st.text("'=+-@7 (a", max_size=8))
def test_guards_are_added_so_that_no_two_texts_become_one(text):
    assert read_table(f"a,b,c\nx,{guarded(text)},z\n".encode()).rows[1][1] == text


def test_csv_writes_days_instants_and_truth_the_same_way_in_every_language():
    at = dt.datetime(2021, 12, 8, 0, 5, tzinfo=dt.UTC)
    data = csv_bytes(["a"], [[at, at.date(), True, False, 3, None]], SAPPORO)

    assert data.splitlines()[1] == b"2021-12-08 09:05:00+09:00,2021-12-08,yes,no,3,"


def test_workbook_cells_have_their_types_and_instants_their_local_time():
    at = dt.datetime(2021, 12, 8, 0, 5, tzinfo=dt.UTC)
    data = write_xlsx(
        "参加者", ["a"] * 7, [["=1+1", "+81-11", "007", at, at.date(), 3, True]], SAPPORO
    )

    assert sheet_of(data)[1] == [
        "=1+1",
        "+81-11",
        "007",
        dt.datetime(2021, 12, 8, 9, 5),  # noqa: DTZ001
        dt.date(2021, 12, 8),
        3,
        True,
    ]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")


def test_workbook_survives_control_characters_endless_numbers_and_overlong_text():
    row = ["a\x00b\x1f", "x" * 40_000, float("nan"), 10**18, "https://example.org/" + "y" * 3000]
    cells = sheet_of(write_xlsx("s", list("abcde"), [row], SAPPORO))[1]

    assert cells[0] == "ab"
    assert (len(cells[1]), cells[1][-1]) == (32_767, "…")
    assert cells[2:4] == ["nan", str(10**18)]
    assert cells[4] == row[4]


def test_an_instant_without_a_zone_is_an_error():
    naive = dt.datetime(2021, 12, 8, 0, 5)  # noqa: DTZ001
    with pytest.raises(ValueError, match="without a zone"):
        write_xlsx("s", ["a"], [[naive]], SAPPORO)


def test_sheet_names_are_made_acceptable_and_different():
    long = "参加者/一覧: " + "x" * 40
    data = write_workbook([Sheet(n, ["a"], []) for n in (long, long, "[]", "''")], SAPPORO)
    names = CalamineWorkbook.from_filelike(io.BytesIO(data)).sheet_names

    assert len({name.casefold() for name in names}) == 4
    assert all(0 < len(name) <= 31 for name in names)
