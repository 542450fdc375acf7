"""The control: the same site with its protection of the last place taken out, to see it overbook.

Without it a green race shows nothing: perhaps the race never happened. Only `bench` serves this.
What is taken out is what the database is told, so the rules of the site need not be touched: the
words that lock a row or take SQLite's write lock, the lock beside its file, and the constraint on
the running number, which is given as "the last one plus one" and so is a second lock.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from flask import Flask
from sqlalchemy import UniqueConstraint, event

from config import Settings
from harpevents.app import create_app
from harpevents.core import asgi, supervisor
from harpevents.core import db as core_db
from harpevents.core.db import db
from harpevents.registrations.models import Registration

LOCKS_A_ROW = " FOR NO KEY UPDATE"
TAKES_THE_FILE = "BEGIN IMMEDIATE"
EACH_ON_ITS_OWN = "SELECT 1"  # no transaction: each statement ends by itself


def serve() -> asgi.Site:
    """The unprotected application in the web server."""
    supervisor.die_with_parent()
    return asgi.of(create())


def create() -> Flask:
    """The application without its protection."""
    vars(core_db)["write_lock"] = lambda _database, _seconds: nullcontext()
    _number_may_be_given_twice()
    app = create_app(Settings.from_environment())
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", _unlocked, retval=True)
    return app


def _unlocked(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
) -> tuple[str, Any]:
    if statement == TAKES_THE_FILE:
        return EACH_ON_ITS_OWN, parameters
    return statement.replace(LOCKS_A_ROW, ""), parameters


def _number_may_be_given_twice() -> None:
    table: Any = Registration.__table__
    table.constraints -= {
        constraint
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint) and "number" in constraint.columns
    }


def prepare() -> None:
    """Create its tables; the migrations would bring the constraint back."""
    with create().app_context():
        db.create_all()


if __name__ == "__main__":
    prepare()
