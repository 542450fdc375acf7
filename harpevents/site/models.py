"""Marks of the service itself: when the worker was last seen, what was restored from when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from harpevents.core.db import Base
from harpevents.core.types import BlankText


class ServiceMark(Base):
    """One fact about the running of the house: "worker.seen", "backup.made", "backup.restored"."""

    __tablename__ = "service_mark"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    detail: Mapped[BlankText]
