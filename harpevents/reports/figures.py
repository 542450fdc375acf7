"""The figures of one event: one set of numbers for page, command, export and sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlalchemy import select

from harpevents.attendance import queries as attendance
from harpevents.attendance.queries import PresentCount
from harpevents.core.db import db
from harpevents.core.i18n import is_country
from harpevents.events.models import Event, Qualifier
from harpevents.institutions import queries as institutions
from harpevents.institutions.models import Institution, InstitutionKind
from harpevents.registrations.models import Registration


@dataclass
class CountryFigures:
    """Of one country: people present and registered, and the distinct matched institutions of those
    who came.

    `institutions` counts by kind the institutions of this country (their own country, which may
    differ from the person's), `of_universities` the people of its universities among them;
    `people_by_kind` the people of this country. What a published figure says of no country stands
    under "".
    """

    people: int = 0
    registered: int = 0
    institutions: dict[str, int] = field(default_factory=dict)
    people_by_kind: dict[str, int] = field(default_factory=dict)
    of_universities: int = 0


@dataclass(frozen=True)
class InstitutionFigures:
    """Of one institution, or of words that match none (`slug` is None)."""

    slug: str | None
    names: dict[str, str]
    country: str
    kind: str
    registered: int
    present: int


class Undecided(NamedTuple):
    """Who is missing from the figures until somebody decides."""

    people: int = 0  # of meeting reports, matched to no registration
    institutions: int = 0  # people present whose affiliation is not recognised yet


NOTHING_UNDECIDED = Undecided()


@dataclass(frozen=True)
class EventFigures:
    """Everything counted about one event; `reported` is the published figure beside it."""

    registered: int
    present: int
    by_country: dict[str, CountryFigures]
    by_institution: list[InstitutionFigures]
    by_category: dict[str, tuple[int, int]]  # (registered, present)
    by_mode: dict[str, tuple[int, int]]
    reported: int | None
    qualifier: Qualifier | None = None  # of `present`, where that was published
    undecided: Undecided = NOTHING_UNDECIDED
    is_illustrative: bool = False  # people were made up where the source names none

    @property
    def by_kind(self) -> dict[str, tuple[int, int]]:
        """{kind of institution: (registered, present)}, in the order of kinds."""
        sums: dict[str, tuple[int, int]] = {}
        for row in self.by_institution:
            registered, present = sums.get(row.kind, (0, 0))
            sums[row.kind] = (registered + row.registered, present + row.present)
        return {kind.value: sums[kind.value] for kind in InstitutionKind if kind.value in sums}


def of_event(event: Event) -> EventFigures:
    """Count the event: at most seven queries whatever its size."""
    counts = attendance.counts(event)
    matched = _matched(counts)
    names = institutions.names_of(list(matched), on=event.day)
    return EventFigures(
        registered=sum(row.registered for row in counts),
        present=sum(row.present for row in counts),
        by_country=_by_country(counts, matched),
        by_institution=_by_institution(counts, matched, names),
        by_category=attendance.count_by(event, Registration.category),
        by_mode=attendance.count_by(event, Registration.mode),
        reported=event.reported_participants,
        undecided=Undecided(
            attendance.count_waiting(event),
            _count_undecided(counts),
        ),
        is_illustrative=is_illustrative(event),
    )


def is_illustrative(event: Event) -> bool:
    """Whether its registrations are a demonstration of a published figure, as a remark says."""
    return event.reported.get("illustrative") is True


def said(event: Event, counted: EventFigures) -> EventFigures:
    """What is said of the event: what was counted, or where nothing was, what was published."""
    return counted if counted.present else published(event) or counted


def published(event: Event) -> EventFigures | None:
    """What was published about the event, in the same shape, as far as it was broken down.

    `Event.reported` holds {"persons": {country: n}, "universities": {country: n},
    "institutions": {kind: {country: n}}}: persons are people of universities, and "" is no
    country that the source names. Other keys are remarks. None without a figure.
    """
    if event.reported_participants is None:
        return None
    countries: dict[str, CountryFigures] = defaultdict(CountryFigures)
    for country, people in _of_countries(event.reported.get("persons")):
        countries[country].people = countries[country].of_universities = people
    kinds = {"university": event.reported.get("universities")}
    if isinstance(by_kind := event.reported.get("institutions"), dict):
        kinds |= by_kind
    for kind in InstitutionKind:
        for country, number in _of_countries(kinds.get(kind.value)):
            countries[country].institutions[kind.value] = number
    total = event.reported_participants
    return EventFigures(
        0, total, dict(countries), [], {}, {}, total, qualifier=event.reported_qualifier
    )


def _of_countries(counted: object) -> list[tuple[str, int]]:
    if not isinstance(counted, dict):
        return []
    return [
        (code, n)
        for code, n in counted.items()
        if (not code or is_country(code)) and type(n) is int and n >= 0
    ]


def _count_undecided(counts: Sequence[PresentCount]) -> int:
    """How many of those present wrote an affiliation that waits for a decision."""
    typed = {row.institution_text for row in counts if row.present and row.institution_text}
    waiting = institutions.undecided_among(typed)
    return sum(row.present for row in counts if row.institution_text in waiting)


def _matched(counts: Sequence[PresentCount]) -> dict[int, Institution]:
    ids = {row.institution_id for row in counts if row.institution_id}
    rows = db.session.scalars(select(Institution).where(Institution.id.in_(ids)))
    return {row.id: row for row in rows}


def _by_country(
    counts: Sequence[PresentCount], matched: dict[int, Institution]
) -> dict[str, CountryFigures]:
    figures: dict[str, CountryFigures] = defaultdict(CountryFigures)
    seen: set[int] = set()
    for row in counts:
        country = figures[row.country]
        country.registered += row.registered
        if not row.present:
            continue
        country.people += row.present
        country.people_by_kind[row.kind] = country.people_by_kind.get(row.kind, 0) + row.present
        if row.institution_id and row.institution_id not in seen:
            seen.add(row.institution_id)
            institution = matched[row.institution_id]
            kinds = figures[institution.country].institutions
            kinds[institution.kind] = kinds.get(institution.kind, 0) + 1
        if row.institution_id and matched[row.institution_id].kind is InstitutionKind.UNIVERSITY:
            figures[matched[row.institution_id].country].of_universities += row.present
    ordered = sorted(figures.items(), key=lambda pair: (-pair[1].people, pair[0]))
    return {
        country: replace(
            its,
            institutions=_by_order_of_kinds(its.institutions),
            people_by_kind=_by_order_of_kinds(its.people_by_kind),
        )
        for country, its in ordered
    }


def _by_order_of_kinds(counted: dict[str, int]) -> dict[str, int]:
    return {kind.value: counted[kind] for kind in InstitutionKind if kind in counted}


def _by_institution(
    counts: Sequence[PresentCount],
    matched: dict[int, Institution],
    names: dict[int, dict[str, str]],
) -> list[InstitutionFigures]:
    sums: dict[tuple[int | None, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in counts:
        key: tuple[int | None, str, str, str]
        if row.institution_id:
            institution = matched[row.institution_id]
            key = (row.institution_id, "", institution.country, str(institution.kind))
        else:
            key = (None, row.institution_text, row.country, str(row.kind))
        sums[key][0] += row.registered
        sums[key][1] += row.present
    rows = [
        InstitutionFigures(
            slug=matched[id].slug if id else None,
            names=names.get(id, {}) if id else ({"und": text} if text else {}),
            country=country,
            kind=kind,
            registered=registered,
            present=present,
        )
        for (id, text, country, kind), (registered, present) in sums.items()
    ]
    return sorted(rows, key=lambda row: (row.slug is None, -row.present, row.slug or ""))
