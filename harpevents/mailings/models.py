"""Dispatches: one mail of the secretariat to many, in each reader's language."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from harpevents.core.db import Base
from harpevents.core.types import Document, Identifier, Translated
from harpevents.outbox.models import Message


class TopicKind(enum.StrEnum):
    STATUTORY = "statutory"  # a member must get it: unsubscribing passes the duty to the university
    OPTIONAL = "optional"
    EVENT = "event"  # to people registered at an event, about that event


class DispatchState(enum.StrEnum):
    DRAFT = "draft"
    FROZEN = "frozen"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class ExclusionReason(enum.StrEnum):
    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"
    NO_ADDRESS = "no_address"
    DUPLICATE = "duplicate"


class Topic(Base):
    """A list: a List-Id and the scope of one unsubscription."""

    __tablename__ = "topic"

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[TopicKind]
    name: Mapped[Translated]


class Dispatch(Base):
    """A text in each language for an audience that is frozen before anything is sent."""

    __tablename__ = "dispatch"
    __table_args__ = (
        CheckConstraint(
            "state = 'draft' OR state = 'cancelled' OR frozen_at IS NOT NULL",
            name="frozen_before_sending",
        ),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    topic_id: Mapped[Identifier] = mapped_column(ForeignKey(Topic.id))
    topic: Mapped[Topic] = relationship()
    state: Mapped[DispatchState]
    audience: Mapped[Document]  # {"kind": "members", "term": 3} | {"kind": "event", "slug", "who"}
    as_of: Mapped[date | None]
    event_key: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    frozen_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class DispatchVersion(Base):
    """The text in one language: subject and plain text with {placeholders}."""

    __tablename__ = "dispatch_version"
    __table_args__ = (UniqueConstraint("dispatch_id", "language"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    dispatch_id: Mapped[Identifier] = mapped_column(ForeignKey(Dispatch.id))
    dispatch: Mapped[Dispatch] = relationship()
    language: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]


class DispatchRecipient(Base):
    """Somebody a frozen dispatch goes to: one row per address, one message when released."""

    __tablename__ = "dispatch_recipient"
    __table_args__ = (
        UniqueConstraint("dispatch_id", "address"),
        Index("ix_dispatch_recipient_message", "message_id"),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    dispatch_id: Mapped[Identifier] = mapped_column(ForeignKey(Dispatch.id))
    dispatch: Mapped[Dispatch] = relationship()
    key: Mapped[str] = mapped_column(unique=True)  # public half of the unsubscribe link
    address: Mapped[str]
    name: Mapped[str]
    language: Mapped[str]
    values: Mapped[Document]  # of the placeholders, frozen
    included_by: Mapped[str]  # "contact of Hokkaido University", "registration 17"
    message_id: Mapped[Identifier | None] = mapped_column(ForeignKey(Message.id))


class DispatchExclusion(Base):
    """Somebody of the audience who gets nothing, and why."""

    __tablename__ = "dispatch_exclusion"

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    dispatch_id: Mapped[Identifier] = mapped_column(ForeignKey(Dispatch.id), index=True)
    dispatch: Mapped[Dispatch] = relationship()
    address: Mapped[str]
    name: Mapped[str]
    reason: Mapped[ExclusionReason]
