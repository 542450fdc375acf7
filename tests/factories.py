"""Events, registrations and staff for tests: plain values, which a test may overrule, committed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from harpevents.audit.models import ActorKind
from harpevents.audit.services import Actor
from harpevents.core import clock
from harpevents.core.db import transaction
from harpevents.events import services as events
from harpevents.events.models import Event, EventGrant, EventKind, GrantKind, Mode
from harpevents.events.services import EventValues
from harpevents.people import services as people
from harpevents.people import sessions
from harpevents.people.models import Account, Role
from harpevents.registrations import services as registrations
from harpevents.registrations.entries import Entry
from harpevents.registrations.models import ConsentPurpose, Registration
from tests.visitor import Visitor

STAFF = Actor(ActorKind.STAFF, "Secretariat", "1")
PASSWORD = "four words make safe"
KATO: dict[str, Any] = {  # somebody whose name stands in three scripts
    "email": "taro@hokudai.example",
    "language": "ja",
    "family": "加藤",
    "given": "太郎",
    "kana_family": "カトウ",
    "kana_given": "タロウ",
    "latin_family": "Kato",
    "latin_given": "Taro",
    "institution_text": "北海道大学",
}


def event_values(slug: str = "forum", **others: Any) -> EventValues:
    """A seminar of three hours that begins in thirty days and takes registrations."""
    begins = others.pop("starts_at", None) or clock.now() + timedelta(days=30)
    plain: dict[str, Any] = {
        "slug": slug,
        "kind": EventKind.SEMINAR,
        "mode": Mode.IN_PERSON,
        "starts_at": begins,
        "ends_at": begins + timedelta(hours=3),
        "zone": "Asia/Tokyo",
        "title": {"en": "Forum of the North", "ja": "北方フォーラム", "ru": "Северный форум"},
        "takes_registrations": True,
    }
    return EventValues(**(plain | others))


def an_event(slug: str = "forum", *, published: bool = True, **others: Any) -> Event:
    with transaction():
        event = events.create(event_values(slug, **others), STAFF)
        if published:
            events.publish(event, STAFF)
    return event


def an_entry(number: int = 1, **others: Any) -> Entry:
    """What one of many like people writes into the form."""
    plain: dict[str, Any] = {
        "email": f"person{number}@uni.example.org",
        "language": "en",
        "country": "JP",
        "family": "Tanaka",
        "given": f"Taro{number}",
        "consents": frozenset({ConsentPurpose.PRIVACY}),
    }
    return Entry(**(plain | others))


def registered(event: Event, number: int = 1, **others: Any) -> Registration:
    """Somebody who filled in the form; what is no part of an entry goes to the service."""
    keys = {"source", "form_key", "form_digest", "beyond_capacity", "at", "quiet"}
    how = {name: others.pop(name) for name in keys & others.keys()}
    with transaction():
        return registrations.register(
            event, an_entry(number, **others), actor=registrations.FORM, **how
        )


def an_account(
    role: Role = Role.SECRETARIAT,
    email: str = "mika@example.org",
    *,
    name: str = "Ōta Mika",
    language: str = "en",
    password: str | None = None,
) -> Account:
    with transaction():
        account = people.create_account(email, role, name, language, STAFF)
        if password is not None:
            people.set_password(account, password, STAFF)
    return account


def grant(account: Account, event: Event, kind: GrantKind = GrantKind.CHECK_IN) -> EventGrant:
    with transaction():
        return events.grant(event, account, kind, STAFF)


def sign_in(visitor: Visitor, account: Account) -> Visitor:
    """The visitor with a session of the account, as the sign-in page makes it."""
    with transaction():
        secret = sessions.begin(account).secret
    with visitor.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return visitor
