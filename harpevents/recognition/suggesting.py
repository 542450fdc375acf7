"""Suggesting institutions while somebody types, in any script."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import jaconv

from harpevents.core.names.kanji import has_kanji
from harpevents.core.names.keys import split_words, word_spellings
from harpevents.recognition.affiliations import level
from harpevents.recognition.known_names import Known, KnownNames

_RANKS = {"official": 0, "native": 1, "short": 1, "alias": 2}


@dataclass(frozen=True)
class Suggestion:
    """An institution that a beginning may mean.

    Its name is in the reader's language; `found_by` is the name that was found if another.
    """

    institution_id: int
    slug: str
    ror_id: str | None
    name: str
    found_by: str


@dataclass(slots=True)
class _Entry:
    known: Known
    name: str
    lang: str
    rank: int
    plain: str  # the whole name, lower case


class Suggester:
    """All words of all names in order, so that a beginning is found by bisection."""

    def __init__(self, names: KnownNames, nicknames: Mapping[str, Known]) -> None:
        self._entries: list[_Entry] = []
        self._words: set[tuple[str, int]] = set()
        self._whole: list[str] = []  # each entry's name in one, for what stands in its middle
        for record in names.records:
            rank = _RANKS.get(record.form, 2) + (0 if record.is_current else 3)
            self._enter(names.known[record.institution_id], record.name, record.lang, rank)
        for nickname, known in nicknames.items():
            shown = nickname.upper() if len(nickname) < 6 else nickname.title()
            self._enter(known, shown, "", _RANKS["alias"])
        self._keys = sorted(self._words)

    def _enter(self, known: Known, name: str, lang: str, rank: int) -> None:
        words = split_words(name)
        number = len(self._entries)
        self._whole.append(_kana("".join(words)))
        plain = " ".join(words).removeprefix("the ")
        self._entries.append(_Entry(known, name, lang, rank, plain))
        for word in words:
            self._words.update((spelling, number) for spelling in _spellings(word))

    def suggest(self, typed: str, lang: str, limit: int) -> list[Suggestion]:
        """Institutions of which every typed word begins a word of one of their names.

        Short names, official ones, those that begin as typed and those in the reader's
        language come first.
        """
        words = split_words(level(typed))
        if not words or limit < 1:
            return []
        numbers: set[int] | None = None
        for word in sorted(words, key=len, reverse=True):
            found = set(chain.from_iterable(map(self._begun_by, _spellings(word))))
            if has_kanji(word):
                found |= self._holding(_kana(word))
            numbers = found if numbers is None else numbers & found
        best: dict[int, tuple[tuple[int, str], _Entry]] = {}
        for number in numbers or ():
            entry = self._entries[number]
            key = (_distance(entry, " ".join(words), lang), entry.plain)
            current = best.get(entry.known.institution_id)
            if current is None or key < current[0]:
                best[entry.known.institution_id] = (key, entry)
        ranked = sorted(best.values(), key=lambda pair: pair[0])
        return [_as_suggestion(entry, lang) for _key, entry in ranked[:limit]]

    def _holding(self, part: str) -> set[int]:
        """The names that hold these characters anywhere, as 東京医科大学 holds 医科."""
        return {number for number, whole in enumerate(self._whole) if part in whole}

    def _begun_by(self, prefix: str) -> list[int]:
        start = bisect_left(self._keys, (prefix, -1))
        end = bisect_left(self._keys, (prefix + "\U0010ffff", -1))
        return [number for _key, number in self._keys[start:end]]


def _kana(word: str) -> str:
    """A word with one kana for each sound that is written in two ways: ノヴォシ and ノボシ."""
    hiragana = jaconv.kata2hira(word)
    for two, one in zip(("ゔぁ", "ゔぃ", "ゔぇ", "ゔぉ", "ゔ"), "ばびべぼぶ", strict=True):
        hiragana = hiragana.replace(two, one)
    return hiragana


def _spellings(word: str) -> set[str]:
    """How a word may be looked up; a spelling that leaves out most of it says nothing."""
    spellings = {*word_spellings(word), _kana(word)}
    return {spelling for spelling in spellings if 2 * len(spelling) > len(word)}


def _distance(entry: _Entry, typed: str, lang: str) -> int:
    """How far a name is from what was typed, in letters."""
    begins = entry.plain.startswith(typed)
    return len(entry.plain) + 10 * entry.rank + 3 * (entry.lang != lang) - 6 * begins


def _as_suggestion(entry: _Entry, lang: str) -> Suggestion:
    known = entry.known
    name = known.names.get(lang) or known.shown_name
    found_by = "" if entry.name == name else entry.name
    return Suggestion(known.institution_id, known.slug, known.ror_id, name, found_by)
