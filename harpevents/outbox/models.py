"""Outgoing mail as rows, each attempt to deliver it, and the addresses that get none."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from harpevents.core.db import Base
from harpevents.core.types import BlankText, Document, Identifier, Off, preset


class MessageState(enum.StrEnum):
    """queued → sending → accepted | deferred (→ queued later) | refused | unknown; or skipped."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Reason(enum.StrEnum):
    """Our own words for a state; everything else in `Message.reason` was said by a server."""

    OPTED_OUT = "opted_out"
    CANCELLED = "cancelled"
    LEASE_EXPIRED = "lease_expired"
    CONNECTION_LOST = "connection_lost"
    GAVE_UP = "gave_up"
    OTHER_KEY = "other_key"  # its links were written under another secret key
    DROPPED = "dropped"
    LINK_VOID = "link_void"


# How `Message.reason` begins where a restore held the mail; the time of the backup follows.
HELD = "held: restored from the backup of "


class DeliveryOutcome(enum.StrEnum):
    """What became of one try; caught is kept in a folder of this machine."""

    ACCEPTED = "accepted"
    CAUGHT = "caught"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class SuppressionReason(enum.StrEnum):
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Message(Base):
    """One mail to one address, written in the transaction that causes it.

    `text` and header values may hold placeholders of `core.tokens`, which are replaced by secret
    links at sending: whoever reads the table can open no registration.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_count_up"),
        CheckConstraint(
            "(state = 'sending') = (lease_until IS NOT NULL)", name="lease_while_sending"
        ),
        Index(
            "ix_outbox_message_due",
            "next_attempt_at",
            "id",
            postgresql_where=text("state in ('queued', 'deferred')"),
            sqlite_where=text("state in ('queued', 'deferred')"),
        ),
        Index("ix_outbox_message_cause", "cause_table", "cause_key"),
        Index("ix_outbox_message_dispatch_key", "dispatch_key", "state"),
        Index("ix_outbox_message_event_key", "event_key"),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)  # RFC 5322, the same at every attempt
    kind: Mapped[str]  # registration.confirmed, mailings.dispatch, people.reset …
    to_address: Mapped[str] = mapped_column(index=True)
    to_name: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str | None]
    headers: Mapped[Document]  # {"List-Id": …}
    attachments: Mapped[Document]  # {"ticket.png": {"qr": …}, "event.ics": {"text": …, "type": …}}
    topic: Mapped[str | None]  # List-Id scope; suppressions of this topic apply
    optional: Mapped[Off]  # "no optional mail" applies as well
    cause_table: Mapped[str]
    cause_key: Mapped[str]
    event_key: Mapped[str | None]
    dispatch_key: Mapped[str | None]
    state: Mapped[MessageState] = preset(MessageState.QUEUED)
    held: Mapped[Off]  # its dispatch is paused
    reason: Mapped[str | None]  # why skipped or refused: a word of `Reason`, or the server's words
    attempts: Mapped[int] = preset(0)
    next_attempt_at: Mapped[datetime]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]


class DeliveryAttempt(Base):
    """One try to hand a message over, appended when its outcome is known."""

    __tablename__ = "delivery_attempt"

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    message_id: Mapped[Identifier] = mapped_column(ForeignKey(Message.id), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[DeliveryOutcome]
    code: Mapped[int | None]  # SMTP reply code
    answer: Mapped[str | None]
    worker: Mapped[str]


class Suppression(Base):
    """An address that gets no mail of a topic ("" = of any optional topic), until lifted."""

    __tablename__ = "suppression"
    __table_args__ = (UniqueConstraint("address", "topic"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    address: Mapped[str]
    topic: Mapped[BlankText]
    reason: Mapped[SuppressionReason]
    created_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
