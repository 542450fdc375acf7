"""Finding one's way in a report: the lines above, the headers, and the rows below each header.

Reports are not one table. Zoom puts two lines about the meeting above the people, webinars have
one table each for hosts, panellists and attendees, and people paste two reports into one file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harpevents.core.tables.reading import Table
from harpevents.meeting_reports.words import (
    Meaning,
    is_head_count,
    is_original_name,
    looks_like_data,
    meaning,
    phrase_meaning,
)

_PEOPLE = {Meaning.NAME, Meaning.LAST_NAME, Meaning.FIRST_NAME, Meaning.EMAIL}
_MEETING = {Meaning.TOPIC, Meaning.MEETING_ID, Meaning.START, Meaning.END}
_AFTER_NAME = (Meaning.EMAIL, Meaning.DURATION)


@dataclass(frozen=True)
class ReportLine:
    """One row: its line in the file and its cells, stripped."""

    number: int
    cells: list[str]

    @property
    def filled(self) -> list[str]:
        return [cell for cell in self.cells if cell]

    def label(self) -> str:
        """The text of a line that has one cell only, such as the title of a section."""
        filled = self.filled
        return filled[0] if len(filled) == 1 else ""


@dataclass
class Block:
    """A header with the rows below it, the title line above it and the lines about the meeting."""

    title: str
    header: ReportLine
    columns: dict[Meaning, int]
    facts: dict[Meaning, str]
    lines: list[ReportLine] = field(default_factory=list)

    def cell(self, line: ReportLine, wanted: Meaning) -> str:
        position = self.columns.get(wanted)
        if position is None or position >= len(line.cells):
            return ""
        return "" if line.cells[position] in {"-", "--", "—", "–"} else line.cells[position]

    def title_of(self, wanted: Meaning) -> str:
        return self.header.cells[self.columns[wanted]] if wanted in self.columns else ""

    def has(self, *wanted: Meaning) -> bool:
        return all(one in self.columns for one in wanted)

    def texts(self, *wanted: Meaning) -> Iterator[str]:
        """All filled cells of the columns `wanted`."""
        for line in self.lines:
            for one in wanted:
                if text := self.cell(line, one):
                    yield text


@dataclass(frozen=True)
class Layout:
    """All lines of a file, and its blocks in order (none, where no header was recognised)."""

    lines: list[ReportLine]
    blocks: list[Block]
    encoding: str
    filename: str

    @property
    def facts(self) -> dict[Meaning, str]:
        return self.blocks[0].facts if self.blocks else facts_of(self.lines)


def layout_of(table: Table, filename: str) -> Layout:
    lines = [ReportLine(number, [cell.strip() for cell in row]) for number, row in table.numbered()]
    blocks: list[Block] = []
    above: list[ReportLine] = []
    for line in lines:
        if columns := columns_of(line):
            title = above.pop().label() if above and above[-1].label() else ""
            if blocks and not title and blocks[-1].lines and blocks[-1].lines[-1].label():
                title = blocks[-1].lines.pop().label()
            facts = facts_of(above)
            blocks.append(Block(title, line, columns, facts))
            above = []
        elif above or not blocks or is_meeting_header(line):
            above.append(line)
        else:
            blocks[-1].lines.append(line)
    return Layout(lines, blocks, table.encoding, filename)


def columns_of(line: ReportLine) -> dict[Meaning, int]:
    """The columns of a header about people, or nothing where the line is no such header."""
    if len(line.filled) == 0 or any(looks_like_data(cell) for cell in line.filled):
        return {}
    found = _positions(line.cells)
    if not found.keys() & _PEOPLE or not any(
        phrase_meaning(cell) in _PEOPLE or is_original_name(cell) for cell in line.filled
    ):
        return {}
    if _is_about_a_meeting(line.cells, found):
        return {}
    return _chosen(line.cells, found)


def is_meeting_header(line: ReportLine) -> bool:
    """Whether the line names values about a meeting that stand in the line below."""
    if any(looks_like_data(cell) for cell in line.filled):
        return False
    return _is_about_a_meeting(line.cells, _positions(line.cells))


def _is_about_a_meeting(cells: Sequence[str], found: dict[Meaning, list[int]]) -> bool:
    names = [p for p in found.get(Meaning.NAME, []) if not is_head_count(cells[p])]
    if names or found.keys() & {Meaning.LAST_NAME, Meaning.JOIN, Meaning.TIMESTAMP}:
        return False
    about = found.keys() & _MEETING
    return len(about) >= 2 or (bool(about) and Meaning.HOST_EMAIL in found)


def _positions(cells: Sequence[str]) -> dict[Meaning, list[int]]:
    found: dict[Meaning, list[int]] = {}
    for position, cell in enumerate(cells):
        if cell and (means := meaning(cell)):
            found.setdefault(means, []).append(position)
    return found


def _chosen(cells: Sequence[str], found: dict[Meaning, list[int]]) -> dict[Meaning, int]:
    """One column for each meaning: the first, but the name that says it may be followed by an
    original one, and of address and length those of the person rather than of the meeting."""
    chosen = {means: positions[0] for means, positions in found.items()}
    if Meaning.NAME in found:
        names = found[Meaning.NAME]
        name = next((p for p in names if is_original_name(cells[p])), names[0])
        chosen[Meaning.NAME] = name
        for means in _AFTER_NAME:
            later = [position for position in found.get(means, []) if position > name]
            if later:
                chosen[means] = later[0]
    if Meaning.LAST_NAME in found and Meaning.FIRST_NAME not in found and Meaning.NAME in found:
        chosen[Meaning.FIRST_NAME] = chosen.pop(Meaning.NAME)  # «Имя», «Фамилия»
    if Meaning.LEAVE in found and Meaning.JOIN not in found and Meaning.DURATION in found:
        _join_named_like_a_length(cells, found, chosen)
    return chosen


def _join_named_like_a_length(
    cells: Sequence[str], found: dict[Meaning, list[int]], chosen: dict[Meaning, int]
) -> None:
    """参加時間 is the time of joining where a column of leaving stands beside it."""
    leave, lengths = chosen[Meaning.LEAVE], found[Meaning.DURATION]
    if leave - 1 in lengths and not any(sign in cells[leave - 1] for sign in "(（"):
        chosen[Meaning.JOIN] = leave - 1
        others = [position for position in lengths if position != leave - 1]
        if others:
            chosen[Meaning.DURATION] = others[0]
        else:
            del chosen[Meaning.DURATION]


def facts_of(lines: Sequence[ReportLine]) -> dict[Meaning, str]:
    """Values about the meeting, from headers with the values below or labels with them beside."""
    facts: dict[Meaning, str] = {}
    for index, line in enumerate(lines):
        if is_meeting_header(line) and index + 1 < len(lines):
            values = lines[index + 1].cells
            for position, cell in enumerate(line.cells):
                means = meaning(cell) if cell else None
                if means and position < len(values) and values[position]:
                    facts.setdefault(means, values[position])
        elif pair := _label_and_value(line):
            means = meaning(pair[0])
            if means:
                facts.setdefault(means, pair[1])
    return facts


def _label_and_value(line: ReportLine) -> tuple[str, str] | None:
    filled = line.filled
    if len(filled) == 2:
        return filled[0].rstrip(":： "), filled[1]
    if len(filled) == 1:
        for sign in (": ", "：", ":\t"):
            label, found, value = filled[0].partition(sign)
            if found and value.strip():
                return label.strip(), value.strip()
    return None
