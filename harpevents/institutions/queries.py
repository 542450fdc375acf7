"""Reading institutions: by slug or name, their names on a day, their lineage."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, func, select

from harpevents.core import clock, i18n
from harpevents.core.dates import covers
from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.core.languages import FALLBACK
from harpevents.core.names import fold
from harpevents.core.slugs import is_slug
from harpevents.core.types import in_language
from harpevents.institutions.models import (
    ChangeKind,
    Institution,
    InstitutionChange,
    InstitutionChangeParty,
    InstitutionKind,
    InstitutionMatchDecision,
    InstitutionName,
    NameForm,
    PartySide,
)

BOUND = 500  # ids to a query: SQLite takes a limited number of variables


def find_by_slug(slug: str) -> Institution | None:
    return db.session.scalar(select(Institution).where(Institution.slug == slug))


def get_by_slug(slug: str) -> Institution:
    """The institution, or `NotFound`."""
    if (institution := find_by_slug(slug)) is None:
        raise NotFound(f"There is no institution “{slug}”.")
    return institution


def find_by_ror(ror_id: str) -> Institution | None:
    return db.session.scalar(select(Institution).where(Institution.ror_id == ror_id))


def find_by_official_name(value: str, country: str, lang: str = FALLBACK) -> Institution | None:
    """The institution of this country that bears or bore exactly this official name."""
    query = (
        select(Institution)
        .join(InstitutionName)
        .where(
            Institution.country == country,
            InstitutionName.lang == lang,
            InstitutionName.form == NameForm.OFFICIAL,
            InstitutionName.value == value,
        )
        .order_by(InstitutionName.valid_to.isnot(None), Institution.id)
    )
    return db.session.scalars(query).first()


def names_of(ids: Iterable[int], on: date | None = None) -> dict[int, dict[str, str]]:
    """{institution: {language: official name valid on that day (today)}}; absent where none.

    One query for up to 500 institutions, whatever their number of names.
    """
    day = on or clock.today()
    found: dict[int, dict[str, str]] = {}
    for part in _parts(ids):
        query = select(
            InstitutionName.institution_id, InstitutionName.lang, InstitutionName.value
        ).where(
            InstitutionName.institution_id.in_(part),
            InstitutionName.form == NameForm.OFFICIAL,
            valid_on(day),
        )
        for institution, lang, value in db.session.execute(query.order_by(InstitutionName.id)):
            found.setdefault(institution, {})[lang] = value
    return found


def _parts(ids: Iterable[int]) -> Iterable[list[int]]:
    whole = sorted(set(ids))
    return (whole[start : start + BOUND] for start in range(0, len(whole), BOUND))


def valid_on(day: date) -> ColumnElement[bool]:
    """The condition that a name is borne on `day`."""
    return covers(InstitutionName.valid_from, InstitutionName.valid_to, day)


def name_of(institution: Institution, language: str | None = None, on: date | None = None) -> str:
    """The name in `language` (the reader's) on that day, with fallbacks; the slug without any."""
    names = names_of([institution.id], on).get(institution.id, {})
    return in_language(names, language or i18n.current_language()) or institution.slug


def dated_names(institution: Institution) -> list[InstitutionName]:
    """All its names: official first, by language, the newest first."""
    order = {form: place for place, form in enumerate(NameForm)}
    rows = db.session.scalars(
        select(InstitutionName).where(InstitutionName.institution_id == institution.id)
    ).all()
    return sorted(
        rows,
        key=lambda name: (
            order[name.form],
            name.lang or "zz",
            -(name.valid_from or date.min).toordinal(),
            name.id,
        ),
    )


def current_name(institution: Institution, lang: str) -> InstitutionName | None:
    """The official name in `lang` that has no end."""
    return db.session.scalar(
        select(InstitutionName).where(
            InstitutionName.institution_id == institution.id,
            InstitutionName.lang == lang,
            InstitutionName.form == NameForm.OFFICIAL,
            InstitutionName.valid_to.is_(None),
        )
    )


@dataclass(frozen=True)
class Lineage:
    """A legal change with the institutions before and after it."""

    change: InstitutionChange
    before: list[Institution] = field(default_factory=list)
    after: list[Institution] = field(default_factory=list)


def changes_of(institution_ids: Collection[int]) -> list[Lineage]:
    """The changes in which these institutions took part, oldest first, with all parties."""
    mine = select(InstitutionChangeParty.change_id).where(
        InstitutionChangeParty.institution_id.in_(list(institution_ids))
    )
    query = (
        select(InstitutionChangeParty, InstitutionChange, Institution)
        .join(InstitutionChange, InstitutionChangeParty.change_id == InstitutionChange.id)
        .join(Institution, InstitutionChangeParty.institution_id == Institution.id)
        .where(InstitutionChangeParty.change_id.in_(mine))
        .order_by(InstitutionChange.effective_on, InstitutionChange.id, InstitutionChangeParty.id)
    )
    found: dict[int, Lineage] = {}
    for party, change, institution in db.session.execute(query):
        lineage = found.setdefault(change.id, Lineage(change))
        (lineage.before if party.side is PartySide.FROM else lineage.after).append(institution)
    return list(found.values())


def successors(on: date) -> dict[int, tuple[int | None, date]]:
    """{institution that ended until `on`: (the one that took its place, the day)}.

    None where a split left several. Renames change nobody; undated changes are left out, because
    nobody knows whether they happened before `on`.
    """
    query = (
        select(InstitutionChangeParty, InstitutionChange)
        .join(InstitutionChange, InstitutionChangeParty.change_id == InstitutionChange.id)
        .where(
            InstitutionChange.effective_on.isnot(None),
            InstitutionChange.effective_on <= on,
            InstitutionChange.kind != ChangeKind.RENAME,
        )
        .order_by(InstitutionChange.effective_on, InstitutionChangeParty.id)
    )
    sides: dict[int, tuple[InstitutionChange, list[int], list[int]]] = {}
    for party, change in db.session.execute(query):
        _change, before, after = sides.setdefault(change.id, (change, [], []))
        (before if party.side is PartySide.FROM else after).append(party.institution_id)
    ended: dict[int, tuple[int | None, date]] = {}
    for change, before, after in sides.values():
        for institution in set(before) - set(after):
            if change.effective_on is not None:
                ended[institution] = (after[0] if len(after) == 1 else None, change.effective_on)
    return ended


def renamed_between(ids: Collection[int], after: date, until: date) -> set[int]:
    """Those of `ids` that took another official name in (after, until]."""
    found: set[int] = set()
    earlier = InstitutionName.__table__.alias("earlier")
    for part in _parts(ids):
        query = select(InstitutionName.institution_id).where(
            InstitutionName.institution_id.in_(part),
            InstitutionName.form == NameForm.OFFICIAL,
            InstitutionName.valid_from > after,
            InstitutionName.valid_from <= until,
            exists().where(
                earlier.c.institution_id == InstitutionName.institution_id,
                earlier.c.lang == InstitutionName.lang,
                earlier.c.form == NameForm.OFFICIAL,
                earlier.c.valid_to == InstitutionName.valid_from,
            ),
        )
        found |= set(db.session.scalars(query))
    return found


def listed(
    *,
    slugs: Collection[str] | None = None,
    kind: InstitutionKind | None = None,
    country: str = "",
    gone: bool = False,
) -> Select[Institution]:
    """Institutions by slug, narrowed; `slugs` are those a search found."""
    query = select(Institution).order_by(Institution.slug)
    if slugs is not None:
        query = query.where(Institution.slug.in_(list(slugs)))
    if kind is not None:
        query = query.where(Institution.kind == kind)
    if country:
        query = query.where(Institution.country == country)
    if gone:
        query = query.where(Institution.dissolved_on.isnot(None))
    return query


def countries() -> list[str]:
    """The countries institutions are in, the frequent ones first."""
    query = select(Institution.country).group_by(Institution.country)
    return list(db.session.scalars(query.order_by(func.count().desc(), Institution.country)))


def kind_of(slug: str) -> InstitutionKind | None:
    """The kind of the institution a form has chosen, None where it has chosen none."""
    found = find_by_slug(slug) if is_slug(slug) else None
    return found.kind if found is not None else None


def of_ids(ids: Collection[int]) -> dict[int, Institution]:
    """{id: the institution} in one query."""
    found = db.session.scalars(select(Institution).where(Institution.id.in_(ids)))
    return {institution.id: institution for institution in found}


def undecided() -> Select[InstitutionMatchDecision]:
    """Typed affiliations that wait for a person to say what they mean, the oldest first."""
    return (
        select(InstitutionMatchDecision)
        .where(InstitutionMatchDecision.decided_by == "")
        .order_by(InstitutionMatchDecision.id)
    )


def undecided_among(texts: Collection[str]) -> set[str]:
    """Those of the typed affiliations that wait for a decision."""
    folded = {text: fold(text) for text in texts if text}
    waiting = InstitutionMatchDecision.folded.in_(set(folded.values()))
    query = undecided().order_by(None).where(waiting)
    open_ones = set(db.session.scalars(query.with_only_columns(InstitutionMatchDecision.folded)))
    return {text for text, key in folded.items() if key in open_ones}


def count_undecided() -> int:
    query = undecided().order_by(None).subquery()
    return db.session.scalar(select(func.count()).select_from(query)) or 0
