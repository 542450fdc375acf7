"""Bringing the database to the tables this version of the program knows.

Commands import this, and nothing that a web process imports does.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app
from flask_migrate import Migrate, upgrade

from harpevents.core.db import db
from harpevents.site import schema


def prepare(app: Flask, **options: Any) -> None:
    """Let Flask-Migrate work on `app`, with `options` for env.py; twice is the same as once."""
    Migrate(app, db, directory=str(schema.FOLDER), **options)


def migrate() -> tuple[str, str]:
    """Bring the database to this version; returns the revisions before and after."""
    found, before = schema.state()
    if found is schema.Schema.AHEAD:
        raise schema.SchemaAhead(revision=before)
    if found is not schema.Schema.CURRENT:
        prepare(current_app)
        upgrade()
        db.session.rollback()  # what was read before shows the tables of before
    return before, schema.state()[1]
