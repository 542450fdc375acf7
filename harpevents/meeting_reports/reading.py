"""What every reader of a format hands over, and the steps all of them share."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from harpevents.meeting_reports.clock_times import Clock
from harpevents.meeting_reports.durations import seconds_of
from harpevents.meeting_reports.layout import Block, Layout, ReportLine
from harpevents.meeting_reports.names import read_name
from harpevents.meeting_reports.parsed import Ignored, ParsedReport
from harpevents.meeting_reports.people import (
    Stay,
    address_in,
    people_of,
    without_duplicates,
)
from harpevents.meeting_reports.words import (
    Meaning,
    counts_minutes,
    is_affirmative,
    is_negative,
    is_original_name,
)

TIMES = (Meaning.JOIN, Meaning.LEAVE, Meaning.FIRST_JOIN, Meaning.LAST_LEAVE, Meaning.TIMESTAMP)

LONGEST_STAY = 31 * 24 * 3600  # seconds; no meeting states more


@dataclass
class Reading:
    """A report as its format's reader understood it, before rows are joined into people."""

    format: str
    clock: Clock
    title: str | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    stays: list[Stay] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def ignore(self, line: ReportLine, reason: str) -> None:
        self.ignored.append(Ignored(line.number, reason))

    def finished(self, encoding: str) -> ParsedReport:
        """Duplicates dropped, rows joined into people, times as text."""
        stays, duplicates = without_duplicates(self.stays)
        meeting = (self.start, self.end) if self.start and self.end else None
        offsets = self.clock.offsets
        return ParsedReport(
            format=self.format,
            encoding=encoding,
            title=self.title or None,
            meeting_start=self.start.isoformat() if self.start else None,
            meeting_end=self.end.isoformat() if self.end else None,
            rows=self.rows,
            ignored=sorted([*self.ignored, *duplicates], key=lambda ignored: ignored.row),
            people=people_of(stays, hosts=self.hosts, meeting=meeting),
            zone=next(iter(offsets)) if len(offsets) == 1 else None,
            statuses=dict(self.statuses),
        )


def clock_for(layout: Layout, on: dt.date | None, more: Iterable[str] = ()) -> Clock:
    """A clock that has seen every time of the file."""
    texts = [text for block in layout.blocks for text in block.texts(*TIMES)]
    for block in layout.blocks:
        texts += [text for means, text in block.facts.items() if means in _FACT_TIMES]
    return Clock([*texts, *more], on)


_FACT_TIMES = {Meaning.START, Meaning.END, Meaning.DATE}


def read_facts(reading: Reading, facts: dict[Meaning, str], on: dt.date | None = None) -> None:
    """Title, start, end and hosts from the lines above the people."""
    reading.title = reading.title or facts.get(Meaning.TOPIC)
    day = reading.clock.read_day(facts.get(Meaning.DATE, "")) or on
    start = reading.clock.read(facts.get(Meaning.START, ""), day)
    end = reading.clock.read(facts.get(Meaning.END, ""), start.date() if start else day)
    if start and end and end < start:
        end += dt.timedelta(days=1)
    reading.start = min(filter(None, [reading.start, start]), default=None)
    reading.end = max(filter(None, [reading.end, end]), default=None)
    for means in (Meaning.EMAIL, Meaning.HOST_EMAIL, Meaning.HOST_NAME):
        if address := address_in(facts.get(means, "")):
            reading.hosts.add(address)


def shown_name(block: Block, line: ReportLine) -> str:
    """The name as the program shows it, else the registered first and last name."""
    name = block.cell(line, Meaning.NAME)
    if name:
        return name
    parts = (block.cell(line, Meaning.FIRST_NAME), block.cell(line, Meaning.LAST_NAME))
    return " ".join(part for part in parts if part)


def _not_there(block: Block, line: ReportLine, who: str | None) -> str:
    """Why the row is nobody who took part, "" where it may be somebody."""
    if not who:
        return "no_name"
    if is_affirmative(block.cell(line, Meaning.WAITING)):
        return "waiting_room"
    return "absent" if is_negative(block.cell(line, Meaning.ATTENDED)) else ""


def stay_of(
    reading: Reading,
    block: Block,
    line: ReportLine,
    *,
    join: Meaning = Meaning.JOIN,
    leave: Meaning = Meaning.LEAVE,
    near: dt.date | None = None,
    is_host: bool = False,
    is_summary: bool = False,
    flags: tuple[str, ...] = (),
) -> Stay | None:
    """The row as a stay, or None after naming why it does not count."""
    name = shown_name(block, line)
    email = address_in(block.cell(line, Meaning.EMAIL)) or address_in(block.cell(line, Meaning.UPN))
    if reason := _not_there(block, line, name or email):
        reading.ignore(line, reason)
        return None
    joined, left = _times(reading, block, line, join, leave, near)
    stated = stated_seconds(block, line)
    if stated is not None and stated > LONGEST_STAY:
        reading.ignore(line, "unreadable_time")
        return None
    if joined is None and left is None and (block.has(join) or block.has(leave)):
        has_text = block.cell(line, join) or block.cell(line, leave)
        if has_text or stated is None:
            reading.ignore(line, "unreadable_time" if has_text else "absent")
            return None
    if joined and left is None and stated is None:
        flags = (*flags, "no_leave_time")
        left = reading.end if reading.end and reading.end > joined else None
    if is_affirmative(block.cell(line, Meaning.GUEST)):
        flags = (*flags, "guest")
    return Stay(
        row=line.number,
        name=read_name(name or (email or ""), has_originals=_has_originals(block)),
        email=email,
        joined=joined,
        left=left,
        stated_seconds=stated,
        organisation=block.cell(line, Meaning.ORGANISATION),
        country=block.cell(line, Meaning.COUNTRY),
        is_host=is_host,
        is_summary=is_summary,
        flags=flags,
    )


def _times(
    reading: Reading,
    block: Block,
    line: ReportLine,
    join: Meaning,
    leave: Meaning,
    near: dt.date | None,
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Joining and leaving; a time without a day takes the day of the other, or the next one."""
    join_text, leave_text = block.cell(line, join), block.cell(line, leave)
    joined = reading.clock.read(join_text, near)
    left = reading.clock.read(leave_text, joined.date() if joined else near)
    if joined and left and left < joined and not reading.clock.has_day(leave_text):
        left += dt.timedelta(days=1)
    return joined, left


def stated_seconds(block: Block, line: ReportLine) -> int | None:
    unit = 1 if "sec" in block.title_of(Meaning.DURATION).lower() else 60
    return seconds_of(block.cell(line, Meaning.DURATION), bare_unit=unit)


def _has_originals(block: Block) -> bool:
    """Zoom's header says so itself; it also counts in minutes, which no other program writes."""
    title = block.title_of(Meaning.NAME)
    is_announced = is_original_name(title) or title.endswith((")", "）"))
    return is_announced or counts_minutes(block.title_of(Meaning.DURATION))
