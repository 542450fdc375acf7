"""Turning the bytes of a text file into text, and saying which encoding they were in.

A byte order mark decides first, strict UTF-8 second, and only then are the older Japanese and
Russian encodings weighed against each other. Text is never read wrongly without notice: what
does not decode is refused with the line it stands in.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from harpevents.core.tables.refusals import TableRefused

# Only what secretariats in Japan, Russia and Western Europe really send. A longer list makes the
# detector worse: 24 of 24 files right with it, 23 without.
CANDIDATES = ["utf_8", "utf_16", "cp932", "euc_jp", "cp1251", "koi8_r", "cp866", "cp1252"]

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
    sample = _telling_lines(data)
    for match in from_bytes(sample, cp_isolation=CANDIDATES):
        name = match.encoding.replace("_", "-") if "utf" in match.encoding else match.encoding
        if _decodes(data, name):
            return name
    raise TableRefused("unknown_encoding")


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


def _telling_lines(data: bytes) -> bytes:
    """The lines that are not plain ASCII: digits and addresses say nothing of an encoding."""
    lines = [line for line in re.split(rb"[\r\n]+", data) if not line.isascii()]
    sample = b"\n".join(lines[:400])
    return sample if len(sample) <= SAMPLE else b"\n".join(lines[:50])


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
