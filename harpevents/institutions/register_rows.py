"""What the imports of registers share: the report, the register in memory, checks of cells."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from harpevents.core import clock, i18n
from harpevents.core.db import db
from harpevents.core.errors import InputRefused
from harpevents.core.languages import LANGUAGES
from harpevents.core.tables.reading import Columns, Record
from harpevents.institutions.cleaning import clean_name, without_statute
from harpevents.institutions.models import (
    Institution,
    InstitutionName,
    NameForm,
)
from harpevents.institutions.services import InstitutionValues

ROR = re.compile(
    r"(?:https?://)?(?:www\.)?ror\.org/(0[a-z0-9]{6}[0-9]{2})/?|(0[a-z0-9]{6}[0-9]{2})"
)
LONGEST = 300
HEADERS = {
    "ror_id": ["ror", "ror id"],
    **{f"name_{code}": list(one.name_headings) for code, one in LANGUAGES.items()},
    "country": ["country code", "国"],
    "city": ["市"],
    "kind": ["type"],
    "domain": [],
    "website": ["url", "site"],
    "established": ["founded"],
    "acronym": ["abbreviation"],
    "alias": [],
    "lang": ["language"],
    "old_name": [],
    "old_name_local": [],
    "old_ror_id": [],
    "new_name": [],
    "new_name_local": [],
    "new_ror_id": [],
    "date": ["effective on"],
    "date_source": ["source of the date"],
}


@dataclass
class ImportReport:
    """What an import did: rows read, institutions made, corrected or as they were, names added."""

    format: str  # institutions | aliases | renames
    encoding: str
    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    names_added: int = 0
    changes_recorded: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)  # {"row", "reason"}

    @property
    def changed(self) -> int:
        """How much of the database is other than before."""
        return self.created + self.updated + self.names_added + self.changes_recorded

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "changed": self.changed}


class KnownInstitutions:
    """The register in memory while a file is read: by ROR id, by official name, by any name."""

    def __init__(self) -> None:
        self.by_id: dict[int, Institution] = {}
        self.by_ror: dict[str, Institution] = {}
        self.by_name: dict[tuple[str, str], Institution] = {}  # (country, English official name)
        self.official: dict[int, dict[str, set[str]]] = {}
        self.borne: dict[int, set[str]] = {}
        for institution in db.session.scalars(select(Institution)):
            self.by_id[institution.id] = institution
            self._know(institution)
        for name in db.session.scalars(select(InstitutionName)):
            self._know_name(self.by_id[name.institution_id], name.lang, name.form, name.value)

    def _know(self, institution: Institution) -> None:
        self.by_id[institution.id] = institution
        if institution.ror_id:
            self.by_ror[institution.ror_id] = institution

    def _know_name(self, institution: Institution, lang: str, form: NameForm, value: str) -> None:
        self.borne.setdefault(institution.id, set()).add(value)
        if form is NameForm.OFFICIAL:
            self.official.setdefault(institution.id, {}).setdefault(lang, set()).add(value)
            self.by_name.setdefault((institution.country, value), institution)

    def learn(self, institution: Institution, values: InstitutionValues) -> None:
        """Take in what was just written."""
        self._know(institution)
        for lang, value in values.names.items():
            self._know_name(institution, lang, NameForm.OFFICIAL, value)
        for lang, form, value in values.others:
            self._know_name(institution, lang, form, value)

    def find(self, ror_id: str | None, name: str, country: str = "") -> Institution | None:
        if ror_id and ror_id in self.by_ror:
            return self.by_ror[ror_id]
        if country:
            found = self.by_name.get((country, name))
        else:
            found = next((one for (_c, known), one in self.by_name.items() if known == name), None)
        # A name shared by two entries of the register stands for neither when both have an id.
        return None if found and found.ror_id and ror_id and found.ror_id != ror_id else found


@dataclass(frozen=True)
class Row:
    """A row of the file that refuses its own cells by line, header and reason."""

    table: Columns
    record: Record

    def refuse(self, key: str, reason: object) -> InputRefused:
        return InputRefused(reason, row=self.record.number, column=self.table.titles.get(key, key))

    def text(self, key: str, *, longest: int = LONGEST) -> str:
        value = self.record.values.get(key, "")
        if len(value) > longest:
            raise self.refuse(key, _l("This is longer than %(n)s characters.", n=longest))
        return value

    def name(self, key: str) -> str:
        """A name, cleaned, without its legal form."""
        return without_statute(clean_name(self.text(key)))

    def ror_id(self, key: str = "ror_id") -> str | None:
        value = self.text(key)
        if not value:
            return None
        if not (found := ROR.fullmatch(value.lower())):
            raise self.refuse(key, _l("“%(value)s” is not a ROR id.", value=value))
        return f"https://ror.org/{found[1] or found[2]}"

    def country(self) -> str:
        value = self.text("country").upper()
        if not i18n.is_country(value):
            raise self.refuse(
                "country", _l("“%(value)s” is not a country code of two letters.", value=value)
            )
        return value

    def year(self, key: str = "established") -> date | None:
        """The first of January of a year: no more is known, and pages show the year alone."""
        value = self.text(key)
        if not value:
            return None
        if not re.fullmatch("[0-9]{3,4}", value) or not 500 <= int(value) <= clock.today().year:
            raise self.refuse(key, _l("“%(value)s” is not a year.", value=value))
        return date(int(value), 1, 1)

    def day(self, key: str = "date") -> date | None:
        """A day; of a year or a month alone its first day."""
        value = self.text(key)
        if not value:
            return None
        found = re.fullmatch("([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", value)
        try:
            if found:
                return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
        except ValueError:
            pass
        raise self.refuse(key, _l("“%(value)s” is not a date like 2024-10-01.", value=value))
