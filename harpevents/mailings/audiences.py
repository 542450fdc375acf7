"""Who a dispatch is for: the people of an audience on a day, in the order they are met.

An audience is a document: {"kind": "members", "term": 3}, {"kind": "subscribers"} or
{"kind": "event", "slug": "…", "who": "registered" | "present" | "absent"}.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from harpevents.attendance import queries as attendance
from harpevents.core import i18n
from harpevents.core.db import db
from harpevents.core.types import in_language
from harpevents.events import queries as events
from harpevents.institutions.models import Institution
from harpevents.memberships import queries as memberships
from harpevents.memberships.models import MemberContact, Spell, Standing, Term, TermState
from harpevents.registrations import queries as registrations
from harpevents.registrations.models import (
    Consent,
    ConsentPurpose,
    Registration,
    RegistrationState,
)

MEMBERS, SUBSCRIBERS, EVENT = "members", "subscribers", "event"
REGISTERED, PRESENT, ABSENT = "registered", "present", "absent"


STREAMED = {"yield_per": 500}  # ten thousand registrations are never all in memory


@dataclass(frozen=True, slots=True)
class AudienceMember:
    """Somebody of the audience, before duplicates and opt-outs are taken away."""

    address: str  # "" where we know none
    name: str
    language: str
    institution_id: int | None
    institution_text: str
    included_by: str
    event: str = ""
    link: str = ""


def candidates(audience: dict[str, Any], day: date) -> Iterator[AudienceMember]:
    """All of the audience on that day, in an order that does not change."""
    match audience["kind"]:
        case "members":
            yield from _members(int(audience["term"]), day)
        case "subscribers":
            yield from _subscribers()
        case _:
            yield from _at_event(audience["slug"], audience["who"])


def _members(term: int, day: date) -> Iterator[AudienceMember]:
    """Contacts valid on the day of each institution with a standing in the term and a spell then.

    An institution without any contact appears without an address, so that nobody is forgotten.
    """
    members = db.session.scalars(
        select(Institution)
        .join(Standing, Standing.institution_id == Institution.id)
        .join(Spell, Spell.id == Standing.spell_id)
        .where(Standing.term_number == term, memberships.within(day))
        .order_by(Institution.id)
    ).all()
    contacts: dict[int, list[MemberContact]] = {}
    query = (
        select(MemberContact)
        .join(Standing, Standing.institution_id == MemberContact.institution_id)
        .where(Standing.term_number == term, memberships.contact_on(day))
        .order_by(MemberContact.id)
    )
    for contact in db.session.scalars(query):
        contacts.setdefault(contact.institution_id, []).append(contact)
    for member in members:
        for contact in contacts.get(member.id, ()):
            yield AudienceMember(
                address=contact.address,
                name=contact.name,
                language=i18n.spoken(contact.language, member.country),
                institution_id=member.id,
                institution_text="",
                included_by=f"contact of {member.slug}",
            )
        if member.id not in contacts:
            yield AudienceMember(
                address="",
                name="",
                language=i18n.spoken("", member.country),
                institution_id=member.id,
                institution_text="",
                included_by=f"member {member.slug}",
            )


def _subscribers() -> Iterator[AudienceMember]:
    """Whoever agreed to the newsletter and has not withdrawn, by the latest registration.

    Who withdrew at one registration has withdrawn what was given at an earlier one as well.
    """
    later, elsewhere = aliased(Consent), aliased(Registration)
    withdrawn = exists().where(
        later.registration_id == elsewhere.id,
        elsewhere.email == Registration.email,
        later.purpose == ConsentPurpose.NEWSLETTER,
        later.withdrawn_at >= Consent.given_at,
    )
    query = (
        select(Registration)
        .join(Consent, Consent.registration_id == Registration.id)
        .where(Consent.purpose == ConsentPurpose.NEWSLETTER, ~withdrawn)
        .order_by(Registration.id.desc())
    )
    seen: set[str] = set()
    for registration in db.session.scalars(query, execution_options=STREAMED):
        if registration.email not in seen:
            seen.add(registration.email)
            yield _registered(registration)


def _at_event(slug: str, who: str) -> Iterator[AudienceMember]:
    event = events.get_by_slug(slug)
    query = registrations.of_event(event).where(Registration.state == RegistrationState.CONFIRMED)
    if who != REGISTERED:
        present = Registration.id.in_(attendance.present_ids(event))
        query = query.where(present if who == PRESENT else ~present)
    for registration in db.session.scalars(query, execution_options=STREAMED):
        language = i18n.spoken(registration.language, registration.country)
        yield _registered(registration, in_language(event.title, language))


def _registered(registration: Registration, event: str = "") -> AudienceMember:
    language = i18n.spoken(registration.language, registration.country)
    return AudienceMember(
        address=registration.email,
        name=registrations.display_name(registration, language),
        language=language,
        institution_id=registration.institution_id,
        institution_text=registration.institution_text,
        included_by=f"registration {registration.number}",
        event=event,
        link=registrations.manage_placeholder(registration, language),
    )


def terms() -> Sequence[Term]:
    """The terms whose members can be written to: the open one, then the others, latest first."""
    open_first = Term.state != TermState.OPEN
    return db.session.scalars(select(Term).order_by(open_first, Term.number.desc())).all()


def in_words(audience: dict[str, Any]) -> str:
    """The audience in the current language."""
    match audience["kind"]:
        case "members":
            return str(_("Contacts of the members in term %(number)s", number=audience["term"]))
        case "subscribers":
            return str(_("People who agreed to the newsletter"))
    match audience["who"]:
        case "present":
            return str(_("People present at the event"))
        case "absent":
            return str(_("People registered who did not come"))
    return str(_("People registered for the event"))
