"""Tests of the parts from which report readers are built: times, lengths, names, intervals."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harpevents.meeting_reports.clock_times import Clock
from harpevents.meeting_reports.durations import seconds_of
from harpevents.meeting_reports.names import read_name
from harpevents.meeting_reports.people import address_in, seconds_in, union
from harpevents.meeting_reports.words import Meaning, is_affirmative, is_negative, meaning

NINE = "2021-12-08T09:58:00"


def read(text, *others, on=None, near=None):
    moment = Clock([text, *others], on).read(text, near)
    return moment.isoformat() if moment else None


@pytest.mark.parametrize(
    "text",
    [
        "2021-12-08 09:58:00",
        "2021-12-08T09:58:00",
        "2021/12/8 9:58",
        "2021年12月8日 9時58分",
        "2021年12月8日 午前9時58分00秒",
        "2021. 12. 8. 오전 9:58:00",
        "Dec 08, 2021 09:58:00",
        "Dec 8, 2021 9:58 AM",
        "December 8, 2021 at 9:58 AM",
        "8 Dec 2021 09:58",
        "08-Dec-2021 09:58:00",
        "8. Dezember 2021 09:58",
        "8 дек. 2021 г., 9:58:00",
        "8 декабря 2021, 09:58",
        "8 de dez. de 2021 09:58",
        "8 décembre 2021 09:58",
        "8 de diciembre de 2021, 9:58:00 a. m.",
        "8.12.2021 klo 9.58.00",
        "08.12.2021 09:58:00 AM",
        "2021-12-08 09:58:00.123",
        "\u200e2021/12/08 ０９：５８",
        "44538.4152777778",
    ],
)
def test_one_instant_is_read_in_every_shape_it_is_written_in(text):
    assert read(text) == NINE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9/14/21, 2:48:05\u202fPM", "2021-09-14T14:48:05"),
        ("12/08/2021 12:00:00 AM", "2021-12-08T00:00:00"),
        ("12/08/2021 12:00:00 PM", "2021-12-08T12:00:00"),
        ("20.05.2022 13:00:00 PM", "2022-05-20T13:00:00"),
        ("13/09/2022, 5:30:21 PM", "2022-09-13T17:30:21"),
        ("2021年12月8日 午後0時30分", "2021-12-08T12:30:00"),
        ("21/12/08 9:58", NINE),
        ("yesterday", None),
        ("99/99/2021 09:00", None),
        ("0001-01-01 00:00:00", None),
        ("9999-12-31 23:59:59", None),
        ("12/08/2021 25:00:00", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_noon_midnight_and_two_digit_years(text, expected):
    assert read(text) == expected


def test_one_impossible_date_decides_the_order_for_the_whole_file():
    assert read("05/03/2022 14:00:00", "25/03/2022 14:00:00") == "2022-03-05T14:00:00"
    assert read("05/03/2022 14:00:00", "05/25/2022 14:00:00") == "2022-05-03T14:00:00"


def test_the_day_of_the_event_decides_between_two_possible_orders():
    assert read("08/12/2021 09:58:00", on=dt.date(2021, 12, 8)) == NINE
    assert read("12/08/2021 09:58:00 AM", on=dt.date(2021, 12, 8)) == NINE
    assert read("08/12/2021 09:58:00 AM", on=dt.date(2021, 12, 8)) == NINE


def test_a_meeting_over_midnight_does_not_last_a_month():
    assert read("09/12/2021 23:50:00", "10/12/2021 00:10:00") == "2021-12-09T23:50:00"
    assert read("12/09/2021 23:50:00", "12/10/2021 00:10:00") == "2021-12-09T23:50:00"


def test_without_other_evidence_am_and_pm_with_slashes_are_american():
    assert read("12/08/2021 09:58:00 AM") == NINE
    assert read("08/12/2021 09:58:00") == NINE
    assert read("08.12.2021 09:58:00") == NINE


def test_a_time_of_day_takes_the_day_it_is_given():
    assert read("9:58 AM", near=dt.date(2021, 12, 8)) == NINE
    assert read("9:58 AM") is None


def test_offsets_are_noticed_and_the_wall_clock_stays():
    clock = Clock([])
    wall_clock = dt.datetime.fromisoformat(NINE)
    for text in ("2021-12-08T09:58:00Z", "2021-12-08 09:58 UTC"):
        assert clock.read(text) == wall_clock
    assert clock.offsets == {"UTC"}
    assert clock.read("2021-12-08T09:58:00+09:00") == wall_clock
    assert clock.offsets == {"UTC", "+09:00"}


@given(st.datetimes(dt.datetime(2016, 1, 1), dt.datetime(2040, 1, 1)))  # noqa: DTZ001
def test_unambiguous_shapes_come_back_as_they_were(moment):
    moment = moment.replace(microsecond=0)
    for shape in ("%Y-%m-%d %H:%M:%S", "%b %d, %Y %I:%M:%S %p", "%d %B %Y %H:%M:%S"):
        assert read(moment.strftime(shape)) == moment.isoformat()
    american = "%m/%d/%Y %I:%M:%S %p"
    assert read(moment.strftime(american), on=moment.date()) == moment.isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3h 23m 20s", 12200),
        ("1h 7s", 3607),
        ("43m", 2580),
        ("0s", 0),
        ("1 hr 2 min", 3720),
        ("92 mins", 5520),
        ("1 時間 7 秒", 3607),
        ("2時間30分", 9000),
        ("1 ч 2 мин 3 с", 3723),
        ("3 t 23 min 20 s", 12200),
        ("1 Std. 5 Min. 2 Sek.", 3902),
        ("124", 7440),
        ("1,5", 90),
        ("0:43:10", 2590),
        ("1:02", 3720),
        ("--", None),
        ("", None),
        ("5 bananas", None),
        ("1" * 500, None),
    ],
)
def test_lengths_of_time(text, expected):
    assert seconds_of(text) == expected


@pytest.mark.parametrize(
    ("text", "shown", "original"),
    [
        ("Ichiro Takahashi (髙橋一郎)", "Ichiro Takahashi", "髙橋一郎"),
        ("Kim, Anna (Ким Анна)", "Kim, Anna", "Ким Анна"),
        ("髙橋一郎 (iPad)", "髙橋一郎 (iPad)", None),
        ("佐藤 (2台目)", "佐藤 (2台目)", None),
        ("Taro (iPhone) (山田太郎)", "Taro (iPhone)", "山田太郎"),
        ("iPhone (山田太郎)", "iPhone", "山田太郎"),
        ("SATO John / 創価大学", "SATO John / 創価大学", None),
        ("佐藤 (創価大学)", "佐藤 (創価大学)", None),
        ("佐藤（さとう）", "佐藤", "さとう"),
        ("佐藤（一郎）", "佐藤（一郎）", None),
        ("Smith (he/him)", "Smith (he/him)", None),
        ("Anna (interpreter)", "Anna (interpreter)", None),
        ("Anna (Anna)", "Anna", None),
        ("(Anna)", "(Anna)", None),
        ("Anna (", "Anna (", None),
        ("A (B (C))", "A", "B (C)"),
    ],
)
def test_only_an_original_name_is_taken_off_a_zoom_name(text, shown, original):
    name = read_name(text, has_originals=True)

    assert (name.shown, name.original) == (shown, original)


@pytest.mark.parametrize(
    ("text", "shown", "flags"),
    [
        ("WATANABE Sho (Guest)", "WATANABE Sho", ["guest"]),
        ("Semyonov, Pyotr (External)", "Semyonov, Pyotr", ["external"]),
        (" 81355550100 (Unverified)", "81355550100", ["unverified", "dial_in"]),
        ("髙橋（ゲスト）", "髙橋", ["guest"]),
        ("Иванов (Гость)", "Иванов", ["guest"]),
        ("Иванов (внешний пользователь)", "Иванов", ["external"]),
        ("Anna (Guest, Unverified)", "Anna", ["guest", "unverified"]),
        ("Anna (Unverified) (Guest)", "Anna", ["guest", "unverified"]),
        ("Anna (Kim)", "Anna (Kim)", []),
        ("iPhone 4", "iPhone 4", ["device"]),
        ("# Galaxy S10", "# Galaxy S10", ["device"]),
        ("Galaxy A51", "Galaxy A51", ["device"]),
        ("iPad10", "iPad10", ["device"]),
        ("Guest", "Guest", ["anonymous"]),
        ("ゲスト 6", "ゲスト 6", ["anonymous"]),
        ("Zoom user", "Zoom user", ["anonymous"]),
        ("meeting notes bot (Unverified)", "meeting notes bot", ["unverified", "bot"]),
        ("Otter.ai", "Otter.ai", ["bot"]),
        ("Botkin Sergei", "Botkin Sergei", []),
        ("Пётр", "Пётр", []),
    ],
)
def test_marks_of_the_program_become_flags(text, shown, flags):
    name = read_name(text)

    assert (name.shown, list(name.flags), name.original) == (shown, flags, None)


def test_a_company_in_brackets_is_the_organisation():
    name = read_name("[Example Heavy Industries] Mori, Yui (Unverified)")

    assert (name.shown, name.organisation) == ("Mori, Yui", "Example Heavy Industries")
    assert read_name("[01] Mori").shown == "[01] Mori"


def test_hostile_names_cost_no_time():
    for name in ("iphone " + "note" * 9000 + "!", "(" * 30_000, "a (Guest)" * 3000, "[" * 30_000):
        assert read_name(name, has_originals=True).shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" ANNA.KIM@asu-edu.example.org ", "anna.kim@asu-edu.example.org"),
        ("Foo Bar (foo@bar.example.com)", "foo@bar.example.com"),
        ("mailto:a@example.org", "a@example.org"),
        ("ａ＠example.org", "a@example.org"),
        ("n/a", None),
        ("", None),
        ("a" * 50_000 + "@", None),
    ],
)
def test_addresses_in_cells(text, expected):
    assert address_in(text) == expected


def test_words_mean_the_same_in_every_language():
    joins = ["Join Time", "参加時刻", "Время входа", "Hora de entrada", "Liittymisaika", "入室時刻"]
    assert {meaning(word) for word in joins} == {Meaning.JOIN}
    firsts = [
        "First join",
        "初めての参加",
        "Первое подключение",
        "Primeira Entrada",
        "Erster Beitritt",
    ]
    assert {meaning(word) for word in firsts} == {Meaning.FIRST_JOIN}
    assert meaning("08:55") is None
    assert is_affirmative("Да")
    assert is_affirmative("○")
    assert is_negative("いいえ")
    assert not is_affirmative("") and not is_negative("")  # noqa: PT018


MOMENTS = st.integers(0, 400).map(
    lambda minute: dt.datetime(2021, 12, 8) + dt.timedelta(minutes=minute)  # noqa: DTZ001
)
INTERVALS = st.lists(st.tuples(MOMENTS, MOMENTS).map(lambda pair: (min(pair), max(pair))))


@given(INTERVALS)
def test_a_union_covers_each_minute_that_any_interval_covers_exactly_once(intervals):
    minutes = {
        start + dt.timedelta(minutes=step)
        for start, end in intervals
        for step in range(int((end - start).total_seconds()) // 60)
    }

    assert seconds_in(union(intervals)) == 60 * len(minutes)


@given(INTERVALS)
def test_a_union_is_in_order_and_apart_and_does_not_depend_on_the_order_of_rows(intervals):
    joined = union(intervals)

    assert all(before[1] < after[0] for before, after in pairwise(joined))
    assert union(reversed(intervals)) == joined
    assert union(joined) == joined
    assert union([*intervals, *intervals]) == joined


@given(INTERVALS)
def test_a_union_is_no_longer_than_its_parts_and_no_shorter_than_the_longest(intervals):
    total = seconds_in(union(intervals))

    assert total <= seconds_in(intervals)
    assert total >= max((seconds_in([interval]) for interval in intervals), default=0)
