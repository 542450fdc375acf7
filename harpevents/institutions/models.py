"""Institutions: what they are, what they were called when, and what became of them."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from harpevents.core.db import Base
from harpevents.core.types import BlankText, Identifier


class InstitutionKind(enum.StrEnum):
    """Kinds of institution."""

    UNIVERSITY = "university"
    RESEARCH_INSTITUTE = "research_institute"
    SCHOOL = "school"
    COMPANY = "company"
    THINK_TANK = "think_tank"
    GOVERNMENT = "government"
    NGO = "ngo"
    OTHER = "other"


class GovernmentLevel(enum.StrEnum):
    NATIONAL = "national"
    REGIONAL = "regional"
    MUNICIPAL = "municipal"


class NameForm(enum.StrEnum):
    OFFICIAL = "official"
    SHORT = "short"
    ALIAS = "alias"
    NATIVE = "native"


class ChangeKind(enum.StrEnum):
    RENAME = "rename"
    MERGER = "merger"
    ABSORPTION = "absorption"
    SPLIT = "split"


class PartySide(enum.StrEnum):
    """Whether an institution stood before a change or came of it."""

    FROM = "from"
    TO = "to"


class Institution(Base):
    """A university or other body, for ever the same row; its names are dated facts beside it."""

    __tablename__ = "institution"
    __table_args__ = (
        CheckConstraint("length(country) = 2", name="country_is_alpha_2"),
        CheckConstraint(
            "dissolved_on IS NULL OR founded_on IS NULL OR founded_on <= dissolved_on",
            name="founded_before_dissolved",
        ),
        CheckConstraint("level IS NULL OR kind = 'government'", name="level_of_government_only"),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    ror_id: Mapped[str | None] = mapped_column(unique=True)  # https://ror.org/…: an attribute only
    kind: Mapped[InstitutionKind]
    level: Mapped[GovernmentLevel | None]
    country: Mapped[str] = mapped_column(index=True)  # ISO 3166-1 alpha-2
    city: Mapped[BlankText]
    website: Mapped[BlankText]
    domain: Mapped[BlankText]
    founded_on: Mapped[date | None]
    dissolved_on: Mapped[date | None]
    created_at: Mapped[datetime]


class InstitutionName(Base):
    """A name an institution bears or bore: half-open dates, None = always / until further."""

    __tablename__ = "institution_name"
    __table_args__ = (
        CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_from < valid_to",
            name="valid_from_before_valid_to",
        ),
        Index("ix_institution_name_institution", "institution_id", "lang", "form"),
        UniqueConstraint("institution_id", "lang", "form", "value", "valid_from"),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    institution_id: Mapped[Identifier] = mapped_column(ForeignKey(Institution.id))
    institution: Mapped[Institution] = relationship()
    lang: Mapped[str]  # BCP 47; "" where an alias has none
    form: Mapped[NameForm]
    value: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[BlankText]


class InstitutionChange(Base):
    """A legal change with its parties (W3C ORG: ChangeEvent)."""

    __tablename__ = "institution_change"

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    kind: Mapped[ChangeKind]
    effective_on: Mapped[date | None]  # None: it happened, the day is not known
    source: Mapped[BlankText]
    recorded_at: Mapped[datetime]


class InstitutionChangeParty(Base):
    """An institution before or after a change."""

    __tablename__ = "institution_change_party"
    __table_args__ = (UniqueConstraint("change_id", "institution_id", "side"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    change_id: Mapped[Identifier] = mapped_column(ForeignKey(InstitutionChange.id))
    change: Mapped[InstitutionChange] = relationship()
    institution_id: Mapped[Identifier] = mapped_column(ForeignKey(Institution.id), index=True)
    institution: Mapped[Institution] = relationship()
    side: Mapped[PartySide]


class InstitutionMatchDecision(Base):
    """What a person decided a typed affiliation means; taught once, used from then on.

    `decided_by` is "" while nobody has decided: the text waits in the queue, `decided_at` says
    since when. Decided without an institution means that it names none we keep.
    """

    __tablename__ = "institution_match_decision"

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    folded: Mapped[str] = mapped_column(unique=True)  # core.names.fold of the text
    text: Mapped[str]
    institution_id: Mapped[Identifier | None] = mapped_column(ForeignKey(Institution.id))
    institution: Mapped[Institution | None] = relationship()
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]


class InstitutionRegister(Base):
    """One row whose stamp changes with every name: tells processes that their index is old."""

    __tablename__ = "institution_register"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamp: Mapped[str]
