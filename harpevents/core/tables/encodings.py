"""Turning the bytes of a text file into text, and saying which encoding they were in.

A byte order mark decides first, strict UTF-8 second, and only then are the older encodings weighed
against each other by what names are made of (`evidence`). Text is never read wrongly without
notice: what does not decode is refused with the line it stands in, and where two readings are near
each other, or the best is odd, the file is refused until somebody says its encoding.
"""

from __future__ import annotations

import codecs
import re

from harpevents.core.tables.evidence import weight
from harpevents.core.tables.refusals import TableRefused

CANDIDATES = (  # of two that give the same text, the first is named
    *("cp932", "euc_jp", "gbk", "big5", "cp949", "cp1251", "koi8_r", "cp866", "mac_cyrillic"),
    *("iso8859_5", "cp1252", "cp1250", "iso8859_2", "cp1254", "mac_roman", "cp850"),
)
NAMED = {  # what a person may choose from, as programs call it
    "utf-8": "UTF-8",
    "utf-16": "UTF-16 (Unicode)",
    "cp932": "Shift_JIS (cp932)",
    "euc_jp": "EUC-JP",
    "iso2022_jp": "ISO-2022-JP",
    "gbk": "GBK (GB2312)",
    "big5": "Big5",
    "cp949": "EUC-KR (cp949)",
    "cp1251": "Windows-1251",
    "koi8_r": "KOI8-R",
    "cp866": "DOS 866",
    "mac_cyrillic": "Mac Cyrillic",
    "iso8859_5": "ISO 8859-5",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "iso8859_2": "ISO 8859-2",
    "cp1254": "Windows-1254",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850",
}
CLEAR = 6.0  # how much likelier, in natural logarithms, the best must be than the next
ODD = 0.2  # the share of odd characters and words from which a reading is no reading

MARKS = [  # the longer mark first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
SIGNATURES = [
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"{\\rtf", "RTF"),
]
SAMPLE = 64 * 1024
WEIGHED = 16 * 1024  # bytes
_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|table|\?xml)", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_COMMON = re.compile(
    "[\t\n\r -~\u00a0-\u024f\u0400-\u04ff\u2000-\u206f\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]"
)


def decoded(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text of `data` without its byte order mark, and the codec it was read with.

    `encoding` overrules the detection (a person chose it on the preview). Raises `TableRefused`
    with `undecodable`, `unknown_encoding` or `not_a_table`.
    """
    if encoding is not None:
        return _strict(data, _known(encoding)), _known(encoding)
    for signature, kind in SIGNATURES:
        if data.startswith(signature):
            raise TableRefused("not_a_table", kind=kind)
    if _HTML.match(data):
        raise TableRefused("not_a_table", kind="HTML")
    found = _marked(data) or _wide_without_mark(data) or _detected(data)
    text = _strict(data, found)
    sample = text[:SAMPLE]
    if len(_CONTROLS.findall(sample)) > max(8, len(sample) // 100):
        raise TableRefused("not_a_table", kind="binary")
    return text, found


def _known(encoding: str) -> str:
    try:
        codec = codecs.lookup(encoding)
        "".encode(codec.name)
    except LookupError as unknown:
        raise TableRefused("unknown_encoding") from unknown
    return codec.name


def _marked(data: bytes) -> str | None:
    return next((name for mark, name in MARKS if data.startswith(mark)), None)


def _wide_without_mark(data: bytes) -> str | None:
    """UTF-16 betrays itself by the zero bytes of its commas and line ends."""
    sample = data[: SAMPLE // 2 * 2]
    if sample.count(0) * 20 < len(sample):
        return None
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = codecs.getincrementaldecoder(name)().decode(sample)
        except UnicodeDecodeError:
            continue
        if len(_COMMON.findall(text)) >= 0.95 * len(text):
            return name
    return None


def _detected(data: bytes) -> str:
    if re.search(rb"\x1b\$[@B]", data) and _decodes(data, "iso2022_jp"):
        return "iso2022_jp"
    if _decodes(data, "utf-8"):
        return "utf-8"
    if _is_nearly_utf_8(data):
        _strict(data, "utf-8")  # raises with the line: guessing another encoding would hide it
    return _likeliest(data)


def _likeliest(data: bytes) -> str:
    """The encoding in which the text is by far the likeliest; refused where none is."""
    cells = _telling_cells(data)
    readings: dict[str, tuple[float, str]] = {}
    for codec in CANDIDATES:
        if not _decodes(data, codec):
            continue
        text = [cell.decode(codec) for cell in cells]
        unlikely, telling, odd = weight(text, codec)
        if odd <= max(ODD * telling, 0.0):
            readings.setdefault("\n".join(text), (unlikely, codec))
    ranked = sorted(readings.values())
    if not ranked or (len(ranked) > 1 and ranked[1][0] - ranked[0][0] < CLEAR):
        raise TableRefused("unknown_encoding")
    return ranked[0][1]


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_nearly_utf_8(data: bytes) -> bool:
    """Whether a file is UTF-8 with a few damaged places rather than another encoding."""
    text = data.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    whole = sum(1 for character in text if character > "\x7f") - damaged
    return damaged * 10 <= whole


def _telling_cells(data: bytes) -> list[bytes]:
    """Different cells that are not plain ASCII, from the whole file, as many as are soon weighed.

    No trailing byte of a candidate is one of the separators.
    """
    cells = list(dict.fromkeys(c for c in re.split(rb'[\r\n,;\t"]+', data) if not c.isascii()))
    step = 1 + sum(map(len, cells)) // WEIGHED
    return cells[::step]


def _strict(data: bytes, encoding: str) -> str:
    mark = next((mark for mark, name in MARKS if name == encoding and data.startswith(mark)), b"")
    try:
        return data[len(mark) :].decode("utf-8" if encoding == "utf-8-sig" else encoding)
    except UnicodeDecodeError as error:
        before = data[len(mark) : len(mark) + error.start].decode(error.encoding, errors="ignore")
        line = re.split(r"\r\n|\r|\n", before)
        raise TableRefused(
            "undecodable", row=len(line), column=_column_of(line[-1]), encoding=encoding
        ) from error


def _column_of(before: str) -> str:
    """The number, from 1, of the column that follows the text `before` of its line."""
    separators = [before.count(delimiter) for delimiter in ",;\t"]
    return str(max(separators) + 1)
