"""The database: one declarative base, the engine's settings, and the write transaction."""

from __future__ import annotations

import enum
import math
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar, cast

from flask import Flask, has_request_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    Engine,
    Enum,
    Insert,
    MetaData,
    Select,
    Table,
    Uuid,
    bindparam,
    event,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import DeclarativeBase, Session, registry

from harpevents.core import turns
from harpevents.core.errors import NotFound, SiteBusy
from harpevents.core.sqlite_write_lock import write_lock
from harpevents.core.types import (
    IDENTIFIER_TYPE,
    JSON_TYPE,
    Document,
    Identifier,
    Translated,
    UTCDateTime,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
PATIENCE_SECONDS = 10.0  # how long a request waits to write, for all it waits for together
PATIENCE_WITHOUT_READER = 60.0  # the same of a command or a job, which nobody watches
STATEMENT_SECONDS = 60  # the longest statement of a page on PostgreSQL
# What says that others hold what we need, on PostgreSQL: lock_not_available, query_canceled.
BUSY_STATES = {"55P03", "57014"}


class Base(DeclarativeBase):
    """What every table's class derives from."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UTCDateTime(),
            uuid.UUID: Uuid(),
            Translated: JSON_TYPE,
            Document: JSON_TYPE,
            Identifier: IDENTIFIER_TYPE,
            enum.StrEnum: Enum(
                enum.StrEnum,
                native_enum=False,
                length=40,
                create_constraint=True,
                validate_strings=True,
                values_callable=lambda kind: [member.value for member in kind],
            ),
        },
    )


db = SQLAlchemy(model_class=Base)


def table_of(model: type[Base]) -> Table:
    """The table of a class, for statements past the objects."""
    return cast(Table, model.__table__)


@lru_cache(maxsize=64)
def _insertion(model: type[Base]) -> Insert:
    return insert(table_of(model))


def insert_rows(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many rows, or those of a rush, past the objects; writes nothing for no rows.

    Objects cost a unit of work each. What is in the session is not flushed before.
    """
    if rows:
        db.session.execute(_insertion(model), rows)


# Until when (monotonic seconds) the transaction that is open may wait to begin; none, none is open.
_writing_until: ContextVar[float | None] = ContextVar("writing_until", default=None)


def prepare_engine(engine: Engine) -> None:
    """Give a SQLite engine WAL, full synchronisation, foreign keys and explicit transactions.

    The driver's own transaction handling is switched off: a plain BEGIN that later writes fails at
    once under load ("database is locked"), so writers say BEGIN IMMEDIATE and queue.
    """
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _configure_postgresql)
        event.listen(engine, "begin", _begin_postgresql)
        return
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _configure_postgresql(connection: Any, _record: object) -> None:
    """No statement waits longer for a lock than anybody should wait for an answer."""
    _set_for_session(connection, f"lock_timeout = '{PATIENCE_SECONDS}s'")


def _set_for_session(connection: Any, setting: str) -> None:
    before, connection.autocommit = connection.autocommit, True
    connection.execute(f"set {setting}")
    connection.autocommit = before


def limit_statements(app: Flask) -> None:
    """Let no statement of this process, which serves pages, go on for longer than a reader waits.

    SQLite knows no such limit; there a reader keeps nobody waiting.
    """
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "postgresql":
        setting = f"statement_timeout = '{STATEMENT_SECONDS}s'"
        event.listen(engine, "connect", lambda made, _record: _set_for_session(made, setting))


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {int(PATIENCE_SECONDS * 1000)}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        f"journal_size_limit = {64 * 1024 * 1024}",  # bytes the log keeps once it begins anew
        "cache_size = -500",  # kB of each connection; the system keeps the file's pages anyway
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    until = _writing_until.get()
    patience = PATIENCE_SECONDS if until is None else max(0.0, until - time.monotonic())
    if (seconds := math.ceil(patience)) != connection.info.get("patience", PATIENCE_SECONDS):
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {seconds * 1000}")
        connection.info["patience"] = seconds
    connection.exec_driver_sql("BEGIN" if until is None else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    """Who has waited for a turn already waits less for the locks of others."""
    until = _writing_until.get()
    left = PATIENCE_SECONDS if until is None else until - time.monotonic()
    if left < PATIENCE_SECONDS - 1:
        connection.exec_driver_sql(f"set local lock_timeout = {max(1, int(left * 1000))}")


def init_app(app: Flask) -> None:
    """Bind the database to `app` and configure its engine; opens no connection."""
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def disconnect() -> None:
    """End the session and close every connection of this process; the next use opens its own.

    For a process that lives on without asking anything: a snapshot it still reads keeps SQLite from
    ever beginning its log anew, which then grows with each write of the others.
    """
    db.session.remove()
    db.engine.dispose()


@contextmanager
def transaction(*, patience: float | None = None, turn: str = "") -> Iterator[Session]:
    """One write transaction: everything inside is committed together, or nothing is.

    Ends the reading that went before (objects loaded earlier are read again under the lock), takes
    the write lock of SQLite at once, and runs what `after_commit` was given when the commit stands.
    Only entry points (view, job, command) open one; they do not nest. Those who name the same
    `turn` wait for one another without a connection. Raises `SiteBusy` when `patience` (seconds,
    for all waiting together) ends before it is our turn; 0 waits for nobody.
    """
    session = cast(Session, db.session())
    if _writing_until.get() is not None:
        raise RuntimeError("a transaction is open already; services never open their own")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("something was changed outside of a transaction")
    session.commit()
    session.info["after_commit"] = {}
    if patience is None:
        patience = PATIENCE_SECONDS if has_request_context() else PATIENCE_WITHOUT_READER
    until = time.monotonic() + patience
    with _in_turn(turn, until):
        writing = _writing_until.set(until)
        try:
            session.connection()  # begins now: nothing is read before the lock is held
            yield session
            session.commit()
        except BaseException as failed:
            session.rollback()
            if is_busy(failed):
                raise SiteBusy from failed
            raise
        finally:
            _writing_until.reset(writing)
    for act in session.info.pop("after_commit", {}).values():
        act()


@contextmanager
def _in_turn(name: str, until: float) -> Iterator[None]:
    """The lock on the SQLite file, or the turn of this name; nothing to wait for in memory."""
    url = db.engine.engine.url  # of a test the engine is a connection
    waiting: AbstractContextManager[None] = nullcontext()
    if not _on_sqlite() and name:
        waiting = turns.turn(name, until - time.monotonic())
    elif _on_sqlite() and url.database and url.database != ":memory:":
        waiting = write_lock(url.database, until - time.monotonic())
    with ExitStack() as held:
        try:
            held.enter_context(waiting)
        except TimeoutError:
            raise SiteBusy from None
        yield


def is_busy(failed: BaseException) -> bool:
    """Whether it failed because others held what it needs: a lock, or all connections."""
    if isinstance(failed, NoConnectionFree):
        return True
    if not isinstance(failed, DBAPIError):
        return False
    if isinstance(failed.orig, sqlite3.OperationalError):
        return failed.orig.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return getattr(failed.orig, "sqlstate", None) in BUSY_STATES


def after_commit(name: str, act: Callable[[], None]) -> None:
    """Run `act` once the open transaction is committed; the same `name` twice runs once."""
    db.session().info.setdefault("after_commit", {})[name] = act


Row = TypeVar("Row", bound=Base)


def turn_at(row: Base) -> str:
    """The name of the `turn` of those who will `lock` this row in their transaction."""
    (key,) = inspect(row).identity or ("new",)
    return f"{row.__tablename__} {key}"


def lock(row: Row) -> Row:
    """Hold `row` against other writers until the transaction ends, and read it afresh.

    `FOR NO KEY UPDATE` on PostgreSQL: rows that only point here (a check-in, a consent) need not
    wait, so two commands that lock in unlike order do not end in a deadlock. On SQLite, which
    leaves these words out, the transaction holds the only write lock already, and whatever it
    loads is read under it. Raises `NotFound` when the row is gone.
    """
    if inspect(row).expired or not _on_sqlite():
        db.session.flush()  # reading afresh forgets what was changed and not yet written
        key, *_more = inspect(row).identity or ()
        afresh = {"populate_existing": True}
        if db.session.scalar(_locking(type(row)), {"key": key}, execution_options=afresh) is None:
            raise NotFound(f"{row.__tablename__} {key}")
    return row


@lru_cache(maxsize=64)
def _locking(model: type[Base]) -> Select[Any]:
    """The usual statement that loads a row by its key; a refresh would be put together anew."""
    (key,) = inspect(model).primary_key
    return select(model).where(key == bindparam("key")).with_for_update(key_share=True)


def _on_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"
