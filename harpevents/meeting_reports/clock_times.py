"""Wall-clock times in all the shapes that meeting programs and spreadsheets give them.

Whether 08/12 is a day in December or in August cannot be told from one cell. A `Clock` looks at
all times of a file first, decides once, and then reads each.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MONTHS = {
    1: "jan янв ene gen tammi oca sty",
    2: "feb fev фев helmi sub lut",
    3: "mar mär mrz mrt мар maalis",
    4: "apr avr abr апр huhti nis kwi",
    5: "may mai mei maj mag май мая touko",
    6: "jun juin giu июн kes haz cze",
    7: "jul juil lug июл heina tem lip",
    8: "aug aou aoû ago авг elo agu sie",
    9: "sep set сен syys eyl wrz",
    10: "oct okt out ott окт loka eki paz",
    11: "nov ноя marras kas lis",
    12: "dec dez des dic déc дек joulu ara gru",
}
EARLIEST_YEAR, LATEST_YEAR = 2010, 2060
LONGEST = 80  # no time is longer; a longer text is not searched

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_MERIDIEM = re.compile(
    r"(?<![^\W\d_])(?:(a)\.?\s?m\b\.?|(p)\.?\s?m\b\.?|(дп)\b|(пп)\b)|(午前|上午|오전)|(午後|下午|오후)"
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})\s*[日일.]?"
)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{1,2})(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|[.º])?[\s-]*(?:de\s|of\s)?\s*([^\W\d_]{3,})\.?"
    r"[\s,-]*(?:de[l]?\s)?\s*(\d{4})(?!\d)"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,})\.?\s*(\d{1,2})(?:st|nd|rd|th)?\s*,?\s+(\d{4})(?!\d)")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})\s?(?:[:.時h點点]|시)\s?(\d{2})(?!\d)(?:\s?(?:[:.分]|분)\s?(\d{2})(?!\d))?"
)
_HOUR = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")


@dataclass(frozen=True)
class _Reading:
    """One cell taken apart. `numbers` are the three numbers of a date whose order is open."""

    day: dt.date | None
    numbers: tuple[int, int, int] | None
    separator: str
    has_meridiem: bool
    time: dt.time | None
    offset: str | None


_NOTHING = _Reading(None, None, "", False, None, None)


class Clock:
    """Reads the times of one file. `on` is the day of the event, where it is known.

    `offsets` collects the zones that cells carry ("UTC", "+09:00"); times stay wall-clock times.
    """

    def __init__(self, texts: Iterable[str], on: dt.date | None = None) -> None:
        self.on = on
        self.offsets: set[str] = set()
        readings = [_taken_apart(text) for text in set(texts)]
        open_dates = [reading for reading in readings if reading.numbers]
        self.order = _decided(open_dates, on) if open_dates else "mdy"

    def read(self, text: str, near: dt.date | None = None) -> dt.datetime | None:
        """The instant in `text`, on the day `near` where the text has no day of its own."""
        reading = _taken_apart(text)
        day = reading.day or self._day(reading) or near
        if day is None or (reading.time is None and not (reading.day or reading.numbers)):
            return None
        if reading.offset:
            self.offsets.add(reading.offset)
        return dt.datetime.combine(day, reading.time or dt.time())

    def has_day(self, text: str) -> bool:
        reading = _taken_apart(text)
        return bool(reading.day or reading.numbers)

    def read_day(self, text: str) -> dt.date | None:
        reading = _taken_apart(text)
        return reading.day or self._day(reading)

    def _day(self, reading: _Reading) -> dt.date | None:
        if not reading.numbers:
            return None
        orders = (self.order, *(order for order in _ORDERS if order != self.order))
        days = (_day(reading.numbers, order) for order in orders)
        return next((day for day in days if day), None)


_ORDERS = ("mdy", "dmy", "ymd")


def is_time(text: str) -> bool:
    """Whether `text` is nothing but a time, with or without a day."""
    reading = _taken_apart(text)
    return reading.time is not None


def is_instant(text: str) -> bool:
    """Whether `text` is a time with its day."""
    reading = _taken_apart(text)
    return reading.time is not None and bool(reading.day or reading.numbers)


def _decided(readings: list[_Reading], on: dt.date | None) -> str:
    """The order of day, month and year in which the dates of one file make the most sense.

    First what is possible for all of them, then the order that comes upon the day of the event,
    then the one that puts them closest together (a meeting does not last a month), then habit:
    slashes with AM and PM are American, everything else puts the day first.
    """
    possible: dict[str, list[dt.date]] = {}
    for order in _ORDERS:
        days = [_day(reading.numbers, order) for reading in readings if reading.numbers]
        if all(days):
            possible[order] = [day for day in days if day]
    if not possible:
        votes = {order: sum(1 for r in readings if r.numbers and _day(r.numbers, order))
                 for order in _ORDERS}  # fmt: skip
        return max(_ORDERS, key=lambda order: votes[order])
    is_american = any(r.has_meridiem and r.separator == "/" for r in readings)
    habit = ["mdy", "dmy", "ymd"] if is_american else ["dmy", "mdy", "ymd"]

    def misfit(order: str) -> tuple[bool, dt.timedelta, int]:
        days = possible[order]
        is_off = on is not None and not any(abs(day - on).days <= 1 for day in days)
        return is_off, max(days) - min(days), habit.index(order)

    return min(possible, key=misfit)


def _day(numbers: tuple[int, int, int], order: str) -> dt.date | None:
    first, second, third = numbers
    year, month, day = {
        "mdy": (third, first, second),
        "dmy": (third, second, first),
        "ymd": (first, second, third),
    }[order]
    year += 2000 if year < 100 else 0
    return _date(year, month, day)


def _date(year: int, month: int, day: int) -> dt.date | None:
    """The day, or None for what is none, or none on which anybody met online."""
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _taken_apart(text: str) -> _Reading:
    if len(text) > LONGEST:
        return _NOTHING
    words = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip().lower()
    if (serial := _SERIAL.fullmatch(words)) and 36_000 <= int(serial[1]) <= 60_000:
        return _of_serial(float(words))
    rest, shift = _without_meridiem(words)
    day, numbers, separator, rest = _without_date(rest)
    try:
        time, offset = _time_and_offset(rest, shift)
    except ValueError:  # 25:00 makes the whole cell worthless, not midnight
        return _NOTHING
    return _Reading(day, numbers, separator, shift is not None, time, offset)


def _of_serial(number: float) -> _Reading:
    """Excel's count of days since 1899-12-30, left over where a cell lost its format."""
    moment = dt.datetime(1899, 12, 30) + dt.timedelta(seconds=round(number * 86_400))  # noqa: DTZ001
    return _Reading(moment.date(), None, "", False, moment.time(), None)


def _without_meridiem(words: str) -> tuple[str, int | None]:
    """The text without AM or PM, and the hours that the marker adds (0 or 12), if there is one."""
    found = _MERIDIEM.search(words)
    if not found:
        return words, None
    is_afternoon = any(found[group] for group in (2, 4, 6))
    return f"{words[: found.start()]} {words[found.end() :]}".strip(), 12 if is_afternoon else 0


def _without_date(
    words: str,
) -> tuple[dt.date | None, tuple[int, int, int] | None, str, str]:
    if found := _YEAR_FIRST.search(words):
        day = _date(int(found[1]), int(found[2]), int(found[3]))
        return day, None, "", _cut(words, found)
    if found := _NUMERIC.search(words):
        numbers = (int(found[1]), int(found[3]), int(found[4]))
        if any(_day(numbers, order) for order in _ORDERS):
            return None, numbers, found[2], _cut(words, found)
    if (found := _MONTH_DAY.search(words)) and (month := _month(found[1])):
        return _date(int(found[3]), month, int(found[2])), None, "", _cut(words, found)
    if (found := _DAY_MONTH.search(words)) and (month := _month(found[2])):
        return _date(int(found[3]), month, int(found[1])), None, "", _cut(words, found)
    return None, None, "", words


def _cut(words: str, found: re.Match[str]) -> str:
    return f"{words[: found.start()]} {words[found.end() :]}"


def _month(word: str) -> int | None:
    for number, starts in MONTHS.items():
        if word.startswith(tuple(starts.split())):
            # "mar" begins both March and the Finnish November
            return 11 if word.startswith("marras") else number
    return None


def _time_and_offset(rest: str, shift: int | None) -> tuple[dt.time | None, str | None]:
    found = _TIME.search(rest)
    if found is None and shift is not None:
        found = _HOUR.search(rest)
    if found is None:
        return None, None
    parts = [int(part) for part in found.groups() if part is not None]
    hour, minute, second = (*parts, 0, 0)[:3]
    if shift is not None and hour <= 12:
        hour = hour % 12 + shift
    return dt.time(hour, minute, second), _offset(rest[found.end() :])


def _offset(tail: str) -> str | None:
    tail = re.sub(r"^\.\d+", "", tail).strip(" ()")
    found = re.fullmatch(r"(z|utc|gmt)?\s*([+-]\d{1,2}(?::?\d{2})?)?", tail)
    if not tail or not found:
        return None
    if not found[2]:
        return "UTC"
    digits = found[2][1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "00")
    written = f"{found[2][0]}{int(hours):02}:{minutes}"
    return "UTC" if written[1:] == "00:00" else written
