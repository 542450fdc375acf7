"""Recognising institutions in what people type: taught decisions first, then the index of names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select

from harpevents.core import clock
from harpevents.core.db import db
from harpevents.core.errors import RuleBroken
from harpevents.core.languages import FALLBACK
from harpevents.core.names import fold
from harpevents.institutions import queries
from harpevents.institutions.models import (
    Institution,
    InstitutionMatchDecision,
    InstitutionName,
    InstitutionRegister,
)
from harpevents.recognition.recogniser import Candidate, MatchVerdict, NameRecord, Recogniser

CACHED = 4  # indexes in one process: the present one, and those of tests beside it

_built: dict[str, Recogniser] = {}


@dataclass(frozen=True)
class Recognised:
    """What a text means: a match, candidates to ask about, or none; the best comes first."""

    text: str
    decision: MatchVerdict
    candidates: tuple[Candidate, ...]
    is_known: bool = False  # somebody decided about the text, or it waits for a decision

    @property
    def certain(self) -> int | None:
        """The id of the institution it is for certain, or by a person's decision."""
        return self.candidates[0].institution_id if self.decision is MatchVerdict.MATCH else None

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


def index() -> Recogniser:
    """The index of all names: built once per process, anew when any process changes a name."""
    return _index(db.session.scalar(select(InstitutionRegister.stamp)))


def _index(stamp: str | None) -> Recogniser:
    if stamp is None:
        return Recogniser.build(_records())
    if stamp not in _built:
        while len(_built) >= CACHED:
            _built.pop(next(iter(_built)))
        _built[stamp] = Recogniser.build(_records())
    return _built[stamp]


def _records() -> Iterator[NameRecord]:
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
        queries.valid_on(clock.today()).label("is_current"),
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
            is_current=row.is_current,
        )


_about = select(InstitutionMatchDecision.id).where(
    InstitutionMatchDecision.folded == bindparam("folded")
)
_KNOWN = select(
    select(InstitutionRegister.stamp).scalar_subquery(),
    _about.scalar_subquery(),
    _about.where(InstitutionMatchDecision.decided_by != "").scalar_subquery(),
)


def match(text: str, country: str = "", on: date | None = None) -> Recognised:
    """What a typed affiliation means; what a person decided once goes before any score.

    A decision counts for the text in whatever spelling it is the same. `country` is the one the
    person gave: an institution of another one is asked about. On a day `on`, an institution that
    had ended is the one that took its place, or asked about where none did.
    """
    stamp, asked, taught = db.session.execute(_KNOWN, {"folded": fold(text)}).one()
    if taught is not None:
        institution = db.session.get_one(InstitutionMatchDecision, taught).institution
        if institution is None:
            return Recognised(text, MatchVerdict.NONE, (), is_known=True)
        return Recognised(text, MatchVerdict.MATCH, (_certain(institution),), is_known=True)
    found = _index(stamp).match(text, country=country)
    known = Recognised(text, found.decision, found.candidates, is_known=asked is not None)
    return known if on is None or known.certain is None else _as_of(known, on)


def _as_of(known: Recognised, on: date) -> Recognised:
    """The same, led to what took the institution's place where it had ended by that day."""
    meant = db.session.get_one(Institution, known.certain)
    found = as_of(meant, on)
    if found.dissolved_on is not None and found.dissolved_on <= on:
        return replace(known, decision=MatchVerdict.ASK)
    if found is meant:
        return known
    return replace(known, candidates=(_certain(found), *known.candidates))


def as_of(institution: Institution, on: date) -> Institution:
    """The institution, or where it had ended by that day the one that took its place, if any."""
    if institution.dissolved_on is None or on < institution.dissolved_on:
        return institution
    ended, found = queries.successors(on), institution
    while found.id in ended and (successor := ended[found.id][0]) is not None:
        found = db.session.get_one(Institution, successor)
    return found


def _certain(institution: Institution) -> Candidate:
    return Candidate(
        institution_id=institution.id,
        slug=institution.slug,
        ror_id=institution.ror_id,
        name=queries.name_of(institution, FALLBACK),
        score=1.0,
    )


def resolve(text: str, country: str = "", on: date | None = None) -> Institution | None:
    """The institution a text means for certain, or by a person's decision; else None."""
    if not text.strip():
        return None
    certain = match(text, country, on).certain
    return None if certain is None else db.session.get(Institution, certain)


class NotChosen(RuleBroken):
    """What was typed is no institution we know for certain."""

    message = _l("No institution of this name is known for certain. Please choose a suggestion.")
    status = 422


def choose(slug: str | None, typed: str | None, field: str) -> Institution | None:
    """The institution taken from the suggestions, or meant by what was typed; None for nothing."""
    if not slug and not typed:
        return None
    found = queries.find_by_slug(slug) if slug else resolve(typed or "")
    if found is None:
        raise NotChosen(field=field)
    return found
