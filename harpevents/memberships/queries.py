"""Reading membership: who is a member on a day, terms, spells, standings, contacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, joinedload

from harpevents.core.dates import covers
from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.core.languages import FALLBACK
from harpevents.core.types import in_language
from harpevents.institutions import queries as institutions
from harpevents.institutions.models import Institution
from harpevents.memberships.models import (
    ItemAction,
    MemberContact,
    Reply,
    RolloverItem,
    RolloverRun,
    RunState,
    Spell,
    SpellBegin,
    Standing,
    Term,
    TermState,
)
from harpevents.outbox.models import Suppression, SuppressionReason

UNREACHABLE = (SuppressionReason.BOUNCED, SuppressionReason.COMPLAINED)


@dataclass(frozen=True)
class Member:
    """A member on a day: the names it bore then, and since when it has been a member unbroken."""

    institution: Institution
    names: dict[str, str]
    since: date
    began: SpellBegin
    is_assumed: bool = False

    def name(self, language: str) -> str:
        """Its name in `language`, with fallbacks; the slug where it has none."""
        return in_language(self.names, language) or self.institution.slug

    def name_language(self, language: str) -> str:
        """The language the name shown is really in: another one is marked on the page."""
        shown = self.name(language)
        if self.names.get(language) == shown:
            return language
        return next((lang for lang, name in self.names.items() if name == shown), "")


def within(on: date | InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """The condition that a spell covers `on`."""
    return covers(Spell.begins_on, Spell.ends_on, on)


def roster(on: date) -> list[Member]:
    """The members on a day with the names of that day, by country and English name."""
    query = (
        select(Spell)
        .join(Spell.institution)
        .options(contains_eager(Spell.institution))
        .where(within(on))
    )
    spells = list(db.session.scalars(query))
    names = institutions.names_of([spell.institution_id for spell in spells], on)
    members = [
        Member(
            spell.institution,
            names.get(spell.institution_id, {}),
            spell.begins_on,
            spell.begin_kind,
            spell.is_assumed,
        )
        for spell in spells
    ]
    return sorted(
        members,
        key=lambda member: (member.institution.country, member.name(FALLBACK).casefold()),
    )


def by_country(members: Collection[Member]) -> dict[str, int]:
    """How many there are of each country, in the order of the codes."""
    counted = Counter(member.institution.country for member in members)
    return dict(sorted(counted.items()))


def count_members(on: date) -> dict[str, int]:
    """How many members each country has on a day, the largest first."""
    number = func.count()
    query = (
        select(Institution.country, number)
        .join(Spell, Spell.institution_id == Institution.id)
        .where(within(on))
        .group_by(Institution.country)
        .order_by(number.desc(), Institution.country)
    )
    return dict(db.session.execute(query).all())


def count_members_by_term() -> dict[int, dict[str, int]]:
    """{number of the term: {country: its members on the day the term opened}}."""
    query = (
        select(Term.number, Institution.country, func.count())
        .join(Spell, within(Term.opens_on))
        .join(Spell.institution)
        .group_by(Term.number, Institution.country)
        .order_by(Institution.country)
    )
    found: dict[int, dict[str, int]] = {}
    for number, country, members in db.session.execute(query):
        found.setdefault(number, {})[country] = members
    return found


def is_member(institution_id: int, on: date) -> bool:
    query = select(Spell.id).where(Spell.institution_id == institution_id, within(on))
    return db.session.scalars(query).first() is not None


def find_open_spell(institution_id: int) -> Spell | None:
    return db.session.scalar(
        select(Spell).where(Spell.institution_id == institution_id, Spell.ends_on.is_(None))
    )


class OpenSpell(NamedTuple):
    """A membership that has no end, as far as a roll-over asks."""

    institution_id: int
    id: int
    begins_on: date


def open_spells() -> dict[int, OpenSpell]:
    """{institution: its spell that has no end}."""
    query = select(Spell.institution_id, Spell.id, Spell.begins_on).where(Spell.ends_on.is_(None))
    return {row.institution_id: OpenSpell(*row) for row in db.session.execute(query)}


def get_term(number: int) -> Term:
    """The term, or `NotFound`."""
    term = db.session.get(Term, number) if 0 <= number < 2**31 else None
    if term is None:
        raise NotFound(f"There is no term {number}.")
    return term


def open_term() -> Term | None:
    """The term that runs now; None before the foundation."""
    return db.session.scalar(select(Term).where(Term.state == TermState.OPEN))


def terms() -> list[Term]:
    return list(db.session.scalars(select(Term).order_by(Term.number)))


def find_run(number: int) -> RolloverRun | None:
    """The run into this term that was not reverted; there is one at most."""
    return db.session.scalar(
        select(RolloverRun)
        .where(RolloverRun.to_term == number, RolloverRun.state != RunState.REVERTED)
        .options(joinedload(RolloverRun.decision))
    )


def living_runs() -> dict[int, RolloverRun]:
    query = select(RolloverRun).where(RolloverRun.state != RunState.REVERTED)
    return {run.to_term: run for run in db.session.scalars(query)}


class Place(NamedTuple):
    """What the figures of a roll-over ask of an institution."""

    slug: str
    country: str


class PlannedItem(NamedTuple):
    """An item of a run as the write transactions look at it: a thousand of them cost little."""

    id: int
    institution_id: int
    action: ItemAction
    reply: Reply
    flags: list[str]
    spell_id: int | None
    institution: Place


def planned_items_of(run: RolloverRun) -> list[PlannedItem]:
    """What the run does, by country and slug; to look at, not to change."""
    query = (
        select(
            RolloverItem.id,
            RolloverItem.institution_id,
            RolloverItem.action,
            RolloverItem.reply,
            RolloverItem.flags,
            RolloverItem.spell_id,
            Institution.slug,
            Institution.country,
        )
        .join(RolloverItem.institution)
        .where(RolloverItem.run_id == run.id)
        .order_by(Institution.country, Institution.slug)
    )
    return [
        PlannedItem(
            row.id,
            row.institution_id,
            row.action,
            row.reply,
            row.flags,
            row.spell_id,
            Place(row.slug, row.country),
        )
        for row in db.session.execute(query)
    ]


def items_of(run: RolloverRun) -> list[RolloverItem]:
    """The same with the institutions and all that is known of them."""
    query = (
        select(RolloverItem)
        .join(RolloverItem.institution)
        .options(contains_eager(RolloverItem.institution))
        .where(RolloverItem.run_id == run.id)
        .order_by(Institution.country, Institution.slug)
    )
    return list(db.session.scalars(query))


def spells_of(institution: Institution) -> list[Spell]:
    """Its memberships, the earliest first, with the decisions behind them."""
    query = (
        select(Spell)
        .where(Spell.institution_id == institution.id)
        .options(joinedload(Spell.begin_decision), joinedload(Spell.end_decision))
        .order_by(Spell.begins_on)
    )
    return list(db.session.scalars(query))


def standings_of(institution: Institution) -> list[tuple[Standing, Term]]:
    """In which terms it was a member and how it came into each."""
    query = (
        select(Standing, Term)
        .join(Term, Standing.term_number == Term.number)
        .where(Standing.institution_id == institution.id)
        .order_by(Term.number)
    )
    return [(standing, term) for standing, term in db.session.execute(query)]


def contact_on(day: date) -> ColumnElement[bool]:
    """The condition that a contact is one on `day`."""
    return covers(MemberContact.valid_from, MemberContact.valid_to, day)


def contacts_of(institution: Institution) -> list[MemberContact]:
    """All its contacts, present ones first."""
    query = (
        select(MemberContact)
        .where(MemberContact.institution_id == institution.id)
        .order_by(MemberContact.valid_to.isnot(None), MemberContact.capacity, MemberContact.id)
    )
    return list(db.session.scalars(query))


def find_contact(institution: Institution, contact_id: int) -> MemberContact | None:
    contact = db.session.get(MemberContact, contact_id)
    return contact if contact and contact.institution_id == institution.id else None


def contacts_on(day: date) -> dict[int, list[MemberContact]]:
    """{institution: its contacts on that day}."""
    found: dict[int, list[MemberContact]] = {}
    query = select(MemberContact).where(contact_on(day)).order_by(MemberContact.id)
    for contact in db.session.scalars(query):
        found.setdefault(contact.institution_id, []).append(contact)
    return found


def bounced_addresses() -> set[str]:
    """Addresses that gave mail back or complained, unless that was lifted."""
    query = select(Suppression.address).where(
        Suppression.lifted_at.is_(None), Suppression.reason.in_(UNREACHABLE)
    )
    return set(db.session.scalars(query))


def unreachable(ids: Collection[int], day: date) -> set[int]:
    """Those of `ids` whom no contact of that day can be reached at."""
    contacts, bounced = contacts_on(day), bounced_addresses()
    return {
        institution
        for institution in ids
        if all(contact.address in bounced for contact in contacts.get(institution, []))
    }


def slugs_of_members_ever(ids: Collection[int]) -> set[str]:
    """The slugs of those of `ids` that are or once were members."""
    query = select(Institution.slug).where(
        Institution.id.in_(list(ids)), exists().where(Spell.institution_id == Institution.id)
    )
    return set(db.session.scalars(query))


def sizes() -> dict[int, int]:
    """{term: how many members it began with}, from the roll-overs that were applied."""
    return {
        number: int(run.after.get("total", 0))
        for number, run in living_runs().items()
        if run.state is RunState.APPLIED
    }
