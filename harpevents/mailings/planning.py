"""Works out whom a dispatch would reach, in which language and with which words; writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _

from harpevents.core import i18n
from harpevents.core.languages import LANGUAGES
from harpevents.core.types import in_language
from harpevents.institutions import queries as institutions
from harpevents.mailings import audiences, topics
from harpevents.mailings.audiences import AudienceMember
from harpevents.mailings.models import ExclusionReason
from harpevents.outbox import queries as outbox
from harpevents.outbox.models import SuppressionReason


@dataclass(slots=True)
class Reader:
    """Somebody who gets one mail. A shared mailbox has several people behind it."""

    address: str
    language: str
    names: list[str]
    institutions: list[str]
    included_by: list[str]
    event: str = ""
    link: str = ""

    @property
    def name(self) -> str:
        return i18n.listed(self.names, self.language)

    @property
    def values(self) -> dict[str, str]:
        """The placeholders' values, frozen with the recipient."""
        return {
            "name": self.name,
            "salutation": salutation(self.names, self.language),
            "institution": i18n.listed(self.institutions, self.language),
            "event": self.event,
            "link": self.link,
        }


@dataclass(frozen=True)
class Excluded:
    """Somebody of the audience who gets nothing, and why."""

    address: str
    name: str
    reason: ExclusionReason


@dataclass
class Plan:
    """Whom a dispatch reaches, and whom not."""

    readers: list[Reader] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)

    def by_language(self) -> dict[str, int]:
        """{language: number of readers} in the site's order, languages without readers left out."""
        count = dict.fromkeys(i18n.languages(), 0)
        for reader in self.readers:
            count[reader.language] += 1
        return {language: number for language, number in count.items() if number}

    def missing(self, written: Collection[str]) -> list[str]:
        """Languages that readers need and nobody has written."""
        return [language for language in self.by_language() if language not in written]


def plan(audience: dict[str, Any], topic: str, day: date) -> Plan:
    """Take the audience on that day, without those who opted out, each mailbox once."""
    found = list(audiences.candidates(audience, day))
    scope = topics.scope(topic, audience.get("slug"))
    silent = outbox.suppressions(scope, optional=topics.is_optional(scope))
    ids = {person.institution_id for person in found if person.institution_id is not None}
    names = institutions.names_of(ids, on=day)
    result, readers = Plan(), dict[str, Reader]()
    for person in found:
        called = in_language(names.get(person.institution_id or 0), person.language)
        institution = called or person.institution_text
        if reason := _reason_against(person, institution, silent, readers):
            name = person.name or institution
            result.excluded.append(Excluded(person.address, name, reason))
        elif reader := readers.get(person.address):
            _join(reader, person, institution, names)
        else:
            readers[person.address] = _reader(person, institution)
    result.readers = list(readers.values())
    return result


def _reason_against(
    person: AudienceMember,
    institution: str,
    silent: dict[str, SuppressionReason],
    readers: dict[str, Reader],
) -> ExclusionReason | None:
    if not person.address:
        return ExclusionReason.NO_ADDRESS
    if reason := silent.get(person.address):
        opted_out = reason is SuppressionReason.UNSUBSCRIBED
        return ExclusionReason.OPTED_OUT if opted_out else ExclusionReason.SUPPRESSED
    known = readers.get(person.address)
    if known is not None and (not institution or person.included_by in known.included_by):
        return ExclusionReason.DUPLICATE
    return None


def _reader(person: AudienceMember, institution: str) -> Reader:
    return Reader(
        address=person.address,
        language=person.language,
        names=[person.name] if person.name else [],
        institutions=[institution] if institution else [],
        included_by=[person.included_by],
        event=person.event,
        link=person.link,
    )


def _join(
    reader: Reader, person: AudienceMember, institution: str, names: dict[int, dict[str, str]]
) -> None:
    """A shared mailbox gets one mail, in the first one's language, that names everybody."""
    called = in_language(names.get(person.institution_id or 0), reader.language) or institution
    if called not in reader.institutions:
        reader.institutions.append(called)
    if person.name and person.name not in reader.names:
        reader.names.append(person.name)
    reader.included_by.append(person.included_by)


def salutation(names: list[str], language: str) -> str:
    """How a letter to these people begins."""
    with i18n.speaking(language):
        if not names:
            return str(_("Dear colleagues,"))
        joined = LANGUAGES[language].between_names.join(names)
        return str(_("Dear %(name)s,", name=joined))
