"""Universities and terms for tests of membership, with values a test may overrule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from harpevents.core.db import transaction
from harpevents.institutions import services as institutions
from harpevents.institutions.models import Institution, InstitutionKind
from harpevents.institutions.services import InstitutionValues
from harpevents.memberships import rollover, services
from tests.factories import STAFF

FOUNDED = date(2016, 12, 16)
ASSEMBLIES = (
    (0, FOUNDED, 21, 21),
    (1, date(2018, 5, 19), 4, 4),
    (2, date(2019, 9, 23), 2, 2),
    (3, date(2021, 9, 16), 3, 6),
)


def a_university(name: str, country: str = "JP", **names: str) -> Institution:
    """A university with its English name and others by language, flushed."""
    values = InstitutionValues(
        kind=InstitutionKind.UNIVERSITY, country=country, names={"en": name, **names}
    )
    return institutions.create(values, actor=STAFF)


def universities(country: str, count: int, label: str = "") -> list[Institution]:
    return [a_university(f"{country} {label}{number:04}", country) for number in range(count)]


def a_term(number: int, on: date, admitted: Iterable[Institution]) -> None:
    """Term `number` opened on `on` by a roll-over that admits these; call in a transaction."""
    services.create_term(number, {"en": f"Term {number}"}, actor=STAFF, opens_on=on)
    rollover.plan(number, actor=STAFF)
    for institution in admitted:
        rollover.admit(number, institution, actor=STAFF)
    rollover.approve(number, f"Assembly {number}", on, actor=STAFF)
    rollover.apply(number, actor=STAFF)


def the_association() -> None:
    """42, 50, 54 and 63 members, as it was, each by its roll-over; commits."""
    with transaction():
        for number, on, japanese, russian in ASSEMBLIES:
            admitted = universities("JP", japanese, f"{number}-")
            a_term(number, on, [*admitted, *universities("RU", russian, f"{number}-")])


def founded_by(*members: Institution) -> None:
    """Term 0 with these; call in a transaction."""
    a_term(0, FOUNDED, members)
