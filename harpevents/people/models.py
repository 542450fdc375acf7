"""Persons with their written names and addresses; staff accounts and their sessions."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from harpevents.core.db import Base
from harpevents.core.languages import Script
from harpevents.core.types import BlankText, Identifier, Off
from harpevents.institutions.models import Institution


class Role(enum.StrEnum):
    """Of a staff account; an organiser's events are granted one by one (events.EventGrant)."""

    ADMIN = "admin"
    SECRETARIAT = "secretariat"
    ORGANISER = "organiser"


class LinkPurpose(enum.StrEnum):
    """Of a link to a password: to choose the first one, or another one."""

    SET = "set"
    RESET = "reset"


class Staff(Protocol):
    """Whose rights are asked about: an account, or who is signed in with one."""

    @property
    def id(self) -> int: ...

    @property
    def role(self) -> Role: ...


class Person(Base):
    """Somebody we know by name; participants have no account."""

    __tablename__ = "person"

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    language: Mapped[str]
    country: Mapped[str]
    search: Mapped[BlankText]  # core.names.search_text of all that is known
    created_at: Mapped[datetime]


class PersonName(Base):
    """One way the person is written: once in each script."""

    __tablename__ = "person_name"
    __table_args__ = (
        UniqueConstraint("person_id", "script"),
        CheckConstraint("family <> '' OR given <> ''", name="some_name"),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    person_id: Mapped[Identifier] = mapped_column(ForeignKey(Person.id))
    person: Mapped[Person] = relationship()
    script: Mapped[Script]
    family: Mapped[BlankText]
    given: Mapped[BlankText]
    patronymic: Mapped[BlankText]


class PersonAddress(Base):
    """A mailbox of a person, normalised; one mailbox belongs to one person at most."""

    __tablename__ = "person_address"
    __table_args__ = (CheckConstraint("address = lower(address)", name="address_is_lower_case"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    person_id: Mapped[Identifier] = mapped_column(ForeignKey(Person.id), index=True)
    person: Mapped[Person] = relationship()
    address: Mapped[str] = mapped_column(unique=True)


class Affiliation(Base):
    """A person at an institution, with dates (half-open)."""

    __tablename__ = "affiliation"
    __table_args__ = (
        CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_from < valid_to",
            name="valid_from_before_valid_to",
        ),
    )

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    person_id: Mapped[Identifier] = mapped_column(ForeignKey(Person.id), index=True)
    person: Mapped[Person] = relationship()
    institution_id: Mapped[Identifier] = mapped_column(ForeignKey(Institution.id), index=True)
    institution: Mapped[Institution] = relationship()
    position: Mapped[BlankText]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class Account(Base):
    """A staff account. `password_hash` is argon2id, None until the person has set one."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str]
    role: Mapped[Role]
    password_hash: Mapped[str | None]
    is_demo: Mapped[Off]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class AccountSession(Base):
    """A sign-in. The cookie holds the secret, the row its digest; ended here = ended everywhere."""

    __tablename__ = "account_session"

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    account_id: Mapped[Identifier] = mapped_column(ForeignKey(Account.id), index=True)
    account: Mapped[Account] = relationship()
    secret_digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OneTimeLink(Base):
    """A link to set or reset a password: used once, the newest only, for an hour or a week."""

    __tablename__ = "one_time_link"

    id: Mapped[Identifier] = mapped_column(primary_key=True)
    account_id: Mapped[Identifier] = mapped_column(ForeignKey(Account.id), index=True)
    account: Mapped[Account] = relationship()
    purpose: Mapped[LinkPurpose]
    key: Mapped[str] = mapped_column(unique=True)  # the public half; the MAC is derived
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
