"""Reading dispatches, their texts, readers and figures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.core.types import in_language
from harpevents.mailings.models import (
    Dispatch,
    DispatchExclusion,
    DispatchRecipient,
    DispatchState,
    DispatchVersion,
)
from harpevents.outbox import queries as outbox
from harpevents.outbox.models import Message, MessageState, Suppression, SuppressionReason

UNFINISHED = {MessageState.QUEUED, MessageState.SENDING, MessageState.DEFERRED}


def get_by_number(number: int) -> Dispatch:
    """The dispatch; raises `NotFound`."""
    query = select(Dispatch).where(Dispatch.number == number)
    found = db.session.scalar(query) if number < 2**31 else None
    if found is None:
        raise NotFound(number)
    return found


def newest_first() -> Select[Dispatch]:
    return select(Dispatch).options(selectinload(Dispatch.topic)).order_by(Dispatch.number.desc())


def versions_of(dispatch: Dispatch) -> dict[str, DispatchVersion]:
    """{language: text}, also half-written ones."""
    query = select(DispatchVersion).where(DispatchVersion.dispatch_id == dispatch.id)
    return {version.language: version for version in db.session.scalars(query)}


def written_of(dispatch: Dispatch) -> dict[str, DispatchVersion]:
    """{language: text} of those that have both subject and text."""
    found = versions_of(dispatch)
    return {code: version for code, version in found.items() if version.subject and version.text}


def subjects_of(ids: Collection[int], language: str) -> dict[int, str]:
    """{dispatch id: its subject in the language, else in another}."""
    query = select(DispatchVersion).where(DispatchVersion.dispatch_id.in_(ids))
    texts: dict[int, dict[str, str]] = {}
    for version in db.session.scalars(query):
        texts.setdefault(version.dispatch_id, {})[version.language] = version.subject
    return {number: in_language(subjects, language) for number, subjects in texts.items()}


def count_states(dispatches: Collection[Dispatch]) -> dict[int, dict[MessageState, int]]:
    """{dispatch id: {state of its mails: how many}}; every dispatch has an entry."""
    found = outbox.count_by_dispatch([str(dispatch.id) for dispatch in dispatches])
    return {int(key): states for key, states in found.items()}


def count_excluded(ids: Collection[int]) -> dict[int, dict[str, int]]:
    """{dispatch id: {reason: how many}}."""
    found: dict[int, dict[str, int]] = {number: {} for number in ids}
    query = (
        select(DispatchExclusion.dispatch_id, DispatchExclusion.reason, func.count())
        .where(DispatchExclusion.dispatch_id.in_(ids))
        .group_by(DispatchExclusion.dispatch_id, DispatchExclusion.reason)
    )
    for number, reason, count in db.session.execute(query):
        found[number][reason.value] = count
    return found


def count_recipients(ids: Collection[int]) -> dict[int, int]:
    """{dispatch id: readers fixed}."""
    query = (
        select(DispatchRecipient.dispatch_id, func.count().label("many"))
        .where(DispatchRecipient.dispatch_id.in_(ids))
        .group_by(DispatchRecipient.dispatch_id)
    )
    return {row.dispatch_id: row.many for row in db.session.execute(query)}


def state_of(dispatch: Dispatch, states: dict[MessageState, int]) -> DispatchState:
    """The state as people see it: a dispatch being sent is done once no mail waits."""
    if dispatch.state is DispatchState.SENDING and not UNFINISHED & set(states):
        return DispatchState.DONE
    return dispatch.state


def recipients_with_mail(dispatch: Dispatch, state: str = "") -> Select[Any]:
    """(recipient, its mail or None) in the order they were fixed."""
    query = (
        select(DispatchRecipient, Message)
        .outerjoin(Message, Message.id == DispatchRecipient.message_id)
        .where(DispatchRecipient.dispatch_id == dispatch.id)
        .order_by(DispatchRecipient.id)
    )
    return cast("Select[Any]", query.where(Message.state == state) if state else query)


def recipients_of(
    dispatch: Dispatch, *, after: int = 0, limit: int | None = None
) -> Sequence[DispatchRecipient]:
    """Its readers in the order they were fixed, beginning after the one with the id `after`."""
    query = select(DispatchRecipient).where(
        DispatchRecipient.dispatch_id == dispatch.id, DispatchRecipient.id > after
    )
    return db.session.scalars(query.order_by(DispatchRecipient.id).limit(limit)).all()


def count_fixed(dispatch: Dispatch, languages: Collection[str]) -> int:
    """How many of its fixed readers read one of these languages."""
    return db.session.scalar(select(func.count()).where(*_reading(dispatch, languages))) or 0


def find_fixed(
    dispatch: Dispatch, languages: Collection[str], number: int
) -> DispatchRecipient | None:
    """Number so many (from 1) of them, in the order they were fixed."""
    query = select(DispatchRecipient).where(*_reading(dispatch, languages))
    return db.session.scalar(query.order_by(DispatchRecipient.id).offset(number - 1).limit(1))


def _reading(dispatch: Dispatch, languages: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        DispatchRecipient.dispatch_id == dispatch.id,
        DispatchRecipient.language.in_(languages),
    )


def exclusions_of(dispatch: Dispatch) -> Sequence[DispatchExclusion]:
    query = select(DispatchExclusion).where(DispatchExclusion.dispatch_id == dispatch.id)
    return db.session.scalars(query.order_by(DispatchExclusion.reason, DispatchExclusion.id)).all()


def find_recipient(key: str) -> DispatchRecipient | None:
    query = select(DispatchRecipient).where(DispatchRecipient.key == key)
    return db.session.scalar(query.options(joinedload(DispatchRecipient.dispatch)))


def opted_out_of(topic: str, since: datetime) -> Sequence[Suppression]:
    """Who unsubscribed from the topic since then, latest first."""
    query = select(Suppression).where(
        Suppression.topic == topic,
        Suppression.reason == SuppressionReason.UNSUBSCRIBED,
        Suppression.lifted_at.is_(None),
        Suppression.created_at >= since,
    )
    return db.session.scalars(query.order_by(Suppression.created_at.desc()).limit(50)).all()
