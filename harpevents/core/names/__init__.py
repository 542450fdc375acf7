"""Names of people across scripts: how they are shown, searched and recognised again.

A person has several written names (kanji, kana, Cyrillic, Latin) in one order or the other.
This is the door to `keys` (searching), `scores` (recognising) and `remarks`
(taking apart what stands in a name field).
"""

import re

from harpevents.core.names.kanji import has_kana, has_kanji
from harpevents.core.names.keys import (
    fold,
    found_by,
    kana_to_latin,
    query_keys,
    romanise,
    search_keys,
    search_text,
)
from harpevents.core.names.remarks import ShownName, split_remark
from harpevents.core.names.scores import BestMatch, NameVerdict, best_match, same_person_score

__all__ = [
    "BestMatch",
    "NameVerdict",
    "ShownName",
    "best_match",
    "display",
    "fold",
    "found_by",
    "kana_to_latin",
    "query_keys",
    "romanise",
    "same_person_score",
    "search_keys",
    "search_text",
    "split_remark",
]

_HANGUL = re.compile("[\uac00-\ud7af]")
_CYRILLIC = re.compile("[\u0400-\u052f]")


def display(
    family: str, given: str, patronymic: str = "", *, lang: str = "en", formal: bool = False
) -> str:
    """One written name in the order of its script and of the reader's language.

    Japanese, Chinese and Korean letters put the family name first (Chinese and Korean without
    a space); Cyrillic letters give «Имя Отчество Фамилия», or «Фамилия Имя Отчество» where
    formal; Latin letters "Given Patronymic Family". A name in other letters than the language
    expects keeps the order of its own letters. Missing parts leave no gap.
    """
    family, given, patronymic = (part.strip() for part in (family, given, patronymic))
    letters = family + given
    if _has_east_asian(letters):
        tight = lang.startswith("zh") or _has_hangul(letters)
        return ("" if tight and not has_kana(letters) else " ").join(
            part for part in (family, given) if part
        )
    if formal and _has_cyrillic(letters):
        return " ".join(part for part in (family, given, patronymic) if part)
    return " ".join(part for part in (given, patronymic, family) if part)


def _has_east_asian(text: str) -> bool:
    return has_kanji(text) or has_kana(text) or _has_hangul(text)


def _has_hangul(text: str) -> bool:
    return _HANGUL.search(text) is not None


def _has_cyrillic(text: str) -> bool:
    return _CYRILLIC.search(text) is not None
