"""Events and entries for tests of registrations, with values that a test may overrule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from harpevents.audit.services import Actor
from harpevents.core import clock
from harpevents.core.db import transaction
from harpevents.events import services as events
from harpevents.events.models import Event, EventKind, Mode
from harpevents.events.services import EventValues
from harpevents.registrations import services
from harpevents.registrations.entries import Entry
from harpevents.registrations.models import ConsentPurpose, Registration

STAFF = Actor("staff", "Secretariat", "1")


def values(slug: str = "forum", **others: Any) -> EventValues:
    begins = others.pop("starts_at", None) or clock.now() + timedelta(days=30)
    told: dict[str, Any] = {
        "slug": slug,
        "kind": EventKind.SEMINAR,
        "mode": Mode.IN_PERSON,
        "starts_at": begins,
        "ends_at": begins + timedelta(hours=3),
        "zone": "Asia/Tokyo",
        "title": {"en": "Forum of the North", "ja": "北方フォーラム", "ru": "Северный форум"},
        "takes_registrations": True,
    }
    return EventValues(**(told | others))


def an_event(slug: str = "forum", **others: Any) -> Event:
    """A published event open for registration, committed."""
    published = others.pop("published", True)
    with transaction():
        event = events.create(values(slug, **others), STAFF)
        if published:
            events.publish(event, STAFF)
    return event


def an_entry(number: int | str = 1, **others: Any) -> Entry:
    told: dict[str, Any] = {
        "email": f"person{number}@uni.example.org",
        "language": "en",
        "country": "JP",
        "family": "Tanaka",
        "given": f"Taro{number}",
        "consents": frozenset({ConsentPurpose.PRIVACY}),
    }
    return Entry(**(told | others))


def registered(event: Event, number: int | str = 1, **others: Any) -> Registration:
    """Somebody who filled in the form, committed."""
    keys = {"source", "form_key", "form_digest", "beyond_capacity", "at", "quiet"}
    how = {name: others.pop(name) for name in keys & others.keys()}
    with transaction():
        return services.register(event, an_entry(number, **others), actor=services.FORM, **how)
