"""Events, registered people and staff for tests of attendance, with values a test may overrule."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from harpevents.audit.services import Actor
from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.events import services as events
from harpevents.events.models import Event, EventGrant, EventKind, GrantKind, Mode
from harpevents.events.services import EventValues
from harpevents.people import services as people
from harpevents.people import sessions
from harpevents.people.models import Account, Role
from harpevents.registrations import services as registrations
from harpevents.registrations.entries import Entry
from harpevents.registrations.models import Registration
from tests.visitor import Visitor

DOOR = Actor("staff", "Aiko at the door", "7")


def an_event(slug: str = "forum", **others: Any) -> Event:
    """A published event that begins in an hour, committed."""
    begins = others.pop("starts_at", None) or clock.now() + timedelta(hours=1)
    told: dict[str, Any] = {
        "slug": slug,
        "kind": EventKind.ROUND_TABLE,
        "mode": Mode.IN_PERSON,
        "starts_at": begins,
        "ends_at": begins + timedelta(hours=3),
        "zone": "Asia/Tokyo",
        "title": {"en": "Forum of the North", "ja": "北方フォーラム", "ru": "Северный форум"},
        "takes_registrations": True,
    }
    with transaction():
        event = events.create(EventValues(**(told | others)), DOOR)
        events.publish(event, DOOR)
    return event


def an_entry(email: str = "taro@hokudai.example", **others: Any) -> Entry:
    told: dict[str, Any] = {
        "email": email,
        "language": "ja",
        "country": "JP",
        "family": "加藤",
        "given": "太郎",
        "kana_family": "カトウ",
        "kana_given": "タロウ",
        "latin_family": "Kato",
        "latin_given": "Taro",
        "institution_text": "北海道大学",
    }
    return Entry(**(told | others))


def registered(event: Event, email: str = "taro@hokudai.example", **others: Any) -> Registration:
    """A confirmed registration, committed; `source` and the like go to the service."""
    how = {name: others.pop(name) for name in {"source", "at"} & others.keys()}
    with transaction():
        return registrations.register(
            event, an_entry(email, **others), actor=DOOR, **({"source": "desk"} | how)
        )


def an_account(
    role: Role = Role.SECRETARIAT,
    email: str = "staff@association.example",
    language: str = "en",
    name: str = "Aiko at the door",
) -> Account:
    with transaction():
        return people.create_account(email, role, name, language, DOOR)


def grant(account: Account, event: Event, kind: GrantKind = GrantKind.CHECK_IN) -> None:
    with transaction():
        db.session.add(
            EventGrant(account_id=account.id, event_id=event.id, kind=kind, created_at=clock.now())
        )


def one(query: Any) -> Any:
    """The first value the query finds; what stands in a test knows that there is one."""
    return db.session.scalar(query)


def text_of(html: str) -> str:
    """What a reader sees: tags away, blanks as one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def sign_in(visitor: Visitor, account: Account) -> Visitor:
    """Signed in as the account, by a session as the sign-in page makes it."""
    with transaction():
        secret = sessions.begin(account).secret
    with visitor.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return visitor
