"""Writing tables that people open in a spreadsheet: CSV with a byte order mark, and .xlsx.

Text that a spreadsheet would run as a formula gets an apostrophe in front of it, in CSV only. A
telephone number keeps its plus: `+7 912 …` and `+81-11-…` hold digits and signs alone, so nothing
can be run, and a leading apostrophe would reach the next program as part of the number.
`reading.plain` takes the apostrophe off again, so what was written is what is read. In .xlsx
no guard is needed, because each cell says that it is text.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from harpevents.core.tables.reading import looks_like_formula

Cell = str | int | float | bool | dt.date | dt.datetime | dt.timedelta | None

CELL_CHARACTERS = 32_767  # what Excel can hold; a longer text would be left out without a word
CHUNK = 64 * 1024
WORK_SECONDS, REST_SECONDS = 0.005, 0.005  # a table at work, and then others

_SIGNED_NUMBER = re.compile(r"[+\-＋－][0-9０-９ ().,/\u00a0\-]*")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
_WIDEST_EXACT_INTEGER = 10**15


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its name, the header and the rows, which may be an iterator."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]


def write_csv(
    header: Sequence[str], rows: Iterable[Sequence[Any]], zone: ZoneInfo | None = None
) -> Iterator[bytes]:
    """The table as UTF-8 with a byte order mark, in chunks, CRLF after each row.

    None is an empty cell, truth is "yes" or "no", days and instants are ISO 8601; an aware instant
    is put into `zone` where one is given and keeps its offset. Formula-like text is guarded.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    yield b"\xef\xbb\xbf"
    writer.writerow([guarded(title) for title in header])
    for row in _giving_way(rows):
        writer.writerow([_csv_cell(value, zone) for value in row])
        if buffer.tell() > CHUNK:
            yield _drained(buffer)
    yield _drained(buffer)


def write_xlsx(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], zone: ZoneInfo
) -> bytes:
    """A workbook of one sheet; see `write_workbook`."""
    return write_workbook([Sheet(name, header, rows)], zone)


def write_workbook(sheets: Sequence[Sheet], zone: ZoneInfo) -> bytes:
    """A workbook in which text stays text, numbers are numbers and aware instants are local times.

    Excel knows no zones, so instants become wall-clock times of `zone`. Rows are written as they
    come and never held together in memory. A naive instant is an error of the caller.
    """
    with tempfile.TemporaryFile() as file:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with xlsxwriter.Workbook(file, options) as workbook:
            formats = {
                "header": workbook.add_format({"bold": True, "bottom": 1}),
                "day": workbook.add_format({"num_format": "yyyy-mm-dd"}),
                "instant": workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
                "length": workbook.add_format({"num_format": "[h]:mm:ss"}),
            }
            for name, sheet in zip(_sheet_names(sheets), sheets, strict=True):
                _fill(workbook.add_worksheet(name), sheet, formats, zone)
        file.seek(0)
        return file.read()


def guarded(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would run it, else unchanged.

    Text that already has an apostrophe there gets one more, so that reading gives back each text.
    """
    text = _clean(text)
    if looks_like_formula(text) and (text.startswith("'") or not _is_signed_number(text)):
        return f"'{text}"
    return text


def _is_signed_number(text: str) -> bool:
    return _SIGNED_NUMBER.fullmatch(text.strip()) is not None


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def _csv_cell(value: Any, zone: ZoneInfo | None) -> str | int | float:
    if isinstance(value, str):
        return guarded(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        local = value.astimezone(zone) if zone and value.tzinfo else value
        return local.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | float):
        return value
    return guarded(str(value))


def _giving_way(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """The same rows, with a rest after every few milliseconds of work.

    Whoever registers in the same process needs the interpreter for each of his statements; beside
    a table of ten thousand rows he would wait for it each time.
    """
    began = time.perf_counter()
    for row in rows:
        yield row
        if time.perf_counter() - began > WORK_SECONDS:
            time.sleep(REST_SECONDS)
            began = time.perf_counter()


def _drained(buffer: io.StringIO) -> bytes:
    chunk = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return chunk


def _fill(sheet: Any, content: Sheet, formats: dict[str, Any], zone: ZoneInfo) -> None:
    for position, title in enumerate(content.header):
        sheet.set_column(position, position, min(max(len(title) * 1.4, 12), 40))
    sheet.freeze_panes(1, 0)
    for position, title in enumerate(content.header):
        sheet.write_string(0, position, _text(title), formats["header"])
    for number, row in enumerate(_giving_way(content.rows), 1):
        for position, value in enumerate(row):
            _put(sheet, number, position, value, formats, zone)


def _put(
    sheet: Any, row: int, column: int, value: Any, formats: dict[str, Any], zone: ZoneInfo
) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, _text(value))
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        if math.isfinite(value) and abs(value) < _WIDEST_EXACT_INTEGER:
            sheet.write_number(row, column, value)
        else:
            sheet.write_string(row, column, str(value))
    elif isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError("an instant without a zone cannot be written")
        local = value.astimezone(zone).replace(tzinfo=None)
        sheet.write_datetime(row, column, local, formats["instant"])
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, value, formats["day"])
    elif isinstance(value, dt.timedelta):
        sheet.write_datetime(row, column, value, formats["length"])
    elif value is not None:
        sheet.write_string(row, column, _text(str(value)))


def _text(value: str) -> str:
    value = _clean(value)
    return value if len(value) <= CELL_CHARACTERS else value[: CELL_CHARACTERS - 1] + "…"


def _sheet_names(sheets: Sequence[Sheet]) -> list[str]:
    """Names as Excel allows them: 31 characters, no brackets or slashes, each different."""
    names: list[str] = []
    for number, sheet in enumerate(sheets, 1):
        name = _NOT_IN_SHEET_NAMES.sub(" ", _text(sheet.name)).strip(" '")[:31] or f"Sheet{number}"
        if name.casefold() in {other.casefold() for other in names}:
            name = f"{name[:27]} {number}"
        names.append(name)
    return names
