"""The sentences of the yearly report: who took part, said the way each language says it.

They are copied into documents, so they follow the wording of the association's own reports:
「参加者128名（日本側21大学56名、ロシア側30大学72名）」. The shapes differ too much between the
languages for one translated template, so each has its own few lines here, with its plurals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from babel import Locale
from flask import current_app

from harpevents.core.i18n import country_name
from harpevents.reports.figures import CountryFigures, EventFigures

Counted = dict[str, CountryFigures]

SHORT_JAPANESE = {"JP": "日", "RU": "露"}
COUNTERS = {  # 助数詞 of each kind of institution
    "university": "校",
    "research_institute": "機関",
    "school": "校",
    "company": "社",
    "think_tank": "団体",
    "government": "機関",
    "ngo": "団体",
    "other": "団体",
}
KINDS = {
    "ja": {
        "university": "大学",
        "research_institute": "研究機関",
        "school": "学校",
        "company": "企業",
        "think_tank": "シンクタンク",
        "government": "政府機関",
        "ngo": "NGO",
        "other": "その他",
    },
    "en": {
        "university": "universities",
        "research_institute": "research institutes",
        "school": "schools",
        "company": "companies",
        "think_tank": "think tanks",
        "government": "government bodies",
        "ngo": "NGOs",
        "other": "others",
    },
    "ru": {
        "university": "университеты",
        "research_institute": "научные институты",
        "school": "школы",
        "company": "компании",
        "think_tank": "аналитические центры",
        "government": "органы власти",
        "ngo": "НКО",
        "other": "прочие организации",
    },
}


def of_event(figures: EventFigures, sides: Sequence[str], language: str) -> str:
    """One sentence about the people; a second line by institution where other kinds came, or
    where the first could not name the universities of the sides.

    `sides` are country codes; people of other countries follow as one number.
    """
    people: Callable[[EventFigures, Sequence[str]], str]
    people, by_kind = {
        "ja": (_people_ja, _institutions_ja),
        "en": (_people_en, _institutions_en),
        "ru": (_people_ru, _institutions_ru),
    }[language]
    lines = [people(figures, sides)]
    kinds = _institutions_by_kind(figures.by_country)
    if set(kinds) - {"university"} or (kinds and not _sides(figures, sides)):
        lines.append(by_kind(kinds))
    return "\n".join(lines)


def in_all_languages(figures: EventFigures) -> dict[str, str]:
    """{language: the sentences}, with the sides of this association (a setting)."""
    sides: tuple[str, ...] = current_app.config["SETTINGS"].sides
    return {language: of_event(figures, sides, language) for language in ("ja", "en", "ru")}


def _others(figures: EventFigures, sides: Sequence[str]) -> int:
    return sum(its.people for code, its in figures.by_country.items() if code not in sides)


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
    for kind in COUNTERS:
        counted = [(code, its.institutions.get(kind, 0)) for code, its in countries.items()]
        present = [(code, number) for code, number in counted if number]
        if present:
            found[kind] = sorted(present, key=lambda pair: (-pair[1], pair[0]))
    return found


def _people_ja(figures: EventFigures, sides: Sequence[str]) -> str:
    parts = [
        f"{country_name(code, 'ja')}側{f'{universities}大学' if universities else ''}{people}名"
        for code, universities, people in _sides(figures, sides)
    ]
    if others := _others(figures, sides):
        parts.append(f"その他{others}名")
    return f"参加者{figures.present}名" + (f"（{'、'.join(parts)}）" if parts else "")


def _institutions_ja(kinds: dict[str, list[tuple[str, int]]]) -> str:
    def counted(kind: str, code: str, number: int) -> str:
        return f"{SHORT_JAPANESE.get(code) or country_name(code, 'ja')}{number}{COUNTERS[kind]}"

    return "、".join(
        f"{KINDS['ja'][kind]}（{'・'.join(counted(kind, *pair) for pair in pairs)}）"
        for kind, pairs in kinds.items()
    )


def _counted(pairs: list[tuple[str, int]], language: str, sign: str) -> list[str]:
    return [f"{country_name(code, language)}{sign}{number}" for code, number in pairs]


def _people_en(figures: EventFigures, sides: Sequence[str]) -> str:
    parts = []
    for code, universities, people in _sides(figures, sides):
        whence = f" from {universities} {_plural_en(universities, 'university', 'universities')}"
        persons = f"{people} {_plural_en(people, 'person', 'people')}"
        parts.append(f"{country_name(code, 'en')}: {persons}{whence if universities else ''}")
    if others := _others(figures, sides):
        parts.append(f"other countries: {others} {_plural_en(others, 'person', 'people')}")
    whole = f"{figures.present} {_plural_en(figures.present, 'participant', 'participants')}"
    return whole + (f" ({'; '.join(parts)})" if parts else "")


def _plural_en(number: int, one: str, other: str) -> str:
    return one if number == 1 else other


def _institutions_en(kinds: dict[str, list[tuple[str, int]]]) -> str:
    text = ", ".join(
        f"{KINDS['en'][kind]} ({', '.join(_counted(pairs, 'en', ' '))})"
        for kind, pairs in kinds.items()
    )
    return text[:1].upper() + text[1:]


def _people_ru(figures: EventFigures, sides: Sequence[str]) -> str:
    parts = []
    for code, universities, people in _sides(figures, sides):
        # after «из» the genitive stands: 21 университета, 30 университетов
        whence = f" из {universities} " + _plural_ru(
            universities, "университета", "университетов", "университетов"
        )
        persons = f"{people} {_persons_ru(people)}"
        parts.append(f"{country_name(code, 'ru')} — {persons}{whence if universities else ''}")
    if others := _others(figures, sides):
        parts.append(f"другие страны — {others} {_persons_ru(others)}")
    whole = _plural_ru(figures.present, "участник", "участника", "участников")
    return f"{figures.present} {whole}" + (f" ({'; '.join(parts)})" if parts else "")


def _persons_ru(number: int) -> str:
    return _plural_ru(number, "человек", "человека", "человек")


def _plural_ru(number: int, one: str, few: str, many: str) -> str:
    form = Locale.parse("ru").plural_form(number)
    return {"one": one, "few": few}.get(form, many)


def _institutions_ru(kinds: dict[str, list[tuple[str, int]]]) -> str:
    text = ", ".join(
        f"{KINDS['ru'][kind]} ({', '.join(_counted(pairs, 'ru', ' — '))})"
        for kind, pairs in kinds.items()
    )
    return text[:1].upper() + text[1:]
