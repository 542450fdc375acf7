"""The straight way to SQLite's driver, for the few statements of a rush.

Of what such a statement takes, nine tenths are SQLAlchemy's own arrangements; on PostgreSQL, where
a statement travels, they do not matter and stay. The transaction, the connection and the errors
are SQLAlchemy's on both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

_watchers: list[Callable[[str], object]] = []  # told of each statement that goes the straight way


@contextmanager
def watching(tell: Callable[[str], object]) -> Iterator[None]:
    """Have `tell` told of every statement of this process meanwhile, whichever way it goes."""

    def tell_of_usual(_connection: object, _cursor: object, text: str, *_rest: object) -> None:
        tell(text)

    event.listen(Engine, "before_cursor_execute", tell_of_usual)
    _watchers.append(tell)
    try:
        yield
    finally:
        _watchers.remove(tell)
        event.remove(Engine, "before_cursor_execute", tell_of_usual)


class Binds(NamedTuple):
    """How a statement's values go to the driver: text, numbers and bytes, by name or in order."""

    changes: tuple[tuple[str, Callable[[Any], Any] | None], ...]  # in the order of placeholders
    by_name: bool

    @classmethod
    def of(cls, compiled: SQLCompiler) -> Binds:
        names = compiled.positiontup if compiled.positional else list(compiled.params)
        dialect = compiled.dialect
        types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
        changes = tuple((name, types[name].bind_processor(dialect)) for name in names or ())
        return cls(changes, by_name=not compiled.positional)

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The values, of which there may be more than the statement asks for."""
        if self.by_name:
            return {name: to(values[name]) if to else values[name] for name, to in self.changes}
        return tuple([to(values[name]) if to else values[name] for name, to in self.changes])


def fetch(at: Connection, text: str, bound: Any = ()) -> Any:
    """The rows of a statement in the transaction of `at`, raw as the driver gives them."""
    if at.dialect.name != "sqlite":
        return at.exec_driver_sql(text, bound).all()
    return _straight(at, text, bound, lambda cursor: cursor.fetchall())


def execute(at: Connection, text: str, bound: Any = ()) -> Any:
    """Run a statement that gives no rows; what SQLite gave as a key is in `lastrowid`.

    `bound` is as the driver takes it, or a list of such to run it for each.
    """
    if at.dialect.name != "sqlite":
        return at.exec_driver_sql(text, bound)
    return _straight(at, text, bound, lambda cursor: cursor)


def _straight(at: Connection, text: str, bound: Any, result: Callable[[Any], Any]) -> Any:
    for tell in _watchers:
        tell(text)
    straight: Any = at.connection.dbapi_connection
    run = straight.executemany if isinstance(bound, list) else straight.execute
    try:
        return result(run(text, bound))
    except sqlite3.Error as refused:
        raise DBAPIError.instance(
            text, bound, refused, sqlite3.Error, dialect=at.dialect
        ) from refused
