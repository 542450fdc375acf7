"""Mail while the clock is wrong or the database is away: late by minutes, never in doubt for it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import create_engine, select, text

from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.outbox.delivery import BACKOFF_MINUTES, LEASE, deliver_due, heed_clock
from harpevents.outbox.models import DeliveryAttempt, DeliveryOutcome, Message, MessageState
from harpevents.outbox.transports import Outcome
from harpevents.people.models import Role
from harpevents.site import health
from tests.factories import an_account, sign_in
from tests.outbox.letters import enqueue
from tests.outbox.test_delivery import Scripted, state_of

AHEAD = timedelta(hours=2)


def check(name):
    return next(one for one in health.checks() if one.name == name)


def test_mail_written_while_the_clock_was_ahead_goes_when_it_is_put_right(app):
    with time_machine.travel(clock.now() + AHEAD, tick=True):
        mail = enqueue()
    assert not check("outbox").ok
    assert "look at the clock" in check("outbox").detail
    assert deliver_due() == 1
    assert state_of(mail) == ("accepted", None)


def test_mail_put_off_while_the_clock_was_ahead_is_tried_again_when_it_would_have_been(app):
    refusals = [Outcome(DeliveryOutcome.DEFERRED, 451, "later") for _ in range(2)]
    with time_machine.travel(clock.now() + AHEAD, tick=True):
        first = enqueue()
        deliver_due(transport=Scripted(refusals[0]))
    second = enqueue(to_address="second@example.org")
    way = Scripted(refusals[1], Outcome(DeliveryOutcome.ACCEPTED, 250))
    assert deliver_due(transport=way) == 2
    assert state_of(first)[0] == "accepted"
    assert state_of(second)[0] == "deferred"
    assert heed_clock(clock.now()) == 0, "a minute is what it is put off for"
    db.session.refresh(second)
    assert second.next_attempt_at <= clock.now() + timedelta(minutes=BACKOFF_MINUTES[0])


def test_a_lease_taken_while_the_clock_was_ahead_ends_as_any_other(app):
    mail = enqueue()
    with transaction():
        mail.state, mail.attempts = MessageState.SENDING, 1
        mail.lease_owner, mail.lease_until = "gone", clock.now() + AHEAD + LEASE
    deliver_due()
    assert state_of(mail)[0] == "sending"
    with time_machine.travel(clock.now() + LEASE + timedelta(minutes=1), tick=True):
        deliver_due()
    assert state_of(mail) == ("unknown", "lease_expired")


def test_a_worker_seen_at_a_time_to_come_is_not_well(app, client):
    with transaction():
        health.mark(health.WORKER_SEEN, at=clock.now() + AHEAD)
    assert not check("worker").ok
    assert "still to come" in check("worker").detail
    sign_in(client, an_account(Role.ADMIN))
    assert "still to come" in client.get("/desk/health").text


@pytest.mark.sqlite_only
def test_an_outcome_is_written_as_soon_as_the_database_is_back(committing_app):
    with committing_app.app_context():
        mail = enqueue()
        address = db.engine.url
        db.session.remove()

        def put_back():
            with create_engine(address).begin() as connection:
                connection.execute(text("alter table gone rename to delivery_attempt"))

        class Disturbed(Scripted):
            def send(self, *given):
                with create_engine(address).begin() as connection:
                    connection.execute(text("alter table delivery_attempt rename to gone"))
                threading.Timer(3, put_back).start()
                return super().send(*given)

        assert deliver_due(transport=Disturbed()) == 1
        assert db.session.get_one(Message, mail.id).state is MessageState.ACCEPTED
        outcomes = db.session.scalars(select(DeliveryAttempt.outcome)).all()
        assert outcomes == [DeliveryOutcome.ACCEPTED]
        db.session.remove()
