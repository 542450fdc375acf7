"""The demo's institutions, and the association's terms carried over one by one."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from harpevents.audit.services import Actor
from harpevents.core.slugs import slugify
from harpevents.demo.people import Population
from harpevents.institutions import queries as institutions
from harpevents.institutions import services
from harpevents.institutions.models import (
    ChangeKind,
    GovernmentLevel,
    InstitutionKind,
    NameForm,
)
from harpevents.institutions.services import InstitutionValues
from harpevents.memberships import proposal, rollover
from harpevents.memberships import queries as members
from harpevents.memberships import services as memberships
from harpevents.memberships.models import ContactCapacity
from harpevents.memberships.services import ContactValues

DATA = Path(__file__).parent / "data"
ROR = "https://ror.org/"
SUCCESSION_ON = date(2024, 10, 1)


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def add_institutions(actor: Actor) -> None:
    """63 members, their successor, and the other bodies that came to the events."""
    for row in rows_of("members.csv"):
        short = [(lang, NameForm.SHORT, row[f"short_{lang}"]) for lang in ("ja", "ru")]
        services.create(_values(row, InstitutionKind.UNIVERSITY, short), actor=actor)
    for row in rows_of("others.csv"):
        services.create(_values(row, InstitutionKind(row["kind"])), actor=actor)


def _values(
    row: dict[str, str],
    kind: InstitutionKind,
    others: list[tuple[str, NameForm, str]] | None = None,
) -> InstitutionValues:
    level = row.get("level")
    return InstitutionValues(
        kind=kind,
        level=GovernmentLevel(level) if level else None,
        country=row["country"],
        city=row["city"],
        ror_id=ROR + row["ror_id"] if row["ror_id"] else None,
        names={lang: row[f"name_{lang}"] for lang in ("en", "ja", "ru")},
        others=[name for name in others or [] if name[2]],
    )


def members_admitted_in(term: int) -> list[str]:
    """The slugs of the universities admitted when term `term` began, in file order."""
    return [slugify(row["name_en"]) for row in rows_of("members.csv") if int(row["term"]) == term]


def record_succession(actor: Actor) -> None:
    """Two Tokyo universities became one on 2024-10-01; the member's place passes to it."""
    before = [
        institutions.get_by_slug("tokyo-institute-of-technology"),
        institutions.get_by_slug("tokyo-medical-and-dental-university"),
    ]
    after = [institutions.get_by_slug("institute-of-science-tokyo")]
    services.record_change(ChangeKind.MERGER, before, after, on=SUCCESSION_ON, actor=actor)


TERMS: tuple[tuple[dict[str, str], date, str, str | None], ...] = (
    # (name, first day, the decision, the assembly)
    (
        {"ja": "創立期", "en": "Foundation", "ru": "Учредительный срок"},
        date(2016, 12, 16),
        "Memorandum on the foundation of the association, 2016-12-16",
        None,
    ),
    (
        {"ja": "第1期", "en": "1st term", "ru": "1-й срок"},
        date(2018, 5, 19),
        "1st General Assembly, joint declaration",
        "assembly-1",
    ),
    (
        {"ja": "第2期", "en": "2nd term", "ru": "2-й срок"},
        date(2019, 9, 23),
        "2nd General Assembly, decision on membership",
        "assembly-2",
    ),
    (
        {"ja": "第3期", "en": "3rd term", "ru": "3-й срок"},
        date(2021, 9, 16),
        "3rd General Assembly, communiqué",
        "assembly-3",
    ),
)
NEXT_TERM = {"ja": "第4期", "en": "4th term", "ru": "4-й срок"}


def carry_over_the_terms(actor: Actor) -> None:
    """Run every roll-over as it was run: draft, review, the assembly's decision, apply."""
    for number, (name, first_day, decision, assembly) in enumerate(TERMS):
        memberships.create_term(
            number, name, opens_on=first_day, assembly_slug=assembly, actor=actor
        )
        proposal.plan(number, actor=actor, on=first_day)
        for university in members_admitted_in(number):
            proposal.admit(number, institutions.get_by_slug(university), actor=actor)
        rollover.approve(number, decision, first_day, actor=actor)
        rollover.apply(number, actor=actor)


def mark_what_is_assumed() -> None:
    """No public page lists the members: most names and some days of joining are illustrations."""
    for row in rows_of("members.csv"):
        if row["basis"] != "published":
            memberships.mark_assumed(institutions.get_by_slug(slugify(row["name_en"])))


def pass_the_place_on(actor: Actor) -> None:
    """The member's place passes to the merged university: 63 stay 63."""
    memberships.succeed(
        institutions.get_by_slug("tokyo-institute-of-technology"),
        institutions.get_by_slug("institute-of-science-tokyo"),
        on=SUCCESSION_ON,
        decision="Secretariat: succession of the merged university, 2024-10-01",
        actor=actor,
    )


def plan_the_next_term(opens_on: date, assembly: str, actor: Actor) -> None:
    """A planned term 4, so that the next roll-over can be tried."""
    number = len(TERMS)
    memberships.create_term(
        number, NEXT_TERM, opens_on=opens_on, assembly_slug=assembly, actor=actor
    )


def add_contacts(today: date, population: Population, actor: Actor) -> None:
    """Each member's office, reachable under an example domain."""
    for member in members.roster(today):
        institution = member.institution
        person = population.of(institution.country, institution.slug, 1)[0]
        names = (person.family, person.given, person.patronymic)
        own = names[:2] if institution.country == "JP" else (*names[1:], names[0])
        values = ContactValues(
            name=" ".join(filter(None, own)),
            address=person.email,
            language=person.language,
            capacity=ContactCapacity.PRIMARY,
        )
        memberships.add_contact(institution, values, actor=actor, since=member.since)
