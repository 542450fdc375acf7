"""Mail that a restore held back: sent or dropped at the desk, one or all, and the trail says so."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from harpevents.audit.models import AuditEntry
from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.outbox import services
from harpevents.outbox.delivery import deliver_due
from harpevents.outbox.models import HELD, Message, MessageState
from harpevents.people.models import Role
from tests.factories import STAFF, an_account, sign_in
from tests.outbox.letters import enqueue


@pytest.fixture
def held(app):
    """Three mails as a restore leaves them, and one that was skipped for another reason."""
    numbers = [enqueue(to_address=f"{name}@example.org").id for name in "abc"]
    other = enqueue(to_address="other@example.org").id
    with transaction():
        for number in [*numbers, other]:
            reason = "cancelled" if number == other else f"{HELD}2026-11-30T03:00:00+00:00"
            db.session.execute(
                update(Message)
                .where(Message.id == number)
                .values(state=MessageState.SKIPPED, reason=reason, finished_at=clock.now())
            )
    return numbers


@pytest.fixture
def desk(app, client):
    return sign_in(client, an_account(Role.SECRETARIAT))


def states():
    query = select(Message.to_address, Message.state, Message.reason).order_by(Message.id)
    return {
        row.to_address[:-12]: (row.state.value, row.reason) for row in db.session.execute(query)
    }


def trail():
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    return [(one.action, one.target_key) for one in entries if one.action.startswith("outbox.")]


def test_the_desk_shows_what_is_held_and_only_that(held, desk):
    assert "3 mails are held back" in desk.get("/desk/outbox").text
    listed = desk.get("/desk/outbox?state=held").text
    assert "a@example.org" in listed
    assert "other@example.org" not in listed
    page = desk.get(f"/desk/outbox/{held[0]}").text
    assert "This mail is held back" in page
    assert "may have gone out since" in page


def test_one_held_mail_is_sent_and_another_dropped(held, desk):
    first, second, _third = held
    page = f"/desk/outbox/{first}"
    assert desk.submit(page, action="resend").status_code == 303
    assert desk.submit(f"/desk/outbox/{second}", action="drop").status_code == 303
    assert deliver_due() == 1
    assert states() == {
        "a": ("accepted", None),
        "b": ("skipped", "dropped"),
        "c": ("skipped", f"{HELD}2026-11-30T03:00:00+00:00"),
        "other": ("skipped", "cancelled"),
    }
    assert trail() == [("outbox.resend", str(first)), ("outbox.drop", str(second))]
    assert "dropped by decision" in desk.get(f"/desk/outbox/{second}").text


@pytest.mark.parametrize(
    ("button", "left"),
    [("held/resend", ("queued", None)), ("held/drop", ("skipped", "dropped"))],
)
def test_all_held_mails_are_sent_or_dropped_and_no_others(held, desk, button, left):
    assert desk.submit("/desk/outbox", action=button).status_code == 303
    assert states() == {**dict.fromkeys("abc", left), "other": ("skipped", "cancelled")}
    action = button.replace("held/", "outbox.")
    assert trail() == [(action, str(number)) for number in held]
    assert "held back" not in desk.get("/desk/outbox").text.split("Address, name")[0]


def test_what_is_not_held_is_neither_dropped_nor_sent(held, desk):
    other = max(held) + 1
    for act in (services.drop, services.resend):
        with pytest.raises((services.NotHeld, services.NotResendable)), transaction():
            act(db.session.get_one(Message, other), STAFF)
    assert states()["other"] == ("skipped", "cancelled")
