"""Events as this process read them last: when registration opens, everybody asks for one row.

What is kept is used only while the row is of the same version (`Event.updated_at`, which rises with
every change of what the event says of itself), and that is asked for each time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, inspect, or_, select

from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.core.rows import as_read, take_in
from harpevents.core.statements import Statement
from harpevents.events.models import Event

SPACE = 256  # events

_table = cast(Table, Event.__table__)
NAMES = [column.key for column in _table.columns]
_called = _table.c.slug == bindparam("slug")
_VERSIONS = select(_table.c.id, _table.c.updated_at, _table.c.revision)
_CALLED = Statement(_VERSIONS.where(_called))
_WITH_PARTS = Statement(
    _VERSIONS.where(
        or_(_called, _table.c.parent_id == select(_table.c.id).where(_called).scalar_subquery())
    ).order_by(_table.c.starts_at, _table.c.id)
)
ONE = _VERSIONS.where(_table.c.id == bindparam("id"))
HELD = Statement(ONE.with_for_update(key_share=True))


class Shelf:
    """The rows used last, by their key; the least used leave first."""

    def __init__(self) -> None:
        self._rows: OrderedDict[int, dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, id: int, version: datetime) -> dict[str, Any] | None:
        with self._lock:
            row = self._rows.get(id)
            if row is None or row["updated_at"] != version:
                return None
            self._rows.move_to_end(id)
            return row

    def put(self, row: dict[str, Any]) -> None:
        with self._lock:
            self._rows[row["id"]] = row
            while len(self._rows) > SPACE:
                self._rows.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()


shelf = Shelf()


def find_by_slug(slug: str) -> Event | None:
    """The event of this slug, in whatever status."""
    version = _CALLED.row(slug=slug)
    return None if version is None else _event(version)


def find_with_parts(slug: str) -> tuple[Event | None, list[Event]]:
    """The event and its parts in the order they begin, by one statement: to look at, not to change.

    `hold` gives the event to work with.
    """
    versions = _WITH_PARTS.rows(slug=slug)
    found = [_event(version, as_read) for version in versions]
    event = next((one for one in found if one.slug == slug), None)
    return event, [one for one in found if one is not event]


def hold(event: Event) -> Event:
    """The event under its lock, as it is now, in place of an object read before the transaction.

    That one is not to be used any more. Raises `NotFound`.
    """
    (id,) = inspect(event).identity or (0,)
    if event in db.session:
        db.session.expunge(event)
    version = HELD.row(id=id)
    if version is None:
        raise NotFound(id)
    return _event(version)


def _event(version: Any, have: Callable[[type[Event], dict[str, Any]], Event] = take_in) -> Event:
    id, updated_at, revision = version
    row = shelf.find(id, updated_at)
    if row is None:
        event = db.session.get_one(Event, id)
        row = {name: getattr(event, name) for name in NAMES}
        if not inspect(event).modified:  # what may still be refused is nothing to keep
            shelf.put(row)
    return have(Event, {**row, "revision": revision})
