"""Public pages kept in the process, so that a rush of readers costs one small query each.

A page is kept under everything it depends on (event, revision, language, phase of registration)
and for five minutes at most, because names of institutions and the clock change it as well.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from harpevents.core.statements import Statement
from harpevents.events.models import Event, EventStatus

SECONDS = 300
PAGES = 256


@dataclass(frozen=True)
class Glance:
    """As much of an event as decides which of its pages to show."""

    id: int
    revision: int
    status: EventStatus
    takes_registrations: bool
    opens_at: datetime | None
    closes_at: datetime | None
    ends_at: datetime


_event = Event.__table__
_GLANCE = Statement(
    select(
        _event.c.id,
        _event.c.revision,
        _event.c.status,
        _event.c.takes_registrations,
        _event.c.opens_at,
        _event.c.closes_at,
        _event.c.ends_at,
    ).where(_event.c.slug == bindparam("slug"))
)


def glance(slug: str) -> Glance | None:
    """The event as the public may see it; None for a draft or a name nobody knows."""
    row = _GLANCE.row(slug=slug)
    if row is None or row.status == EventStatus.DRAFT:
        return None
    return Glance(*row)


@dataclass(frozen=True)
class KeptPage:
    """A page's HTML and its ETag, and until when (monotonic seconds) it may be used."""

    html: str
    etag: str
    until: float


class PageCache:
    """The pages used last; the least used leave first."""

    def __init__(self, size: int = PAGES) -> None:
        self._pages: OrderedDict[Hashable, KeptPage] = OrderedDict()
        self._size = size
        self._lock = threading.Lock()

    def get(self, key: Hashable, write: Callable[[], str]) -> KeptPage:
        """The page kept under `key`, else what `write` makes, kept from now on."""
        now = time.monotonic()
        with self._lock:
            found = self._pages.get(key)
            if found is not None and found.until > now:
                self._pages.move_to_end(key)
                return found
        html = write()
        etag = hashlib.blake2b(html.encode(), digest_size=12).hexdigest()
        page = KeptPage(html, etag, now + SECONDS)
        with self._lock:
            self._pages[key] = page
            self._pages.move_to_end(key)
            while len(self._pages) > self._size:
                self._pages.popitem(last=False)
        return page

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
