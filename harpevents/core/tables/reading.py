"""Reading a CSV or Excel file that somebody uploads as rows of text with true line numbers.

`read_table` answers for the whole way from bytes to cells: encoding, delimiter, quoting, the
damage Excel does when it saves a CSV again, and limits on everything that could exhaust the
machine. `columns` finds the header and says which column holds what.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harpevents.core.tables.encodings import decoded
from harpevents.core.tables.reading_apart import rows_apart
from harpevents.core.tables.refusals import REASONS, TableRefused
from harpevents.core.tables.workbooks import is_workbook

__all__ = [
    "REASONS",
    "Columns",
    "Record",
    "Table",
    "TableRefused",
    "columns",
    "folded",
    "looks_like_formula",
    "plain",
    "read_table",
]

MEGABYTES = 25
ROWS = 100_000
COLUMNS = 500
CELL_CHARACTERS = 32_767  # what Excel can hold
DELIMITERS = ",;\t|"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")

_DIRECTIVE = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)
_GUARDED = re.compile(r'="((?:[^"]|"")*)"\s*', re.DOTALL)
_ACCENTS = re.compile("[\u0300-\u036f]")
_NOT_A_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Table:
    """The filled rows of a file.

    `rows[i]` stands in line `numbers[i]` of the file (1-based, the line where the record starts;
    the row number for a workbook). Rows that are blank throughout are left out, blank cells at the
    end of a row too, so rows differ in length. `encoding` is a Python codec name, `delimiter` is
    None for a workbook, `sheet` None for a text file. `hidden` are rows of a workbook that a filter
    hides: they are read as the others are.
    """

    rows: list[list[str]]
    numbers: list[int]
    encoding: str
    delimiter: str | None
    sheet: str | None = None
    hidden: tuple[int, ...] = ()

    def numbered(self) -> Iterator[tuple[int, list[str]]]:
        return zip(self.numbers, self.rows, strict=True)


@dataclass(frozen=True)
class Record:
    """One row under a header: stripped text by the caller's own key, "" where the cell is absent.

    `others` holds the filled cells of columns that nobody asked for, by their header as written.
    """

    number: int
    values: dict[str, str]
    others: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """Where the wanted columns are: `positions` by key, `titles` as written in the file."""

    table: Table
    header: int  # index into table.rows
    positions: dict[str, int]
    titles: dict[str, str]

    def records(self) -> Iterator[Record]:
        known = set(self.positions.values())
        header = self.table.rows[self.header]
        for number, row in list(self.table.numbered())[self.header + 1 :]:
            values = {
                key: row[position].strip() if position < len(row) else ""
                for key, position in self.positions.items()
            }
            others = {
                header[position].strip() if position < len(header) else f"#{position + 1}": cell
                for position, cell in enumerate(row)
                if position not in known and cell.strip()
            }
            yield Record(number, values, others)


def read_table(data: bytes, filename: str | None = None, encoding: str | None = None) -> Table:
    """The table in an uploaded file; `encoding` overrules what would be detected.

    The content decides what the file is, not `filename`, which only tells an old `.xlsm` apart.
    Raises `TableRefused` (code, row, column) for what is empty, too large, no table, or cannot be
    decoded without a guess that would change letters.
    """
    if not data.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise TableRefused("empty_file")
    if len(data) > MEGABYTES * 1024 * 1024:
        raise TableRefused("too_many_bytes", limit=MEGABYTES)
    if is_workbook(data):
        if (filename or "").lower().endswith((".xlsm", ".xltm", ".xlsb")):
            raise TableRefused("macros")
        rows, sheet, hidden = rows_apart(data, rows=ROWS, columns=COLUMNS)
        numbers, rows, _ = _unfolded(list(range(1, len(rows) + 1)), rows, ",")
        return replace(_checked(numbers, rows, "utf-8", None, sheet), hidden=tuple(hidden))
    text, codec = decoded(data, encoding)
    delimiter, body, skipped = _delimiter_and_body(text)
    numbers, rows = _parsed(body, delimiter, skipped)
    numbers, rows, delimiter = _unfolded(numbers, rows, delimiter)
    return _checked(numbers, rows, codec, delimiter, None)


def columns(
    table: Table,
    synonyms: Mapping[str, Collection[str]],
    *,
    required: Collection[str] = (),
    within: int = 30,
) -> Columns:
    """Find the header among the first `within` rows: the row in which most keys are recognised.

    Words are compared by `folded`, so case, blanks and punctuation do not matter; of two columns
    with the same meaning the first counts. Raises `TableRefused` with `no_header`, or with
    `missing_column` naming the first of `required` that is not there.
    """
    meanings = {folded(word): key for key, words in synonyms.items() for word in (*words, key)}
    best: dict[str, int] = {}
    header = 0
    for index, row in enumerate(table.rows[:within]):
        found: dict[str, int] = {}
        for position, cell in enumerate(row):
            if key := meanings.get(folded(cell)):
                found.setdefault(key, position)
        if len(found) > len(best):
            best, header = found, index
    if not best:
        raise TableRefused(
            "no_header",
            row=table.numbers[0] if table.numbers else None,
            seen=_seen(table, table.rows[0] if table.rows else []),
        )
    for key in required:
        if key not in best:
            seen = _seen(table, table.rows[header])
            raise TableRefused(
                "missing_column", row=table.numbers[header], column=key, name=key, seen=seen
            )
    titles = {key: table.rows[header][position].strip() for key, position in best.items()}
    return Columns(table, header, best, titles)


def _seen(table: Table, row: Sequence[str]) -> str:
    """What stands in the line that was looked at, and on which sheet."""
    cells = ", ".join(cell.strip() for cell in row[:20] if cell.strip())[:300]
    return f"{table.sheet}: {cells}" if table.sheet else cells


def folded(text: str) -> str:
    """A word as compared in headers: no case, accents, blanks, punctuation or width."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return _NOT_A_LETTER.sub("", unicodedata.normalize("NFC", bare))


def plain(cell: str) -> str:
    """A cell without the guards that programs put around it for the sake of spreadsheets.

    `="001"` means 001; an apostrophe before a formula character, as `writing` writes it, is
    taken off again. NUL bytes go, line ends become "\\n".
    """
    if "\x00" in cell:
        cell = cell.replace("\x00", "")
    if "\r" in cell:
        cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    if cell.startswith("'") and looks_like_formula(cell):
        return cell[1:]
    if cell.startswith("=") and (guarded := _GUARDED.fullmatch(cell)):
        return guarded[1].replace('""', '"')
    return cell


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet might run `text`, whatever apostrophes or blanks stand before it."""
    return text.lstrip("' \u00a0\u3000\n").startswith(FORMULA_STARTS)


def _delimiter_and_body(text: str) -> tuple[str, str, int]:
    """The delimiter, the text to parse and how many lines before it were a directive to Excel."""
    first, end, rest = _first_line(text)
    if end and (directive := _DIRECTIVE.fullmatch(first)):
        return directive[1], rest, 1
    sample = text[:200_000]
    scores = {delimiter: _consistency(sample, delimiter) for delimiter in DELIMITERS}
    # Without any score, lines may be folded into their first cell and padded: `"a,b,c";;;`.
    padding = {delimiter: first.count(delimiter * 2) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: (scores[delimiter], padding[delimiter]))
    return best, text, 0


def _first_line(text: str) -> tuple[str, str, str]:
    found = re.search(r"\r\n|\r|\n", text)
    if not found:
        return text, "", ""
    return text[: found.start()], found[0], text[found.end() :]


def _consistency(sample: str, delimiter: str) -> int:
    """How much the sample looks like a table when cut at `delimiter`.

    Rows of the usual width count by their width; a first row of that width counts most, for a
    header is cut by the true delimiter, whereas commas inside cells start below it.
    """
    widths = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            while row and not row[-1].strip():
                row.pop()
            if row:
                widths.append(len(row))
            if len(widths) >= 200:
                break
    except csv.Error:
        return 0
    usual = max(Counter(widths).items(), key=lambda item: ((item[0] - 1) * item[1], item[0]),
                default=(1, 0))[0]  # fmt: skip
    score = (usual - 1) * widths.count(usual)
    if widths and widths[0] == usual:
        return score * 4
    cut = sum(1 for width in widths if width > 1)
    return score if cut * 2 >= len(widths) else 0


def _parsed(text: str, delimiter: str, skipped: int) -> tuple[list[int], list[list[str]]]:
    """The records with the physical line each one starts in; LF, CRLF and a lone CR end a line."""
    numbers: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    started = 1
    try:
        for row in reader:
            numbers.append(started + skipped)
            rows.append(row)
            started = reader.line_num + 1
            if len(rows) > ROWS * 2:
                raise TableRefused("too_many_rows", limit=ROWS)
    except csv.Error as error:  # only the field size limit of the csv module is left as a cause
        raise TableRefused("cell_too_long", row=started + skipped, limit=CELL_CHARACTERS) from error
    if rows and reader.line_num + skipped > numbers[-1]:
        _refuse_unclosed_quotation(text, numbers[-1], skipped)
    return numbers, rows


def _refuse_unclosed_quotation(text: str, number: int, skipped: int) -> None:
    """A last record of several lines with an odd count of quotation marks swallowed the rest."""
    lines = io.StringIO(text, newline="").readlines()[number - skipped - 1 :]
    if "".join(lines).count('"') % 2:
        raise TableRefused("unclosed_quotation", row=number)


def _unfolded(
    numbers: list[int], rows: list[list[str]], delimiter: str
) -> tuple[list[int], list[list[str]], str]:
    """Undo a re-save that put whole lines, delimiters and all, into one cell each.

    Lines are cut again only where that gives the same three or more columns nearly everywhere
    (two, when everywhere), so a plain list of "Kim, Anna" stays a list.
    """
    alone = [i for i, row in enumerate(rows) if row and not any(cell for cell in row[1:])]
    inner = {d: [_cut(rows[i][0], d) for i in alone] for d in DELIMITERS}
    widths = Counter(len(row) for row in rows if len(row) > 2)
    if 2 * len(alone) > len([row for row in rows if any(row)]):
        found = max(DELIMITERS, key=lambda d: _alike(inner[d]))
        if _alike(inner[found]):
            cut = dict(zip(alone, inner[found], strict=True))
            return numbers, [cut.get(i, row) for i, row in enumerate(rows)], found
    # Only some lines may be folded, those with quotation marks: they fit the width of the others.
    cut = {i: row for i, row in zip(alone, inner[delimiter], strict=True) if len(row) in widths}
    return numbers, [cut.get(i, row) for i, row in enumerate(rows)], delimiter


def _cut(line: str, delimiter: str) -> list[str]:
    if delimiter not in line or len(line) > CELL_CHARACTERS:
        return [line]
    rows = list(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter))
    return rows[0] if len(rows) == 1 else [line]


def _usual_width(rows: list[list[str]]) -> int:
    widths = Counter(len(row) for row in rows)
    return widths.most_common(1)[0][0] if widths else 0


def _alike(rows: list[list[str]]) -> int:
    """The number of cells gained by cutting, or 0 where the cut rows do not agree in width."""
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    usual = _usual_width(filled)
    agreeing = sum(1 for row in filled if len(row) == usual)
    if usual >= 3 and agreeing * 2 >= len(filled) and agreeing >= 2:
        return (usual - 1) * agreeing
    return agreeing if usual == 2 and agreeing == len(filled) >= 2 else 0


def _checked(
    numbers: list[int], rows: list[list[str]], encoding: str, delimiter: str | None,
    sheet: str | None,
) -> Table:  # fmt: skip
    """Clean the cells, drop what is blank and refuse what exceeds the limits, with its place."""
    filled: list[list[str]] = []
    lines: list[int] = []
    for number, row in zip(numbers, rows, strict=True):
        cells = [plain(cell) for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        if len(cells) > COLUMNS:
            raise TableRefused("too_many_columns", row=number, limit=COLUMNS)
        for position, cell in enumerate(cells, 1):
            if len(cell) > CELL_CHARACTERS:
                raise TableRefused(
                    "cell_too_long", row=number, column=str(position), limit=CELL_CHARACTERS
                )
        filled.append(cells)
        lines.append(number)
    if not filled:
        raise TableRefused("empty_file")
    if len(filled) > ROWS:
        raise TableRefused("too_many_rows", row=lines[ROWS], limit=ROWS)
    return Table(filled, lines, encoding, delimiter, sheet)
