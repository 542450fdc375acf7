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


def execute(at: Connection, text: str, bound: Any = ()) -> Any:
    """Run a statement in the transaction of `at`: rows as the driver gives them, by iteration.

    `bound` is as the driver takes it, or a list of such to run it for each. What SQLite gave as a
    key is in `lastrowid`. Raises SQLAlchemy's errors.
    """
    if at.dialect.name != "sqlite":
        return at.exec_driver_sql(text, bound)
    for tell in watchers:
        tell(text)
    straight: Any = at.connection.dbapi_connection
    run = straight.executemany if isinstance(bound, list) else straight.execute
    try:
        return run(text, bound)
    except sqlite3.Error as refused:
        raise DBAPIError.instance(
            text, bound, refused, sqlite3.Error, dialect=at.dialect
        ) from refused
