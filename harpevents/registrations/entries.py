"""What somebody says when registering: typed, cleaned, and checked against the event."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import get_locale

from harpevents.core import i18n, names
from harpevents.core.types import in_language
from harpevents.events.models import Event, Mode
from harpevents.institutions.models import InstitutionKind
from harpevents.people.services import PersonNames
from harpevents.registrations import queries, refusals
from harpevents.registrations.models import AttendanceMode, Category, ConsentPurpose

LONGEST_NAME = 100
LINK_SIGNS = re.compile(r"://|www\.", re.IGNORECASE)  # our mails greet by the name
NAMES = (
    "family", "given", "patronymic", "latin_family", "latin_given", "kana_family", "kana_given",
)  # fmt: skip
LONGEST = {
    **dict.fromkeys(NAMES, LONGEST_NAME),
    "institution_text": 300,
    "position": 200,
    "note": 2_000,
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """All values of one registration. `institution` is a slug chosen from the suggestions; without
    it the text is matched where that is certain. `mode` None means the only one the event has.
    `parts` is {slug of the part: how}, where None means the only way, or the way of the whole.
    """

    email: str
    language: str
    country: str
    family: str = ""
    given: str = ""
    patronymic: str = ""
    latin_family: str = ""
    latin_given: str = ""
    kana_family: str = ""
    kana_given: str = ""
    institution_text: str = ""
    institution: str | None = None
    institution_kind: InstitutionKind = InstitutionKind.OTHER
    category: Category = Category.OTHER
    position: str = ""
    mode: AttendanceMode | None = None
    note: str = ""
    parts: Mapping[str, AttendanceMode | None] = field(default_factory=dict)
    consents: frozenset[ConsentPurpose] = frozenset()
    # found by `services.prepared`, for nobody else to give
    is_prepared: bool = False
    address: str = ""
    institution_id: int | None = None
    asks: bool = False  # whether a person must say what the institution's text means
    search: str = ""

    @property
    def person_names(self) -> PersonNames:
        """The spellings as the domain of persons takes them."""
        return PersonNames(**{name: getattr(self, name) for name in NAMES})

    @property
    def full_name(self) -> str:
        """The name as the person writes it, else in Latin letters."""
        own = names.display(self.family, self.given, self.patronymic, lang=self.language)
        return own or names.display(self.latin_family, self.latin_given, lang=self.language)

    def written_names(self) -> list[str]:
        """Every spelling of the name, each as one text."""
        return self.person_names.written()

    @property
    def sort_name(self) -> str:
        """What lists are ordered by: one alphabet for all scripts, family name first."""
        family = self.kana_family or self.latin_family or self.family
        given = self.kana_given or self.latin_given or self.given
        return names.fold(f"{family} {given}".strip())[:200]


def search_text(entry: Entry) -> str:
    """The keys by which the registration is found: names, institution, address."""
    local_part = entry.email.partition("@")[0]
    return names.search_text(*entry.written_names(), beside=(entry.institution_text, local_part))


def check(entry: Entry, languages: Sequence[str]) -> None:
    """Refuse what no registration may hold, whoever enters it, with the field it stands in."""
    for name, longest in LONGEST.items():
        text: str = getattr(entry, name)
        if len(text) > longest or not (text.isprintable() or _is_storable(text)):
            raise refusals.TextRefused(field=name)
        if name in NAMES and LINK_SIGNS.search(text):
            raise refusals.NameIsALink(field=name)
    if not any((entry.family, entry.given, entry.latin_family, entry.latin_given)):
        raise refusals.NameMissing
    if not i18n.is_country(entry.country):
        raise refusals.CountryUnknown
    if entry.language not in languages:
        raise refusals.LanguageUnknown


def _is_storable(text: str) -> bool:
    return not any(
        unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t" for sign in text
    )


def mode_at(event: Event, wanted: AttendanceMode | None) -> AttendanceMode:
    """How the person takes part in the event; refuses a way in which it is not held."""
    possible = modes_of(event)
    if wanted is None:
        return possible[0]
    if wanted not in possible:
        raise refusals.ModeRefused
    return wanted


def modes_of(event: Event) -> tuple[AttendanceMode, ...]:
    """The ways to take part, the usual one first."""
    return {
        Mode.IN_PERSON: (AttendanceMode.ROOM,),
        Mode.ONLINE: (AttendanceMode.ONLINE,),
        Mode.HYBRID: (AttendanceMode.ROOM, AttendanceMode.ONLINE),
    }[event.mode]


def chosen_parts(
    parts: Sequence[Event],
    entry: Entry,
    mode: AttendanceMode,
    *,
    kept: Mapping[int, Any] | None = None,
    beyond_capacity: bool = False,
) -> dict[int, AttendanceMode]:
    """{id of the part: how}; refuses unknown parts and, unless allowed, full ones.

    `kept` are the parts the registration holds already: its own places do not stand in its way.
    """
    if not entry.parts:
        return {}
    by_slug = {part.slug: part for part in parts}
    if not by_slug.keys() >= entry.parts.keys():
        raise refusals.PartUnknown
    limited = [p.id for p in parts if p.capacity is not None and p.slug in entry.parts]
    held = {} if beyond_capacity else queries.held_in_parts(limited)
    chosen: dict[int, AttendanceMode] = {}
    for slug, wanted in entry.parts.items():
        part = by_slug[slug]
        full = part.capacity is not None and held.get(part.id, 0) >= part.capacity
        if full and part.id not in (kept or {}):
            raise refusals.PartFull(title=in_language(part.title, _language()))
        possible = modes_of(part)
        fallback = mode if mode in possible else possible[0]
        chosen[part.id] = mode_at(part, wanted if wanted is not None else fallback)
    return chosen


def _language() -> str:
    locale = get_locale()
    return str(locale.language) if locale is not None else "en"
