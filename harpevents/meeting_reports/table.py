"""A plain list of who was there: names or addresses, perhaps with times or ticks.

An address column makes a list. Names alone make one only where every column is understood, so
that a table of scores by name is refused rather than taken for attendance.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from harpevents.meeting_reports.layout import Block, Layout, ReportLine
from harpevents.meeting_reports.people import Stay, address_in
from harpevents.meeting_reports.reading import Reading, clock_for, read_facts, stay_of
from harpevents.meeting_reports.words import (
    Meaning,
    is_affirmative,
    meaning,
    says_absent,
    says_came,
)

_CANCELLED = re.compile(
    r"cancel|withdrawn|reject|declin|refund|キャンセル|取消|取り消|辞退|отмен|отозв|отклон|возврат",
    re.IGNORECASE,
)
_ABOUT_PRESENCE = (Meaning.JOIN, Meaning.LEAVE, Meaning.DURATION, Meaning.ATTENDED)


def read(layout: Layout, on: dt.date | None) -> Reading | None:
    """Read the file if it is a list of people, else None."""
    block = next((block for block in layout.blocks if _is_list(block)), None)
    if block is None:
        return None
    reading = Reading("table", clock_for(layout, on, block.texts(Meaning.ATTENDED)))
    read_facts(reading, block.facts, on)
    is_ticked = any(_came(reading, _tick(block, line)) for line in block.lines)
    for line in block.lines:
        reading.rows += 1
        if reason := _reason(reading, block, line, is_ticked):
            reading.ignore(line, reason)
        elif stay := _stay(reading, block, line, on):
            is_known = is_ticked or stay.joined or stay.stated_seconds is not None
            flags = stay.flags if is_known else (*stay.flags, "attendance_not_recorded")
            reading.stays.append(replace(stay, flags=flags))
    return reading


def _came(reading: Reading, tick: str) -> bool:
    """A tick may be a word, or the time at which it was set."""
    return is_affirmative(tick) or reading.clock.has_day(tick) or says_came(tick)


def _tick(block: Block, line: ReportLine) -> str:
    """What the row says of presence: in a column of its own, or as a state (未入場)."""
    state = block.cell(line, Meaning.STATUS)
    said = state if says_came(state) or says_absent(state) else ""
    return block.cell(line, Meaning.ATTENDED) or said


def _reason(reading: Reading, block: Block, line: ReportLine, is_ticked: bool) -> str | None:
    if _CANCELLED.search(block.cell(line, Meaning.STATUS)):
        return "cancelled"
    tick = _tick(block, line)
    if says_absent(tick):
        return "absent"
    if not is_ticked or _came(reading, tick):
        return None
    return "absent" if tick else "not_marked_present"


def _stay(reading: Reading, block: Block, line: ReportLine, on: dt.date | None) -> Stay | None:
    """The row; a column of times may be blank for people who were simply there."""
    columns = dict(block.columns)
    if not block.cell(line, Meaning.JOIN):
        columns.pop(Meaning.JOIN, None)
        if reading.clock.has_day(block.cell(line, Meaning.ATTENDED)):
            columns[Meaning.JOIN] = columns[Meaning.ATTENDED]
        else:
            columns.pop(Meaning.LEAVE, None)
    stay = stay_of(reading, replace(block, columns=columns), line, near=on)
    if stay and not block.has(Meaning.LEAVE):
        flags = tuple(flag for flag in stay.flags if flag != "no_leave_time")
        return replace(stay, flags=flags)
    return stay


def _is_list(block: Block) -> bool:
    if block.has(Meaning.EMAIL):
        return any(address_in(text) for text in block.texts(Meaning.EMAIL))
    if not (block.has(Meaning.NAME) or block.has(Meaning.LAST_NAME)):
        return False
    if any(block.has(means) for means in _ABOUT_PRESENCE):
        return True
    return all(meaning(cell) for cell in block.header.filled)
