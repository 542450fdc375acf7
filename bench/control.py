"""The control: the same site with its protection of the last place taken out, to see it overbook.

Without it a green race shows nothing: perhaps the race never happened. Only `bench` serves this.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Session

from config import Settings
from harpevents.app import create_app
from harpevents.core import db as core_db
from harpevents.core import entrance
from harpevents.core.statements import Statement
from harpevents.events import kept
from harpevents.registrations import services
from harpevents.registrations.models import Registration

Row = TypeVar("Row")


def _unlocked(row: Row) -> Row:
    return row


def unprotect() -> None:
    """Take out the lock of the event, SQLite's write lock and turns, and the unique running number.

    The number is given as "the last one plus one", so its constraint is a second lock.
    """
    vars(services)["lock"] = _unlocked
    vars(kept)["HELD"] = Statement(kept.ONE)
    vars(core_db)["_begin_sqlite"] = _no_begin
    vars(core_db)["_end_reading"] = _commit
    vars(core_db)["_turn"] = nullcontext
    vars(entrance)["WRITERS"] = vars(entrance)["WRITERS_ON_A_SERVER"] = 16
    table: Any = Registration.__table__
    numbers = {
        constraint
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint) and "number" in constraint.columns
    }
    table.constraints -= numbers


def _commit(session: Session) -> Callable[[], object]:
    session.commit()
    return session.connection


def _no_begin(_connection: object) -> None:
    """Every statement is a transaction of its own."""


def create() -> Flask:
    """The unprotected application, for the web server."""
    unprotect()
    app = create_app(Settings.from_environment())
    entrance.init_app(app)
    return app


def prepare() -> None:
    """Create its tables; the migrations would bring the constraint back."""
    app = create()
    with app.app_context():
        core_db.db.create_all()


if __name__ == "__main__":
    prepare()
