"""Microsoft Teams: the attendance report in numbered sections, its predecessor, and the old list.

The sections are found by their numbers and their columns by meaning; where the wording is in a
language nobody has seen yet, by the order of columns, which Teams keeps in all languages.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, replace

from harpevents.meeting_reports.clock_times import Clock, is_time
from harpevents.meeting_reports.durations import seconds_of
from harpevents.meeting_reports.layout import Block, Layout, ReportLine, columns_of, facts_of
from harpevents.meeting_reports.names import read_name
from harpevents.meeting_reports.people import Stay, address_in
from harpevents.meeting_reports.reading import (
    TIMES,
    Reading,
    clock_for,
    read_facts,
    shown_name,
    stated_seconds,
    stay_of,
)
from harpevents.meeting_reports.words import Meaning

_NUMBERED = re.compile(r"([1-9])\s?[.．)]\s*(\D.*)")
_TITLE_OF_A_MEETING = re.compile(r'"*(.*?)"*\s*(?:で会議中|での会議)\s*"*')
_ORGANISER = re.compile(
    r"^(organi[sz]er|開催者|主催者|организатор|organi[sz]ador|organisateur|organisator|järjestäjä|"
    r"organizzatore|organizator|组织者|이끌이)", re.IGNORECASE
)  # fmt: skip
_LEFT = re.compile(r"left|leave|退出|退室|покин|выш|выход|saiu|quitt|parti|sali|verlass|abandon|"
                   r"uscit|poistu|verlat|离开", re.IGNORECASE)  # fmt: skip
_PARTICIPANTS = [
    Meaning.NAME, Meaning.FIRST_JOIN, Meaning.LAST_LEAVE, Meaning.DURATION, Meaning.EMAIL,
    Meaning.UPN, Meaning.ROLE,
]  # fmt: skip
_ACTIVITIES = [
    Meaning.NAME, Meaning.JOIN, Meaning.LEAVE, Meaning.DURATION, Meaning.EMAIL, Meaning.ROLE,
]  # fmt: skip
_PAUSE_BETWEEN_MEETINGS = dt.timedelta(hours=4)


def read(layout: Layout, on: dt.date | None) -> Reading | None:
    """Read the file if it is one of Teams' reports, else None."""
    sections = _sections(layout.lines)
    if {"1", "2"} <= sections.keys():
        return _report(sections, on)
    for block in layout.blocks:
        if block.has(Meaning.ACTION, Meaning.TIMESTAMP):
            return _list(layout, on)
        if block.has(Meaning.FIRST_JOIN, Meaning.LAST_LEAVE):
            return _report({"1": layout.lines[:1], "2": [block.header, *block.lines]}, on)
        is_predecessor = block.has(Meaning.ROLE) or block.has(Meaning.UPN)
        if is_predecessor and block.has(Meaning.JOIN, Meaning.LEAVE):
            return _predecessor(layout, block, on)
    return None


def _sections(lines: list[ReportLine]) -> dict[str, list[ReportLine]]:
    sections: dict[str, list[ReportLine]] = {}
    expected = 1
    current: list[ReportLine] | None = None
    for line in lines:
        found = _NUMBERED.fullmatch(line.label())
        if found and int(found[1]) == expected:
            expected += 1
            current = sections.setdefault(found[1], [])
        elif current is not None:
            current.append(line)
    return sections


def _report(sections: dict[str, list[ReportLine]], on: dt.date | None) -> Reading:
    participants = _block(sections["2"], _PARTICIPANTS)
    activities = _block(sections.get("3", []), _ACTIVITIES)
    blocks = [block for block in (participants, activities) if block]
    summary = sections["1"]
    values = [line.filled[1] for line in summary if len(line.filled) == 2]
    times = [value for value in values if is_time(value) and seconds_of(value) is None]
    texts = [text for block in blocks for text in block.texts(*TIMES)]
    reading = Reading("teams-report", Clock([*texts, *times], on))
    facts = facts_of(summary)
    for means, value in zip((Meaning.START, Meaning.END), times, strict=False):
        facts.setdefault(means, value)
    if values:
        facts.setdefault(Meaning.TOPIC, values[0])
    read_facts(reading, facts, on)
    if reading.title and (found := _TITLE_OF_A_MEETING.fullmatch(reading.title)):
        reading.title = found[1]
    near = reading.start.date() if reading.start else on
    if participants:
        _read_people(reading, participants, activities, near)
    return reading


def _block(lines: list[ReportLine], order: list[Meaning]) -> Block | None:
    """The table of a section: its first line is the header, whatever the language."""
    if not lines or len(lines[0].filled) < 2:
        return None
    header = lines[0]
    columns = columns_of(header)
    if len(columns) < min(3, len(header.filled)) or Meaning.NAME not in columns:
        columns = {means: position for position, means in enumerate(order[: len(header.cells)])}
    return Block("", header, columns, {}, lines[1:])


def _read_people(
    reading: Reading, participants: Block, activities: Block | None, near: dt.date | None
) -> None:
    """One stay for each activity; where a person has none, the line that sums them up.

    What the list of participants states as a person's whole time is spread over the activities,
    so that the minutes are those that Teams shows.
    """
    moves: dict[tuple[str, str], list[ReportLine]] = defaultdict(list)
    if activities:
        for line in activities.lines:
            moves[_identity(activities, line)].append(line)
            reading.rows += 1
    else:
        reading.rows += len(participants.lines)
    addresses: dict[tuple[str, str], str] = {}
    for line in participants.lines:
        own = moves.pop(_identity(participants, line), []) or moves.pop(
            (shown_name(participants, line), ""), []
        )
        email = address_in(participants.cell(line, Meaning.EMAIL)) or address_in(
            participants.cell(line, Meaning.UPN)
        )
        is_host = bool(_ORGANISER.match(participants.cell(line, Meaning.ROLE)))
        if own and activities:
            stays = _stays(reading, activities, own, near, email, is_host)
            reading.stays += _with_whole_time(stays, stated_seconds(participants, line))
            addresses[_identity(participants, line)] = email or ""
        elif stay := stay_of(
            reading, participants, line, join=Meaning.FIRST_JOIN, leave=Meaning.LAST_LEAVE,
            near=near, is_host=is_host, is_summary=True,
        ):  # fmt: skip
            reading.stays.append(stay)
    for lines in moves.values():
        if activities:
            reading.stays += _stays(reading, activities, lines, near, None, False)


def _identity(block: Block, line: ReportLine) -> tuple[str, str]:
    return shown_name(block, line), address_in(block.cell(line, Meaning.EMAIL)) or ""


def _stays(
    reading: Reading,
    block: Block,
    lines: list[ReportLine],
    near: dt.date | None,
    email: str | None,
    is_host: bool,
) -> list[Stay]:
    stays = []
    for line in lines:
        is_organiser = is_host or bool(_ORGANISER.match(block.cell(line, Meaning.ROLE)))
        stay = stay_of(reading, block, line, near=near, is_host=is_organiser)
        if stay:
            stays.append(replace(stay, email=stay.email or email))
    return stays


def _with_whole_time(stays: list[Stay], whole: int | None) -> list[Stay]:
    if whole is None or not stays:
        return stays
    first, *others = stays
    return [
        replace(first, stated_seconds=whole),
        *(replace(other, stated_seconds=0) for other in others),
    ]


def _predecessor(layout: Layout, block: Block, on: dt.date | None) -> Reading:
    """The report of 2021: a summary without numbers and one line for each stay."""
    reading = Reading("teams-report", clock_for(layout, on))
    read_facts(reading, block.facts, on)
    for line in block.lines:
        reading.rows += 1
        is_host = bool(_ORGANISER.match(block.cell(line, Meaning.ROLE)))
        if stay := stay_of(reading, block, line, is_host=is_host):
            reading.stays.append(stay)
    return reading


@dataclass(frozen=True)
class _Move:
    line: ReportLine
    name: str
    at: dt.datetime
    is_leaving: bool


def _list(layout: Layout, on: dt.date | None) -> Reading:
    """The list that organisers downloaded during the meeting: who joined or left when.

    Somebody who never leaves stayed until the last thing that happened in that meeting; a pause
    of hours, or a header again, begins another meeting.
    """
    reading = Reading("teams-list", clock_for(layout, on))
    read_facts(reading, layout.facts, on)
    for block in layout.blocks:
        if block.has(Meaning.ACTION, Meaning.TIMESTAMP):
            moves = _moves(reading, block)
            for meeting in _meetings(moves):
                _pair_up(reading, block, meeting)
    reading.stays.sort(key=lambda stay: stay.row)
    return reading


def _moves(reading: Reading, block: Block) -> list[_Move]:
    moves = []
    for line in block.lines:
        reading.rows += 1
        at = reading.clock.read(block.cell(line, Meaning.TIMESTAMP))
        name = shown_name(block, line)
        if not name:
            reading.ignore(line, "no_name")
        elif at is None:
            reading.ignore(line, "unreadable_time")
        else:
            is_leaving = bool(_LEFT.search(block.cell(line, Meaning.ACTION)))
            moves.append(_Move(line, name, at, is_leaving))
    return moves


def _meetings(moves: list[_Move]) -> list[list[_Move]]:
    meetings: list[list[_Move]] = []
    for move in sorted(moves, key=lambda move: (move.at, move.line.number)):
        if not meetings or move.at - meetings[-1][-1].at > _PAUSE_BETWEEN_MEETINGS:
            meetings.append([])
        meetings[-1].append(move)
    return meetings


def _pair_up(reading: Reading, block: Block, meeting: list[_Move]) -> None:
    """Each join with the next leave of the same name; the same line twice counts once."""
    last = max(move.at for move in meeting)
    by_name: dict[str, list[_Move]] = defaultdict(list)
    seen: set[tuple[str, dt.datetime, bool]] = set()
    for move in meeting:
        mark = (move.name, move.at, move.is_leaving)
        if mark in seen:
            reading.ignore(move.line, "duplicate_row")
            continue
        seen.add(mark)
        by_name[move.name].append(move)
    for moves in by_name.values():
        opened: _Move | None = None
        for move in moves:
            if not move.is_leaving:
                opened = opened or move
            elif opened:
                reading.stays.append(_stay(block, opened, move.at))
                opened = None
            else:  # left without having joined: was there before the list begins
                reading.stays.append(_stay(block, move, move.at))
        if opened:
            reading.stays.append(_stay(block, opened, max(last, opened.at), "no_leave_time"))


def _stay(block: Block, opened: _Move, left: dt.datetime, *flags: str) -> Stay:
    email = address_in(block.cell(opened.line, Meaning.EMAIL))
    return Stay(opened.line.number, read_name(opened.name), email, opened.at, left, flags=flags)
