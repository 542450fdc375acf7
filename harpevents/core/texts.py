"""Texts as people type them: cleaned, and judged by whether a database keeps them."""

from __future__ import annotations

import unicodedata

LONGEST_WORDS = 200


def clean_line(text: str | None) -> str | None:
    """One line as typed: NFC, blanks at both ends off, runs of blanks as one."""
    if text is None:
        return None
    return " ".join(unicodedata.normalize("NFC", text).split())


def clean_text(text: str | None) -> str | None:
    """Several lines as typed: NFC, unix line ends, no blanks at both ends."""
    if text is None:
        return None
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def clean_words(text: str | None) -> str:
    """A few words for a search or a remark: one line without control characters, not too long."""
    line = "".join(char for char in clean_line(text) or "" if char.isprintable())
    return line[:LONGEST_WORDS].strip()


def is_storable(text: str) -> bool:
    """Whether every database gives the text back: no NUL, lone surrogate or control character."""
    return text.isprintable() or not any(
        unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t" for char in text
    )
