"""The demo's people at events: history from files, check-ins, and first registrations to come."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import date

from sqlalchemy import select

from harpevents.attendance import services as attendance
from harpevents.attendance.models import CheckInSource
from harpevents.audit.services import Actor
from harpevents.core.db import db
from harpevents.demo import history
from harpevents.demo.people import Fictitious, Population
from harpevents.demo.programme import ASSEMBLY, SEMINAR
from harpevents.events import queries as events
from harpevents.institutions import queries as institutions
from harpevents.institutions.models import Institution, InstitutionKind
from harpevents.memberships import queries as members
from harpevents.memberships.queries import Member
from harpevents.registrations import imports, services
from harpevents.registrations import queries as registrations
from harpevents.registrations.entries import Entry
from harpevents.registrations.models import AttendanceMode, Category, ConsentPurpose, Source

NAMESPACE = uuid.UUID("6f0a8c5e-5f0b-4f43-9d59-2f4b54f3f2aa")
SHARED_BY = 3  # every third person agrees to share her contact


def bring_history_in(population: Population, actor: Actor) -> None:
    """Register and check in everybody of the six events whose breakdown was published."""
    listed = _institutions(date(2021, 10, 1))
    for slug in history.BREAKDOWNS:
        event = events.get_by_slug(slug)
        data = history.registrations_file(slug, listed, population)
        roster = imports.read(event, data, f"{slug}.csv")
        imports.take_in(event, roster, actor=actor, history=True)
        for registration in db.session.scalars(registrations.of_event(event)):
            attendance.check_in(
                event,
                registration,
                source=CheckInSource.HISTORY,
                actor=actor,
                id=uuid.uuid5(NAMESPACE, registration.key),
                happened_at=event.starts_at,
            )


def _institutions(on: date) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(slug, name) by (country, kind): members of that day first, then all others."""
    listed: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    known = set()
    first = [member.institution for member in members.roster(on)]
    query = select(Institution).where(Institution.dissolved_on.is_(None)).order_by(Institution.id)
    everybody = [*first, *db.session.scalars(query)]
    names = institutions.names_of([institution.id for institution in everybody], on)
    for institution in everybody:
        if institution.id not in known and names.get(institution.id):
            known.add(institution.id)
            key = (institution.country, institution.kind.value)
            listed[key].append((institution.slug, names[institution.id]["en"]))
    return listed


def register_first_people(population: Population, today: date, actor: Actor) -> None:
    """Some are registered for what is to come; the last three of them were written to."""
    for slug, step in ((ASSEMBLY, 2), (SEMINAR, 4)):
        event = events.get_by_slug(slug)
        parts = [part.slug for part in events.parts_of(event)]
        chosen = members.roster(today)[::step]
        for number, member in enumerate(chosen):
            person = population.of(member.institution.country, member.institution.slug, 2)[1]
            services.register(
                event,
                _entry(person, member, number, parts),
                actor=actor,
                source=Source.IMPORT,
                quiet=number < len(chosen) - 3,
            )


def _entry(person: Fictitious, member: Member, number: int, parts: list[str]) -> Entry:
    consents = {ConsentPurpose.PRIVACY}
    if number % SHARED_BY == 0:
        consents.add(ConsentPurpose.CONTACT_SHARING)
    mode = None
    if parts:
        mode = AttendanceMode.ROOM if number % 3 else AttendanceMode.ONLINE
    return Entry(
        email=person.email,
        language=person.language,
        country=person.country,
        family=person.family,
        given=person.given,
        patronymic=person.patronymic,
        latin_family=person.latin_family,
        latin_given=person.latin_given,
        kana_family=person.kana_family,
        kana_given=person.kana_given,
        institution=member.institution.slug,
        institution_text=member.name(person.language),
        institution_kind=InstitutionKind.UNIVERSITY,
        category=Category.FACULTY,
        position=history.POSITIONS[person.language][number % 4],
        mode=mode,
        parts=dict.fromkeys(parts[: number % 3], mode),
        consents=frozenset(consents),
    )
