"""Members with contacts, and dispatches to them, for tests of mailings."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.events.models import Event
from harpevents.institutions.models import (
    Institution,
    InstitutionKind,
    InstitutionName,
    NameForm,
)
from harpevents.mailings import services
from harpevents.mailings.models import Dispatch
from harpevents.mailings.values import DispatchValues, MailText
from harpevents.memberships.models import (
    ContactCapacity,
    Decision,
    MemberContact,
    Spell,
    SpellBegin,
    Standing,
    StandingKind,
    Term,
    TermState,
)
from tests.factories import STAFF

LONG_AGO = date(2018, 5, 1)
TEXTS = {
    "ja": MailText("{institution}の皆様へ", "{salutation}\n\n総会を開きます。\n"),
    "en": MailText("News for {institution}", "{salutation}\n\nThe assembly will meet.\n"),
    "ru": MailText("Новости: {institution}", "{salutation}\n\nСостоится генеральная ассамблея.\n"),
}
FOR_PEOPLE = {
    "ja": MailText("{event}のご案内", "{salutation}\n\n変更はこちら：{link}\n"),
    "en": MailText("About {event}", "{salutation}\n\nTo change it: {link}\n"),
    "ru": MailText("О мероприятии {event}", "{salutation}\n\nИзменить: {link}\n"),
}


def a_term(number: int = 3) -> tuple[Term, Decision]:
    now = clock.now()
    decision = Decision(
        title="1", adopted_on=LONG_AGO, effective_on=LONG_AGO, recorded_at=now, recorded_by="s"
    )
    term = Term(number=number, state=TermState.OPEN, name={"en": "3rd"}, opens_on=LONG_AGO)
    db.session.add_all([decision, term])
    db.session.flush()
    return term, decision


def a_member(slug: str, country: str, term: tuple[Term, Decision], **names: str) -> Institution:
    """A member of the term, named in the languages given."""
    institution = Institution(
        slug=slug, kind=InstitutionKind.UNIVERSITY, country=country, created_at=clock.now()
    )
    db.session.add(institution)
    db.session.flush()
    spell = Spell(
        institution_id=institution.id,
        begins_on=LONG_AGO,
        begin_kind=SpellBegin.ADMITTED,
        begin_decision_id=term[1].id,
    )
    db.session.add(spell)
    db.session.flush()
    db.session.add(
        Standing(
            term_number=term[0].number,
            institution_id=institution.id,
            spell_id=spell.id,
            kind=StandingKind.NEW,
            decision_id=term[1].id,
        )
    )
    for language, value in names.items():
        db.session.add(
            InstitutionName(
                institution_id=institution.id, lang=language, form=NameForm.OFFICIAL, value=value
            )
        )
    return institution


def a_further_member(slug: str, country: str, **names: str) -> Institution:
    """One more member of the term that is there already, without a contact, committed."""
    with transaction():
        term = db.session.scalars(select(Term)).one(), db.session.scalars(select(Decision)).one()
        return a_member(slug, country, term, **names)


def a_contact(
    member: Institution,
    address: str,
    name: str,
    language: str,
    capacity: ContactCapacity = ContactCapacity.PRIMARY,
) -> MemberContact:
    contact = MemberContact(
        institution_id=member.id,
        name=name,
        address=address,
        language=language,
        capacity=capacity,
        valid_from=LONG_AGO,
    )
    db.session.add(contact)
    db.session.flush()
    return contact


def three_members() -> dict[str, Institution]:
    """One contact each in Japanese, Russian and English; {country: member}, committed."""
    with transaction():
        term = a_term()
        found = {
            "JP": a_member(
                "hokkaido", "JP", term, ja="北海道大学", en="Hokkaido University", ru="Хоккайдо"
            ),
            "RU": a_member("moscow", "RU", term, en="Moscow State University", ru="МГУ"),
            "NO": a_member("tromso", "NO", term, en="University of Tromsø"),
        }
        a_contact(found["JP"], "kokusai@hokudai.example.jp", "田中 太郎", "ja")
        a_contact(found["RU"], "inter@msu.example.ru", "Иванов, Иван Петрович", "ru")
        a_contact(found["NO"], "office@tromso.example.no", 'Ola "Oli" Nordmann', "en")
    return found


def to_members(**values: Any) -> Dispatch:
    """A draft to the contacts of the members, committed."""
    told: dict[str, Any] = {
        "topic": "general",
        "audience": {"kind": "members", "term": 3},
        "texts": TEXTS,
    }
    with transaction():
        return services.create(DispatchValues(**{**told, **values}), STAFF)


def to_people_at(event: Event, who: str = "registered", **values: Any) -> Dispatch:
    """A draft to the participants of an event, committed."""
    told: dict[str, Any] = {
        "topic": "event",
        "audience": {"kind": "event", "slug": event.slug, "who": who},
        "texts": FOR_PEOPLE,
        "event_id": event.id,
    }
    return to_members(**{**told, **values})


def sent(dispatch: Dispatch) -> Dispatch:
    """Its readers fixed and its mails in the outbox, committed."""
    with transaction():
        services.freeze(dispatch, STAFF)
    with transaction():
        services.release(dispatch, STAFF)
    return dispatch
