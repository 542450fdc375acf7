"""Putting mail into the outbox, and what a person decides about mail that is in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, inspect, select, update

from harpevents.audit import services as audit
from harpevents.audit.services import Actor
from harpevents.core import clock, i18n, jobs, tokens
from harpevents.core.db import Base, db, insert_rows, lock
from harpevents.core.errors import RuleBroken
from harpevents.outbox import queries, sender
from harpevents.outbox.delivery import JOB, deliver_due
from harpevents.outbox.models import Message, MessageState, Reason, Suppression, SuppressionReason

__all__ = [
    "Letter",
    "cancel_dispatch",
    "deliver_due",
    "drop",
    "drop_held",
    "enqueue",
    "enqueue_many",
    "hold_dispatch",
    "lift",
    "resend",
    "resend_held",
    "settle",
    "suppress",
]

RESENDABLE = {
    MessageState.UNKNOWN,
    MessageState.REFUSED,
    MessageState.BOUNCED,
    MessageState.DEFERRED,
}


class NotResendable(RuleBroken):
    """The mail went out, waits anyway, or must not go."""

    message = _l("This mail cannot be sent again in its present state.")


class NotHeld(RuleBroken):
    """No restore holds the mail back, or somebody has decided already."""

    message = _l("This mail is not held back.")


class NothingToSettle(RuleBroken):
    """The outcome of the mail is known."""

    message = _l("The outcome of this mail is known already.")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail to one address as a domain hands it over. Addresses are normalised.

    `text`, `subject`, `headers` and QR attachments may hold `core.tokens.placeholder`s. `topic`
    makes suppressions apply; mail without one always goes. `attachments`:
    {"ticket.png": {"qr": text}, "event.ics": {"text": …, "type": "text/calendar"}}, or "base64".
    """

    kind: str
    to_address: str
    to_name: str
    language: str
    subject: str
    text: str
    event_id: int | None = None
    dispatch_id: int | None = None
    topic: str | None = None
    optional: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    attachments: dict[str, Any] = field(default_factory=dict)
    html: str | None = None


def enqueue(letter: Letter, cause: Base) -> None:
    """Write a mail in the open transaction; it is sent soon after the commit."""
    insert_rows(Message, [_columns(letter, _cause(cause))])
    jobs.request_after_commit(JOB)


def enqueue_many(letters: Sequence[Letter], cause: Base) -> list[int]:
    """Write many mails of one cause at once; returns their ids in the order of `letters`."""
    if not letters:
        return []
    of_cause = _cause(cause)
    rows = [_columns(letter, of_cause) for letter in letters]
    insert_rows(Message, rows)
    ids: dict[str, int] = {}
    names = [row["message_id"] for row in rows]
    for start in range(0, len(names), 500):
        found = select(Message.message_id, Message.id).where(
            Message.message_id.in_(names[start : start + 500])
        )
        ids.update({row.message_id: row.id for row in db.session.execute(found)})
    jobs.request_after_commit(JOB)
    return [ids[name] for name in names]


def _cause(cause: Base) -> tuple[str, str]:
    identity = inspect(cause).identity
    if identity is None:
        db.session.flush()
        identity = inspect(cause).identity
    return cause.__tablename__, "/".join(str(part) for part in identity or ())


def _columns(letter: Letter, cause: tuple[str, str]) -> dict[str, Any]:
    now = clock.now()
    return {
        "message_id": f"<{tokens.new_key(20)}@{sender.domain()}>",
        "kind": letter.kind,
        "to_address": letter.to_address,
        "to_name": letter.to_name,
        "language": i18n.spoken(letter.language),
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "headers": letter.headers,
        "attachments": letter.attachments,
        "topic": letter.topic,
        "optional": letter.optional,
        "cause_table": cause[0],
        "cause_key": cause[1],
        "event_key": None if letter.event_id is None else str(letter.event_id),
        "dispatch_key": None if letter.dispatch_id is None else str(letter.dispatch_id),
        "state": MessageState.QUEUED,
        "held": False,
        "attempts": 0,
        "next_attempt_at": now,
        "created_at": now,
    }


def suppress(address: str, topic: str, reason: SuppressionReason) -> Suppression:
    """Send the address no more mail of `topic` ("" = of any optional topic). Twice is once."""
    row = _suppression(address, topic)
    if row is None:
        row = Suppression(address=address, topic=topic, reason=reason, created_at=clock.now())
        db.session.add(row)
    elif row.lifted_at is not None:
        row.reason, row.created_at, row.lifted_at = reason, clock.now(), None
    db.session.flush()
    return row


def lift(address: str, topic: str) -> None:
    """Let mail of `topic` go to the address again."""
    row = _suppression(address, topic)
    if row is not None and row.lifted_at is None:
        row.lifted_at = clock.now()


def _suppression(address: str, topic: str) -> Suppression | None:
    query = select(Suppression).where(Suppression.address == address, Suppression.topic == topic)
    return db.session.scalar(query.with_for_update())


def resend(message: Message, actor: Actor) -> None:
    """Send a mail again whose fate is unknown or that failed, because a person says so.

    The bytes are the same as before, so a receiver that has it already can tell.
    """
    lock(message)
    if message.state not in RESENDABLE and not queries.is_held(message):
        raise NotResendable
    audit.record(
        "outbox.resend", message, actor=actor, details={"state": [message.state, "queued"]}
    )
    message.state, message.reason, message.finished_at = MessageState.QUEUED, None, None
    message.next_attempt_at = clock.now()
    jobs.request_after_commit(JOB)


def drop(message: Message, actor: Actor) -> None:
    """Let a mail that a restore held back never go, because a person says so."""
    lock(message)
    if not queries.is_held(message):
        raise NotHeld
    audit.record("outbox.drop", message, actor=actor, details={"state": ["held", "skipped"]})
    message.reason = Reason.DROPPED


def resend_held(actor: Actor) -> int:
    """Send all mails that a restore held back, the oldest first; returns how many."""
    return _decide_held(resend, actor)


def drop_held(actor: Actor) -> int:
    """Let none of them go; returns how many."""
    return _decide_held(drop, actor)


def _decide_held(decide: Callable[[Message, Actor], None], actor: Actor) -> int:
    """Carry it out on each held mail, each with its own entry in the trail."""
    ids = db.session.scalars(select(Message.id).where(queries.held()).order_by(Message.id)).all()
    for start in range(0, len(ids), 500):
        found = select(Message).where(Message.id.in_(ids[start : start + 500]))
        for message in db.session.scalars(found.order_by(Message.id)):
            decide(message, actor)
        db.session.flush()
        db.session.expunge_all()
    return len(ids)


def settle(message: Message, actor: Actor) -> None:
    """Take a mail whose fate was unknown as delivered, because a person found out."""
    lock(message)
    if message.state is not MessageState.UNKNOWN:
        raise NothingToSettle
    audit.record("outbox.settle", message, actor=actor, details={"state": ["unknown", "accepted"]})
    message.state, message.finished_at = MessageState.ACCEPTED, clock.now()


def hold_dispatch(dispatch_id: int, *, held: bool) -> None:
    """Keep the waiting mails of a dispatch back, or let them go again.

    One that is being sent just now is marked as well: if it is deferred, it stays here.
    """
    unfinished = [MessageState.QUEUED, MessageState.DEFERRED, MessageState.SENDING]
    db.session.execute(
        update(Message)
        .where(Message.dispatch_key == str(dispatch_id), Message.state.in_(unfinished))
        .values(held=held)
    )
    if not held:
        jobs.request_after_commit(JOB)


def cancel_dispatch(dispatch_id: int) -> int:
    """Skip the mails of a dispatch that still wait; returns how many."""
    hold_dispatch(dispatch_id, held=True)
    waiting = (
        Message.dispatch_key == str(dispatch_id),
        Message.state.in_([MessageState.QUEUED, MessageState.DEFERRED]),
    )
    count = db.session.scalar(select(func.count()).select_from(Message).where(*waiting)) or 0
    db.session.execute(
        update(Message)
        .where(*waiting)
        .values(state=MessageState.SKIPPED, reason=Reason.CANCELLED, finished_at=clock.now())
    )
    return count
