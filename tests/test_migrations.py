"""Migrations make what the models say, and those that a tool writes do not fail on full tables."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import alembic
import pytest
import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, Enum, MetaData, text
from sqlalchemy.exc import DBAPIError

from harpevents.audit.append_only import keep_append_only
from harpevents.core.db import Base, db, transaction
from harpevents.core.types import UTCDateTime
from harpevents.people.models import Role
from harpevents.site import schema
from tests.factories import an_account
from tests.migrating import differences, migrated, shape
from tools.migration import ValueMissing, differing_checks, review


@pytest.fixture
def site(fresh_database, tmp_path) -> Iterator[Flask]:
    """An application on tables that the migrations made, with somebody in them."""
    with migrated(fresh_database, tmp_path) as app:
        an_account(role=Role.ADMIN)
        db.session.rollback()
        yield app


def test_migrations_make_what_the_models_say(site):
    with db.engine.connect() as connection:
        assert differences(connection) == []
        assert list(differing_checks(connection, Base.metadata)) == []


# What `make migration` writes


def changed_models(change: Callable[[MetaData], Any]) -> MetaData:
    """The models' tables after `change`."""
    copied = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.sorted_tables:
        table.to_metadata(copied)
    change(copied)
    return copied


def written(connection: Connection, models: MetaData) -> str:
    """The body of the migration that the tool would write for `models`."""
    options = {
        "target_metadata": models,
        "include_name": lambda name, kind, _of: kind != "table" or name in models.tables,
        "compare_type": lambda _c, _f, _col, _t, wanted: (
            False if isinstance(wanted, UTCDateTime) else None
        ),
    }
    context = MigrationContext.configure(connection, opts=options)
    script = produce_migrations(context, models)
    review(context, (), [script])
    assert script.upgrade_ops is not None
    return str(render_python_code(script.upgrade_ops, render_as_batch=True))


def run(connection: Connection, body: str) -> None:
    """Do what a migration with this body does."""
    module: dict[str, Any] = {"op": alembic.op, "sa": sa}
    exec(f"def upgrade():\n    {body}", module)
    options = {"target_metadata": Base.metadata}
    with Operations.context(MigrationContext.configure(connection, opts=options)):
        module["upgrade"]()


def add(table: str, *columns: sa.Column[Any]) -> Callable[[MetaData], None]:
    def change(models: MetaData) -> None:
        for column in columns:
            models.tables[table].append_column(column)

    return change


def test_a_column_that_may_not_be_empty_is_refused_without_a_value(site):
    models = changed_models(add("account", sa.Column("diet", sa.String(), nullable=False)))
    with db.engine.connect() as connection, pytest.raises(ValueMissing, match=r"account\.diet"):
        written(connection, models)


def words(members: Sequence[str], name: str) -> Enum:
    return Enum(*members, name=name, native_enum=False, create_constraint=True, length=40)


def test_columns_with_a_value_meet_the_rows_that_are_there(site):
    models = changed_models(
        add(
            "account",
            sa.Column("note", sa.String(), nullable=False, server_default=text("''")),
            sa.Column(
                "diet",
                words(("any", "vegetarian"), "diet"),
                nullable=False,
                server_default=text("'any'"),
            ),
        )
    )
    with db.engine.connect() as connection:
        run(connection, written(connection, models))
        assert connection.execute(text("select note, diet from account")).all() == [("", "any")]
        assert list(differing_checks(connection, models)) == []
        with pytest.raises(DBAPIError, match="ck_account_diet"):
            connection.execute(text("update account set diet = 'stones'"))


@pytest.mark.parametrize("members", [("admin", "secretariat", "organiser", "guest"), ("admin",)])
def test_a_changed_enumeration_changes_its_check(site, members):
    def change(models: MetaData) -> None:
        table = models.tables["account"]
        (check,) = [one for one in table.constraints if one.name == "ck_account_role"]
        table.constraints.remove(check)
        table.append_column(
            sa.Column("role", words(members, "role"), nullable=False), replace_existing=True
        )

    models = changed_models(change)
    with db.engine.connect() as connection:
        run(connection, written(connection, models))
        assert list(differing_checks(connection, models)) == []
        connection.execute(text("update account set role = :role"), {"role": members[-1]})
        with pytest.raises(DBAPIError, match="ck_account_role"):
            connection.execute(text("update account set role = 'king'"))


def test_a_condition_that_the_models_add_or_lose_is_written_too(site):
    def change(models: MetaData) -> None:
        table = models.tables["account"]
        table.append_constraint(sa.CheckConstraint("name <> ''", name="some_name"))
        table.constraints -= {one for one in table.constraints if "lower_case" in str(one.name)}

    models = changed_models(change)
    with db.engine.connect() as connection:
        body = written(connection, models)
        run(connection, body)
        assert list(differing_checks(connection, models)) == []
        connection.execute(text("update account set email = 'UPPER@example.org'"))
        with pytest.raises(DBAPIError, match="ck_account_some_name"):
            connection.execute(text("update account set name = ''"))


# The audit trail


@pytest.mark.parametrize(
    "statement", ["update audit_entry set action = 'x'", "delete from audit_entry"]
)
def test_what_is_on_record_is_neither_changed_nor_deleted(app, statement):
    an_account(role=Role.ADMIN)
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text(statement))


ALTERS_THE_TRAIL = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "{head}"


def upgrade():
    with op.batch_alter_table("audit_entry", recreate="always") as altering:
        altering.add_column(sa.Column("remark", sa.String(), nullable=True))
"""


def test_a_migration_that_alters_the_trail_leaves_it_append_only(site, tmp_path):
    folder = tmp_path / "migrations"
    shutil.copytree(schema.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    further = ALTERS_THE_TRAIL.format(head=schema.known_revisions()[0])
    (folder / "versions" / "9999_remark.py").write_text(further)
    with db.engine.connect() as connection:
        before = triggers(connection)
    upgrade(directory=str(folder))
    with db.engine.connect() as connection:
        assert triggers(connection) == before != []
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("update audit_entry set remark = 'x'"))


@pytest.mark.sqlite_only
def test_without_making_them_again_the_triggers_would_be_gone(site):
    """The control of the test above."""
    with db.engine.begin() as connection:
        with (
            Operations.context(MigrationContext.configure(connection)),
            alembic.op.batch_alter_table("audit_entry", recreate="always") as altering,
        ):
            altering.add_column(sa.Column("remark", sa.String(), nullable=True))
        assert triggers(connection) == []
        keep_append_only(connection)
        assert len(triggers(connection)) == 2


def triggers(connection: Connection) -> list[str]:
    return sorted(part for part in shape(connection) if part.startswith("trigger "))
