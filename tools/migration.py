"""Writes the next migration: what the models have and the migrations do not make yet.

`make migration MESSAGE="what changes"` compares both on an empty SQLite of its own, so the
developer's data is neither needed nor touched, and brings the new file into the house style.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from flask_migrate import revision, upgrade
from sqlalchemy import CheckConstraint, Connection, Enum, MetaData, Table, inspect
from sqlalchemy.sql.elements import conv

from config import ROOT, Settings
from harpevents.app import create_app
from harpevents.site import migration

VERSIONS = ROOT / "migrations" / "versions"


class ValueMissing(SystemExit):
    """A new column may not be empty, and rows that are there already have nothing for it."""

    def __init__(self, column: str) -> None:
        super().__init__(
            f"{column} may not be empty, and rows that are there already have nothing for it. Give "
            "it a value in the model (BlankText, Off or preset of core.types), or allow None."
        )


def review(context: MigrationContext, _revision: Any, scripts: list[ops.MigrationScript]) -> None:
    """Add the CHECKs, which Alembic does not compare, and refuse what fails on tables with rows.

    Alembic calls it with what it found. Raises `ValueMissing`.
    """
    found = scripts[0].upgrade_ops
    assert found is not None
    assert context.connection is not None
    typed = set()
    for table in found.ops:
        for change in table.ops if isinstance(table, ops.ModifyTableOps) else ():
            if isinstance(change, ops.AddColumnOp):
                name = f"{change.table_name}.{change.column.name}"
                if not change.column.nullable and change.column.server_default is None:
                    raise ValueMissing(name)
                typed.add(name)
            elif isinstance(change, ops.AlterColumnOp) and change.modify_type is not None:
                typed.add(f"{change.table_name}.{change.column_name}")
    found.ops.extend(differing_checks(context.connection, context.opts["target_metadata"], typed))


def differing_checks(
    connection: Connection, metadata: MetaData, typed: Collection[str] = ()
) -> Iterator[ops.ModifyTableOps]:
    """What makes the CHECKs of the tables that are there equal to those of the models.

    Conditions are compared by name, those of enumerations by their values. What the same migration
    gives a type to ("table.column") gets the CHECK of its enumeration with it.
    """
    inspector = inspect(connection)
    for table in map(metadata.tables.get, inspector.get_table_names()):
        if table is None:
            continue
        wanted = _conditions(table, typed)
        stored = {
            conv(check["name"]): frozenset(re.findall(r"'([^']*)'", check["sqltext"]))
            for check in inspector.get_check_constraints(table.name)
        }
        changes: list[ops.MigrateOperation] = []
        for name in sorted({*wanted, *stored}):
            condition, values = wanted.get(name, ("", None))
            if name in stored and (not condition or values not in {None, stored[name]}):
                changes.append(ops.DropConstraintOp(name, table.name, type_="check"))
            elif name in stored:
                continue
            if condition:
                changes.append(ops.CreateCheckConstraintOp(name, table.name, condition))
        if changes:
            yield ops.ModifyTableOps(table.name, changes)


def _conditions(
    table: Table, typed: Collection[str]
) -> dict[conv, tuple[str, frozenset[str] | None]]:
    """{name: (its condition, the values it lists where it is one of an enumeration)}."""
    found: dict[conv, tuple[str, frozenset[str] | None]] = {}
    for check in table.constraints:
        if not isinstance(check, CheckConstraint):
            continue
        columns = [column for column in check.columns if isinstance(column.type, Enum)]
        if not columns:
            found[conv(str(check.name))] = str(check.sqltext), None
        elif f"{table.name}.{columns[0].name}" not in typed:
            values = columns[0].type.enums
            listed = ", ".join(f"'{value}'" for value in values)
            found[conv(str(check.name))] = f"{columns[0].name} IN ({listed})", frozenset(values)
    return found


def write(message: str) -> None:
    number = 1 + max((int(path.name[:4]) for path in VERSIONS.glob("[0-9]*.py")), default=0)
    before = set(VERSIONS.glob("*.py"))
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.for_tests(data=Path(folder)))
        migration.prepare(app, process_revision_directives=review)
        with app.app_context():
            upgrade()
            revision(message=message, autogenerate=True, rev_id=f"{number:04}")
    new = sorted(str(path) for path in set(VERSIONS.glob("*.py")) - before)
    ruff = str(Path(sys.executable).parent / "ruff")
    subprocess.run([ruff, "check", "--quiet", "--fix", *new], check=False)
    subprocess.run([ruff, "format", "--quiet", *new], check=True)
    print("\n".join(new) + "\nRead it, and say in its first line why.")


if __name__ == "__main__":
    write(sys.argv[1])
