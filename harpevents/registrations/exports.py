"""Registrations as tables for spreadsheets and programs, read as columns: 10,000 in a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from harpevents.core import i18n
from harpevents.core.db import db
from harpevents.core.languages import FALLBACK
from harpevents.core.tables import writing
from harpevents.events.models import Event
from harpevents.institutions import queries as institution_queries
from harpevents.institutions.models import Institution
from harpevents.registrations import words
from harpevents.registrations.models import Consent, Registration, RegistrationPart
from harpevents.registrations.queries import Filter

COLUMNS = {
    "number": Registration.number,
    "state": Registration.state,
    "family": Registration.family,
    "given": Registration.given,
    "patronymic": Registration.patronymic,
    "latin_family": Registration.latin_family,
    "latin_given": Registration.latin_given,
    "kana_family": Registration.kana_family,
    "kana_given": Registration.kana_given,
    "email": Registration.email,
    "country": Registration.country,
    "institution": Registration.institution_text,
    "kind": Registration.institution_kind,
    "category": Registration.category,
    "position": Registration.position,
    "language": Registration.language,
    "mode": Registration.mode,
    "note": Registration.note,
    "source": Registration.source,
    "created_at": Registration.created_at,
}
MORE = ("institution_slug", "institution_name", "parts", "consents")
HEADER = (*COLUMNS, *MORE)
AT_ONCE = 250  # rows in memory
ALL = Filter()


def titles() -> list[str]:
    """What the columns are called in the current language; `rosters` reads these words again."""
    return [str(words.COLUMNS[name]) for name in HEADER]


def in_words(event: Event, language: str, wanted: Filter = ALL) -> Iterator[list[Any]]:
    """The rows under `titles()`, with words of the current language for codes that have any."""
    named: dict[str, Callable[[Any], str]] = {"country": i18n.country_name}
    for name, known in (
        ("state", words.STATES),
        ("kind", words.INSTITUTION_KINDS),
        ("category", words.CATEGORIES),
        ("mode", words.MODES),
    ):
        named[name] = {code: str(word) for code, word in known.items()}.__getitem__
    places = [(HEADER.index(name), call) for name, call in named.items()]
    for row in rows_of(event, language, wanted):
        for place, call in places:
            row[place] = call(row[place])
        yield row


def rows_of(event: Event, language: str, wanted: Filter = ALL) -> Iterator[list[Any]]:
    """The wanted rows under `HEADER` by number; five queries however many there are."""
    of_event = Registration.event_id == event.id
    parts = _joined(
        select(RegistrationPart.registration_id, Event.slug)
        .join(Registration, Registration.id == RegistrationPart.registration_id)
        .join(Event, Event.id == RegistrationPart.event_id)
        .where(of_event)
        .order_by(Event.starts_at, Event.id)
    )
    consents = _joined(
        select(Consent.registration_id, Consent.purpose)
        .join(Registration, Registration.id == Consent.registration_id)
        .where(of_event, Consent.withdrawn_at.is_(None))
        .order_by(Consent.purpose)
    )
    here = select(Registration.institution_id).where(of_event).distinct()
    known = select(Institution.id, Institution.slug).where(Institution.id.in_(here))
    slugs: dict[int | None, str] = dict(db.session.execute(known).all())
    names = institution_queries.names_of(key for key in slugs if key)
    query = (
        select(Registration.id, Registration.institution_id, *COLUMNS.values())
        .where(of_event)
        .order_by(Registration.number)
    )
    rows = db.session.execute(wanted.apply(query), execution_options={"yield_per": AT_ONCE})
    for key, institution, *values in rows:
        called = names.get(institution or 0, {})
        yield [
            *values,
            slugs.get(institution, ""),
            called.get(language) or called.get(FALLBACK, ""),
            parts.get(key, ""),
            consents.get(key, ""),
        ]


def _joined(query: Any) -> dict[int, str]:
    """{registration: values with semicolons between}."""
    found: dict[int, list[str]] = {}
    for key, value in db.session.execute(query):
        found.setdefault(key, []).append(str(value))
    return {key: ";".join(values) for key, values in found.items()}


def as_csv(event: Event, language: str) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, times in the event's zone."""
    return writing.write_csv(HEADER, rows_of(event, language), ZoneInfo(event.zone))


def as_xlsx(event: Event, language: str) -> bytes:
    """A workbook of one sheet, times in the event's zone."""
    name = event.slug[:31]
    return writing.write_xlsx(name, HEADER, rows_of(event, language), ZoneInfo(event.zone))


def as_objects(event: Event, language: str) -> list[dict[str, Any]]:
    """One object for each registration under the names of `HEADER`; lists stay lists."""
    return [_object(row) for row in rows_of(event, language)]


def _object(row: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(HEADER, row, strict=True))
    values["created_at"] = values["created_at"].isoformat()
    for name in ("parts", "consents"):
        values[name] = values[name].split(";") if values[name] else []
    return values
