"""The audit trail: one row for each change, written in the transaction that makes it."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import Connection, Index, event
from sqlalchemy.orm import Mapped, mapped_column

from harpevents.audit.append_only import keep_append_only
from harpevents.core.db import Base
from harpevents.core.types import Document, Identifier


class ActorKind(enum.StrEnum):
    STAFF = "staff"
    PARTICIPANT = "participant"  # through her link
    COMMAND = "command"
    JOB = "job"


class AuditEntry(Base):
    """Who did what to what, when. Rows are appended and never changed (triggers refuse it)."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_target", "target_table", "target_key"),
        Index("ix_audit_entry_event_key", "event_key", "id"),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str]  # "registration.create": noun of the domain, verb
    actor_kind: Mapped[ActorKind]
    actor_key: Mapped[str | None]  # the account's id, the registration's code …
    actor_name: Mapped[str]  # as it was then
    target_table: Mapped[str]
    target_key: Mapped[str]
    event_key: Mapped[str | None]  # the event's id where the change belongs to one
    details: Mapped[Document]


@event.listens_for(AuditEntry.__table__, "after_create")
def _guard(_table: object, connection: Connection, **_others: object) -> None:
    keep_append_only(connection)
