"""Membership of institutions: terms, spells, standings, decisions, roll-over runs and contacts."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from harpevents.core.db import Base
from harpevents.core.types import (
    JSON_TYPE,
    BlankText,
    Document,
    Identifier,
    Off,
    Translated,
    preset,
)
from harpevents.institutions.models import Institution
from harpevents.people.models import Person


class TermState(enum.StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class SpellBegin(enum.StrEnum):
    FOUNDING = "founding"
    ADMITTED = "admitted"
    SUCCEEDED = "succeeded"


class SpellEnd(enum.StrEnum):
    WITHDRAWN = "withdrawn"
    MERGED = "merged"  # the place passed to a successor


class StandingKind(enum.StrEnum):
    FOUNDING = "founding"
    NEW = "new"
    RENEWED = "renewed"
    SUCCEEDED = "succeeded"


class RunState(enum.StrEnum):
    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    APPLIED = "applied"
    REVERTED = "reverted"


class ItemAction(enum.StrEnum):
    RENEW = "renew"
    ADMIT = "admit"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    SUCCEED = "succeed"


class Flag(enum.StrEnum):
    """What the secretariat should look at before the assembly decides."""

    NO_REPLY = "no_reply"
    RENAMED = "renamed"
    MERGED_AWAY = "merged_away"
    MISSING_NAME = "missing_name"  # written with the language behind it: missing_name_ja
    NO_CONTACT = "no_contact"
    BOUNCED_CONTACT = "bounced_contact"


class Reply(enum.StrEnum):
    NONE = "none"
    CONFIRMED = "confirmed"
    CONTESTED = "contested"


class ContactCapacity(enum.StrEnum):
    RECTOR = "rector"
    PRIMARY = "primary"
    INTERNATIONAL_OFFICE = "international_office"


class Decision(Base):
    """What a body decided, and the day from which it counts."""

    __tablename__ = "decision"

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    title: Mapped[str]  # "1st General Assembly, resolution 2"
    adopted_on: Mapped[date]
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class Term(Base):
    """From one general assembly to the next: half-open, one open at a time, numbered from 0."""

    __tablename__ = "term"
    __table_args__ = (
        CheckConstraint("closes_on IS NULL OR opens_on < closes_on", name="opens_before_it_closes"),
        CheckConstraint("number >= 0", name="number_from_zero"),
        CheckConstraint(
            "state = 'planned' OR opens_on IS NOT NULL", name="opens_on_unless_planned"
        ),
        Index(
            "uq_term_one_open",
            "state",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[TermState]
    name: Mapped[Translated]
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    assembly_slug: Mapped[str | None]  # the assembly event; events stand above memberships


class Spell(Base):
    """Unbroken membership of one institution, half-open dates, with the decisions behind both."""

    __tablename__ = "spell"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR begins_on < ends_on", name="begins_before_it_ends"),
        CheckConstraint(
            "(ends_on IS NULL) = (end_kind IS NULL)"
            " AND (ends_on IS NULL) = (end_decision_id IS NULL)",
            name="end_is_whole",
        ),
        Index(
            "uq_spell_one_open",
            "institution_id",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
        Index("ix_spell_dates", "begins_on", "ends_on"),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    institution_id: Mapped[Identifier] = mapped_column(ForeignKey(Institution.id), index=True)
    institution: Mapped[Institution] = relationship()
    begins_on: Mapped[date]
    begin_kind: Mapped[SpellBegin]
    begin_decision_id: Mapped[Identifier] = mapped_column(ForeignKey(Decision.id))
    begin_decision: Mapped[Decision] = relationship(foreign_keys=[begin_decision_id])
    is_assumed: Mapped[Off]  # no source says that, or since when, it is a member: an illustration
    ends_on: Mapped[date | None]
    end_kind: Mapped[SpellEnd | None]
    end_decision_id: Mapped[Identifier | None] = mapped_column(ForeignKey(Decision.id))
    end_decision: Mapped[Decision | None] = relationship(foreign_keys=[end_decision_id])


class Standing(Base):
    """A member in a term: one row per member and term."""

    __tablename__ = "standing"
    __table_args__ = (UniqueConstraint("term_number", "institution_id"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    term_number: Mapped[int] = mapped_column(ForeignKey(Term.number))
    institution_id: Mapped[Identifier] = mapped_column(ForeignKey(Institution.id), index=True)
    institution: Mapped[Institution] = relationship()
    spell_id: Mapped[Identifier] = mapped_column(ForeignKey(Spell.id), index=True)
    spell: Mapped[Spell] = relationship()
    kind: Mapped[StandingKind]
    decision_id: Mapped[Identifier] = mapped_column(ForeignKey(Decision.id))


class RolloverRun(Base):
    """One carrying-over of the members into a term; at most one living run per term."""

    __tablename__ = "rollover_run"
    __table_args__ = (
        Index(
            "uq_rollover_run_living",
            "to_term",
            unique=True,
            sqlite_where=text("state <> 'reverted'"),
            postgresql_where=text("state <> 'reverted'"),
        ),
        CheckConstraint(
            "state in ('draft', 'review', 'reverted') OR decision_id IS NOT NULL",
            name="approved_by_a_decision",
        ),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    from_term: Mapped[int | None] = mapped_column(ForeignKey(Term.number))  # None: the foundation
    to_term: Mapped[int] = mapped_column(ForeignKey(Term.number))
    state: Mapped[RunState]
    proposal_hash: Mapped[str | None]  # SHA-256 of the proposal, frozen at approval
    decision_id: Mapped[Identifier | None] = mapped_column(ForeignKey(Decision.id))
    decision: Mapped[Decision | None] = relationship()
    before: Mapped[Document]  # {"total": n, "by_country": {…}} stored when applied
    after: Mapped[Document]
    created_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    applied_by: Mapped[str | None]


class RolloverItem(Base):
    """What the run does with one institution."""

    __tablename__ = "rollover_item"
    __table_args__ = (UniqueConstraint("run_id", "institution_id"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    run_id: Mapped[Identifier] = mapped_column(ForeignKey(RolloverRun.id))
    run: Mapped[RolloverRun] = relationship()
    institution_id: Mapped[Identifier] = mapped_column(ForeignKey(Institution.id))
    institution: Mapped[Institution] = relationship()
    action: Mapped[ItemAction]
    reply: Mapped[Reply] = preset(Reply.NONE)
    flags: Mapped[list[str]] = mapped_column(JSON_TYPE)  # of Flag, as found when last planned
    note: Mapped[BlankText]  # the reason or evidence in words
    spell_id: Mapped[Identifier | None] = mapped_column(
        ForeignKey(Spell.id)
    )  # begun or ended by it


class MemberContact(Base):
    """Whom we write to at a member university: a person in a capacity, with dates (half-open)."""

    __tablename__ = "member_contact"
    __table_args__ = (
        CheckConstraint("address = lower(address)", name="address_is_lower_case"),
        UniqueConstraint("institution_id", "address", "capacity", "valid_from"),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    institution_id: Mapped[Identifier] = mapped_column(ForeignKey(Institution.id), index=True)
    institution: Mapped[Institution] = relationship()
    person_id: Mapped[Identifier | None] = mapped_column(ForeignKey(Person.id))
    person: Mapped[Person | None] = relationship()
    name: Mapped[str]  # as addressed in a mail
    address: Mapped[str]
    language: Mapped[str]
    capacity: Mapped[ContactCapacity]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
