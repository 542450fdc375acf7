"""Statements put together once: values by their names, rows in the types of Python."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select, update

from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.core.rows import append_now
from harpevents.core.statements import Statement
from harpevents.outbox.models import Suppression

ROWS = Statement(
    select(Suppression.address, Suppression.created_at, Suppression.lifted_at)
    .where(Suppression.reason == bindparam("reason"), Suppression.topic == "news")
    .order_by(Suppression.address)
)
LIFT = Statement(
    update(Suppression)
    .where(Suppression.address == bindparam("whose"))
    .values(lifted_at=bindparam("at"))
)


@pytest.fixture
def suppressed(app):
    now = clock.now()
    rows = [
        {"address": address, "topic": topic, "reason": "test", "created_at": now}
        for address, topic in (("b@x.org", "news"), ("a@x.org", "news"), ("c@x.org", "other"))
    ]
    with transaction():
        append_now(Suppression, *rows)
    return now


def test_values_written_into_the_statement_and_values_given_are_both_bound(suppressed):
    found = ROWS.rows(reason="test")
    assert found == [("a@x.org", suppressed, None), ("b@x.org", suppressed, None)]
    assert found[0].created_at.tzinfo is not None
    assert ROWS.rows(reason=None) == []


def test_a_change_is_one_of_the_open_transaction(suppressed):
    with transaction():
        LIFT.run(whose="a@x.org", at=suppressed)
    lifted = select(Suppression.address).where(Suppression.lifted_at.is_not(None))
    assert db.session.scalars(lifted).all() == ["a@x.org"]


@pytest.mark.parametrize("values", [{}, {"raeson": "test"}, {"reason": "test", "more": 1}])
def test_values_of_other_names_are_refused(app, values):
    with pytest.raises(TypeError, match="asks for"):
        ROWS.rows(**values)


def test_one_row_is_one_row(suppressed):
    assert ROWS.row(reason="nobody") is None
    with pytest.raises(ValueError, match="too many"):
        ROWS.row(reason="test")
