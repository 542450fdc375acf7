"""Public pages kept in the process, so that a rush of readers costs one small query each.

A page is kept under everything it depends on (event, revision, language, phase of registration,
what is full) and for five minutes at most, because names of institutions and the clock change it
as well. What differs from visitor to visitor, or with each registration, is left out and filled in
at each request.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from cachetools import TTLCache
from sqlalchemy import bindparam, or_, select

from harpevents.core.db import db
from harpevents.events.models import Event, EventStatus

SECONDS = 300
PAGES = 256


@dataclass(frozen=True)
class Summary:
    """As much of an event as decides which of its pages to show."""

    id: int
    slug: str
    revision: int
    status: EventStatus
    takes_registrations: bool
    opens_at: datetime | None
    closes_at: datetime | None
    ends_at: datetime
    capacity: int | None


_whole = select(Event.id).where(Event.slug == bindparam("slug")).scalar_subquery()
_SUMMARIES = select(*(getattr(Event, field.name) for field in fields(Summary))).where(
    or_(Event.id == _whole, Event.parent_id == _whole), Event.status != EventStatus.DRAFT
)


def find_summary(slug: str) -> tuple[Summary, Sequence[Summary]] | None:
    """The event and its parts as the public may see them; None for a draft or an unknown name."""
    found = [Summary(*row) for row in db.session.execute(_SUMMARIES, {"slug": slug})]
    event = next((one for one in found if one.slug == slug), None)
    return None if event is None else (event, [one for one in found if one is not event])


@dataclass(frozen=True)
class CachedPage:
    """A page's HTML in pieces, and the names of what stands between one piece and the next."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def without(cls, html: str, values: Mapping[str, str]) -> CachedPage:
        """`html` without `values` {name: text that stands nowhere else in it}."""
        names = {text: name for name, text in values.items()}
        if not names:
            return cls((html,), ())
        parts = re.split(f"({'|'.join(map(re.escape, names))})", html)
        return cls(tuple(parts[::2]), tuple(names[text] for text in parts[1::2]))

    def with_values(self, values: Mapping[str, str]) -> str:
        """The whole HTML, with these values in the places of those it was written with."""
        if not self.names:
            return self.pieces[0]
        first, *others = self.pieces
        filled = (values[name] + piece for name, piece in zip(self.names, others, strict=True))
        return first + "".join(filled)


class PageCache:
    """The pages used last; the least used leave first."""

    def __init__(self) -> None:
        self._pages: TTLCache[Hashable, CachedPage] = TTLCache(PAGES, SECONDS)
        self._lock = threading.Lock()

    def get(self, key: Hashable, write: Callable[[], CachedPage]) -> CachedPage:
        """The page kept under `key`, else what `write` makes, kept from now on."""
        with self._lock:
            found: CachedPage | None = self._pages.get(key)
        if found is None:
            found = write()
            with self._lock:
                self._pages[key] = found
        return found

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
