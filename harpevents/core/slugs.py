"""Slugs: names as lower-case ASCII words joined by hyphens."""

from __future__ import annotations

import re
from collections.abc import Container

from anyascii import anyascii

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
LONGEST = 80


def slugify(text: str) -> str:
    """Far Eastern University → "far-eastern-university"; "" when nothing is left."""
    words = re.findall(r"[a-z0-9]+", anyascii(text).lower().replace("'", ""))
    slug = "-".join(words)
    return slug if len(slug) <= LONGEST else slug[:LONGEST].rsplit("-", 1)[0]


def is_slug(text: str) -> bool:
    return bool(SLUG.fullmatch(text)) and len(text) <= LONGEST


def free_slug(wanted: str, taken: Container[str], *, distinguished_by: str = "") -> str:
    """`wanted`, or with `distinguished_by` (a city), or with a number, whichever is free first."""
    if wanted not in taken:
        return wanted
    if distinguished_by and (longer := f"{wanted}-{slugify(distinguished_by)}") not in taken:
        return longer
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"
