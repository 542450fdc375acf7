"""Recognising institutions in what people type: taught decisions first, then the matching index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from harpevents.core.db import db
from harpevents.core.names import fold
from harpevents.institutions import queries
from harpevents.institutions.models import Institution, InstitutionMatchDecision, InstitutionName


@dataclass(frozen=True)
class Candidate:
    """An institution a text may mean; `score` from 0 to 1."""

    slug: str
    ror_id: str | None
    name: str
    score: float


@dataclass(frozen=True)
class Recognised:
    """What a text means: `decision` is match, ask or none; the best candidate comes first."""

    text: str
    decision: str
    candidates: list[Candidate]

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "decision": self.decision,
            "candidates": [vars(candidate) for candidate in self.candidates],
        }


def find_taught(text: str) -> InstitutionMatchDecision | None:
    """The decision a person made about this text, in whatever spelling it is the same."""
    key = fold(text)
    if not key:
        return None
    return db.session.scalar(
        select(InstitutionMatchDecision).where(
            InstitutionMatchDecision.folded == key, InstitutionMatchDecision.decided_by != ""
        )
    )


def match(text: str) -> Recognised:
    if (taught := find_taught(text)) is not None:
        if taught.institution is None:
            return Recognised(text, "none", [])
        name = queries.name_of(taught.institution, "en")
        candidate = Candidate(taught.institution.slug, taught.institution.ror_id, name, 1.0)
        return Recognised(text, "match", [candidate])
    query = (
        select(Institution).join(InstitutionName).where(InstitutionName.value == text).distinct()
    )
    found = [
        Candidate(one.slug, one.ror_id, queries.name_of(one, "en"), 1.0)
        for one in db.session.scalars(query)
    ]
    return Recognised(text, {0: "none", 1: "match"}.get(len(found), "ask"), found)
