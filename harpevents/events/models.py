"""Events: what people can come to, their parts and hosts, and the grants of organisers."""

from __future__ import annotations

import enum
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from harpevents.core.db import Base
from harpevents.core.types import BlankText, Document, Identifier, Off, Translated, preset
from harpevents.institutions.models import Institution
from harpevents.people.models import Account


class EventKind(enum.StrEnum):
    """Kinds of event."""

    GENERAL_ASSEMBLY = "general_assembly"
    ACADEMIC_FORUM = "academic_forum"
    STUDENT_FORUM = "student_forum"
    SEMINAR = "seminar"
    ROUND_TABLE = "round_table"
    WORKSHOP = "workshop"
    BODY_MEETING = "body_meeting"
    PRACTITIONERS_CONFERENCE = "practitioners_conference"
    LIAISON_MEETING = "liaison_meeting"
    OTHER = "other"


class EventStatus(enum.StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


class Mode(enum.StrEnum):
    """How the event is held."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class Precision(enum.StrEnum):
    """How exactly the date is known; old events may be known by month only."""

    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"


class Qualifier(enum.StrEnum):
    """How a published figure is meant: it is part of the figure (約160, 140名以上)."""

    ABOUT = "about"
    AT_LEAST = "at_least"


class HostRole(enum.StrEnum):
    HOST = "host"
    CO_HOST = "co_host"


class GrantKind(enum.StrEnum):
    """What an organiser may do at one event; edit includes moderate, moderate includes check_in."""

    EDIT = "edit"
    MODERATE = "moderate"
    CHECK_IN = "check_in"


class Event(Base):
    """Something people can come to. Parts are events with a parent, under one registration.

    `revision` rises with every change a public page could show (texts, places, states): caches are
    keyed by it, and on PostgreSQL its update is the lock of the event.
    """

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity_is_positive"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_part"),
        CheckConstraint(
            "opens_at IS NULL OR closes_at IS NULL OR opens_at < closes_at",
            name="opens_before_it_closes",
        ),
        CheckConstraint("reported_participants >= 0", name="reported_is_a_count"),
        Index("ix_event_status_starts", "status", "starts_at"),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[EventKind]
    series: Mapped[BlankText]
    edition: Mapped[int | None]
    parent_id: Mapped[Identifier | None] = mapped_column(ForeignKey("event.id"), index=True)
    parent: Mapped[Event | None] = relationship(remote_side="Event.id")
    status: Mapped[EventStatus]
    mode: Mapped[Mode]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    precision: Mapped[Precision] = preset(Precision.MINUTE)
    zone: Mapped[str]  # IANA
    title: Mapped[Translated]
    summary: Mapped[Translated]
    description: Mapped[Translated]  # Markdown
    venue: Mapped[Translated]
    languages: Mapped[str] = preset("ja,en,ru")  # spoken at the event
    capacity: Mapped[int | None]  # None: as many as come
    takes_registrations: Mapped[Off]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    needs_approval: Mapped[Off]
    join_url: Mapped[BlankText]  # of the online meeting; for confirmed people
    reported_participants: Mapped[int | None]  # a published figure, beside what is counted
    reported_qualifier: Mapped[Qualifier | None]  # None: exactly so many
    reported_note: Mapped[BlankText]
    reported: Mapped[Document]  # the published breakdown as printed, {} where there is none
    revision: Mapped[int] = preset(1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    @property
    def day(self) -> date:
        """The day on which it begins, where it is held."""
        return self.starts_at.astimezone(ZoneInfo(self.zone)).date()


class EventHost(Base):
    """Who holds the event: an institution, or a body that is none by name."""

    __tablename__ = "event_host"
    __table_args__ = (
        UniqueConstraint("event_id", "position"),
        CheckConstraint(
            "institution_id IS NOT NULL OR name IS NOT NULL", name="institution_or_name"
        ),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    event_id: Mapped[Identifier] = mapped_column(ForeignKey(Event.id))
    event: Mapped[Event] = relationship()
    institution_id: Mapped[Identifier | None] = mapped_column(
        ForeignKey(Institution.id), index=True
    )
    institution: Mapped[Institution | None] = relationship()
    name: Mapped[Translated | None]
    role: Mapped[HostRole]
    position: Mapped[int]


class EventGrant(Base):
    """An organiser named for one event."""

    __tablename__ = "event_grant"
    __table_args__ = (UniqueConstraint("account_id", "event_id"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    account_id: Mapped[Identifier] = mapped_column(ForeignKey(Account.id))
    account: Mapped[Account] = relationship()
    event_id: Mapped[Identifier] = mapped_column(ForeignKey(Event.id), index=True)
    event: Mapped[Event] = relationship()
    kind: Mapped[GrantKind]
    created_at: Mapped[datetime]
