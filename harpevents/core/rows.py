"""Rows written by one plain statement each, made ready once: for commands that come in a rush.

A flush sorts everything the session holds, and even a statement of its own is put together and
looked up anew each time: at the door, or when registration opens, that would be most of the work.
What changed on other objects is not flushed before. Constraints hold as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Connection, Dialect, Table, inspect
from sqlalchemy.orm import make_transient_to_detached

from harpevents.core.db import Base, connection, db
from harpevents.core.driver import Binds, execute

Model = TypeVar("Model", bound=Base)


class _Insert(NamedTuple):
    """An INSERT of whole rows of one table, as the driver takes it."""

    key: str | None  # the column whose value the database gives
    returning: str  # the statement that gives it back
    plain: str
    binds: Binds
    defaults: dict[str, Any]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """A row as the driver takes it: the values given, else the defaults."""
        return self.binds.bound({**self.defaults, **values})


@lru_cache(maxsize=256)
def _insert(table: Table, dialect: Dialect) -> _Insert:
    given = table.autoincrement_column
    columns = {column.key: column for column in table.columns if column is not given}
    insert = table.insert()
    plain = insert.compile(dialect=dialect, column_keys=list(columns))
    returning = insert.returning(given) if given is not None else insert
    return _Insert(
        key=None if given is None else given.key,
        returning=str(returning.compile(dialect=dialect, column_keys=list(columns))),
        plain=str(plain),
        binds=Binds.of(plain),
        defaults={name: getattr(column.default, "arg", None) for name, column in columns.items()},
    )


def insert_key(model: type[Base], values: Mapping[str, Any]) -> int:
    """Write a row and give the key that the database gave it."""
    at = connection()
    insert = _insert(cast(Table, model.__table__), at.dialect)
    return _key(at, insert, insert.bound(values))


def _key(at: Connection, insert: _Insert, bound: Any) -> int:
    if at.dialect.name == "sqlite":  # the driver has it already
        return int(execute(at, insert.plain, bound).lastrowid)
    return int(execute(at, insert.returning, bound).scalar_one())


def insert_now(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Write a row and take it into the session as if it had been loaded.

    Columns missing in `values` get their default.
    """
    at = connection()
    insert = _insert(cast(Table, model.__table__), at.dialect)
    row = {**insert.defaults, **values}
    if insert.key is None:
        execute(at, insert.plain, insert.binds.bound(row))
    else:
        row[insert.key] = _key(at, insert, insert.binds.bound(row))
    return take_in(model, row)


def take_in(model: type[Model], row: Mapping[str, Any]) -> Model:
    """An object of the session with the values of all its columns, as if it had been loaded.

    What the session has of this key already stays what it is.
    """
    session = db.session()
    mapper = inspect(model)
    (key,) = mapper.primary_key
    known = session.identity_map.get(mapper.identity_key_from_primary_key((row[str(key.key)],)))
    if known is not None:
        return cast(Model, known)
    made = as_read(model, row)
    session.add(made)
    return made


def as_read(model: type[Model], row: Mapping[str, Any]) -> Model:
    """An object with the values of all its columns that no session has: to look at, not to change.

    What it does not have, another row, it refuses to load.
    """
    made = inspect(model).class_manager.new_instance()
    inspect(made).dict.update(row)
    make_transient_to_detached(made)
    return cast(Model, made)


def append_now(model: type[Base], *rows: Mapping[str, Any]) -> None:
    """Write rows that nobody in this transaction looks at again."""
    if not rows:
        return
    at = connection()
    insert = _insert(cast(Table, model.__table__), at.dialect)
    bound = [insert.bound(row) for row in rows]
    execute(at, insert.plain, bound if len(bound) > 1 else bound[0])
