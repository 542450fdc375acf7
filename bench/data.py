"""What is measured on: events to register for, one with many at its door, one of each size."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from harpevents.audit.services import COMMAND_LINE
from harpevents.core import clock, names, tokens
from harpevents.core.db import db, transaction
from harpevents.events import queries as event_queries
from harpevents.events import services as events
from harpevents.events.models import EventKind, Mode
from harpevents.events.services import EventValues
from harpevents.institutions import services as institutions
from harpevents.institutions.models import InstitutionKind
from harpevents.people import services as people
from harpevents.people.models import Role
from harpevents.registrations.models import Registration

OPEN, DOOR, LAST_PLACE = "bench-open", "bench-door", "bench-last"
EMAIL = "bench@association.example"
PASSWORD = "a long enough passphrase"
AT_THE_DOOR = 40_000  # each is checked in once, so there are more than the rounds get through
MANY = 10_000
SIZES = (1_000, MANY)
LARGE = 100_000
INSTITUTIONS = 60
AT_ONCE = 10_000


def of_size(size: int) -> str:
    """The slug of the event with so many registrations."""
    return f"bench-{size}"


def begin() -> None:
    """Write an account, institutions and an event to register for; in an application context."""
    with transaction():
        account = people.create_account(EMAIL, Role.ADMIN, "Bench", "en", COMMAND_LINE)
        people.set_password(account, PASSWORD, COMMAND_LINE)
        for number in range(INSTITUTIONS):
            institutions.ensure(
                f"Example University {number}",
                InstitutionKind.UNIVERSITY,
                "JP" if number % 2 else "RU",
                actor=COMMAND_LINE,
            )
        _event(OPEN, None)


def add_registered(slug: str, size: int) -> None:
    """A published event with so many registrations; runs in an application context."""
    with transaction():
        _event(slug, None)
    now = clock.now()
    with transaction():
        event = event_queries.get_by_slug(slug)
        for first in range(1, size + 1, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, size + 1))
            rows = [_registration(number, event.id, now) for number in numbers]
            db.session.execute(insert(Registration), rows)


def add_last_place(slug: str) -> None:
    """A published event with one place; runs in an application context."""
    with transaction():
        _event(slug, 1)


def _event(slug: str, capacity: int | None) -> None:
    now = clock.now()
    text = {"en": "A seminar", "ja": "セミナー", "ru": "Семинар"}
    event = events.create(
        EventValues(
            slug=slug,
            kind=EventKind.SEMINAR,
            mode=Mode.HYBRID,
            starts_at=now + timedelta(days=30),
            ends_at=now + timedelta(days=30, hours=3),
            zone="Asia/Tokyo",
            title=text,
            summary=text,
            description={lang: f"{name}\n\n- 1\n- 2\n" * 5 for lang, name in text.items()},
            capacity=capacity,
            takes_registrations=True,
        ),
        COMMAND_LINE,
    )
    events.publish(event, COMMAND_LINE)


def _registration(number: int, event_id: int, now: object) -> dict[str, object]:
    family, given = f"Family{number % 997}", f"Given{number % 313}"
    return {
        "event_id": event_id,
        "number": number,
        "key": tokens.new_key(),
        "ticket_key": tokens.new_key(),
        "state": "confirmed",
        "family": family,
        "given": given,
        "email": f"person{number}@example.org",
        "language": "en",
        "country": "JP" if number % 2 else "RU",
        "institution_text": f"Example University {number % INSTITUTIONS}",
        "institution_id": number % INSTITUTIONS + 1,
        "institution_kind": "university",
        "category": "faculty",
        "mode": "room",
        "search": names.search_text(f"{given} {family}"),
        "sort_name": f"{family} {given}".lower(),
        "source": "history",
        "created_at": now,
        "updated_at": now,
    }
