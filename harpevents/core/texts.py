"""Texts as people type them: cleaned, and judged by whether a database keeps them."""

from __future__ import annotations

import unicodedata

LONGEST_WORDS = 200
# Signs without a shape that copying brings along: soft hyphens, zero-width blanks, marks of order
# and direction. The joiners U+200C and U+200D stay: Persian and Hindi are written with them.
_INVISIBLE = dict.fromkeys(
    (0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
)


def clean_line(text: str | None) -> str | None:
    """One line as typed: NFC, without invisible signs, runs of blanks as one, none at the ends."""
    if text is None:
        return None
    return " ".join(_visible(text).split())


def clean_text(text: str | None) -> str | None:
    """Several lines as typed: NFC, no invisible signs, unix line ends, no blanks at both ends."""
    if text is None:
        return None
    return _visible(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _visible(text: str) -> str:
    return unicodedata.normalize("NFC", text.translate(_INVISIBLE))


def clean_words(text: str | None) -> str:
    """A few words for a search or a remark: one line without control characters, not too long."""
    line = "".join(char for char in clean_line(text) or "" if char.isprintable())
    return line[:LONGEST_WORDS].strip()


def is_storable(text: str) -> bool:
    """Whether every database gives the text back: no NUL, lone surrogate or control character."""
    return text.isprintable() or not any(
        unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t" for char in text
    )
