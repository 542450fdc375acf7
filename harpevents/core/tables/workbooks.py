"""Reading the first filled sheet of an .xlsx file as rows of text, after weighing it.

A workbook is a packed folder: a few kilobytes can unpack to gigabytes, one cell in the last
corner of a sheet makes a reader reserve room for seventeen thousand million cells, and one long
text may be repeated in each of a million cells. All three are measured before the reader that
allocates (python-calamine) sees the file.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from harpevents.core.tables.refusals import TableRefused

UNPACKED_BYTES = 120 * 1024 * 1024
PARTS = 2_000
TEXT_CHARACTERS = 60_000_000
GRID_CELLS = 4_000_000
MOST_NOTED = 10_000  # hidden rows and error cells that are told of
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".bin")

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})$")


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are a packed or an old binary Office file rather than text."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06", _COMPOUND_FILE))


class SheetRead(NamedTuple):
    """A sheet's rows from row 1, its name, and the rows among them that a filter hides."""

    rows: list[list[str]]
    name: str
    hidden: list[int]


def rows_of_workbook(data: bytes, *, rows: int, columns: int) -> SheetRead:
    """The first visible sheet that holds anything; an error cell holds its error ("#REF!").

    Days are "2021-12-08", instants "2021-12-08 09:58:00", lengths of time "0:43:00", whole numbers
    have no decimal point. Raises `TableRefused` for what is protected, has macros, is damaged or
    exceeds `rows`, `columns` or the limits of this module.
    """
    refuse_old_or_protected(data)
    parts = _weigh(data, rows, columns)
    try:
        return _first_filled_sheet(data, parts)
    except TableRefused:
        raise
    except BaseException as error:
        # A panic inside the reader arrives as a BaseException of its own that nothing else catches.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise TableRefused("broken_workbook") from error
        raise


def refuse_old_or_protected(data: bytes) -> None:
    """Refuse the old binary format, and what it packs a protected workbook into."""
    if data.startswith(_COMPOUND_FILE):
        protected = "EncryptedPackage".encode("utf-16-le") in data
        raise TableRefused("encrypted" if protected else "old_excel")


def _first_filled_sheet(data: bytes, parts: Mapping[str, _Sheet]) -> SheetRead:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    for name in sheets:
        cells = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        table = [[_text(value) for value in row] for row in cells]
        part = parts.get(name)
        for (row, column), error in part.errors.items() if part else ():
            if row <= len(table) and column <= len(table[row - 1]):
                table[row - 1][column - 1] = error
        if any(any(cell for cell in row) for row in table):
            return SheetRead(table, name, sorted(part.hidden) if part else [])
    raise TableRefused("empty_file")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("_x000D_\n", "\n")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return _rounded(value).isoformat(sep=" ", timespec="seconds")
    return str(value)  # dates, times and lengths of time write themselves as wanted


def _rounded(moment: dt.datetime) -> dt.datetime:
    """Excel keeps instants as fractions of a day, so 09:58:00 may arrive as 09:57:59.999997."""
    return (moment + dt.timedelta(milliseconds=500)).replace(microsecond=0)


def _weigh(data: bytes, rows: int, columns: int) -> dict[str, _Sheet]:
    """{name of a sheet: what its part holds}, after measuring every part."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = _weigh_package(package, rows, columns)
            return {
                name: parts[path] for name, path in _sheet_paths(package).items() if path in parts
            }
    except TableRefused:
        raise
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, ValueError) as error:
        raise TableRefused("broken_workbook") from error
    except (NotImplementedError, RuntimeError) as error:  # unknown packing, a password
        raise TableRefused("encrypted") from error


def _weigh_package(package: zipfile.ZipFile, rows: int, columns: int) -> dict[str, _Sheet]:
    parts = package.infolist()
    names = {part.filename.lower() for part in parts}
    if "[content_types].xml" not in names or not any(n.startswith("xl/") for n in names):
        raise TableRefused("not_a_table", kind="ZIP")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise TableRefused("macros")
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED_BYTES:
        raise TableRefused("unpacks_too_large")
    # Reading each part to its end makes zipfile compare length and checksum with the directory,
    # so the sizes added up above are the true ones.
    lengths: list[int] = []
    others: dict[str, bytes] = {}
    for part in parts:
        content = package.read(part)
        if part.filename.lower().replace("\\", "/").endswith("sharedstrings.xml"):
            lengths = _SharedTexts(content).lengths
        elif not part.filename.lower().endswith(PICTURES):
            others[part.filename] = content
    # Which part is a sheet is said by another part, and may be any: each is measured as one.
    found = {}
    for name, content in others.items():
        try:
            found[name] = _Sheet(content, lengths, rows, columns)
        except expat.ExpatError:
            if name.lower().endswith((".xml", ".rels")):
                raise
    return found


def _sheet_paths(package: zipfile.ZipFile) -> dict[str, str]:
    """{name of a sheet: the part it stands in}, as the workbook's relationships say."""
    try:
        relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
        workbook = ElementTree.fromstring(package.read("xl/workbook.xml"))  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    paths = {}
    for sheet in workbook.iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            key = next((sheet.get(k) for k in sheet.keys() if k.endswith("}id")), None)  # noqa: SIM118
            target = targets.get(key, "")
            path = target[1:] if target.startswith("/") else f"xl/{target}"
            paths[sheet.get("name", "")] = path
    return paths


class _Scan:
    """A strict pass over one XML part; document types are refused, for entities multiply."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse

    def refuse(self, *_: object) -> None:
        raise TableRefused("broken_workbook")


class _SharedTexts(_Scan):
    """The length of each text that cells refer to by number."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.lengths: list[int] = []
        self.parser.StartElementHandler = self.start
        self.parser.CharacterDataHandler = self.characters
        self.parser.Parse(content, True)

    def start(self, name: str, _: dict[str, str]) -> None:
        if name.rpartition(" ")[2] == "si":
            self.lengths.append(0)

    def characters(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


class _Sheet(_Scan):
    """How far a sheet reaches and how much text it would unfold to."""

    def __init__(self, content: bytes, lengths: list[int], rows: int, columns: int) -> None:
        super().__init__()
        self.lengths, self.most_rows, self.most_columns = lengths, rows, columns
        self.rows = self.columns = self.row = self.column = self.unfolded = 0
        self.is_shared = self.is_value = self.is_error = False
        self.errors: dict[tuple[int, int], str] = {}
        self.hidden: set[int] = set()
        self.is_hidden = False
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.Parse(content, True)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "c":
                self.cell(attributes)
            case "v":
                self.is_value = True
                self.reach()
            case "f" | "is":
                self.reach()
            case "row":
                self.row = int(attributes.get("r", self.row + 1))
                self.column = 0
                self.is_hidden = attributes.get("hidden") in {"1", "true"}

    def cell(self, attributes: dict[str, str]) -> None:
        found = _REFERENCE.match(attributes.get("r", ""))
        if found:
            self.column, self.row = _number(found[1]), int(found[2])
        else:
            self.column += 1
        self.is_shared, self.is_error = attributes.get("t") == "s", attributes.get("t") == "e"

    def end(self, name: str) -> None:
        if name.rpartition(" ")[2] == "v":
            self.is_value = False

    def reach(self) -> None:
        """Only cells with content count: formatted emptiness does not make a table larger."""
        if self.is_hidden and len(self.hidden) < MOST_NOTED:
            self.hidden.add(self.row)
        self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
        if self.rows > self.most_rows:
            raise TableRefused("too_many_rows", limit=self.most_rows)
        if self.columns > self.most_columns:
            raise TableRefused("too_many_columns", row=self.row, limit=self.most_columns)
        if self.rows * self.columns > GRID_CELLS:
            raise TableRefused("unpacks_too_large")

    def characters(self, text: str) -> None:
        if self.is_error and self.is_value and len(self.errors) < MOST_NOTED:
            self.errors[self.row, self.column] = text
        if self.is_shared and self.is_value and text.strip().isdecimal():
            number = int(text)
            self.unfolded += self.lengths[number] if number < len(self.lengths) else 0
            if self.unfolded > TEXT_CHARACTERS:
                raise TableRefused("unpacks_too_large")


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
