"""Recognising institutions in what people type: taught decisions first, then the index of names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from harpevents.core import clock
from harpevents.core.db import db
from harpevents.core.names import fold
from harpevents.institutions import matching, queries
from harpevents.institutions.matching import Decision, NameRecord
from harpevents.institutions.models import (
    Institution,
    InstitutionMatchDecision,
    InstitutionName,
    InstitutionRegister,
)

KEPT = 4  # indexes in one process: the present one, and those of tests beside it

_built: dict[str, matching.Index] = {}


@dataclass(frozen=True)
class Recognised:
    """What a text means: a match, candidates to ask about, or none; the best comes first."""

    text: str
    decision: Decision
    candidates: tuple[matching.Candidate, ...]

    def as_json(self) -> dict[str, Any]:
        """{"text", "decision", "candidates": [{"slug", "ror_id", "name", "score"}]}."""
        return {
            "text": self.text,
            "decision": self.decision.value,
            "candidates": [
                {
                    "slug": candidate.slug,
                    "ror_id": candidate.ror_id,
                    "name": candidate.name,
                    "score": round(candidate.score, 3),
                }
                for candidate in self.candidates
            ],
        }


def index() -> matching.Index:
    """The index of all names: built once per process, anew when any process changes a name."""
    stamp = db.session.scalar(_STAMP)
    if stamp is None:
        return matching.Index.build(_records())
    if stamp not in _built:
        while len(_built) >= KEPT:
            _built.pop(next(iter(_built)))
        _built[stamp] = matching.Index.build(_records())
    return _built[stamp]


def _records() -> Iterator[NameRecord]:
    today = clock.today()
    query = select(
        Institution.id,
        Institution.slug,
        Institution.ror_id,
        Institution.country,
        Institution.city,
        Institution.dissolved_on,
        InstitutionName.value,
        InstitutionName.lang,
        InstitutionName.form,
        InstitutionName.valid_to,
    ).join(InstitutionName, InstitutionName.institution_id == Institution.id)
    for row in db.session.execute(query.order_by(Institution.id, InstitutionName.id)):
        yield NameRecord(
            institution_id=row.id,
            slug=row.slug,
            ror_id=row.ror_id,
            country=row.country,
            city=row.city,
            name=row.value,
            lang=row.lang,
            form=row.form.value,
            is_current=row.valid_to is None or row.valid_to > today,
        )


_TAUGHT = select(InstitutionMatchDecision.id).where(
    InstitutionMatchDecision.folded == bindparam("folded"),
    InstitutionMatchDecision.decided_by != "",
)
_STAMP = select(InstitutionRegister.stamp)


def find_taught(text: str) -> InstitutionMatchDecision | None:
    """The decision a person made about this text, in whatever spelling it is the same."""
    key = fold(text)
    if not key:
        return None
    number = db.session.scalar(_TAUGHT, {"folded": key})
    return None if number is None else db.session.get(InstitutionMatchDecision, number)


def match(text: str) -> Recognised:
    """What a typed affiliation means; what a person decided once goes before any score."""
    if (taught := find_taught(text)) is not None:
        if taught.institution is None:
            return Recognised(text, Decision.NONE, ())
        return Recognised(text, Decision.MATCH, (_certain(taught.institution),))
    found = index().match(text)
    return Recognised(text, found.decision, found.candidates)


def _certain(institution: Institution) -> matching.Candidate:
    return matching.Candidate(
        institution_id=institution.id,
        slug=institution.slug,
        ror_id=institution.ror_id,
        name=queries.name_of(institution, "en"),
        score=1.0,
    )


def resolve(text: str) -> Institution | None:
    """The institution a text means for certain, or by a person's decision; else None."""
    if not text.strip():
        return None
    found = match(text)
    if found.decision is not Decision.MATCH:
        return None
    return db.session.get(Institution, found.candidates[0].institution_id)
