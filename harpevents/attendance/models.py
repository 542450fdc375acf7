"""Attendance: check-ins as facts, and reports of online meetings with who in them is who."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from harpevents.core.db import Base
from harpevents.core.types import BlankText, Document, Identifier, Off
from harpevents.events.models import Event
from harpevents.registrations.models import Registration


class CheckInKind(enum.StrEnum):
    IN = "in"
    OUT = "out"
    ANNUL = "annul"


class CheckInSource(enum.StrEnum):
    QR = "qr"
    NAME = "name"
    DESK = "desk"
    WALK_IN = "walk_in"
    JOIN_LINK = "join_link"
    REPORT = "report"
    SELF = "self"
    HISTORY = "history"


class CheckInResult(enum.StrEnum):
    """ok counts; the others are kept as facts and do not."""

    OK = "ok"
    REPEATED = "repeated"  # was in already: the first one counts
    REFUSED = "refused"


class RefusalReason(enum.StrEnum):
    UNKNOWN_TICKET = "unknown_ticket"
    OTHER_EVENT = "other_event"
    NOT_CONFIRMED = "not_confirmed"
    CANCELLED = "cancelled"


class MatchKind(enum.StrEnum):
    ADDRESS = "address"
    NAME = "name"
    PERSON = "person"  # a member of staff decided
    NONE = "none"


class CheckIn(Base):
    """One fact at the door or online, appended; `id` comes from the device, so a retry is the same.

    An `annul` names the `in` it takes back (`annuls`). Failed scans are rows too. `arrival` numbers
    the `in`s that were taken on one list for one registration: each follows the annulment of the
    one before, or rehearsals, so two that know of the same ones have the same number, which is
    refused. A rehearsal is an `in` more than a day before anything of the event begins.
    """

    __tablename__ = "check_in"
    __table_args__ = (
        CheckConstraint("(kind = 'annul') = (annuls IS NOT NULL)", name="annul_names_what"),
        CheckConstraint(
            "result <> 'ok' OR registration_id IS NOT NULL", name="ok_has_registration"
        ),
        CheckConstraint("(result = 'refused') = (reason IS NOT NULL)", name="refused_says_why"),
        CheckConstraint(
            "(kind = 'in' AND result = 'ok') = (arrival IS NOT NULL)", name="arrivals_are_numbered"
        ),
        UniqueConstraint("event_id", "registration_id", "arrival"),
        Index("ix_check_in_list", "event_id", "registration_id", "kind"),
        Index("uq_check_in_annuls", "annuls", unique=True),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    event_id: Mapped[Identifier] = mapped_column(ForeignKey(Event.id))  # the list: event or part
    event: Mapped[Event] = relationship()
    registration_id: Mapped[Identifier | None] = mapped_column(
        ForeignKey(Registration.id), index=True
    )
    registration: Mapped[Registration | None] = relationship()
    kind: Mapped[CheckInKind]
    source: Mapped[CheckInSource]
    result: Mapped[CheckInResult]
    is_rehearsal: Mapped[Off]
    reason: Mapped[RefusalReason | None]
    remark: Mapped[BlankText]  # of an `annul`: why, in the words of whoever took it back
    arrival: Mapped[int | None]  # 1 for the first `in` that was taken, 2 once that is annulled …
    annuls: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("check_in.id"))
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    left_at: Mapped[datetime | None]  # of a report: the last leave
    seconds: Mapped[int | None]  # of a report: really present
    actor_name: Mapped[str]
    actor_key: Mapped[str | None]
    device: Mapped[BlankText]
    report_id: Mapped[Identifier | None] = mapped_column(ForeignKey("attendance_report.id"))


class AttendanceReport(Base):
    """A report of an online meeting as it was taken in; the same file twice changes nothing."""

    __tablename__ = "attendance_report"
    __table_args__ = (UniqueConstraint("event_id", "digest"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    event_id: Mapped[Identifier] = mapped_column(ForeignKey(Event.id), index=True)
    event: Mapped[Event] = relationship()
    filename: Mapped[str]
    digest: Mapped[str]  # SHA-256 of the file
    format: Mapped[str]
    encoding: Mapped[str]
    zone: Mapped[str]  # of the wall-clock times in the file
    title: Mapped[BlankText]
    rows: Mapped[int]
    ignored: Mapped[Document]  # {"rows": [{"row", "reason"}]}
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]


class ReportedPerson(Base):
    """Somebody in a report: matched to a registration, or waiting in the queue for a decision."""

    __tablename__ = "reported_person"
    __table_args__ = (UniqueConstraint("report_id", "key"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    report_id: Mapped[Identifier] = mapped_column(ForeignKey(AttendanceReport.id))
    report: Mapped[AttendanceReport] = relationship()
    key: Mapped[str]  # lower-case address, else "name:" + lower-case name
    names: Mapped[Document]  # {"names": […]}
    email: Mapped[str | None]
    organisation: Mapped[BlankText]
    is_host: Mapped[Off]
    total_minutes: Mapped[int]
    union_seconds: Mapped[int]
    first_join: Mapped[datetime | None]
    last_leave: Mapped[datetime | None]
    registration_id: Mapped[Identifier | None] = mapped_column(
        ForeignKey(Registration.id), index=True
    )
    registration: Mapped[Registration | None] = relationship()
    match: Mapped[MatchKind]
    set_aside_at: Mapped[datetime | None]  # a person said: nobody of ours (a device, a stranger)
    decided_by: Mapped[str | None]
