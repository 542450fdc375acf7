"""The databases tests run on: who makes them, their names, how each test leaves no trace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text

from config import Settings
from harpevents.app import create_app
from harpevents.core.db import Base, db
from harpevents.registrations.views import pages
from tools.postgresql import NotStarted, OwnPostgreSQL

GIVEN = "HARPEVENTS_TEST_DATABASE_URL"


def refuse_unless_test(url: URL) -> URL:
    """Tests drop what they find, so they touch only a database whose name says it is theirs."""
    name = Path(url.database or "").stem
    if not name.endswith("_test"):
        raise pytest.UsageError(f"{GIVEN}: the database {name!r} must have a name ending in _test")
    return url


class PostgreSQL(OwnPostgreSQL):
    """The PostgreSQL of this run: the one the environment gives, else one the suite starts."""

    def start(self) -> None:
        """Begin to start the server, without waiting; nothing when one is given."""
        if not os.environ.get(GIVEN):
            super().start()

    def url(self) -> URL:
        """The address of a database one may connect to; waits until the server answers."""
        if given := os.environ.get(GIVEN):
            return refuse_unless_test(make_url(given))
        try:
            return super().url()
        except NotStarted as said:
            pytest.exit(f"PostgreSQL could not be started for the tests:\n{said}", 3)


@dataclass(frozen=True)
class Database:
    """One database with all tables and no rows; `name` is sqlite or postgresql."""

    name: str
    url: str
    app: Flask


@contextmanager
def database_of(name: str, postgresql: PostgreSQL, data: Path, label: str) -> Iterator[Database]:
    """Make a database called after `label`, with an application on it; drop it afterwards.

    The tables come from the models; that migrations make the same is what test_migrations shows.
    """
    with empty_database(name, postgresql, data, label) as url:
        app = create_app(Settings.for_tests(data=data, database_url=url))
        with app.app_context():
            engine = db.engine
        Base.metadata.create_all(engine)
        yield Database(name, url, app)
        engine.dispose()


@contextmanager
def empty_database(name: str, postgresql: PostgreSQL, data: Path, label: str) -> Iterator[str]:
    """The address of a new database without tables; it is dropped afterwards."""
    if name == "sqlite":
        yield f"sqlite:///{data / 'harpevents_test.sqlite'}"
        return
    server = postgresql.url()
    database = f"harpevents_{label}_test"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'drop database if exists "{database}" with (force)'))
        connection.execute(text(f'create database "{database}"'))
    try:
        yield refuse_unless_test(server.set(database=database)).render_as_string(
            hide_password=False
        )
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'drop database if exists "{database}" with (force)'))
        admin.dispose()


@contextmanager
def leaving_no_trace(app: Flask) -> Iterator[Flask]:
    """Bind `app` to one connection whose transaction is rolled back at the end.

    What the program commits and rolls back inside are savepoints. It leans on `db.engines` being
    the live mapping that the session looks its connection up in (Flask-SQLAlchemy 3.1).
    """
    pages.clear()  # kept by the process, which has one database everywhere but here
    with app.app_context():
        engines = cast(dict[str | None, Engine | Connection], db.engines)
        engine = engines[None]
    assert isinstance(engine, Engine)
    options = db.session.session_factory.kw
    before = options.get("join_transaction_mode", "conditional_savepoint")
    with engine.connect() as connection:
        outer = connection.begin()
        engines[None] = connection
        options["join_transaction_mode"] = "create_savepoint"
        try:
            yield app
        finally:
            engines[None] = engine
            options["join_transaction_mode"] = before
            outer.rollback()


def one(query: Any) -> Any:
    """The first value the query finds; what stands in a test knows that there is one."""
    return db.session.scalar(query)
