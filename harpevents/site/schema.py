"""Whether the database has the tables this version of the program knows; `migration` makes them.

Web processes ask this too, so it reads what Alembic wrote without it: some 11 MB for each of them.
"""

from __future__ import annotations

import ast
import enum
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, column, inspect, select, table

from config import ROOT
from harpevents.core.db import connection
from harpevents.core.errors import RuleBroken

FOLDER = ROOT / "migrations"
_TOLD = re.compile(r"^(revision|down_revision)\b[^=\n]*= *(.+)$", re.MULTILINE)
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
def known_revisions(folder: Path = FOLDER) -> list[str]:
    """The revisions this program knows, newest first: each file names the one before it."""
    before = {}
    for file in (folder / "versions").glob("*.py"):
        told = {name: ast.literal_eval(said) for name, said in _TOLD.findall(file.read_text())}
        before[told["revision"]] = told["down_revision"]
    (newest,) = before.keys() - before.values()
    known = [newest]
    while (earlier := before[known[-1]]) is not None:
        known.append(earlier)
    return known


def present_revision() -> str | None:
    """The revision the database is at, None when it has no tables of ours."""
    at = connection()
    if not inspect(at).has_table("alembic_version"):
        return None
    revision: str | None = at.execute(_VERSION).scalar()
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
