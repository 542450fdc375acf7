"""One box for everything at the desk: people, events, institutions, registrations."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from harpevents.core import i18n, names
from harpevents.core.db import db
from harpevents.core.web import query_text
from harpevents.events import policy
from harpevents.events.models import Event
from harpevents.institutions.models import Institution, InstitutionName
from harpevents.people import queries as people
from harpevents.people.models import Staff
from harpevents.people.signed_in import current_staff, is_secretariat
from harpevents.registrations.models import Registration

OF_EACH = 10


def context() -> dict[str, Any]:
    """What the words of the request find; an organiser finds only what is of her events."""
    text = query_text()
    account = current_staff()
    whole = is_secretariat(account)
    nothing: list[Any] = []
    persons = list(db.session.scalars(people.search(text).limit(OF_EACH))) if text and whole else []
    numbers = [person.id for person in persons]
    return {
        "q": text,
        "events": events(text, account) if text else nothing,
        "registrations": registrations(text, account) if text else nothing,
        "institutions": institutions(text) if text and whole else nothing,
        "persons": persons,
        "names": people.names_of(numbers),
        "addresses": people.addresses_of(numbers),
        "in_order": people.in_order,
        "written": people.written,
    }


def events(text: str, account: Staff) -> list[Event]:
    """Events with the text in a title or the slug, the latest first."""
    query = policy.visible_to(account).order_by(Event.starts_at.desc())
    titles = [Event.title[language].as_string() for language in i18n.languages()]
    like = [column.icontains(text, autoescape=True) for column in (*titles, Event.slug)]
    return list(db.session.scalars(query.where(or_(*like)).limit(OF_EACH)))


def institutions(text: str) -> list[tuple[str, str, str]]:
    """(slug, country, name that fits) of institutions with the text in any of their names."""
    query = (
        select(Institution.slug, Institution.country, InstitutionName.value)
        .join(InstitutionName, InstitutionName.institution_id == Institution.id)
        .where(InstitutionName.value.icontains(text, autoescape=True))
        .order_by(Institution.slug, InstitutionName.id)
        .limit(OF_EACH * 8)
    )
    found: dict[str, tuple[str, str, str]] = {}
    for slug, country, value in db.session.execute(query):
        found.setdefault(slug, (slug, country, value))
    return list(found.values())[:OF_EACH]


def registrations(text: str, account: Staff) -> list[Registration]:
    """Registrations the account may see, found by name in any script or by address."""
    visible = policy.visible_to(account).with_only_columns(Event.id)
    query = select(Registration).where(Registration.event_id.in_(visible))
    if "@" in text:
        query = query.where(Registration.email.startswith(text.lower(), autoescape=True))
    else:
        groups = names.query_keys(text)
        if not groups:
            return []
        for group in groups:
            query = query.where(
                or_(*(Registration.search.contains(f" {key}", autoescape=True) for key in group))
            )
    return list(db.session.scalars(query.order_by(Registration.id.desc()).limit(OF_EACH)))
