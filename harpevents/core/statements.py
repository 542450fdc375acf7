"""Statements put together once and asked again and again: for pages and commands in a rush.

SQLAlchemy works out anew, at each execution, how values are bound and rows are read. That costs
several times what SQLite needs for the answer; here it is kept for each kind of database.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Select, Update

from harpevents.core.db import connection
from harpevents.core.driver import Binds, execute, fetch


class _Ready(NamedTuple):
    """A statement as the driver takes it."""

    text: str
    binds: Binds
    written: dict[str, Any]  # the values that stand in the statement itself
    asked: frozenset[str]  # the names of those to be given
    reads: tuple[tuple[int, Callable[[Any], Any]], ...]  # columns that the driver gives raw
    row: Callable[..., Any]

    def bound(self, values: dict[str, Any]) -> Any:
        if values.keys() != self.asked:
            raise TypeError(f"asks for {sorted(self.asked)}, was given {sorted(values)}")
        return self.binds.bound({**self.written, **values})

    def read(self, raw: Any) -> Any:
        if not self.reads:
            return self.row(*raw)
        values = list(raw)
        for position, change in self.reads:
            values[position] = change(values[position])
        return self.row(*values)


class Statement:
    """A SELECT of columns, or an UPDATE; values are given by the names of its bindparams."""

    def __init__(self, statement: Select[*tuple[Any, ...]] | Update) -> None:
        self._statement = statement

    def rows(self, **values: Any) -> list[Any]:
        """Named tuples of the columns, in the types of Python."""
        at = connection()
        ready = _ready(self._statement, at.dialect)
        return [ready.read(raw) for raw in fetch(at, ready.text, ready.bound(values))]

    def row(self, **values: Any) -> Any:
        """The one row, or None; raises `ValueError` where there are more."""
        found = self.rows(**values)
        if not found:
            return None
        (row,) = found
        return row

    def run(self, **values: Any) -> None:
        """Change what an UPDATE changes."""
        at = connection()
        ready = _ready(self._statement, at.dialect)
        execute(at, ready.text, ready.bound(values))


@lru_cache(maxsize=256)
def _ready(statement: Select[*tuple[Any, ...]] | Update, dialect: Dialect) -> _Ready:
    compiled = statement.compile(dialect=dialect)
    asked = frozenset(name for name, bind in compiled.binds.items() if bind.required)
    columns = list(statement.selected_columns) if isinstance(statement, Select) else []
    readers = [
        column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
    ]
    return _Ready(
        text=str(compiled),
        binds=Binds.of(compiled),
        written={name: value for name, value in compiled.params.items() if name not in asked},
        asked=asked,
        reads=tuple((at, change) for at, change in enumerate(readers) if change is not None),
        row=namedtuple("Row", [column.key or "" for column in columns], rename=True),
    )
