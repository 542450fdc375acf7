"""Writing a dispatch, fixing its readers, sending it, and honouring who wants none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select, update

from harpevents.audit import services as audit
from harpevents.audit.models import ActorKind
from harpevents.audit.services import Actor
from harpevents.core import clock, i18n, tokens
from harpevents.core.db import db, insert_rows, lock
from harpevents.mailings import audiences, emails, placeholders, planning, queries, topics
from harpevents.mailings.models import (
    Dispatch,
    DispatchExclusion,
    DispatchRecipient,
    DispatchState,
    DispatchVersion,
    Topic,
    TopicKind,
)
from harpevents.mailings.planning import Plan, Reader
from harpevents.mailings.refusals import (
    Finished,
    NobodyToWriteTo,
    NotADraft,
    NotFrozen,
    NotRunning,
    TextMissing,
    WrongTopic,
)
from harpevents.mailings.values import DispatchValues, MailText
from harpevents.outbox import services as outbox
from harpevents.outbox.models import SuppressionReason
from harpevents.outbox.queries import suppressed_topics

AT_ONCE = 500
AUDIENCES_OF = {
    topics.GENERAL: {audiences.MEMBERS},
    topics.NEWSLETTER: {audiences.MEMBERS, audiences.SUBSCRIBERS},
    topics.EVENT: {audiences.EVENT},
}


def ensure_topics() -> dict[str, Topic]:
    """The three topics by slug; written where they are not there yet."""
    found = {topic.slug: topic for topic in db.session.scalars(select(Topic))}
    for slug, kind in topics.KINDS.items():
        if slug not in found:
            found[slug] = Topic(slug=slug, kind=kind, name=i18n.in_each(topics.NAMES[slug]))
            db.session.add(found[slug])
    db.session.flush()
    return found


def create(values: DispatchValues, actor: Actor) -> Dispatch:
    """A new draft with the next number."""
    topic = _check(values)
    last = db.session.scalar(select(func.max(Dispatch.number))) or 0
    dispatch = Dispatch(
        number=last + 1,
        topic=topic,
        state=DispatchState.DRAFT,
        audience=values.audience,
        as_of=values.as_of,
        event_key=None if values.event_id is None else str(values.event_id),
        created_at=clock.now(),
        created_by=actor.name,
    )
    db.session.add(dispatch)
    db.session.flush()
    _write_texts(dispatch, values.texts)
    audit.record("dispatch.create", dispatch, actor=actor, event_id=values.event_id)
    return dispatch


def edit(dispatch: Dispatch, values: DispatchValues, actor: Actor) -> None:
    """Change a draft."""
    lock(dispatch)
    if dispatch.state is not DispatchState.DRAFT:
        raise NotADraft
    dispatch.topic = _check(values)
    dispatch.audience, dispatch.as_of = values.audience, values.as_of
    _write_texts(dispatch, values.texts)
    audit.record("dispatch.edit", dispatch, actor=actor, event_id=values.event_id)


def _check(values: DispatchValues) -> Topic:
    """The topic, when audience and texts fit: placeholders are checked at saving already."""
    if values.audience["kind"] not in AUDIENCES_OF[values.topic]:
        raise WrongTopic
    for language, text in values.texts.items():
        for name, content in (("subject", text.subject), ("text", text.text)):
            placeholders.check(content, values.audience["kind"], f"{name}_{language}")
    return ensure_topics()[values.topic]


def _write_texts(dispatch: Dispatch, texts: Mapping[str, MailText]) -> None:
    known = queries.versions_of(dispatch)
    for language, text in texts.items():
        version = known.get(language)
        subject, body = text.subject, text.text
        if version is None:
            version = DispatchVersion(dispatch_id=dispatch.id, language=language)
            db.session.add(version)
        version.subject, version.text = subject, body
    db.session.flush()


def plan_of(dispatch: Dispatch) -> Plan:
    """Whom the dispatch would reach if its readers were fixed now."""
    day = dispatch.as_of or clock.today()
    return planning.plan(dispatch.audience, dispatch.topic.slug, day)


def refuse_gaps(dispatch: Dispatch, plan: Plan) -> None:
    """Raise `NobodyToWriteTo`, or `TextMissing` with the numbers."""
    if not plan.readers:
        raise NobodyToWriteTo
    if missing := plan.missing(queries.written_of(dispatch)):
        counts = ", ".join(f"{code} {number}" for code, number in plan.by_language().items())
        names = ", ".join(i18n.native_name(code) for code in missing)
        raise TextMissing(counts=counts, missing=names)


def freeze(dispatch: Dispatch, actor: Actor) -> None:
    """Fix the readers and who is left out, with reasons. Fixing twice changes nothing.

    Nobody is added afterwards; who opts out later is still skipped when the mail is sent.
    """
    lock(dispatch)
    if dispatch.state is DispatchState.FROZEN:
        return
    if dispatch.state is not DispatchState.DRAFT:
        raise NotADraft
    plan = plan_of(dispatch)
    refuse_gaps(dispatch, plan)
    for start in range(0, len(plan.readers), AT_ONCE):
        part = plan.readers[start : start + AT_ONCE]
        insert_rows(DispatchRecipient, [_row(dispatch, one) for one in part])
    left_out = [
        {
            "dispatch_id": dispatch.id,
            "address": one.address,
            "name": one.name,
            "reason": one.reason,
        }
        for one in plan.excluded
    ]
    insert_rows(DispatchExclusion, left_out)
    dispatch.state, dispatch.frozen_at = DispatchState.FROZEN, clock.now()
    dispatch.as_of = dispatch.as_of or clock.today()
    details = {
        "readers": len(plan.readers),
        "excluded": len(left_out),
        "languages": plan.by_language(),
    }
    audit.record(
        "dispatch.freeze", dispatch, actor=actor, event_id=_event_id(dispatch), details=details
    )


def _row(dispatch: Dispatch, reader: Reader) -> dict[str, Any]:
    return {
        "dispatch_id": dispatch.id,
        "key": tokens.new_key(),
        "address": reader.address,
        "name": reader.name,
        "language": reader.language,
        "values": reader.values,
        "included_by": "; ".join(reader.included_by),
    }


def thaw(dispatch: Dispatch, actor: Actor) -> None:
    """Back to a draft, as long as nothing has been sent."""
    lock(dispatch)
    if dispatch.state is not DispatchState.FROZEN:
        raise NotFrozen
    for table in (DispatchRecipient, DispatchExclusion):
        db.session.execute(delete(table).where(table.dispatch_id == dispatch.id))
    dispatch.state, dispatch.frozen_at = DispatchState.DRAFT, None
    audit.record("dispatch.thaw", dispatch, actor=actor, event_id=_event_id(dispatch))


def release(dispatch: Dispatch, actor: Actor) -> int:
    """Put a mail to each fixed reader into the outbox; returns how many. Twice is once."""
    lock(dispatch)
    if dispatch.state is DispatchState.SENDING:
        return 0
    if dispatch.state is not DispatchState.FROZEN:
        raise NotFrozen
    written = queries.written_of(dispatch)
    texts = {code: MailText(version.subject, version.text) for code, version in written.items()}
    mails, last = 0, 0
    while part := queries.recipients_of(dispatch, after=last, limit=AT_ONCE):
        letters = [letter_to(dispatch, texts[reader.language], reader) for reader in part]
        ids = outbox.enqueue_many(letters, dispatch)
        linked = [
            {"id": reader.id, "message_id": number}
            for reader, number in zip(part, ids, strict=True)
        ]
        db.session.execute(update(DispatchRecipient), linked)
        mails, last = mails + len(part), part[-1].id
    dispatch.state = DispatchState.SENDING
    audit.record(
        "dispatch.release",
        dispatch,
        actor=actor,
        event_id=_event_id(dispatch),
        details={"mails": mails},
    )
    return mails


def letter_to(dispatch: Dispatch, text: MailText, recipient: DispatchRecipient) -> outbox.Letter:
    """The mail to a fixed reader, exactly as it is sent."""
    return emails.letter(
        dispatch,
        text,
        key=recipient.key,
        address=recipient.address,
        name=recipient.name,
        language=recipient.language,
        values=recipient.values,
    )


def pause(dispatch: Dispatch, actor: Actor) -> None:
    """Keep what waits from being sent."""
    lock(dispatch)
    if dispatch.state is not DispatchState.SENDING:
        raise NotRunning
    outbox.hold_dispatch(dispatch.id, held=True)
    dispatch.state = DispatchState.PAUSED
    audit.record("dispatch.pause", dispatch, actor=actor, event_id=_event_id(dispatch))


def resume(dispatch: Dispatch, actor: Actor) -> None:
    """Go on where it was paused."""
    lock(dispatch)
    if dispatch.state is not DispatchState.PAUSED:
        raise NotRunning
    outbox.hold_dispatch(dispatch.id, held=False)
    dispatch.state = DispatchState.SENDING
    audit.record("dispatch.resume", dispatch, actor=actor, event_id=_event_id(dispatch))


def cancel(dispatch: Dispatch, actor: Actor) -> int:
    """Send no more of it; returns how many mails that waited are skipped."""
    lock(dispatch)
    states = queries.count_states([dispatch])[dispatch.id]
    if queries.state_of(dispatch, states) in {DispatchState.DONE, DispatchState.CANCELLED}:
        raise Finished
    skipped = outbox.cancel_dispatch(dispatch.id)
    dispatch.state, dispatch.finished_at = DispatchState.CANCELLED, clock.now()
    audit.record(
        "dispatch.cancel",
        dispatch,
        actor=actor,
        event_id=_event_id(dispatch),
        details={"skipped": skipped},
    )
    return skipped


def unsubscribe(recipient: DispatchRecipient) -> None:
    """No more mail of this kind to the reader's address (RFC 8058). Twice is once."""
    choose(recipient, {emails.scope_of(recipient.dispatch): False})


def choose(recipient: DispatchRecipient, wanted: Mapping[str, bool]) -> None:
    """Take the reader's choice: {scope: wanted}, where "" stands for all optional mail."""
    now_silent = suppressed_topics(recipient.address)
    for scope, wants in wanted.items():
        if wants == (scope not in now_silent):
            continue
        if wants:
            outbox.lift(recipient.address, scope)
        else:
            outbox.suppress(recipient.address, scope, SuppressionReason.UNSUBSCRIBED)
            if topics.KINDS.get(scope) is TopicKind.STATUTORY:
                emails.tell_secretariat(recipient)
        audit.record(
            "mail.choose",
            recipient,
            actor=Actor(ActorKind.PARTICIPANT, recipient.name, recipient.key),
            details={"scope": scope, "wanted": [not wants, wants]},
        )


def _event_id(dispatch: Dispatch) -> int | None:
    return int(dispatch.event_key) if dispatch.event_key else None
