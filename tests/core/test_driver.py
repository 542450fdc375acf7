"""What goes straight to SQLite's driver: the same errors, the same transaction, and counted."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.core.rows import append_now, insert_key
from harpevents.outbox.models import Suppression
from harpevents.people.models import PersonAddress


def suppression(address="one@example.org"):
    return {"address": address, "topic": "", "reason": "test", "created_at": clock.now()}


def test_a_row_that_a_constraint_refuses_raises_the_usual_error(app):
    with pytest.raises(IntegrityError) as refused, transaction():
        append_now(PersonAddress, {"person_id": 10**6, "address": "a@example.org"})
    assert "FOREIGN KEY" in str(refused.value).upper()


def test_what_went_straight_is_undone_with_its_transaction(app):
    def change_and_fail():
        with transaction():
            insert_key(Suppression, suppression())
            assert db.session.scalars(select(Suppression.address)).all() == ["one@example.org"]
            raise LookupError

    with pytest.raises(LookupError):
        change_and_fail()
    assert db.session.scalars(select(Suppression.address)).all() == []


def test_many_rows_are_one_statement_and_it_is_counted(app, count_queries):
    with count_queries() as statements, transaction():
        append_now(Suppression, *(suppression(f"{number}@example.org") for number in range(3)))
    assert len(statements) == 1
