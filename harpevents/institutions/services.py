"""Changing institutions: creating, correcting, renaming, merging, and teaching what texts mean."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select

from harpevents.audit import services as audit
from harpevents.audit.services import Actor
from harpevents.core import clock, i18n
from harpevents.core.db import db
from harpevents.core.errors import RuleBroken
from harpevents.core.languages import FALLBACK
from harpevents.core.names import fold
from harpevents.core.slugs import free_slug, slugify
from harpevents.core.types import in_language
from harpevents.institutions import queries
from harpevents.institutions.matching import as_of as as_of
from harpevents.institutions.matching import index as index
from harpevents.institutions.matching import match as match
from harpevents.institutions.matching import resolve as resolve
from harpevents.institutions.models import (
    ChangeKind,
    GovernmentLevel,
    Institution,
    InstitutionChange,
    InstitutionChangeParty,
    InstitutionKind,
    InstitutionMatchDecision,
    InstitutionName,
    InstitutionRegister,
    NameForm,
    PartySide,
)

LONGEST_TYPED = 500
OWN_PAGES = frozenset({"new", "undecided"})  # below /desk/institutions/; no institution


class InstitutionNameMissing(RuleBroken):
    message = _l("Please give a name in at least one language.")
    status = 422


class UnknownCountry(RuleBroken):
    message = _l("“%(country)s” is not a country code of two letters.")
    field = "country"
    status = 422


class LevelOfGovernmentOnly(RuleBroken):
    message = _l("Only a government body has a level.")
    field = "level"
    status = 422


class RenameBeforeEarlierName(RuleBroken):
    message = _l("The present name has been borne since %(since)s; the new one must begin later.")
    field = "on"
    status = 422


class NothingRenamed(RuleBroken):
    message = _l("The new names are the present names. Please change at least one.")
    status = 422


class PartiesDoNotFit(RuleBroken):
    message = _l(
        "A merger joins two or more institutions into one, an absorption takes one or more into an"
        " existing one, and a split makes two or more out of one."
    )
    status = 422


class LineageInACircle(RuleBroken):
    message = _l("“%(name)s” comes before and after itself in this change.")
    status = 422


class EndedAlready(RuleBroken):
    message = _l("“%(name)s” came to an end on %(day)s already.")
    status = 422


class EndsBeforeItWasFounded(RuleBroken):
    message = _l("“%(name)s” was founded after that day.")
    field = "on"
    status = 422


@dataclass(frozen=True)
class InstitutionValues:
    """What is known of an institution; `names` are official names by language."""

    kind: InstitutionKind
    country: str
    names: Mapping[str, str]
    city: str = ""
    level: GovernmentLevel | None = None
    ror_id: str | None = None
    website: str = ""
    domain: str = ""
    founded_on: date | None = None
    others: Sequence[tuple[str, NameForm, str]] = field(default=())  # (language, form, name)

    def checked(self) -> InstitutionValues:
        """Itself, or the rule it breaks."""
        if not i18n.is_country(self.country):
            raise UnknownCountry(country=self.country)
        if self.level is not None and self.kind is not InstitutionKind.GOVERNMENT:
            raise LevelOfGovernmentOnly
        return self


def create(
    values: InstitutionValues, *, actor: Actor, slug: str | None = None, source: str = ""
) -> Institution:
    """A new institution with its names, valid since ever."""
    values.checked()
    if not any(name.strip() for name in values.names.values()):
        raise InstitutionNameMissing
    institution = Institution(
        slug=slug or _free_slug(values),
        ror_id=values.ror_id,
        kind=values.kind,
        level=values.level,
        country=values.country,
        city=values.city,
        website=values.website,
        domain=values.domain,
        founded_on=values.founded_on,
        created_at=clock.now(),
    )
    db.session.add(institution)
    db.session.flush()
    given = [(lang, NameForm.OFFICIAL, name) for lang, name in values.names.items()]
    for lang, form, name in dict.fromkeys([*given, *values.others]):
        if name.strip():
            _add_name(institution, lang, form, name.strip(), source=source)
    audit.record(
        "institution.create", institution, actor=actor, details={"names": dict(values.names)}
    )
    names_changed()
    return institution


def _free_slug(values: InstitutionValues) -> str:
    name = in_language(values.names, FALLBACK)
    wanted = slugify(name) or slugify(" ".join(values.names.values())) or "institution"
    taken = select(Institution.slug).where(Institution.slug.startswith(wanted, autoescape=True))
    return free_slug(
        wanted, OWN_PAGES.union(db.session.scalars(taken)), distinguished_by=values.city
    )


def _add_name(
    institution: Institution,
    lang: str,
    form: NameForm,
    value: str,
    *,
    since: date | None = None,
    until: date | None = None,
    source: str = "",
) -> InstitutionName:
    name = InstitutionName(
        institution_id=institution.id,
        lang=lang,
        form=form,
        value=value,
        valid_from=since,
        valid_to=until,
        source=source,
    )
    db.session.add(name)
    return name


def edit(institution: Institution, values: InstitutionValues, *, actor: Actor) -> bool:
    """Correct facts and the spelling of present names; whether anything changed.

    A correction rewrites: the institution never had the wrong name. A new name from a day on is
    `rename`. Languages that `values.names` leaves out keep their name.
    """
    values.checked()
    if values.names and not any(name.strip() for name in values.names.values()):
        raise InstitutionNameMissing
    for name in ("kind", "level", "country", "city", "website", "domain", "founded_on", "ror_id"):
        if getattr(institution, name) != getattr(values, name):
            setattr(institution, name, getattr(values, name))
    details = dict(audit.changes(institution))
    names = _corrected_names(institution, values.names)
    if not details and not names:
        return False
    audit.record("institution.edit", institution, actor=actor, details={**details, **names})
    if names:
        names_changed()
    return True


def _corrected_names(
    institution: Institution, names: Mapping[str, str]
) -> dict[str, list[str | None]]:
    changed: dict[str, list[str | None]] = {}
    for lang, value in names.items():
        value = value.strip()
        present = queries.current_name(institution, lang)
        before = present.value if present else None
        if value == (before or ""):
            continue
        if present is None:
            _add_name(institution, lang, NameForm.OFFICIAL, value)
        elif value:
            present.value = value
        else:
            db.session.delete(present)
        changed[f"name_{lang}"] = [before, value or None]
    return changed


def record_earlier_name(
    institution: Institution, lang: str, value: str, *, until: date, actor: Actor, source: str = ""
) -> bool:
    """Write down after the event that it bore another official name until that day."""
    present = queries.current_name(institution, lang)
    if present is None or present.valid_from is not None or present.value == value:
        return False
    present.valid_from = until
    _add_name(institution, lang, NameForm.OFFICIAL, value, until=until, source=source)
    _add_change(ChangeKind.RENAME, until, [institution], [institution], source)
    audit.record(
        "institution.rename",
        institution,
        actor=actor,
        details={"on": str(until), "names": {lang: [value, present.value]}},
    )
    names_changed()
    return True


def rename(
    institution: Institution,
    names: Mapping[str, str],
    *,
    on: date,
    actor: Actor,
    source: str = "",
) -> InstitutionChange:
    """Give new official names from `on`; languages not given, or given as they are, stay."""
    changed: dict[str, list[str | None]] = {}
    for lang, value in names.items():
        value = value.strip()
        present = queries.current_name(institution, lang)
        if not value or (present and present.value == value):
            continue
        if present is not None:
            if present.valid_from and present.valid_from >= on:
                raise RenameBeforeEarlierName(since=i18n.show_date(present.valid_from))
            present.valid_to = on
        # A name of a language that had none counts as the translation, borne all along.
        _add_name(
            institution, lang, NameForm.OFFICIAL, value, since=on if present else None,
            source=source,
        )  # fmt: skip
        changed[lang] = [present.value if present else None, value]
    if not changed:
        raise NothingRenamed
    change = _add_change(ChangeKind.RENAME, on, [institution], [institution], source)
    audit.record(
        "institution.rename", institution, actor=actor, details={"on": str(on), "names": changed}
    )
    names_changed()
    return change


def _add_change(
    kind: ChangeKind,
    on: date | None,
    before: Sequence[Institution],
    after: Sequence[Institution],
    source: str,
) -> InstitutionChange:
    change = InstitutionChange(kind=kind, effective_on=on, source=source, recorded_at=clock.now())
    db.session.add(change)
    db.session.flush()
    for side, parties in ((PartySide.FROM, before), (PartySide.TO, after)):
        for party in parties:
            db.session.add(
                InstitutionChangeParty(change_id=change.id, institution_id=party.id, side=side)
            )
    db.session.flush()
    return change


def record_change(
    kind: ChangeKind,
    before: Sequence[Institution],
    after: Sequence[Institution],
    *,
    on: date | None,
    actor: Actor,
    source: str = "",
) -> InstitutionChange:
    """Write down a merger, an absorption or a split; those that ended with it are dissolved `on`.

    Membership is not touched: `memberships.services.succeed` or the next roll-over decides that.
    """
    before, after = list(dict.fromkeys(before)), list(dict.fromkeys(after))
    _refuse_misfits(kind, before, after)
    _refuse_circle(before, after)
    for institution in before:
        if institution not in after and on is not None:
            _dissolve(institution, on)
    for institution in after:
        if kind is not ChangeKind.ABSORPTION and institution not in before:
            institution.founded_on = institution.founded_on or on
    change = _add_change(kind, on, before, after, source)
    for institution in (*before, *after):
        audit.record(
            f"institution.{kind.value}",
            institution,
            actor=actor,
            details={
                "on": str(on) if on else None,
                "from": [party.slug for party in before],
                "to": [party.slug for party in after],
            },
        )
    names_changed()
    return change


def _dissolve(institution: Institution, on: date) -> None:
    if institution.dissolved_on is not None and institution.dissolved_on != on:
        raise EndedAlready(
            name=queries.name_of(institution), day=i18n.show_date(institution.dissolved_on)
        )
    if institution.founded_on is not None and institution.founded_on > on:
        raise EndsBeforeItWasFounded(name=queries.name_of(institution))
    institution.dissolved_on = on


def _refuse_misfits(
    kind: ChangeKind, before: Sequence[Institution], after: Sequence[Institution]
) -> None:
    match kind:
        case ChangeKind.MERGER:
            fits = len(before) >= 2 and len(after) == 1 and after[0] not in before
        case ChangeKind.ABSORPTION:
            fits = len(before) >= 1 and len(after) == 1 and after[0] not in before
        case ChangeKind.SPLIT:
            fits = len(before) == 1 and len(after) >= 2
        case ChangeKind.RENAME:
            fits = False  # a rename keeps the institution: see `rename`
    if not fits:
        raise PartiesDoNotFit


def _refuse_circle(before: Sequence[Institution], after: Sequence[Institution]) -> None:
    """None of `after` may be an ancestor of `before`, or a history would begin after its end."""
    rest = {institution.id: institution for institution in after if institution not in before}
    seen: set[int] = set()
    waiting = {institution.id for institution in before}
    while waiting:
        seen |= waiting
        earlier: set[int] = set()
        for lineage in queries.changes_of(waiting):
            if {party.id for party in lineage.after} & waiting:
                earlier |= {party.id for party in lineage.before}
        if circle := earlier & rest.keys():
            raise LineageInACircle(name=queries.name_of(rest[circle.pop()]))
        waiting = earlier - seen


def add_names(
    institution: Institution,
    names: Sequence[tuple[str, NameForm, str]],
    *,
    actor: Actor,
    source: str = "",
) -> int:
    """Further names (language, form, name); how many were new: a name borne in any form is not."""
    borne = select(InstitutionName.value).where(InstitutionName.institution_id == institution.id)
    known = set(db.session.scalars(borne))
    added: list[str] = []
    for lang, form, value in names:
        value = value.strip()
        if value and value not in known:
            known.add(value)
            added.append(value)
            _add_name(institution, lang, form, value, source=source)
    if added:
        audit.record("institution.name", institution, actor=actor, details={"names": added})
        names_changed()
    return len(added)


def remove_name(institution: Institution, name_id: int, *, actor: Actor) -> bool:
    """Take an alias or a short name away; official names are corrected or renamed instead."""
    name = db.session.get(InstitutionName, name_id)
    if name is None or name.institution_id != institution.id or name.form is NameForm.OFFICIAL:
        return False
    audit.record("institution.name_removed", institution, actor=actor, details={"name": name.value})
    db.session.delete(name)
    names_changed()
    return True


def ensure(
    name: str,
    kind: InstitutionKind,
    country: str,
    *,
    actor: Actor,
    lang: str = FALLBACK,
    city: str = "",
    level: GovernmentLevel | None = None,
    names: Mapping[str, str] | None = None,
) -> Institution:
    """The institution of this country that bears this official name, made where there is none.

    The kind of one that exists is not changed.
    """
    if found := queries.find_by_official_name(name.strip(), country, lang):
        return found
    whole = {lang: name.strip(), **(names or {})}
    values = InstitutionValues(kind=kind, country=country, names=whole, city=city, level=level)
    return create(values, actor=actor)


def teach(text: str, institution: Institution | None, *, actor: Actor) -> None:
    """From now on `text` means this institution (None: none that we keep)."""
    key = fold(text)
    if not key:
        raise InstitutionNameMissing
    decision = _find_decision(key)
    if decision is None:
        decision = InstitutionMatchDecision(folded=key, text=text.strip()[:LONGEST_TYPED])
        db.session.add(decision)
    decision.institution_id = institution.id if institution else None
    decision.decided_at = clock.now()
    decision.decided_by = actor.name or actor.kind
    db.session.flush()
    audit.record(
        "institution.teach",
        decision,
        actor=actor,
        details={"text": text, "institution": institution.slug if institution else None},
    )


_ASKED = select(InstitutionMatchDecision.id).where(
    InstitutionMatchDecision.folded == bindparam("folded")
)


def ask(text: str) -> None:
    """Put a typed affiliation that matches nothing certain into the queue; once is enough."""
    key = fold(text)
    if not key or db.session.scalar(_ASKED, {"folded": key}) is not None:
        return
    db.session.add(
        InstitutionMatchDecision(
            folded=key,
            text=text.strip()[:LONGEST_TYPED],
            institution_id=None,
            decided_at=clock.now(),
            decided_by="",
        )
    )
    db.session.flush()


def _find_decision(key: str) -> InstitutionMatchDecision | None:
    return db.session.scalar(
        select(InstitutionMatchDecision).where(InstitutionMatchDecision.folded == key)
    )


def names_changed() -> None:
    """Give the register a new stamp, by which every process sees that its index is old."""
    register = db.session.get(InstitutionRegister, 1)
    if register is None:
        db.session.add(InstitutionRegister(id=1, stamp=uuid.uuid4().hex))
    else:
        register.stamp = uuid.uuid4().hex
    db.session.flush()
