"""The triggers that let the audit trail grow and nothing else."""

from __future__ import annotations

from sqlalchemy import Connection, text

_REFUSED = "audit_entry is append-only"
_TRIGGERS = {
    "sqlite": tuple(
        f"CREATE TRIGGER IF NOT EXISTS audit_entry_no_{verb} BEFORE {verb} ON audit_entry"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        for verb in ("update", "delete")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$",
        "CREATE OR REPLACE TRIGGER audit_entry_no_change"
        " BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()",
    ),
}


def keep_append_only(connection: Connection) -> None:
    """Make the database refuse UPDATE and DELETE on `audit_entry`; twice is the same as once.

    Called when the table is made and after each migration: on SQLite a migration that alters the
    table makes it anew, and the triggers go with the old one.
    """
    for statement in _TRIGGERS[connection.dialect.name]:
        connection.execute(text(statement))
