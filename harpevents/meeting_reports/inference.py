"""Understanding columns by what stands in them, where their headers are in words nobody listed.

An address is an address in every language, and a length that equals leaving minus joining proves
which columns those are. Nothing is inferred against a header that was understood.
"""

from __future__ import annotations

from collections.abc import Callable

from harpevents.meeting_reports.clock_times import Clock, is_instant
from harpevents.meeting_reports.durations import seconds_of
from harpevents.meeting_reports.layout import Block, Layout, ReportLine, facts_of
from harpevents.meeting_reports.people import address_in
from harpevents.meeting_reports.words import Meaning, looks_like_data

SAMPLE = 200
_TIMES = {
    Meaning.JOIN,
    Meaning.LEAVE,
    Meaning.FIRST_JOIN,
    Meaning.LAST_LEAVE,
    Meaning.TIMESTAMP,
    Meaning.START,
    Meaning.ATTENDED,
}
_NAMES = {Meaning.NAME, Meaning.FIRST_NAME, Meaning.LAST_NAME}
_ROUNDING = 150  # seconds by which a stated length may differ: minutes rounded, seconds dropped


def complete(layout: Layout) -> Layout:
    """The layout with columns filled in, and with a block where no header was understood."""
    for block in layout.blocks:
        _fill(block)
    if not layout.blocks and (proven := _proven_block(layout)):
        layout.blocks.append(proven)
    return layout


def _fill(block: Block) -> None:
    lines = block.lines[:SAMPLE]
    if not block.has(Meaning.EMAIL):
        _take(block, lines, Meaning.EMAIL, lambda text: address_in(text) is not None)
    if not block.columns.keys() & _TIMES and len(_columns_of(block, lines, is_instant)) == 2:
        _take(block, lines, Meaning.JOIN, is_instant)
        _take(block, lines, Meaning.LEAVE, is_instant)
    if not block.columns.keys() & _NAMES and block.columns.keys() & _TIMES:
        _take(block, lines, Meaning.NAME, lambda text: not looks_like_data(text))


def _take(
    block: Block, lines: list[ReportLine], wanted: Meaning, fits: Callable[[str], bool]
) -> None:
    columns = _columns_of(block, lines, fits)
    if columns:
        block.columns[wanted] = columns[0]


def _columns_of(block: Block, lines: list[ReportLine], fits: Callable[[str], bool]) -> list[int]:
    """The columns without a meaning in which most of the filled cells fit."""
    taken = set(block.columns.values())
    found = []
    for position in range(len(block.header.cells)):
        texts = [
            line.cells[position]
            for line in lines
            if position < len(line.cells) and line.cells[position]
        ]
        if position not in taken and texts and sum(map(fits, texts)) * 2 > len(texts):
            found.append(position)
    return found


def _proven_block(layout: Layout) -> Block | None:
    """A table with two instants in each row and the length between them, under any header."""
    first = next(
        (
            index
            for index, line in enumerate(layout.lines[:30])
            if sum(map(is_instant, line.cells)) == 2 and len(line.filled) >= 4
        ),
        0,
    )
    if first == 0 or any(looks_like_data(cell) for cell in layout.lines[first - 1].filled):
        return None
    header, lines = layout.lines[first - 1], layout.lines[first:]
    block = Block("", header, {}, facts_of(layout.lines[: first - 1]), lines)
    _fill(block)
    if not block.has(Meaning.JOIN, Meaning.LEAVE, Meaning.NAME):
        return None
    lengths = _columns_of(block, lines[:SAMPLE], lambda text: seconds_of(text) is not None)
    clock = Clock(block.texts(Meaning.JOIN, Meaning.LEAVE))
    for position in lengths:
        block.columns[Meaning.DURATION] = position
        if _is_proven(block, clock):
            return block
    return None


def _is_proven(block: Block, clock: Clock) -> bool:
    right = 0
    lines = block.lines[:SAMPLE]
    for line in lines:
        joined = clock.read(block.cell(line, Meaning.JOIN))
        left = clock.read(block.cell(line, Meaning.LEAVE))
        stated = seconds_of(block.cell(line, Meaning.DURATION))
        if joined and left and stated is not None:
            right += abs((left - joined).total_seconds() - stated) <= _ROUNDING
    return right * 2 > len(lines)
