"""Whether the database has the tables this version of the program knows; `migration` makes them.

Web processes ask this too, so it reads what Alembic wrote without it: some 11 MB for each of them.
"""

from __future__ import annotations

import ast
import enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, column, inspect, select, table

from config import ROOT
from harpevents.core.db import db
from harpevents.core.errors import RuleBroken

FOLDER = ROOT / "migrations"
_VERSION: Select[Any] = select(column("version_num")).select_from(table("alembic_version"))


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


@lru_cache(maxsize=8)
def known_revisions(folder: Path = FOLDER) -> tuple[str, ...]:
    """The revisions this program knows, newest first: each file names the one before it.

    Raises `ValueError` where they are not one plain chain, which is all we write.
    """
    before = dict(filter(None, map(_told, sorted((folder / "versions").glob("*.py")))))
    newest = [revision for revision in before if revision not in before.values()]
    known = newest[:1]
    while known and (earlier := before.get(known[-1])) is not None:
        known.append(earlier)
    if len(newest) != 1 or len(known) != len(before):
        raise ValueError(f"the migrations in {folder} are not one plain chain: {before}")
    return tuple(known)


def _told(file: Path) -> tuple[str, str | None] | None:
    """(revision, the one before it) of a migration; None of another file."""
    assigned: dict[str, Any] = {}
    for line in ast.parse(file.read_text("utf-8")).body:
        if isinstance(line, (ast.Assign, ast.AnnAssign)) and isinstance(line.value, ast.Constant):
            target = line.targets[0] if isinstance(line, ast.Assign) else line.target
            assigned[ast.unparse(target)] = line.value.value
    return (assigned["revision"], assigned.get("down_revision")) if "revision" in assigned else None


def present_revision() -> str | None:
    """The revision the database is at, None when it has no tables of ours."""
    at = db.session.connection()
    if not inspect(at).has_table("alembic_version"):
        return None
    revision: str | None = at.execute(_VERSION).scalar_one_or_none()
    return revision


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
