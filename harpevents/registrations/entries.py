"""What somebody says when registering: typed, cleaned, and checked against the event."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harpevents.core import i18n, names
from harpevents.core.texts import is_storable
from harpevents.institutions.models import InstitutionKind
from harpevents.people.services import PersonNames
from harpevents.registrations import refusals
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

    @property
    def person_names(self) -> PersonNames:
        """The spellings as the domain of persons takes them."""
        return PersonNames(**{name: getattr(self, name) for name in NAMES})

    def written_names(self) -> list[str]:
        """Every spelling of the name, each as one text."""
        return self.person_names.written()

    @property
    def sort_name(self) -> str:
        """What lists are ordered by: one alphabet for all scripts, family name first."""
        family = self.kana_family or self.latin_family or self.family
        given = self.kana_given or self.latin_given or self.given
        return names.fold(f"{family} {given}".strip())[:200]


@dataclass(frozen=True, kw_only=True)
class PreparedEntry(Entry):
    """An entry that was checked, with what was looked up for it before the transaction."""

    address: str  # normalised
    institution_id: int | None
    asks: bool  # whether a person must say what the institution's text means
    search: str  # the keys by which the registration is found


def search_text(entry: Entry) -> str:
    """The keys by which the registration is found: names, institution, address."""
    local_part = entry.email.partition("@")[0]
    return names.search_text(*entry.written_names(), beside=(entry.institution_text, local_part))


def check(entry: Entry, languages: Sequence[str]) -> None:
    """Refuse what no registration may hold, whoever enters it, with the field it stands in."""
    for name, longest in LONGEST.items():
        text: str = getattr(entry, name)
        if len(text) > longest or not is_storable(text):
            raise refusals.TextRefused(field=name)
        if name in NAMES and LINK_SIGNS.search(text):
            raise refusals.NameIsALink(field=name)
    if not any((entry.family, entry.given, entry.latin_family, entry.latin_given)):
        raise refusals.NameMissing
    if not i18n.is_country(entry.country):
        raise refusals.CountryUnknown
    if entry.language not in languages:
        raise refusals.LanguageUnknown
