"""Zoom's reports: participants of a meeting, in each wording since 2020, and webinar attendees."""

from __future__ import annotations

import datetime as dt
import re

from harpevents.meeting_reports.layout import Block, Layout
from harpevents.meeting_reports.reading import (
    Reading,
    clock_for,
    read_facts,
    stay_of,
)
from harpevents.meeting_reports.words import (
    Meaning,
    counts_minutes,
    is_original_name,
)

_SECTIONS = [
    ("host", r"host|ホスト|主催|организатор|anfitri|hôte|gastgeber|ospitante"),
    ("panelist", r"panel|パネリスト|панелист|участники дискуссии|докладчик|podium|relator"),
    ("other", r"other|その他|други|прочи|otros|autres|andere|outros|altri"),
    ("attendee", r"attendee|出席者|参加者|視聴者|участник|посетител|asistent|particip|teilnehm"),
]
_WEBINAR = re.compile(
    r"attendee report|出席者レポート|参加者レポート|отчет об участниках", re.IGNORECASE
)


def read(layout: Layout, on: dt.date | None) -> Reading | None:
    """Read the file if it is one of Zoom's, else None."""
    if _is_webinar(layout):
        return _webinar(layout, on)
    blocks = [block for block in layout.blocks if _is_of_a_meeting(block)]
    return _meeting(layout, blocks, on) if blocks else None


def _is_of_a_meeting(block: Block) -> bool:
    has_times = block.has(Meaning.JOIN, Meaning.LEAVE) or block.has(Meaning.DURATION)
    if not has_times or not (block.has(Meaning.NAME) or block.has(Meaning.EMAIL)):
        return False
    marks = [
        is_original_name(block.title_of(Meaning.NAME)),
        counts_minutes(block.title_of(Meaning.DURATION)),
        block.has(Meaning.WAITING) or block.has(Meaning.CONSENT),
        block.has(Meaning.GUEST),
        Meaning.MEETING_ID in block.facts or block.has(Meaning.MEETING_ID),
        "user" in block.title_of(Meaning.EMAIL).lower(),
        block.title_of(Meaning.NAME).endswith((")", "）")),
    ]
    return sum(marks) >= 1 and not block.has(Meaning.UPN) and not block.has(Meaning.ROLE)


def _meeting(layout: Layout, blocks: list[Block], on: dt.date | None) -> Reading:
    reading = Reading("zoom-meeting", clock_for(layout, on))
    for block in blocks:
        read_facts(reading, block.facts)
    for block in blocks:
        for line in block.lines:
            reading.rows += 1
            reading.title = reading.title or block.cell(line, Meaning.TOPIC) or None
            if stay := stay_of(reading, block, line):
                reading.stays.append(stay)
    return reading


def _is_webinar(layout: Layout) -> bool:
    if not layout.blocks:
        return False
    says_so = any(_WEBINAR.search(line.label()) for line in layout.lines[:3])
    has_sections = any(
        block.has(Meaning.ATTENDED) and block.has(Meaning.JOIN, Meaning.LEAVE)
        for block in layout.blocks
    )
    return has_sections or (says_so and any(block.has(Meaning.JOIN) for block in layout.blocks))


def _webinar(layout: Layout, on: dt.date | None) -> Reading:
    reading = Reading("zoom-webinar", clock_for(layout, on))
    read_facts(reading, layout.facts)
    minutes = layout.facts.get(Meaning.DURATION, "")
    if reading.start and not reading.end and minutes.isdecimal():
        reading.end = reading.start + dt.timedelta(minutes=int(minutes))
    for order, block in enumerate(layout.blocks):
        section = _section(block, order, len(layout.blocks))
        for line in block.lines:
            if line.label():
                continue  # the title of a section that nobody was in
            reading.rows += 1
            flags = ("panelist",) if section == "panelist" else ()
            stay = stay_of(reading, block, line, is_host=section == "host", flags=flags)
            if stay:
                reading.stays.append(stay)
    return reading


def _section(block: Block, order: int, count: int) -> str:
    """By the title of the section; in a language not known, by the order Zoom always keeps."""
    if word := _section_word(block.title):
        return word
    if not block.has(Meaning.ATTENDED):
        return "other"
    return ("host", "panelist", "attendee")[order] if count > 2 and order < 3 else "attendee"


def _section_word(title: str) -> str | None:
    lower = title.lower()
    return next((name for name, words in _SECTIONS if re.search(words, lower)), None)
