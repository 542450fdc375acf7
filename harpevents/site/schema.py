"""Whether the database has the tables this version of the program knows, and bringing it there."""

from __future__ import annotations

import enum

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_migrate import upgrade

from harpevents.core.db import db
from harpevents.core.errors import RuleBroken


class Schema(enum.StrEnum):
    CURRENT = "current"
    EMPTY = "empty"
    BEHIND = "behind"
    AHEAD = "ahead"


class SchemaDiffers(RuleBroken):
    message = _l("The database is of another version. Please run: harpevents migrate")


class SchemaAhead(RuleBroken):
    message = _l(
        "The database belongs to a newer version of the program (%(revision)s). Please install "
        "that version, or restore a backup made before it."
    )


class SchemaEmpty(RuleBroken):
    message = _l("The database has no tables yet. Please run: harpevents migrate")


def known_revisions() -> list[str]:
    """The revisions this program knows, newest first."""
    folder = current_app.extensions["migrate"].directory
    return [script.revision for script in ScriptDirectory(str(folder)).walk_revisions()]


def present_revision() -> str | None:
    """The revision the database is at, None when it has no tables of ours."""
    return MigrationContext.configure(db.session.connection()).get_current_revision()


def state() -> tuple[Schema, str]:
    """How the database stands to the program, and its revision ("" for none)."""
    known, present = known_revisions(), present_revision()
    if present is None:
        return Schema.EMPTY, ""
    if present not in known:
        return Schema.AHEAD, present
    return (Schema.CURRENT if present == known[0] else Schema.BEHIND), present


def require_current() -> None:
    """Raise the fact that keeps the program from serving, in one plain sentence."""
    found, revision = state()
    if found is Schema.AHEAD:
        raise SchemaAhead(revision=revision)
    if found is Schema.EMPTY:
        raise SchemaEmpty
    if found is Schema.BEHIND:
        raise SchemaDiffers


def migrate() -> tuple[str, str]:
    """Bring the database to this version; returns the revisions before and after."""
    found, before = state()
    if found is Schema.AHEAD:
        raise SchemaAhead(revision=before)
    if found is not Schema.CURRENT:
        upgrade()
        db.session.rollback()  # what was read before shows the tables of before
    return before, state()[1]
