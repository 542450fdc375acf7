"""Lengths of time as reports write them: "3h 23m 20s", "1 hr 2 min", "1 時間 7 秒", "92"."""

from __future__ import annotations

import re
import unicodedata

# By the first letters of the unit, hours first: "Std" is no second and "saat" neither.
_HOURS = (
    "h",
    "std",
    "stu",
    "saat",
    "ч",
    "год",
    "godz",
    "時間",
    "시간",
    "小时",
    "小時",
    "t",
    "u",
    "o",
)
_MINUTES = ("m", "м", "хв", "分", "분", "dk", "d")
_SECONDS = ("s", "с", "秒", "초", "sn")
_UNITS = [(3600, _HOURS), (60, _MINUTES), (1, _SECONDS)]
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)")
_CLOCK = re.compile(r"(\d+):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?")
_BARE = re.compile(r"\d+(?:[.,]\d+)?")


def seconds_of(text: str, *, bare_unit: int = 60) -> int | None:
    """The seconds `text` states, or None where it states none.

    A bare number counts `bare_unit` seconds each (minutes, as in Zoom's columns); "1:02" is one
    hour and two minutes, "1:02:03" adds the seconds.
    """
    if len(text) > 80:
        return None
    words = unicodedata.normalize("NFKC", text).strip().lower()
    if _BARE.fullmatch(words):
        return round(float(words.replace(",", ".")) * bare_unit)
    if clock := _CLOCK.fullmatch(words):
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3] or 0)
    parts = _PART.findall(words)
    if not parts:
        return None
    total = 0.0
    for amount, unit in parts:
        length = next((length for length, starts in _UNITS if unit.startswith(starts)), None)
        if length is None:
            return None
        total += float(amount.replace(",", ".")) * length
    return round(total)
