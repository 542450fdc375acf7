"""Runs the migrations on the application's own engine, in batch mode on SQLite."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from harpevents.audit.append_only import keep_append_only
from harpevents.core.types import UTCDateTime

database = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, autogeneration: Any) -> str | bool:
    """Write our column types as plain SQLAlchemy: migrations never import the application."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.JSON):
        autogeneration.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def guard(*, ctx: Any, **_others: Any) -> None:
    """After each migration, in its transaction: what a batch ALTER dropped with the old table."""
    keep_append_only(ctx.connection)


def run() -> None:
    engine = database.engine
    developing = current_app.extensions["migrate"].configure_args
    on_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if on_sqlite:
            # A batch ALTER drops and recreates a parent; with foreign keys on, its children go too.
            raw = connection.connection.dbapi_connection
            raw.execute("PRAGMA foreign_keys = OFF")
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=on_sqlite,
            render_item=render_item,
            compare_type=True,
            compare_server_default=True,
            on_version_apply=guard,
            process_revision_directives=developing.get("process_revision_directives"),
        )
        with context.begin_transaction():
            context.run_migrations()
        if on_sqlite:
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            raw.execute("PRAGMA foreign_keys = ON")
            if broken:
                raise RuntimeError(f"the migration broke foreign keys: {broken[:5]}")


run()
