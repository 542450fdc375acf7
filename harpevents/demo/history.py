"""Who came to the six events whose breakdown was published: as many people as the reports say.

The figures are facts of the final report of 2022; the people are fictitious. Where a report gives
institutions only, how many people each of them sent is assumed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from harpevents.demo.people import Fictitious, Population

COLUMNS = (
    "family", "given", "patronymic", "latin_family", "latin_given", "kana_family", "kana_given",
    "email", "country", "institution", "kind", "category", "position", "language", "mode", "state",
)  # fmt: skip


@dataclass(frozen=True)
class Delegation:
    """`people` persons from the first `institutions` of a kind in a country (0: from none)."""

    country: str
    kind: str
    institutions: int
    people: int
    category: str = "faculty"
    students: int = 0  # of the people
    skip: int = 0  # institutions of the list passed over before the first


BREAKDOWNS: dict[str, tuple[Delegation, ...]] = {
    "round-table-partnership-2020": (
        Delegation("RU", "university", 36, 66, students=7),
        Delegation("JP", "university", 7, 30, students=5),
        Delegation("JP", "company", 5, 8, "business"),
        Delegation("JP", "think_tank", 2, 4, "researcher"),
        Delegation("RU", "government", 3, 10, "official"),
        Delegation("JP", "government", 2, 12, "official"),
    ),
    "seminar-cold-regions-2020": (
        Delegation("RU", "university", 20, 70),
        Delegation("JP", "university", 9, 36),
        Delegation("JP", "company", 2, 6, "business"),
        Delegation("JP", "think_tank", 2, 5, "researcher"),
        Delegation("RU", "think_tank", 4, 12, "researcher"),
        Delegation("RU", "ngo", 1, 3, "other"),
        Delegation("RU", "government", 3, 8, "official"),
    ),
    "conference-exchange-covid-2020": (
        Delegation("JP", "university", 21, 56),
        Delegation("RU", "university", 30, 72),
    ),
    "seminar-arctic-2021": (
        Delegation("JP", "university", 10, 34),
        Delegation("RU", "university", 16, 54),
        Delegation("FI", "university", 1, 4),
        Delegation("NO", "university", 1, 4),
        Delegation("US", "university", 1, 3),
        Delegation("CA", "university", 1, 3),
        Delegation("GB", "university", 1, 2),
        Delegation("CN", "university", 1, 3),
        Delegation("KR", "university", 1, 3),
    ),
    "round-table-interpreters-2021": (
        Delegation("JP", "university", 11, 20, students=1),
        Delegation("RU", "university", 18, 36, students=2),
        Delegation("JP", "company", 5, 6, "business", skip=3),
        Delegation("RU", "company", 5, 5, "business"),
        Delegation("JP", "other", 0, 6, "interpreter"),
        Delegation("RU", "other", 0, 7, "interpreter"),
    ),
    "workshop-cruise-2021": (
        Delegation("JP", "university", 14, 80),
        Delegation("RU", "university", 22, 110),
        Delegation("JP", "company", 2, 8, "business", skip=6),
        Delegation("RU", "government", 2, 6, "official"),
        Delegation("RU", "ngo", 1, 3, "other"),
        Delegation("RU", "think_tank", 1, 3, "researcher"),
        Delegation("BG", "university", 1, 4),
        Delegation("DK", "university", 1, 5),
        Delegation("NO", "university", 1, 6),
        Delegation("FI", "university", 1, 5),
        Delegation("US", "university", 1, 4),
    ),
}
POSITIONS = {
    "ja": ("教授", "准教授", "講師", "国際課 職員"),
    "ru": ("профессор", "доцент", "старший преподаватель", "специалист международного отдела"),
    "en": ("Professor", "Associate Professor", "Lecturer", "International Office"),
}
STUDENT = {"ja": "学生", "ru": "студент", "en": "student"}


def registrations_file(
    slug: str,
    institutions: dict[tuple[str, str], list[tuple[str, str]]],
    population: Population,
) -> bytes:
    """The event's people as a CSV file for `registrations import --history` (UTF-8, with header).

    `institutions` lists (slug, name) by (country, kind), in the order they are taken.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for delegation in BREAKDOWNS[slug]:
        writer.writerows(_rows(delegation, institutions, population))
    return text.getvalue().encode("utf-8-sig")


def _rows(
    delegation: Delegation,
    institutions: dict[tuple[str, str], list[tuple[str, str]]],
    population: Population,
) -> Iterator[dict[str, str]]:
    listed = institutions.get((delegation.country, delegation.kind), [])[delegation.skip :]
    chosen = listed[: delegation.institutions] or [("", "")]
    share, rest = divmod(delegation.people, len(chosen))
    number = 0
    for turn, (place, name) in enumerate(chosen):
        for person in population.of(delegation.country, place, share + (turn < rest)):
            yield _row(person, name, delegation, number)
            number += 1


def _row(
    person: Fictitious, institution: str, delegation: Delegation, number: int
) -> dict[str, str]:
    student = number < delegation.students
    positions = POSITIONS[person.language]
    position = STUDENT[person.language] if student else positions[number % len(positions)]
    return {
        **asdict(person),
        "institution": institution,
        "kind": delegation.kind,
        "category": "student" if student else delegation.category,
        "position": position if delegation.kind == "university" else "",
        "mode": "online",
        "state": "confirmed",
    }
