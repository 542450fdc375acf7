"""What the door shows: the list or what a search found, the answer to a tap, who is present."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from harpevents.attendance import queries
from harpevents.attendance.models import CheckIn, RefusalReason
from harpevents.core import i18n, names
from harpevents.core.languages import Script, of_script
from harpevents.core.paging import Page, page_of
from harpevents.core.types import in_language
from harpevents.events import queries as events
from harpevents.events.models import Event
from harpevents.institutions import queries as institutions
from harpevents.registrations import queries as registrations
from harpevents.registrations import words
from harpevents.registrations.models import AttendanceMode, Registration

SHOWN_WHOLE = 300  # a longer list is not shown before somebody is looked for
TOP = 6  # institutions shown below each country


@dataclass(frozen=True)
class DoorRow:
    """One person at the door. No address: whoever stands behind the desk could read it."""

    registration: Registration
    name: str
    other_names: list[tuple[str, str]]
    detail: str
    check_in: CheckIn | None
    token: uuid.UUID  # of the check-in this row may make

    @property
    def number(self) -> int:
        return self.registration.number


@dataclass(frozen=True)
class Door:
    """The list of one event or part. `searched` is False where a search must come first."""

    rows: list[DoorRow]
    page: Page[Registration] | None
    searched: bool


def door(event: Event, q: str, page: int) -> Door:
    """Everybody by name where the list is short, else whom the search finds in any state."""
    if q:
        found = select(Registration).where(Registration.event_id == (event.parent_id or event.id))
        query = registrations.found_by(found, q)
    else:
        query = queries.registered(event)
    shown = page_of(query.order_by(Registration.sort_name, Registration.number), page)
    if not q and shown.total > SHOWN_WHOLE:
        return Door([], None, searched=False)
    return Door(rows_of(event, shown.items), shown, searched=True)


def rows_of(event: Event, people: Sequence[Registration]) -> list[DoorRow]:
    """Two queries, whatever the number of people."""
    counted = queries.counting_by_registration(event, [person.id for person in people])
    ids = {person.institution_id for person in people if person.institution_id}
    known = institutions.names_of(ids, event.day) if ids else {}
    return [_row(person, known, counted.get(person.id)) for person in people]


def _row(
    person: Registration, known: dict[int, dict[str, str]], check_in: CheckIn | None
) -> DoorRow:
    language = i18n.current_language()
    name = registrations.display_name(person, language)
    institution = in_language(known.get(person.institution_id or 0), language)
    detail = " · ".join(
        part
        for part in (
            institution or person.institution_text,
            i18n.country_name(person.country),
            str(words.CATEGORIES[person.category]),
            str(words.MODES[person.mode]) if person.mode is AttendanceMode.ONLINE else "",
        )
        if part
    )
    return DoorRow(person, name, _other_names(person, name), detail, check_in, uuid.uuid4())


def _other_names(person: Registration, shown: str) -> list[tuple[str, str]]:
    written = (
        (
            person.language,
            names.display(person.family, person.given, person.patronymic, lang=person.language),
        ),
        (of_script(Script.KANA), " ".join(filter(None, (person.kana_family, person.kana_given)))),
        (
            of_script(Script.LATIN),
            " ".join(filter(None, (person.latin_family.upper(), person.latin_given))),
        ),
    )
    seen = {_plain(shown)}
    others = []
    for language, name in written:
        if name and _plain(name) not in seen:
            seen.add(_plain(name))
            others.append((language, name))
    return others


def _plain(name: str) -> str:
    return " ".join(sorted(name.casefold().split()))


def answer(event: Event, fact: CheckIn | None) -> dict[str, Any] | None:
    """What a tap or a scanned ticket came to: the row, the first check-in, the other event."""
    if fact is None:
        return None
    person, elsewhere = fact.registration, fact.reason is RefusalReason.OTHER_EVENT
    return {
        "fact": fact,
        "row": rows_of(event, [person])[0] if person is not None else None,
        "elsewhere": person.event.title if person and elsewhere else None,
    }


def lists(event: Event) -> list[Event]:
    """The event and its parts: each has a list of its own."""
    whole = event.parent or event
    return [whole, *events.parts_of(whole)]


def live(event: Event) -> dict[str, Any]:
    """Who is present, by country, institution and kind, and what happened last."""
    counts = queries.counts(event)
    known = institutions.names_of(
        {row.institution_id for row in counts if row.institution_id and row.present},
        event.day,
    )
    latest = queries.latest(event, 12)
    language = i18n.current_language()
    return {
        "present": sum(row.present for row in counts),
        "registered": sum(row.registered for row in counts),
        "kinds": _kinds(counts),
        "countries": _countries(counts, known),
        "latest": [
            (fact, registrations.display_name(fact.registration, language))
            if fact.registration is not None
            else (fact, "")
            for fact in latest
        ],
    }


def _kinds(counts: Sequence[queries.PresentCount]) -> list[tuple[str, int]]:
    present: Counter[Any] = Counter()
    for row in counts:
        present[row.kind] += row.present
    return [(str(words.INSTITUTION_KINDS[kind]), n) for kind, n in present.most_common() if n]


def _countries(
    counts: Sequence[queries.PresentCount], known: dict[int, dict[str, str]]
) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """(country, present, its largest institutions), the largest country first."""
    language = i18n.current_language()
    total: Counter[str] = Counter()
    inside: dict[str, Counter[str]] = {}
    for row in counts:
        if row.present:
            total[row.country] += row.present
            name = in_language(known.get(row.institution_id or 0), language)
            inside.setdefault(row.country, Counter())[name or row.institution_text] += row.present
    ordered = sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        (
            i18n.country_name(country),
            number,
            [(name, n) for name, n in inside[country].most_common() if name][:TOP],
        )
        for country, number in ordered
    ]
