"""The straight way to SQLite's driver, for the few statements of a rush.

Of what such a statement takes, nine tenths are SQLAlchemy's own arrangements; on PostgreSQL, where
a statement travels, they do not matter and stay. The transaction, the connection and the errors
are SQLAlchemy's on both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

watchers: list[Callable[[str], object]] = []  # told of each statement that goes the straight way


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
    for tell in watchers:
        tell(text)
    straight: Any = at.connection.dbapi_connection
    run = straight.executemany if isinstance(bound, list) else straight.execute
    try:
        return result(run(text, bound))
    except sqlite3.Error as refused:
        raise DBAPIError.instance(
            text, bound, refused, sqlite3.Error, dialect=at.dialect
        ) from refused
