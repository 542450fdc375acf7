"""Changing membership outside of a roll-over: terms, successions, contacts of members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from harpevents.audit import services as audit
from harpevents.audit.services import Actor
from harpevents.core import addresses, clock, i18n
from harpevents.core.db import db, lock
from harpevents.institutions import queries as institutions
from harpevents.institutions.models import Institution
from harpevents.memberships import queries
from harpevents.memberships.models import (
    ContactCapacity,
    Decision,
    MemberContact,
    RunState,
    Spell,
    SpellBegin,
    SpellEnd,
    Standing,
    StandingKind,
    Term,
    TermState,
)
from harpevents.memberships.refusals import (
    ContactEnded,
    ContactEndsTooEarly,
    ContactExists,
    ContactNameMissing,
    IsDissolved,
    MembershipOverlaps,
    NoOpenTerm,
    NotAMember,
    RunIsFrozen,
    SucceedsItself,
    TermBegun,
    TermExists,
    TermNameMissing,
    TermsHaveAGap,
    TooEarly,
)
from harpevents.people.models import Person


def create_term(
    number: int,
    name: Mapping[str, str],
    *,
    actor: Actor,
    opens_on: date | None = None,
    assembly_slug: str | None = None,
) -> Term:
    """A planned term, the next one in the row; its roll-over opens it.

    `opens_on` is the day it is expected to open; the decision sets the real one.
    """
    if db.session.get(Term, number) is not None:
        raise TermExists(number=number)
    last = db.session.scalar(select(func.max(Term.number)))
    following = 0 if last is None else last + 1
    if number != following:
        raise TermsHaveAGap(number=following)
    names = {lang: text.strip() for lang, text in name.items() if text.strip()}
    if not names:
        raise TermNameMissing
    term = Term(
        number=number,
        state=TermState.PLANNED,
        name=names,
        opens_on=opens_on,
        assembly_slug=assembly_slug,
    )
    db.session.add(term)
    db.session.flush()
    audit.record("term.create", term, actor=actor, details={"name": names})
    return term


def edit_term(
    term: Term,
    name: Mapping[str, str],
    *,
    actor: Actor,
    opens_on: date | None = None,
    assembly_slug: str | None = None,
) -> Term:
    """Correct the name and the assembly of a term; the expected day while it is planned."""
    names = {lang: text.strip() for lang, text in name.items() if text.strip()}
    if not names:
        raise TermNameMissing
    if term.state is not TermState.PLANNED and opens_on != term.opens_on:
        raise TermBegun(number=term.number)
    term.name, term.opens_on, term.assembly_slug = names, opens_on, assembly_slug
    if details := audit.changes(term):
        audit.record("term.edit", term, actor=actor, details=details)
    return term


def record_decision(
    title: str, effective_on: date, *, actor: Actor, adopted_on: date | None = None
) -> Decision:
    """What a body of the association decided, and the day from which it counts."""
    decision = Decision(
        title=" ".join(title.split()),
        adopted_on=adopted_on or effective_on,
        effective_on=effective_on,
        recorded_at=clock.now(),
        recorded_by=actor.name,
    )
    db.session.add(decision)
    db.session.flush()
    return decision


def mark_assumed(institution: Institution) -> None:
    """Note that no source says since when the institution is a member, or that it is one."""
    for spell in queries.spells_of(institution):
        spell.is_assumed = True


def succeed(
    member: Institution, successor: Institution, *, on: date, decision: str, actor: Actor
) -> Spell:
    """Pass the member's place to its successor within the open term; their number stays.

    The member's spell ends merged on `on`, the successor's begins that day. A successor that is a
    member already keeps its own place, and the other one ends. Done already, nothing changes.
    """
    if member.id == successor.id:
        raise SucceedsItself
    if (term := queries.open_term()) is None:
        raise NoOpenTerm
    lock(term)
    spell = queries.find_open_spell(member.id)
    standing = queries.find_open_spell(successor.id)
    if spell is None:
        if standing and _passed_already(member, standing, on):
            return standing
        raise NotAMember(name=institutions.name_of(member))
    _refuse_approved_run(term.number + 1)
    begun = max(filter(None, [spell.begins_on, term.opens_on]))
    if on <= begun:
        raise TooEarly(day=i18n.show_date(begun), field="on")
    if standing is not None and standing.begins_on >= on:
        raise TooEarly(day=i18n.show_date(standing.begins_on), field="on")
    if standing is None:
        _refuse_unfit(successor, on)
    made = record_decision(decision, on, actor=actor)
    spell.ends_on, spell.end_kind, spell.end_decision = on, SpellEnd.MERGED, made
    db.session.flush()
    if standing is None:
        standing = _begin_succession(successor, term, made)
    for institution in (member, successor):
        audit.record(
            "membership.succeed",
            institution,
            actor=actor,
            details={"from": member.slug, "to": successor.slug, "on": str(on)},
        )
    return standing


def _passed_already(member: Institution, standing: Spell, on: date) -> bool:
    query = select(Spell.id).where(
        Spell.institution_id == member.id, Spell.ends_on == on, Spell.end_kind == SpellEnd.MERGED
    )
    return standing.begins_on <= on and db.session.scalars(query).first() is not None


def _refuse_approved_run(number: int) -> None:
    """What an assembly has approved holds until it is applied or taken back."""
    run = queries.find_run(number)
    if run is not None and run.state is RunState.APPROVED:
        raise RunIsFrozen


def _refuse_unfit(successor: Institution, on: date) -> None:
    if successor.dissolved_on is not None and successor.dissolved_on <= on:
        raise IsDissolved(
            name=institutions.name_of(successor), day=i18n.show_date(successor.dissolved_on)
        )
    ended = db.session.scalar(
        select(func.max(Spell.ends_on)).where(Spell.institution_id == successor.id)
    )
    if ended is not None and ended > on:
        raise MembershipOverlaps(name=institutions.name_of(successor), day=i18n.show_date(ended))


def _begin_succession(successor: Institution, term: Term, decision: Decision) -> Spell:
    spell = Spell(
        institution=successor,
        begins_on=decision.effective_on,
        begin_kind=SpellBegin.SUCCEEDED,
        begin_decision=decision,
    )
    db.session.add(spell)
    db.session.flush()
    present = select(Standing.id).where(
        Standing.term_number == term.number, Standing.institution_id == successor.id
    )
    if db.session.scalar(present) is None:
        db.session.add(
            Standing(
                term_number=term.number,
                institution_id=successor.id,
                spell_id=spell.id,
                kind=StandingKind.SUCCEEDED,
                decision_id=decision.id,
            )
        )
        db.session.flush()
    return spell


@dataclass(frozen=True)
class ContactValues:
    """Whom we write to; `address` as typed."""

    name: str
    address: str
    language: str
    capacity: ContactCapacity
    person: Person | None = None


def add_contact(
    institution: Institution,
    values: ContactValues,
    *,
    actor: Actor,
    since: date | None = None,
) -> MemberContact:
    """A contact of a member from today or `since` on."""
    contact = MemberContact(
        institution=institution,
        person=values.person,
        name=_contact_name(values),
        address=_address(values),
        language=values.language,
        capacity=values.capacity,
        valid_from=since or clock.today(),
    )
    _refuse_second(contact)
    db.session.add(contact)
    db.session.flush()
    details = {"institution": institution.slug, "capacity": contact.capacity.value}
    audit.record("contact.create", contact, actor=actor, details=details)
    return contact


def _contact_name(values: ContactValues) -> str:
    if not (name := " ".join(values.name.split())):
        raise ContactNameMissing
    return name


def _address(values: ContactValues) -> str:
    try:
        return addresses.normalise(values.address)
    except addresses.AddressRefused:
        raise addresses.AddressRefused(field="address") from None


def _refuse_second(contact: MemberContact) -> None:
    """Nobody is the same institution's contact twice at a time in one capacity."""
    with db.session.no_autoflush:
        query = select(MemberContact.id).where(
            MemberContact.institution_id == contact.institution.id,
            MemberContact.address == contact.address,
            MemberContact.capacity == contact.capacity,
            or_(
                queries.contact_on(contact.valid_from),
                MemberContact.valid_from == contact.valid_from,
            ),
        )
        if contact.id is not None:
            query = query.where(MemberContact.id != contact.id)
        if db.session.scalars(query).first() is not None:
            raise ContactExists


def edit_contact(contact: MemberContact, values: ContactValues, *, actor: Actor) -> MemberContact:
    """Correct a contact that has not ended."""
    if contact.valid_to is not None:
        raise ContactEnded(day=i18n.show_date(contact.valid_to))
    name, address = _contact_name(values), _address(values)
    with db.session.no_autoflush:
        contact.name, contact.address = name, address
        contact.language, contact.capacity = values.language, values.capacity
        details = audit.changes(contact)
        _refuse_second(contact)
    db.session.flush()
    if details:
        audit.record("contact.edit", contact, actor=actor, details=details)
    return contact


def end_contact(contact: MemberContact, *, actor: Actor, on: date | None = None) -> MemberContact:
    """The contact is none from `on` (today) on; the row stays for the history."""
    day = on or clock.today()
    if contact.valid_to is not None:
        raise ContactEnded(day=i18n.show_date(contact.valid_to))
    if day < contact.valid_from:
        raise ContactEndsTooEarly(day=i18n.show_date(contact.valid_from))
    contact.valid_to = day
    db.session.flush()
    audit.record("contact.end", contact, actor=actor, details={"on": str(day)})
    return contact
