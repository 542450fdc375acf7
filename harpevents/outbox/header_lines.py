"""Writes header fields so that every server and reader understands them (RFC 5322, RFC 2047).

The standard library's structured headers turn long links into encoded words and lose quotes around
folded names, so the lines are written here: ASCII only, at most 78 characters where that is
possible, and nothing inside angle brackets is ever broken or encoded.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from email.header import Header

LONGEST = 76


def text_line(name: str, value: str) -> str:
    """An unstructured field such as Subject; beyond ASCII as encoded words of 75 letters."""
    value = one_line(value)
    charset = "us-ascii" if value.isascii() and "=?" not in value else "utf-8"
    return f"{name}: {_encoded(value, charset, len(name) + 2)}\r\n"


def address_line(name: str, display_name: str, address: str) -> str:
    """A field with one mailbox. `address` is ASCII (`core.addresses.normalise`)."""
    address.encode("ascii")
    shown = one_line(display_name)
    if not shown:
        return f"{name}: {address}\r\n"
    if shown.isascii() and "=?" not in shown and len(shown) <= LONGEST - len(name) - 4:
        escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
        phrase = f'"{escaped}"'
    else:
        phrase = _encoded(shown, "utf-8", len(name) + 2)
    last = phrase.rpartition("\n")[2]
    used = len(last) + (0 if "\n" in phrase else len(name) + 2)
    gap = " " if used + len(address) + 3 <= LONGEST else "\r\n "
    return f"{name}: {phrase}{gap}<{address}>\r\n"


def links_line(name: str, links: Sequence[str]) -> str:
    """A field of links in angle brackets (RFC 2369): broken between them, never inside."""
    for link in links:
        link.encode("ascii")
    return f"{name}: " + ",\r\n ".join(f"<{one_line(link)}>" for link in links) + "\r\n"


def plain_line(name: str, value: str) -> str:
    """A field of ASCII tokens that is never folded or encoded."""
    value = one_line(value)
    value.encode("ascii")
    return f"{name}: {value}\r\n"


def one_line(value: str) -> str:
    """`value` without line ends and control characters: nobody adds a header through a name."""
    spaced = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in value)
    return " ".join(spaced.encode("utf-8", "replace").decode().split())


def _encoded(value: str, charset: str, used: int) -> str:
    header = Header(value, charset, maxlinelen=LONGEST, header_name="x" * (used - 2))
    return header.encode(linesep="\r\n")
