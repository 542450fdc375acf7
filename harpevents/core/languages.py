"""The languages this program can speak: one entry each, and nothing else names them.

A new language is an entry here and its catalogues (`python -m tools.catalogues update`).
Each installation chooses from them with `HARPEVENTS_LANGUAGES`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

FALLBACK = "en"  # the language of the source and the commands; it stands in for what is missing


class Script(enum.StrEnum):
    """What a person's name is written in; the order in which unknown readers are offered them."""

    LATIN = "latin"
    OTHER = "other"
    CYRILLIC = "cyrillic"
    JA = "ja"  # kanji, with or without kana
    KANA = "kana"


@dataclass(frozen=True, kw_only=True)
class Language:
    """What a language needs beside its catalogues; the defaults are those of Latin letters."""

    name: str  # as its readers write it
    countries: tuple[str, ...] = ()  # their people are written to in it unless they say otherwise
    letters: str = ""  # a regular expression that finds a letter of its script; "" is Latin
    scripts: tuple[Script, ...] = ()  # those its names are written in
    known_best: tuple[Script, ...] = ()  # those whose names its readers read best, in order
    asks: tuple[str, ...] = ()  # further parts of a name that forms ask its people for
    comma: str = ", "
    clauses: str = "; "  # between parts of a sentence that may hold commas themselves
    counts: str = ", "  # between numbers of one kind
    between_names: str = ", "  # of several people whom a letter greets
    brackets: tuple[str, str] = (" (", ")")
    span: str = " – "
    before_zone: str = ", "  # between a time and the label of its zone
    zone: str = "{city} ({offset})"
    cities: Mapping[str, str] = field(default_factory=dict)  # {zone: its name instead of Babel's}
    dates: Mapping[str, str] = field(default_factory=dict)  # {form: pattern instead of Babel's}
    spans: str = ""  # Babel's locale for a span of days, where its own orders them otherwise
    short_countries: Mapping[str, str] = field(default_factory=dict)  # in counts of reports
    counters: Mapping[str, str] = field(default_factory=dict)  # {kind of institution: 助数詞}
    also_called: tuple[str, ...] = ()  # how lists of people name the language
    name_headings: tuple[str, ...] = ()  # how registers head the column of names in it

    def reads_best(self, script: Script) -> int:
        """The place of a script among those its readers know, the best first."""
        order = (*self.known_best, *Script)
        return order.index(script)


LANGUAGES: dict[str, Language] = {
    "ja": Language(
        name="日本語",
        countries=("JP",),
        letters="[\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]",
        scripts=(Script.JA, Script.KANA),
        known_best=(Script.JA, Script.KANA, Script.LATIN, Script.CYRILLIC),
        asks=("kana",),
        comma="、",
        clauses="、",
        counts="・",
        between_names=" 様、",
        brackets=("（", "）"),
        span="～",
        before_zone=" ",
        zone="{city}時間（{offset}）",
        cities={"Asia/Tokyo": "日本"},
        short_countries={
            "JP": "日",
            "RU": "露",
            "US": "米",
            "GB": "英",
            "DE": "独",
            "FR": "仏",
            "IT": "伊",
            "CA": "加",
            "AU": "豪",
            "CN": "中",
            "KR": "韓",
            "IN": "印",
        },
        counters={
            "university": "校",
            "research_institute": "機関",
            "school": "校",
            "company": "社",
            "think_tank": "団体",
            "government": "機関",
            "ngo": "団体",
            "other": "団体",
        },
        also_called=("jp", "japanese", "日本語", "японский"),
        name_headings=("japanese name", "名称"),
    ),
    "en": Language(
        name="English",
        scripts=(Script.LATIN,),
        # day, month, year for readers of every country
        dates={"long": "d MMMM y", "medium": "d MMM y", "short": "d MMM y"},
        spans="en_GB",
        also_called=("english", "英語", "английский"),
        name_headings=("name", "english name"),
    ),
    "ru": Language(
        name="Русский",
        countries=("RU",),
        letters="[\u0400-\u04ff]",
        scripts=(Script.CYRILLIC,),
        known_best=(Script.CYRILLIC, Script.LATIN, Script.JA),
        asks=("patronymic",),
        also_called=("russian", "русский", "ロシア語"),
        name_headings=("russian name", "название"),
    ),
}


def fallbacks(language: str) -> tuple[str, ...]:
    """The order in which a text is looked for: the language itself, English, the others."""
    return tuple(dict.fromkeys((language, FALLBACK, *LANGUAGES)))


def of_script(script: Script) -> str:
    """The language whose names are written in `script`, "" where several are."""
    return next((code for code, one in LANGUAGES.items() if script in one.scripts), "")
