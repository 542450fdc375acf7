"""Databases brought to a revision, and what their tables look like, for tests of migrations."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, Inspector, MetaData, create_engine, inspect, make_url, text

from config import ROOT, Settings
from harpevents.app import create_app
from harpevents.core.db import Base, db
from harpevents.core.types import UTCDateTime
from harpevents.site import migration

STORED = ROOT / "tests" / "fixtures"
TRIGGERS = {
    "sqlite": "select name, sql from sqlite_master where type = 'trigger'",
    "postgresql": "select tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal",
}


@contextmanager
def migrated(url: str, data: Path, to: str = "head") -> Iterator[Flask]:
    """An application on the database at `url`, which is brought to the revision `to`."""
    app = create_app(Settings.for_tests(data, url))
    migration.prepare(app)
    with app.app_context():
        upgrade(revision=to)
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def put_back(release: str, url: str) -> None:
    """Fill the empty database at `url` with the one that was stored at `release`."""
    address = make_url(url)
    kind = address.get_backend_name()
    if kind == "sqlite":
        stored = gzip.decompress((STORED / f"{release}.sqlite.gz").read_bytes())
        Path(address.database or "").write_bytes(stored)
        return
    script = gzip.decompress((STORED / f"{release}.postgresql.sql.gz").read_bytes()).decode()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(script, execution_options={"no_parameters": True})
    engine.dispose()


def contents(connection: Connection, tables: MetaData) -> dict[str, dict[tuple[Any, ...], Any]]:
    """{table: {key: {column: value}}} of everything in `tables`."""
    return {
        table.name: {
            tuple(row[column.name] for column in table.primary_key): dict(row)
            for row in connection.execute(table.select()).mappings()
        }
        for table in tables.sorted_tables
    }


def reflected(connection: Connection) -> MetaData:
    """Our tables as they stand in the database, without the queue's own."""
    found = MetaData()
    names = [name for name in inspect(connection).get_table_names() if name in Base.metadata.tables]
    found.reflect(connection, only=names)
    return found


def shape(connection: Connection) -> dict[str, Any]:
    """What the database says of each part of our tables, and of the triggers; free of order."""
    inspector = inspect(connection)
    triggers = connection.execute(text(TRIGGERS[connection.dialect.name])).all()
    found: dict[str, Any] = {f"trigger {name}": _one_line(says) for name, says in triggers}
    for name in sorted(Base.metadata.tables):
        for part, says in _shape_of(inspector, name):
            found[f"{name} {part}"] = says
    return found


def _shape_of(inspector: Inspector, table: str) -> Iterator[tuple[str, Any]]:
    yield "key", inspector.get_pk_constraint(table)["constrained_columns"]
    for column in inspector.get_columns(table):
        yield (
            f"column {column['name']}",
            (str(column["type"]), column["nullable"], _bare(column["default"])),
        )
    for key in inspector.get_foreign_keys(table):
        yield str(key["name"]), [value for name, value in sorted(key.items()) if name != "comment"]
    for unique in inspector.get_unique_constraints(table):
        yield str(unique["name"]), unique["column_names"]
    for index in inspector.get_indexes(table):
        options = index.get("dialect_options", {})
        only = [_bare(str(says)) for name, says in options.items() if name.endswith("_where")]
        yield str(index["name"]), (index["column_names"], bool(index["unique"]), only)
    for check in inspector.get_check_constraints(table):
        yield str(check["name"]), _bare(check["sqltext"])


def _one_line(says: str) -> str:
    return re.sub(r"\s+", " ", says)


def _bare(says: str | None) -> str | None:
    """An expression without brackets and casts, which a server adds each time it writes it."""
    return says and re.sub(r"(::(character varying|text)|[\s()\[\]])+", " ", says).strip()


def differences(connection: Connection, metadata: MetaData = Base.metadata) -> list[Any]:
    """What Alembic finds to differ between the database and the models."""
    options = {
        "compare_type": _compare_types,
        "compare_server_default": True,
        "include_name": _is_ours,
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _is_ours(kind_name: str | None, kind: str, _parents: object) -> bool:
    """The counters of rate limits and the queue keep tables of their own on a server."""
    return kind != "table" or kind_name in Base.metadata.tables


def _compare_types(_context: Any, _found: Any, _column: Any, _type: Any, wanted: Any) -> Any:
    """Our instants are plain DateTime in the database; everything else Alembic compares."""
    return False if isinstance(wanted, UTCDateTime) else None
