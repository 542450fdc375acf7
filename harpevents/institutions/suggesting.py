"""Suggesting institutions while somebody types, in any script."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import chain

from harpevents.core.name_keys import query_prefixes, split_words, word_spellings
from harpevents.institutions.affiliations import level
from harpevents.institutions.name_shelf import Known, Shelf

_PLAIN_RANK = {"official": 0, "native": 1, "short": 1, "alias": 2}


@dataclass(frozen=True)
class Suggestion:
    """An institution that a beginning may mean: its name in the reader's language, and by what
    name it was found where that is another."""

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

    def __init__(self, shelf: Shelf) -> None:
        self._entries: list[_Entry] = []
        keys: set[tuple[str, int]] = set()
        for record in shelf.records:
            known = shelf.known[record.institution_id]
            rank = _PLAIN_RANK.get(record.form, 2) + (0 if record.is_current else 3)
            plain = " ".join(split_words(record.name))
            number = len(self._entries)
            self._entries.append(_Entry(known, record.name, record.lang, rank, plain))
            for word in split_words(record.name):
                keys.update((spelling, number) for spelling in word_spellings(word))
        self._keys = sorted(keys)

    def suggest(self, typed: str, lang: str, limit: int) -> list[Suggestion]:
        """Institutions of which every typed word begins a word of one of their names."""
        words = split_words(level(typed))
        if not words or limit < 1:
            return []
        numbers: set[int] | None = None
        for word in sorted(words, key=len, reverse=True):
            found = set(chain.from_iterable(map(self._begun_by, query_prefixes(word))))
            numbers = found if numbers is None else numbers & found
            if not numbers:
                return []
        plain = " ".join(words)
        best: dict[int, tuple[tuple[bool, int, bool, int, str], _Entry]] = {}
        for number in numbers or ():
            entry = self._entries[number]
            key = (
                not entry.plain.startswith(plain),
                entry.rank,
                entry.lang != lang,
                len(entry.plain),
                entry.plain,
            )
            current = best.get(entry.known.institution_id)
            if current is None or key < current[0]:
                best[entry.known.institution_id] = (key, entry)
        ranked = sorted(best.values(), key=lambda pair: pair[0])
        return [_as_suggestion(entry, lang) for _key, entry in ranked[:limit]]

    def _begun_by(self, prefix: str) -> list[int]:
        start = bisect_left(self._keys, (prefix, -1))
        end = bisect_left(self._keys, (prefix + "\U0010ffff", -1))
        return [number for _key, number in self._keys[start:end]]


def _as_suggestion(entry: _Entry, lang: str) -> Suggestion:
    known = entry.known
    name = known.names.get(lang) or known.shown_name
    found_by = "" if entry.name == name else entry.name
    return Suggestion(known.institution_id, known.slug, known.ror_id, name, found_by)
