"""The demo's institutions, and the association's terms carried over one by one."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from harpevents.audit.services import Actor
from harpevents.institutions import queries as institutions
from harpevents.institutions import services
from harpevents.institutions.models import (
    ChangeKind,
    GovernmentLevel,
    InstitutionKind,
    NameForm,
)
from harpevents.institutions.services import InstitutionValues

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
    """The English names of the universities admitted when term `term` began, in file order."""
    return [row["name_en"] for row in rows_of("members.csv") if int(row["term"]) == term]


def record_succession(actor: Actor) -> None:
    """Two Tokyo universities became one on 2024-10-01; the member's place passes to it."""
    before = [
        institutions.get_by_slug("tokyo-institute-of-technology"),
        institutions.get_by_slug("tokyo-medical-and-dental-university"),
    ]
    after = [institutions.get_by_slug("institute-of-science-tokyo")]
    services.record_change(ChangeKind.MERGER, before, after, on=SUCCESSION_ON, actor=actor)
