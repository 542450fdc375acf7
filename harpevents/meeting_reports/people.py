"""Putting the rows of a report together into people and the time each of them was there."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from harpevents.meeting_reports.names import ReportedName
from harpevents.meeting_reports.parsed import Ignored, ParsedPerson

Interval = tuple[dt.datetime, dt.datetime]

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]+")


@dataclass(frozen=True)
class Stay:
    """One row about one person: when they joined and left, and how long the file says it was.

    `stated_seconds` is what the file states, None where it states nothing. `is_summary` marks a
    row that sums up several stays, so that between joining and leaving the person may have been
    away: then the stated length is the time present.
    """

    row: int
    name: ReportedName
    email: str | None
    joined: dt.datetime | None = None
    left: dt.datetime | None = None
    stated_seconds: int | None = None
    organisation: str = ""
    country: str = ""
    is_host: bool = False
    is_summary: bool = False
    flags: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """What rows of the same person share: the address, else the name without its spelling."""
        if self.email:
            return self.email
        return "name:" + " ".join(unicodedata.normalize("NFKC", self.name.shown).lower().split())

    def interval(self) -> Interval | None:
        """The stay; one end is reckoned from the stated length where the file has only the other.

        A leave before the join is a clock that was set back or a damaged row: then the stated
        length counts from the join.
        """
        stated = dt.timedelta(seconds=self.stated_seconds or 0)
        if self.joined and self.left and self.left >= self.joined:
            return self.joined, self.left
        if self.joined:
            return self.joined, self.joined + stated
        if self.left:
            return self.left - stated, self.left
        return None


def address_in(text: str) -> str | None:
    """The e-mail address in a cell, in lower case, or None where the cell holds none."""
    if ("@" not in text and "＠" not in text) or len(text) > 400:
        return None
    found = _ADDRESS.search(unicodedata.normalize("NFKC", text).replace("mailto:", ""))
    return found[0].strip(".'").lower() if found else None


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time as intervals in order that neither overlap nor touch."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def seconds_in(intervals: Iterable[Interval]) -> int:
    return sum(round((end - start).total_seconds()) for start, end in intervals)


def without_duplicates(stays: Sequence[Stay]) -> tuple[list[Stay], list[Ignored]]:
    """Rows that say the same of the same person count once; the later ones are named."""
    seen: set[tuple[object, ...]] = set()
    first: list[Stay] = []
    ignored: list[Ignored] = []
    for stay in stays:
        mark = (stay.identity, stay.name.shown, stay.name.original, stay.joined, stay.left,
                stay.stated_seconds)  # fmt: skip
        if mark in seen:
            ignored.append(Ignored(stay.row, "duplicate_row"))
        else:
            seen.add(mark)
            first.append(stay)
    return first, ignored


def people_of(
    stays: Sequence[Stay],
    *,
    hosts: Collection[str] = (),
    meeting: Interval | None = None,
) -> list[ParsedPerson]:
    """The people in order of their first row. `hosts` are addresses of the meeting's hosts."""
    rows_of: dict[str, list[Stay]] = {}
    for stay in stays:
        rows_of.setdefault(stay.identity, []).append(stay)
    return [_person(rows, hosts, meeting) for rows in rows_of.values()]


def _person(stays: list[Stay], hosts: Collection[str], meeting: Interval | None) -> ParsedPerson:
    first = stays[0]
    raw = [interval for stay in stays if (interval := stay.interval())]
    merged = union(raw)
    present = _present_seconds(stays, merged)
    stated = sum(_stated(stay) for stay in stays)
    return ParsedPerson(
        key=first.email or f"name:{first.name.shown.lower()}",
        names=_names(stays),
        email=first.email,
        total_minutes=stated // 60,
        union_seconds=present,
        first_join=merged[0][0].isoformat() if merged else None,
        last_leave=max(end for _, end in merged).isoformat() if merged else None,
        organisation=_first(stay.organisation or stay.name.organisation for stay in stays),
        country=_first(stay.country for stay in stays),
        is_host=first.email in hosts or any(stay.is_host for stay in stays),
        flags=_flags(stays, raw, merged, present, meeting),
        rows=[stay.row for stay in stays],
        intervals=[(start.isoformat(), end.isoformat()) for start, end in merged],
    )


def _stated(stay: Stay) -> int:
    if stay.stated_seconds is not None:
        return stay.stated_seconds
    interval = stay.interval()
    return seconds_in([interval]) if interval else 0


def _present_seconds(stays: list[Stay], merged: list[Interval]) -> int:
    """Overlaps count once; where a row sums up, no more than it states; without times, that."""
    lengths = seconds_in(merged)
    stated = sum(_stated(stay) for stay in stays)
    if not merged:
        return stated
    if any(stay.is_summary and stay.stated_seconds is not None for stay in stays):
        return min(lengths, stated)
    return lengths


def _names(stays: list[Stay]) -> list[str]:
    names: dict[str, None] = {}
    for stay in stays:
        names[stay.name.shown] = None
        if stay.name.original:
            names[stay.name.original] = None
    return [name for name in names if name]


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")


def _flags(
    stays: list[Stay],
    raw: list[Interval],
    merged: list[Interval],
    present: int,
    meeting: Interval | None,
) -> list[str]:
    flags = dict.fromkeys(flag for stay in stays for flag in (*stay.flags, *stay.name.flags))
    facts = {
        "no_email": not stays[0].email,
        "rejoined": len(raw) > 1,
        "overlap": seconds_in(raw) > seconds_in(merged),
        "renamed": len({stay.name.shown for stay in stays}) > 1
        or any(stay.name.original for stay in stays),
        "no_times": not merged and present > 0,
        "presence_summed": bool(merged) and present < seconds_in(merged),
        "outside_meeting": bool(
            meeting and merged and (merged[0][0] >= meeting[1] or merged[-1][1] <= meeting[0])
        ),
    }
    flags.update(dict.fromkeys(flag for flag, holds in facts.items() if holds))
    return list(flags)
