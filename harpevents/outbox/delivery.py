"""Sends what is due, each mail at most once: claim, commit, send, record.

A mail is claimed (state sending, with a lease) and committed before a server hears of it. Whatever
happens between that commit and the record is undecidable (RFC 1047), so a lease that runs out makes
the mail `unknown`, never queued again: a person decides. The record of one mail and the claim of
the next share one commit, so each thread that dies leaves one mail in doubt, and sending costs one
flush to disk for each mail.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, exists, insert, or_, select, text, update
from sqlalchemy.exc import OperationalError

from harpevents.core import clock, tokens
from harpevents.core.db import db, table_of, transaction
from harpevents.core.errors import SiteBusy
from harpevents.outbox import messages, queries, sender
from harpevents.outbox.models import (
    DeliveryAttempt,
    DeliveryOutcome,
    Message,
    MessageState,
    Reason,
    Suppression,
)
from harpevents.outbox.transports import Outcome, Transport, open_transport

log = logging.getLogger(__name__)
JOB = "outbox.deliver"
LEASE = timedelta(minutes=15)  # more than a server has for all steps
BACKOFF_MINUTES = (1, 5, 15, 60, 240, 720, 1440, 400)  # two days in all, then it is refused
FAILURES_TO_REST = 10
SECONDS_TO_RECORD, PAUSE_TO_RECORD = 300.0, 2.0  # within the lease
CLOCKS_DIFFER = timedelta(minutes=2)  # between machines that keep time
SKIPPED_AT_ONCE = 200
STATES = {
    DeliveryOutcome.ACCEPTED: MessageState.ACCEPTED,
    DeliveryOutcome.CAUGHT: MessageState.ACCEPTED,
    DeliveryOutcome.DEFERRED: MessageState.DEFERRED,
    DeliveryOutcome.REFUSED: MessageState.REFUSED,
    DeliveryOutcome.UNKNOWN: MessageState.UNKNOWN,
}


# Written once: putting these together anew for each mail would cost more than running them.
_MAIL = table_of(Message)
_OPTED_OUT = exists().where(
    Suppression.address == _MAIL.c.to_address,
    queries.silences(_MAIL.c.topic, _MAIL.c.optional),
)
_DUE = (
    queries.only_due(select(_MAIL, and_(_MAIL.c.topic.is_not(None), _OPTED_OUT).label("silent")))
    .limit(1)
    .with_for_update(skip_locked=True, of=_MAIL)
)
_THIS = update(_MAIL).where(_MAIL.c.id == bindparam("this"))
_SKIP = _THIS.values(
    state=MessageState.SKIPPED, reason=Reason.OPTED_OUT.value, finished_at=bindparam("moment")
)
_TAKE = _THIS.values(
    state=MessageState.SENDING,
    attempts=_MAIL.c.attempts + 1,
    lease_owner=bindparam("lease_owner"),
    lease_until=bindparam("lease_until"),
)
_FINISH = _THIS.where(
    _MAIL.c.attempts == bindparam("attempt"), text("state in ('sending', 'unknown')")
).values(
    state=bindparam("state"),
    reason=bindparam("reason"),
    lease_owner=None,
    lease_until=None,
    next_attempt_at=bindparam("next_attempt_at"),
    finished_at=bindparam("finished_at"),
)
_NOTE = insert(DeliveryAttempt)


@dataclass(frozen=True)
class Try:
    """One mail handed to the transport, and what came of it."""

    message: Message  # a copy, in no session
    started_at: datetime
    outcome: Outcome


def deliver_due(seconds: float | None = None, transport: Transport | None = None) -> int:
    """Send what is due until nothing is, for at most `seconds`; returns how many were tried.

    Opens its own transactions, so only jobs, commands and tests call it. Several workers may run.
    """
    worker = f"{socket.gethostname()}/{os.getpid()}/{tokens.new_key(6)}"
    until = None if seconds is None else time.monotonic() + seconds
    with transaction():
        heed_clock(clock.now())
        expire_leases(clock.now())
    way_out = transport or open_transport()
    count, failures, last = 0, 0, None
    try:
        while True:
            resting = failures >= FAILURES_TO_REST or (last is not None and last.outcome.about_us)
            late = until is not None and time.monotonic() > until
            claimed = _record_and_claim(last, worker, claim=not resting and not late)
            if claimed is None:
                return count
            last = _attempt(claimed, way_out)
            count += 1
            good = last.outcome.word in {DeliveryOutcome.ACCEPTED, DeliveryOutcome.CAUGHT}
            failures = 0 if good else failures + 1
    finally:
        way_out.close()


def _record_and_claim(last: Try | None, worker: str, *, claim: bool) -> Message | None:
    """Write down what came of the last try and take the next mail, in one transaction.

    What is known of a mail is not thrown away because the database is out of reach for a moment.
    """
    until = time.monotonic() + SECONDS_TO_RECORD
    while True:
        try:
            with transaction():
                if last is not None:
                    _record(last, worker)
                return _claim(worker) if claim else None
        except (SiteBusy, OperationalError) as failed:
            if last is None or time.monotonic() > until:
                raise
            log.warning("mail %s: its outcome cannot be written yet: %s", last.message.id, failed)
            time.sleep(PAUSE_TO_RECORD)


def heed_clock(moment: datetime) -> int:
    """Bring back what was put off because the clock was ahead; returns how many mails.

    Nothing is written in the future, and nothing is put off or leased for longer than we ever do.
    """
    waiting_too_long = or_(
        and_(Message.state == MessageState.QUEUED, Message.created_at > moment + CLOCKS_DIFFER),
        *(
            and_(
                Message.state == MessageState.DEFERRED,
                Message.attempts == number,
                Message.next_attempt_at > moment + timedelta(minutes=minutes) + CLOCKS_DIFFER,
            )
            for number, minutes in enumerate(BACKOFF_MINUTES, 1)
        ),
    )
    waiting = db.session.scalars(
        update(Message)
        .where(waiting_too_long, Message.next_attempt_at > moment)
        .values(next_attempt_at=moment)
        .returning(Message.id)
    ).all()
    leased = db.session.scalars(
        update(Message)
        .where(Message.lease_until > moment + LEASE + CLOCKS_DIFFER)
        .values(lease_until=moment + LEASE)
        .returning(Message.id)
    ).all()
    return len(waiting) + len(leased)


def expire_leases(moment: datetime) -> int:
    """Mails whose worker is gone become unknown; returns how many."""
    gone = db.session.scalars(
        select(Message)
        .where(Message.state == MessageState.SENDING, Message.lease_until < moment)
        .with_for_update(skip_locked=True)
    ).all()
    for message in gone:
        db.session.add(
            DeliveryAttempt(
                message_id=message.id,
                started_at=(message.lease_until or moment) - LEASE,
                outcome=DeliveryOutcome.UNKNOWN,
                answer=Reason.LEASE_EXPIRED,
                worker=message.lease_owner or "",
            )
        )
        message.state, message.reason = MessageState.UNKNOWN, Reason.LEASE_EXPIRED
        message.lease_owner = message.lease_until = None
    return len(gone)


def _claim(worker: str) -> Message | None:
    """Take the oldest due mail and give back a copy; skip those whose reader opted out."""
    now = clock.now()
    for _number in range(SKIPPED_AT_ONCE):
        row = db.session.execute(_DUE, {"moment": now}).mappings().first()
        if row is None:
            return None
        values = dict(row)
        if values.pop("silent"):
            db.session.execute(_SKIP, {"this": values["id"], "moment": now})
            continue
        taken = {"lease_owner": worker, "lease_until": now + LEASE}
        db.session.execute(_TAKE, {"this": values["id"], **taken})
        values |= taken | {"state": MessageState.SENDING, "attempts": values["attempts"] + 1}
        return Message(**values)  # in no session: nothing is read while a server is asked
    return None


def _attempt(message: Message, transport: Transport) -> Try:
    started_at = clock.now()
    try:
        if messages.has_lost_links(message):
            lost = Outcome(DeliveryOutcome.REFUSED, answer=Reason.OTHER_KEY)
            return Try(message, started_at, lost)
        content = messages.as_bytes(message)
    except Exception as error:  # nothing has left: the mail is at fault, and others go on
        log.exception("mail %s cannot be written", message.id)
        return Try(
            message, started_at, Outcome(DeliveryOutcome.REFUSED, answer=f"{type(error).__name__}")
        )
    outcome = transport.send(message.id, message.to_address, sender.address(), content)
    return Try(message, started_at, outcome)


def _record(done: Try, worker: str) -> None:
    """Write down what came of a try: also when it took so long that others called it unknown."""
    message, outcome, now = done.message, done.outcome, clock.now()
    state, reason = STATES[outcome.word], outcome.answer or None
    delay = timedelta()
    if state is MessageState.DEFERRED:
        if message.attempts > len(BACKOFF_MINUTES):
            state, reason = MessageState.REFUSED, Reason.GAVE_UP
        else:
            delay = timedelta(minutes=BACKOFF_MINUTES[message.attempts - 1])
    elif state is MessageState.ACCEPTED:
        reason = None
    elif state is MessageState.UNKNOWN:
        reason = Reason.CONNECTION_LOST
    finished = state not in {MessageState.DEFERRED, MessageState.UNKNOWN}
    db.session.execute(
        _FINISH,
        {
            "this": message.id,
            "attempt": message.attempts,
            "state": state,
            "reason": reason,
            "next_attempt_at": now + delay,
            "finished_at": now if finished else None,
        },
    )
    db.session.execute(
        _NOTE,
        {
            "message_id": message.id,
            "started_at": done.started_at,
            "ended_at": now,
            "outcome": outcome.word,
            "code": outcome.code,
            "answer": outcome.answer or None,
            "worker": worker,
        },
    )
