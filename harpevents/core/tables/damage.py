"""Text that was damaged before it reached us: letters lost to "?", or decoded wrongly once."""

from __future__ import annotations

import re

_LOST = re.compile(r"\?{2,}|\ufffd")
_ERRORS = frozenset(
    {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!"}
)


def is_damaged(text: str) -> bool:
    """Whether letters of the text are lost or wrong: 「??」, U+FFFD, an error cell, "GarcÃ­a"."""
    return bool(_LOST.search(text)) or text.strip().upper() in _ERRORS or _was_utf_8(text)


def _was_utf_8(text: str) -> bool:
    """Whether the text is UTF-8 that somebody took for a one-byte encoding.

    Letters that make sense almost never happen to be bytes that make sense as UTF-8.
    """
    if text.isascii():
        return False
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8") != text
        except UnicodeError:
            continue
    return False
