"""Reading the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, or_, select, text

from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.outbox.models import (
    HELD,
    DeliveryAttempt,
    DeliveryOutcome,
    Message,
    MessageState,
    Suppression,
    SuppressionReason,
)

ONLY_HELD = "held"


def get(number: int) -> Message:
    """The mail; raises `NotFound`."""
    message = db.session.get(Message, number)
    if message is None:
        raise NotFound(number)
    return message


def only_due(query: Select[Any]) -> Select[Any]:
    """`query` of mails narrowed to those to be sent at the parameter `moment`, oldest first."""
    return query.where(
        text("outbox_message.state in ('queued', 'deferred')"),  # in the words of the index
        Message.held.is_(False),
        Message.next_attempt_at <= bindparam("moment"),
    ).order_by(Message.next_attempt_at, Message.id)


def is_any_due(moment: datetime) -> bool:
    """Whether a mail waits that may be sent at `moment`."""
    query = only_due(select(Message.id)).limit(1)
    return db.session.scalar(query, {"moment": moment}) is not None


def silences(topic: ColumnElement[Any] | str, optional: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that a suppression stops mail of the topic: it is of this topic, or of all
    optional mail and this is optional, and it was not lifted."""
    of_all = and_(Suppression.topic == "", optional)
    return and_(Suppression.lifted_at.is_(None), or_(Suppression.topic == topic, of_all))


def held() -> ColumnElement[bool]:
    """The condition that a restore held the mail back, and nobody has said yet what to do."""
    return and_(Message.state == MessageState.SKIPPED, Message.reason.startswith(HELD))


def is_held(message: Message) -> bool:
    """The same of one mail that is read already."""
    return message.state is MessageState.SKIPPED and (message.reason or "").startswith(HELD)


def count_held() -> int:
    return db.session.scalar(select(func.count()).select_from(Message).where(held())) or 0


def suppressions(
    topic: str, *, optional: bool, address: str | None = None
) -> dict[str, SuppressionReason]:
    """{address: reason} of all, or of the one address, that get no mail of the topic."""
    found = select(Suppression.address, Suppression.reason).where(
        silences(topic, literal(optional))
    )
    if address is not None:
        found = found.where(Suppression.address == address)
    return {row.address: row.reason for row in db.session.execute(found)}


def suppressed_topics(address: str) -> set[str]:
    """The topics the address gets no mail of; "" stands for all optional ones."""
    found = select(Suppression.topic).where(
        Suppression.address == address, Suppression.lifted_at.is_(None)
    )
    return set(db.session.scalars(found))


def attempts_of(message: Message) -> Sequence[DeliveryAttempt]:
    """All tries to deliver it, in order."""
    query = select(DeliveryAttempt).where(DeliveryAttempt.message_id == message.id)
    return db.session.scalars(query.order_by(DeliveryAttempt.id)).all()


def caught_among(ids: Sequence[int]) -> set[int]:
    """Which of these mails were kept on this machine instead of being sent."""
    query = select(DeliveryAttempt.message_id).where(
        DeliveryAttempt.message_id.in_(ids), DeliveryAttempt.outcome == DeliveryOutcome.CAUGHT
    )
    return set(db.session.scalars(query))


def listed(
    *, state: str = "", kind: str = "", words: str = "", event_key: str = ""
) -> Select[Message]:
    """Mails newest first, narrowed by state, kind, event and a part of address, name or subject.

    Beside the states there is `ONLY_HELD`: what a restore held back.
    """
    query = select(Message).order_by(Message.id.desc())
    if state == ONLY_HELD:
        query = query.where(held())
    elif state:
        query = query.where(Message.state == state)
    if kind:
        query = query.where(Message.kind == kind)
    if event_key:
        query = query.where(Message.event_key == event_key)
    if words:
        query = query.where(
            or_(
                Message.to_address.contains(words.lower(), autoescape=True),
                Message.to_name.icontains(words, autoescape=True),
                Message.subject.icontains(words, autoescape=True),
            )
        )
    return query


def kinds() -> list[str]:
    """The kinds of mail there are."""
    return list(db.session.scalars(select(Message.kind).distinct().order_by(Message.kind)))


def count_by_state() -> dict[MessageState, int]:
    """How many mails are in each state; states without mail are absent."""
    query = select(Message.state, func.count().label("many")).group_by(Message.state)
    return {row.state: row.many for row in db.session.execute(query)}


def count_by_dispatch(keys: Sequence[str]) -> dict[str, dict[MessageState, int]]:
    """{dispatch key: {state: count}} for these dispatches."""
    found: dict[str, dict[MessageState, int]] = {key: {} for key in keys}
    query = (
        select(Message.dispatch_key, Message.state, func.count())
        .where(Message.dispatch_key.in_(keys))
        .group_by(Message.dispatch_key, Message.state)
    )
    for key, state, count in db.session.execute(query):
        found[key or ""][state] = count
    return found
