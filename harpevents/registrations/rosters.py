"""Reads a list of people (CSV or Excel) as entries; every cell it cannot take is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _

from harpevents.core import addresses, i18n
from harpevents.core.errors import InputRefused, RuleBroken
from harpevents.core.tables.damage import is_damaged
from harpevents.core.tables.reading import Columns, Record, columns, folded, read_table
from harpevents.core.texts import clean_line, clean_text
from harpevents.institutions import queries as institution_queries
from harpevents.institutions import services as institutions
from harpevents.institutions.kinds import kind_said
from harpevents.institutions.models import Institution, InstitutionKind
from harpevents.registrations import entries, roster_words
from harpevents.registrations.entries import Entry
from harpevents.registrations.models import (
    AttendanceMode,
    Category,
    ConsentPurpose,
    RegistrationState,
)

_PATRONYMIC = re.compile(r".*(вич|вна|ична|инична|оглы|кызы|улы)$", re.IGNORECASE)
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff々ー]")
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*")  # what Excel makes of a name such as 3-1
_CYRILLIC = re.compile("[\u0400-\u04ff]")


_INSTITUTION = ("institution_text", "institution")
SAYS = {  # which fields of an entry a filled column speaks of, beside the names
    "country": ("country",),
    "language": ("language",),
    "institution": _INSTITUTION,
    "institution_en": _INSTITUTION,
    "ror_id": _INSTITUTION,
    "kind": ("institution_kind",),
    "category": ("category",),
    "position": ("position",),
    "mode": ("mode",),
    "note": ("note",),
    "parts": ("parts",),
}
IN_NAMES = frozenset({*entries.NAMES, "name", "latin_name", "kana_name"})


@dataclass(frozen=True)
class RosterLine:
    """One person of the file: the row it stands in, what it says, and the state, if it says one.

    `said` are the fields of the entry that the row fills; of the others it says nothing.
    """

    row: int
    entry: Entry
    state: RegistrationState | None
    said: frozenset[str]


@dataclass
class Roster:
    """A file as far as it could be read. With any refusal nothing of it is to be stored."""

    encoding: str
    read: int = 0
    lines: list[RosterLine] = field(default_factory=list)
    refused: list[InputRefused] = field(default_factory=list)
    unmatched: dict[str, None] = field(default_factory=dict)
    ignored_columns: dict[str, None] = field(default_factory=dict)  # filled, and not understood
    damaged: list[int] = field(default_factory=list)  # rows with a name that lost a letter to "?"
    hidden: tuple[int, ...] = ()  # rows that a filter hides in a workbook, read all the same


class Institutions:
    """What typed affiliations mean on the event's day, each text looked up once for a file."""

    def __init__(self, on: date) -> None:
        self._on = on
        self._known: dict[tuple[str, ...], Institution | None] = {}

    def find(self, country: str, ror_id: str, *texts: str) -> Institution | None:
        key = (country, ror_id, *texts)
        if key not in self._known:
            self._known[key] = self._look_up(country, ror_id, texts)
        return self._known[key]

    def _look_up(self, country: str, ror_id: str, texts: tuple[str, ...]) -> Institution | None:
        if ror_id and (found := institution_queries.find_by_ror(ror_id)):
            return found
        for text in texts:
            if text and (found := institutions.resolve(text, country, self._on)):
                return found
        return None


def read(
    data: bytes,
    filename: str,
    on: date,
    *,
    encoding: str | None = None,
    country: str = "",
    countries: Mapping[str, str] = MappingProxyType({}),
) -> Roster:
    """The people of a file for an event on that day.

    Where a row says no country, it is the one of its institution, the one known for the address
    in `countries`, or `country`. Raises `TableRefused` where it is no table or has no addresses.
    """
    table = read_table(data, filename, encoding)
    found = columns(table, roster_words.headers(), required=("email",))
    roster = Roster(encoding=table.encoding, hidden=table.hidden)
    known, seen = Institutions(on), dict[str, Record]()
    for raw in found.records():
        record = _cleaned(raw)
        roster.ignored_columns |= dict.fromkeys(
            title for title in record.others if folded(title) not in roster_words.ours()
        )
        if not any(record.values.values()):
            continue  # a row that was numbered beforehand
        roster.read += 1
        try:
            _refuse_damage(raw, found)
            line = _line(record, found, known, roster, countries, country)
        except InputRefused as refused:
            roster.refused.append(refused)
            continue
        first = seen.setdefault(line.entry.email, record)
        if first is record:
            roster.lines.append(line)
        elif first.values != record.values:
            reason = _("This address stands in row %(row)s already.", row=first.number)
            roster.refused.append(_refusal(reason, record, found, "email"))
    return roster


def _cleaned(record: Record) -> Record:
    """The record with its cells as a form would have cleaned them."""
    values = {key: clean_text(text) or "" for key, text in record.values.items()}
    for key in values.keys() - {"note"}:
        values[key] = clean_line(values[key]) or ""
    return replace(record, values=values)


def _refuse_damage(record: Record, found: Columns) -> None:
    """Refuse a row in which letters were lost or changed before the file reached us."""
    for key, text in record.values.items():
        if is_damaged(text) or (key in IN_NAMES and _DATE.fullmatch(text)):
            reason = _(
                "“%(text)s” cannot be right: the file was damaged before it came here.",
                text=text[:80],
            )
            raise _refusal(reason, record, found, key)


def _line(
    record: Record,
    found: Columns,
    known: Institutions,
    roster: Roster,
    countries: Mapping[str, str],
    usual_country: str,
) -> RosterLine:
    values = record.values
    meant = partial(_meaning, record, found)
    names = _names(values)
    address = _address(values.get("email", ""), record, found)
    typed = values.get("institution", "") or values.get("institution_en", "")
    given = meant("country", None)
    looked_up = (values.get(key, "") for key in ("ror_id", "institution", "institution_en"))
    institution = known.find(given or "", *looked_up)
    if typed and institution is None:
        roster.unmatched.setdefault(typed)
    country = given or (institution and institution.country) or countries.get(address)
    if not (country := country or usual_country):
        raise _refusal(_("The country is missing."), record, found, "country")
    named = kind_said(values.get("institution", ""), values.get("institution_en", ""))
    usual = institution.kind if institution is not None else named or InstitutionKind.OTHER
    entry = Entry(
        **names,
        email=address,
        country=country,
        language=meant("language", i18n.spoken(country=country)),
        institution_text=typed,
        institution=institution.slug if institution is not None else None,
        institution_kind=meant("kind", usual),
        category=meant("category", Category.OTHER),
        position=values.get("position", ""),
        mode=meant("mode", None),
        note=values.get("note", ""),
        parts=_parts(values.get("parts", "")),
        consents=_consents(values),
    )
    if any("?" in text for text in names.values()):
        roster.damaged.append(record.number)
    said = _said(values, names)
    # Who is known already has a name; the whole is checked when it is brought up to date.
    if address not in countries or said & set(entries.NAMES):
        try:
            entries.check(entry, i18n.languages())
        except RuleBroken as broken:
            raise _refusal(str(broken), record, found, broken.field or "name") from None
    return RosterLine(record.number, entry, meant("state", None), said)


def _said(values: Mapping[str, str], names: Mapping[str, str]) -> frozenset[str]:
    """The fields that a row fills; a name that lost a letter says nothing."""
    whole = {name for name in entries.NAMES if names[name] and "?" not in names[name]}
    filled = (fields for key, fields in SAYS.items() if values.get(key))
    return frozenset(whole).union(*filled)


def _meaning(record: Record, found: Columns, key: str, fallback: Any) -> Any:
    """What the word in this column stands for."""
    text = record.values.get(key, "")
    if not text:
        return fallback
    meanings = roster_words.meanings(key)
    if folded(text) not in meanings:
        reason = _("“%(text)s” is not known here.", text=text[:80])
        raise _refusal(reason, record, found, key)
    return meanings[folded(text)]


def _refusal(reason: str, record: Record, found: Columns, key: str) -> InputRefused:
    return InputRefused(reason, row=record.number, column=found.titles.get(key, key))


def _address(text: str, record: Record, found: Columns) -> str:
    try:
        return addresses.normalise(text)
    except RuleBroken as broken:
        raise _refusal(str(broken), record, found, "email") from None


def _names(values: Mapping[str, str]) -> dict[str, Any]:
    """The seven name fields, from columns of their own or parted out of whole names."""
    written = {name: values.get(name, "") for name in entries.NAMES}
    whole: tuple[tuple[str, tuple[str, ...], Callable[[str], tuple[str, ...]]], ...] = (
        ("name", ("family", "given", "patronymic"), part_name),
        ("latin_name", ("latin_family", "latin_given"), lambda text: part_name(text)[:2]),
        ("kana_name", ("kana_family", "kana_given"), lambda text: part_name(text)[:2]),
    )
    for column, names, part in whole:
        if values.get(column) and not any(written[name] for name in names):
            written |= dict(zip(names, part(values[column]), strict=True))
    return written


def part_name(text: str) -> tuple[str, str, str]:
    """(family, given, patronymic) of a whole name as lists write it.

    Japanese and Russian lists put the family name first; in Latin letters it comes last, unless a
    comma or capitals (TAKAHASHI Ichiro) say otherwise. One word is a family name.
    """
    text = " ".join(text.replace("\u3000", " ").split())
    family, comma, rest = text.partition(",")
    if comma:
        return family.strip(), rest.strip(), ""
    first, *others = text.split(" ")
    if not others:
        return text, "", ""
    if _CYRILLIC.search(text):
        given = [word for word in others if not _PATRONYMIC.match(word)]
        patronymic = others[len(given) :] if len(given) else others
        if len(others) > 1 and _PATRONYMIC.match(others[-1]):
            return first, others[0], " ".join(others[1:])
        if first and len(others) == 2 and _PATRONYMIC.match(others[0]):
            return others[1], first, others[0]  # Имя Отчество Фамилия
        return first, " ".join(given or others), " ".join(patronymic if given else [])
    if _EAST_ASIAN.search(text) or (first.isupper() and len(first) > 1):
        return first, " ".join(others), ""
    return others[-1], " ".join([first, *others[:-1]]), ""


def _parts(text: str) -> dict[str, AttendanceMode | None]:
    return {slug.strip(): None for slug in re.split("[;,]", text) if slug.strip()}


def _consents(values: Mapping[str, str]) -> frozenset[ConsentPurpose]:
    known = {purpose.value: purpose for purpose in ConsentPurpose}
    given = {known[name] for name in values.get("consents", "").split(";") if name in known}
    for purpose in (ConsentPurpose.CONTACT_SHARING, ConsentPurpose.NEWSLETTER):
        if values.get(f"consent_{purpose}", "").casefold() in roster_words.YES:
            given.add(purpose)
    return frozenset(given)
