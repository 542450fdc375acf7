"""The sentences of the yearly report: who took part, said the way each language says it.

They are copied into documents, so they follow the wording of the association's own reports:
「参加者128名（日本側21大学56名、ロシア側30大学72名）」. Each part is a text of the catalogue
with its plurals and its order of words, so a language needs no code here; brackets, commas, short
names of countries and counters come from its entry in `core.languages`.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from harpevents.core import association, i18n
from harpevents.reports.figures import CountryFigures, EventFigures

Counted = dict[str, CountryFigures]

KINDS = {  # within a sentence, in the order they are named
    "university": _l("universities"),
    "research_institute": _l("research institutes"),
    "school": _l("schools"),
    "company": _l("companies"),
    "think_tank": _l("think tanks"),
    "government": _l("government bodies"),
    "ngo": _l("NGOs"),
    "other": _l("others"),
}


def of_event(figures: EventFigures, sides: Sequence[str], language: str) -> str:
    """One sentence about the people; a second line by institution where other kinds came, or
    where the first could not name the universities of the sides.

    `sides` are country codes; people of other countries follow as one number.
    """
    with i18n.speaking(language):
        lines = [_people(figures, sides)]
        kinds = _institutions_by_kind(figures.by_country)
        if set(kinds) - {"university"} or (kinds and not _sides(figures, sides)):
            lines.append(_institutions(kinds))
    return "\n".join(lines)


def in_all_languages(figures: EventFigures) -> dict[str, str]:
    """{language: the sentences}, with the sides of this association (a setting)."""
    sides = association.sides()
    return {language: of_event(figures, sides, language) for language in i18n.languages()}


def _sides(figures: EventFigures, sides: Sequence[str]) -> list[tuple[str, int, int]]:
    """(country, universities, people) of each side that somebody came from."""
    return [
        (code, its.institutions.get("university", 0), its.people)
        for code in sides
        if (its := figures.by_country.get(code)) and its.people
    ]


def _institutions_by_kind(countries: Counted) -> dict[str, list[tuple[str, int]]]:
    """{kind: [(country, institutions), …]}, the larger number first, in the order of kinds."""
    found: dict[str, list[tuple[str, int]]] = {}
    for kind in KINDS:
        counted = [(code, its.institutions.get(kind, 0)) for code, its in countries.items()]
        present = [(code, number) for code, number in counted if number]
        if present:
            found[kind] = sorted(present, key=lambda pair: (-pair[1], pair[0]))
    return found


def _people(figures: EventFigures, sides: Sequence[str]) -> str:
    parts = [_side(*one) for one in _sides(figures, sides)]
    its = (one.people for code, one in figures.by_country.items() if code not in sides)
    if others := sum(its):
        persons = ngettext("%(num)s person", "%(num)s people", others)
        parts.append(_("other countries: %(people)s", people=persons))
    whole = str(ngettext("%(num)s participant", "%(num)s participants", figures.present))
    return i18n.noted(whole, i18n.writing().clauses.join(parts)) if parts else whole


def _side(country: str, universities: int, people: int) -> str:
    named = i18n.country_name(country)
    persons = ngettext("%(num)s person", "%(num)s people", people)
    if not universities:
        return str(_("%(country)s: %(people)s", country=named, people=persons))
    whence = ngettext("from %(num)s university", "from %(num)s universities", universities)
    return str(
        _(
            "%(country)s: %(people)s %(universities)s",
            country=named,
            people=persons,
            universities=whence,
        )
    )


def _institutions(kinds: dict[str, list[tuple[str, int]]]) -> str:
    text = i18n.listed(
        i18n.noted(
            str(KINDS[kind]), i18n.writing().counts.join(_count(kind, *pair) for pair in pairs)
        )
        for kind, pairs in kinds.items()
    )
    return text[:1].upper() + text[1:]


def _count(kind: str, country: str, number: int) -> str:
    """How many institutions of the kind came from a country: "Japan 21", 日21校."""
    said = i18n.writing()
    return str(
        _(
            "%(country)s %(number)s%(counter)s",
            country=said.short_countries.get(country) or i18n.country_name(country),
            number=number,
            counter=said.counters.get(kind, ""),
        )
    )
