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

from harpevents.attendance import queries as attendance
from harpevents.core import association, i18n
from harpevents.events.models import Event, Qualifier
from harpevents.reports.figures import CountryFigures, EventFigures, published
from harpevents.reports.figures import of_event as counted_of

Counted = dict[str, CountryFigures]

KINDS = {  # within a sentence, in the order they are named
    "university": _l("universities"),
    "research_institute": _l("research institutes"),
    "school": _l("schools"),
    "company": _l("companies"),
    "think_tank": _l("think tanks"),
    "government": _l("government bodies"),
    "ngo": _l("NGOs"),
    "other": _l("other organisations"),
}


def of_event(figures: EventFigures, sides: Sequence[str], language: str) -> str:
    """One sentence about the people; a second line by institution where others than universities
    of the sides came, or where the first could not name these.

    `sides` are country codes. The people of their universities are named, everybody else follows
    as one number, so that the numbers in the brackets add up to the one before them.
    """
    with i18n.speaking(language):
        lines = [_people(figures, sides)]
        kinds = _institutions_by_kind(figures.by_country)
        named = {code for code, _universities, _people in _sides(figures, sides)}
        if any(
            kind != "university" or code not in named
            for kind, counted in kinds.items()
            for code, _number in counted
        ):
            lines.append(_institutions(kinds))
    return "\n".join(lines)


def number(count: int, qualifier: Qualifier | None) -> str:
    """A published number with what belongs to it, in the language of the reader: 約160."""
    shown = i18n.show_number(count)
    if qualifier is Qualifier.ABOUT:
        return str(_("about %(number)s", number=shown))
    if qualifier is Qualifier.AT_LEAST:
        return str(_("%(number)s or more", number=shown))
    return shown


def of_public_page(event: Event) -> list[str]:
    """What the event's page says of who took part, in the language of the reader; [] for nothing.

    That is what was published, with the number that check-ins count where it is another one; else
    what was counted.
    """
    told = published(event) or counted_of(event)
    if not told.present:
        return []
    lines = of_event(told, association.sides(), i18n.current_language()).split("\n")
    checked_in = told.present if told.reported is None else attendance.count_present(event)
    if checked_in and checked_in != told.present:
        lines.append(
            ngettext(
                "Counted by check-ins: %(count)s person.",
                "Counted by check-ins: %(count)s people.",
                checked_in,
                count=_n(checked_in),
            )
        )
    return lines


def in_all_languages(figures: EventFigures) -> dict[str, str]:
    """{language: the sentences}, with the sides of this association (a setting)."""
    sides = association.sides()
    return {language: of_event(figures, sides, language) for language in i18n.languages()}


def _sides(figures: EventFigures, sides: Sequence[str]) -> list[tuple[str, int, int]]:
    """(country, universities, their people) of each side whose universities sent somebody."""
    return [
        (code, its.institutions.get("university", 0), its.of_universities)
        for code in sides
        if (its := figures.by_country.get(code)) and its.of_universities
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
    named = _sides(figures, sides)
    whole = _participants(figures.present, figures.qualifier)
    whole = whole[:1].upper() + whole[1:]
    if not named:
        return whole
    parts = [_side(*one) for one in named]
    if (others := figures.present - sum(people for _code, _universities, people in named)) > 0:
        parts.append(_others(others, figures.qualifier))
    return i18n.noted(whole, i18n.writing().clauses.join(parts))


def _participants(count: int, qualifier: Qualifier | None) -> str:
    shown = _n(count)
    if qualifier is Qualifier.ABOUT:
        said = ngettext(
            "about %(count)s participant", "about %(count)s participants", count, count=shown
        )
    elif qualifier is Qualifier.AT_LEAST:
        said = ngettext(
            "%(count)s or more participants", "%(count)s or more participants", count, count=shown
        )
    else:
        said = ngettext("%(count)s participant", "%(count)s participants", count, count=shown)
    return str(said)


def _others(count: int, qualifier: Qualifier | None) -> str:
    """Everybody who is not named before: as exact as the number they are a part of."""
    shown = _n(count)
    if qualifier is Qualifier.ABOUT:
        said = ngettext("about %(count)s other", "about %(count)s others", count, count=shown)
    elif qualifier is Qualifier.AT_LEAST:
        said = ngettext("%(count)s or more others", "%(count)s or more others", count, count=shown)
    else:
        said = ngettext("%(count)s other", "%(count)s others", count, count=shown)
    return str(said)


def _n(count: int) -> str:
    return i18n.show_number(count)


def _side(country: str, universities: int, people: int) -> str:
    named = i18n.country_name(country)
    persons = ngettext("%(count)s person", "%(count)s people", people, count=_n(people))
    if not universities:
        return str(_("%(country)s: %(people)s", country=named, people=persons))
    whence = ngettext(
        "from %(count)s university",
        "from %(count)s universities",
        universities,
        count=_n(universities),
    )
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
    """How many institutions of the kind came from a country ("" for none): "Japan 21", 日21校."""
    said = i18n.writing()
    if not country:
        return f"{_n(number)}{said.counters.get(kind, '')}"
    return str(
        _(
            "%(country)s %(number)s%(counter)s",
            country=said.short_countries.get(country) or i18n.country_name(country),
            number=_n(number),
            counter=said.counters.get(kind, ""),
        )
    )
