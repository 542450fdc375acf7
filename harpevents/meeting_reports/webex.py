"""Webex's attendance report: one line for each connection, the meeting repeated on each of them."""

from __future__ import annotations

import datetime as dt

from harpevents.core.tables.reading import folded
from harpevents.meeting_reports.layout import Block, Layout
from harpevents.meeting_reports.reading import Reading, clock_for, read_facts, stay_of
from harpevents.meeting_reports.words import Meaning

_WORDS = {"attendanceduration", "attendeeemail", "connectiontype", "meetingstarttime"}


def read(layout: Layout, on: dt.date | None) -> Reading | None:
    """Read the file if it is one of Webex's, else None."""
    blocks = [block for block in layout.blocks if _is_webex(layout, block)]
    if not blocks:
        return None
    more = [text for block in blocks for text in block.texts(Meaning.START, Meaning.END)]
    reading = Reading("webex", clock_for(layout, on, more))
    for block in blocks:
        read_facts(reading, block.facts, on)
        for line in block.lines:
            reading.rows += 1
            read_facts(
                reading,
                {
                    means: text
                    for means in (Meaning.TOPIC, Meaning.START, Meaning.END)
                    if (text := block.cell(line, means))
                },
                on,
            )
            near = reading.start.date() if reading.start else on
            if stay := stay_of(reading, block, line, near=near):
                reading.stays.append(stay)
    return reading


def _is_webex(layout: Layout, block: Block) -> bool:
    if not block.has(Meaning.DURATION) or not (block.has(Meaning.NAME) or block.has(Meaning.EMAIL)):
        return False
    seen = sum(1 for cell in block.header.filled if folded(cell) in _WORDS)
    repeats_meeting = block.has(Meaning.TOPIC) and block.has(Meaning.START, Meaning.END)
    is_named_so = layout.filename.lower().startswith("participant-")
    return seen >= 2 or repeats_meeting or (seen == 1 and is_named_so)
