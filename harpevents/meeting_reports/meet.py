"""Google Meet's attendance sheet: one line a person, times of day without a date."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from harpevents.core.tables.reading import folded
from harpevents.meeting_reports.layout import Block, Layout
from harpevents.meeting_reports.parsed import ReportRefused
from harpevents.meeting_reports.reading import Reading, clock_for, read_facts, stay_of
from harpevents.meeting_reports.words import Meaning

_WORDS = {"timejoined", "timeexited", "firstseen", "lastseen"}
_DATE_IN_NAME = re.compile(r"(20\d\d)[-_.年]?(\d\d?)[-_.月]?(\d\d?)")
_HALF_A_DAY = dt.timedelta(hours=12)


def read(layout: Layout, on: dt.date | None) -> Reading | None:
    """Read the file if it is one of Meet's, else None.

    The day comes from the sheet where it has one, else from `on` (the day of the event), else
    from the name of the file; without any of them the report is refused with `date_needed`.
    """
    block = next((block for block in layout.blocks if _is_meet(layout, block, on)), None)
    if block is None:
        return None
    reading = Reading("google-meet", clock_for(layout, on))
    stated = reading.clock.read_day(block.facts.get(Meaning.DATE, ""))
    stated = stated or reading.clock.read_day(block.facts.get(Meaning.START, ""))
    needs_day = not all(
        reading.clock.has_day(text) for text in block.texts(Meaning.JOIN, Meaning.LEAVE)
    )
    day = stated or on or _day_of_name(layout.filename)
    if needs_day and day is None:
        raise ReportRefused("date_needed", format="google-meet", filename=layout.filename)
    read_facts(reading, block.facts, day)
    for line in block.lines:
        reading.rows += 1
        if stay := stay_of(reading, block, line, near=day, is_summary=True):
            reading.stays.append(stay)
    if needs_day:
        _move_past_midnight(reading)
    return reading


def _is_meet(layout: Layout, block: Block, on: dt.date | None) -> bool:
    if not block.has(Meaning.JOIN, Meaning.LEAVE, Meaning.DURATION):
        return False
    if any(folded(cell) in _WORDS for cell in block.header.filled):
        return True
    if block.has(Meaning.GUEST) or block.has(Meaning.WAITING) or block.has(Meaning.ROLE):
        return False
    texts = list(block.texts(Meaning.JOIN, Meaning.LEAVE))
    clock = clock_for(layout, on)
    return bool(texts) and not any(clock.has_day(text) for text in texts)


def _day_of_name(filename: str) -> dt.date | None:
    found = _DATE_IN_NAME.search(filename)
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _move_past_midnight(reading: Reading) -> None:
    """A meeting from evening into the night: who joined "at 0:10" did so on the next day."""
    joins = [stay.joined for stay in reading.stays if stay.joined]
    if not joins or max(joins) - min(joins) < _HALF_A_DAY:
        return
    day = dt.timedelta(days=1)
    reading.stays = [
        replace(stay, joined=stay.joined + day, left=stay.left + day)
        if stay.joined and stay.left and max(joins) - stay.joined >= _HALF_A_DAY
        else stay
        for stay in reading.stays
    ]
