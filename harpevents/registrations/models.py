"""Registrations: who takes part in what, as they wrote it, with parts and consents."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from harpevents.core.db import Base
from harpevents.core.types import BlankText, Document, Identifier, preset
from harpevents.events.models import Event
from harpevents.institutions.models import Institution, InstitutionKind
from harpevents.people.models import Person


class RegistrationState(enum.StrEnum):
    """pending holds a place and waits for approval; only confirmed counts as registered."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    CANCELLED = "cancelled"


HOLDING = (RegistrationState.PENDING, RegistrationState.CONFIRMED)  # these hold a place
LIVE_STATES = (*HOLDING, RegistrationState.WAITLISTED)
LIVE = f"state in ({', '.join(repr(state.value) for state in LIVE_STATES)})"  # in an index's words


class AttendanceMode(enum.StrEnum):
    """How the person takes part."""

    ROOM = "room"
    ONLINE = "online"


class Category(enum.StrEnum):
    """What the person is at the event; figures by category count it."""

    FACULTY = "faculty"
    STAFF = "staff"
    STUDENT = "student"
    RESEARCHER = "researcher"
    INTERPRETER = "interpreter"
    OFFICIAL = "official"
    BUSINESS = "business"
    OTHER = "other"


class ConsentPurpose(enum.StrEnum):
    """Each in a box of its own; privacy is needed to register, the others are free."""

    PRIVACY = "privacy"
    CONTACT_SHARING = "contact_sharing"
    NEWSLETTER = "newsletter"
    PHOTOGRAPHS = "photographs"


class Source(enum.StrEnum):
    """Where a registration comes from; opening times and approval bind the form only."""

    FORM = "form"
    DESK = "desk"
    WALK_IN = "walk_in"
    IMPORT = "import"
    HISTORY = "history"


class Registration(Base):
    """One person at one event: a snapshot of what was written then, so that history stays true.

    `key` is the public half of the manage link, `ticket_key` of the QR code; a photographed badge
    therefore cannot edit data. `form_key` makes a repeated post the same registration.
    """

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("event_id", "form_key"),
        UniqueConstraint("event_id", "number"),
        Index(
            "uq_registration_live_address",
            "event_id",
            "email",
            unique=True,
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        Index("ix_registration_event_state", "event_id", "state", "id"),
        Index("ix_registration_event_family", "event_id", "sort_name"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        CheckConstraint(
            "family <> '' OR given <> '' OR latin_family <> '' OR latin_given <> ''",
            name="some_name",
        ),
        CheckConstraint("length(country) = 2", name="country_is_alpha_2"),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    event_id: Mapped[Identifier] = mapped_column(ForeignKey(Event.id))
    event: Mapped[Event] = relationship()
    number: Mapped[int]  # running number within the event, for people
    key: Mapped[str] = mapped_column(unique=True)
    key_version: Mapped[int] = preset(1)
    ticket_key: Mapped[str] = mapped_column(unique=True)
    form_key: Mapped[str | None]
    form_digest: Mapped[str | None]  # of the posted values: another body with the same key is 409
    person_id: Mapped[Identifier | None] = mapped_column(ForeignKey(Person.id), index=True)
    person: Mapped[Person | None] = relationship()
    state: Mapped[RegistrationState]
    # the snapshot
    family: Mapped[BlankText]  # as the person writes it, in any script
    given: Mapped[BlankText]
    patronymic: Mapped[BlankText]
    latin_family: Mapped[BlankText]
    latin_given: Mapped[BlankText]
    kana_family: Mapped[BlankText]
    kana_given: Mapped[BlankText]
    email: Mapped[str]
    language: Mapped[str]
    country: Mapped[str]
    institution_text: Mapped[BlankText]  # as typed
    institution_id: Mapped[Identifier | None] = mapped_column(
        ForeignKey(Institution.id), index=True
    )
    institution: Mapped[Institution | None] = relationship()
    # as the person says; the institution's own kind wins in reports
    institution_kind: Mapped[InstitutionKind]
    category: Mapped[Category] = preset(Category.OTHER)
    position: Mapped[BlankText]
    mode: Mapped[AttendanceMode]
    note: Mapped[BlankText]  # the person's remark
    desk_note: Mapped[BlankText]
    search: Mapped[BlankText]
    sort_name: Mapped[BlankText]
    source: Mapped[Source]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    waitlisted_at: Mapped[datetime | None]  # the order of the waiting list
    cancelled_at: Mapped[datetime | None]


class RegistrationPart(Base):
    """A part of the event the person chose, with her way of taking part."""

    __tablename__ = "registration_part"
    __table_args__ = (UniqueConstraint("registration_id", "event_id"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    registration_id: Mapped[Identifier] = mapped_column(ForeignKey(Registration.id))
    registration: Mapped[Registration] = relationship()
    event_id: Mapped[Identifier] = mapped_column(ForeignKey(Event.id), index=True)
    event: Mapped[Event] = relationship()
    mode: Mapped[AttendanceMode]


class Consent(Base):
    """What the person agreed to, in which wording and language, from when until when."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("registration_id", "purpose", "given_at"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    registration_id: Mapped[Identifier] = mapped_column(ForeignKey(Registration.id), index=True)
    registration: Mapped[Registration] = relationship()
    purpose: Mapped[ConsentPurpose]
    wording: Mapped[str]  # version of the wording, "2026-11"
    language: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class RegistrationImport(Base):
    """A file of registrations that was taken in, so that the same file changes nothing twice."""

    __tablename__ = "registration_import"
    __table_args__ = (UniqueConstraint("event_id", "digest"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    event_id: Mapped[Identifier] = mapped_column(ForeignKey(Event.id))
    digest: Mapped[str]  # SHA-256 of the file
    filename: Mapped[str]
    result: Mapped[Document]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]
