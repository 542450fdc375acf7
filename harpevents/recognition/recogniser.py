"""Which known institution a typed affiliation means: surely, perhaps, or none.

The index is built once from the names of all institutions and asked many times. A typed text is
searched for whole names; what stands to the left and right decides whether it is really that
name ("Tokyo University" is not in "Tokyo University of Science"). A wrong match is far worse
than a question, so whatever is doubtful is a candidate to ask about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from harpevents.core.names.keys import fold_word
from harpevents.recognition import nicknames
from harpevents.recognition.affiliations import TypedAffiliation, Use, Word, parse
from harpevents.recognition.japanese_names import JapaneseNames
from harpevents.recognition.known_names import SHORT, Known, KnownNames, NameRecord
from harpevents.recognition.spans import (
    Hit,
    correct_spelling,
    find_hits,
    find_loose,
    guess_spelling,
    has_part_before,
)
from harpevents.recognition.suggesting import Suggester, Suggestion
from harpevents.recognition.vocabulary import COUNTRIES, PART_IDEAS, PREFECTURES

__all__ = ["Candidate", "Match", "MatchVerdict", "NameRecord", "Recogniser", "Suggestion"]

CERTAIN = 0.9
POSSIBLE = 0.5
KEPT = 1_024  # answers


class MatchVerdict(StrEnum):
    """What may be done with a typed affiliation."""

    MATCH = "match"
    ASK = "ask"
    NONE = "none"


@dataclass(frozen=True)
class Candidate:
    """An institution that a text may mean, with its name in English where it has one."""

    institution_id: int
    slug: str
    ror_id: str | None
    name: str
    score: float


@dataclass(frozen=True)
class Match:
    """The answer for one text; on a match the first candidate is the institution."""

    text: str
    decision: MatchVerdict
    candidates: tuple[Candidate, ...]


class Recogniser:
    """All known institutions, ready to be recognised in typed text. Never changes once built."""

    def __init__(self, records: Iterable[NameRecord]) -> None:
        self._kept = lru_cache(maxsize=KEPT)(self._match)
        self._names = KnownNames(records)
        self._japanese = JapaneseNames(self._names)
        self._nicknames = self._names.bearers(nicknames.LATIN | nicknames.RUSSIAN)
        self._suggester = Suggester(
            self._names, self._nicknames | self._names.bearers(nicknames.JAPANESE)
        )
        self._called_after = {
            (letters, fold_word(surname)[:5]): known
            for (letters, surname), name in nicknames.CALLED_AFTER.items()
            for known in self._names.bearers({name: name}).values()
        }

    @classmethod
    def build(cls, records: Iterable[NameRecord]) -> Recogniser:
        """An index of these names."""
        return cls(records)

    def match(self, text: str, limit: int = 5) -> Match:
        """What a typed affiliation means, with at most `limit` candidates, the best first.

        The latest answers are kept: a hall full of people writes a few names.
        """
        return self._kept(text, limit)

    def _match(self, text: str, limit: int) -> Match:
        affiliation = parse(text)
        correct_spelling(self._names, affiliation)
        hits = self._find(affiliation)
        best = _best_of_each(hits)
        if all(hit.score < CERTAIN for hit in best):
            hits += self._find_loosely(affiliation)
            best = _best_of_each(hits)
        if all(hit.score < POSSIBLE for hit in best):
            best = _best_of_each([*hits, *self._guess(affiliation)])
        _heed_country(best, affiliation)
        best.sort(key=lambda hit: (-hit.score, hit.first, hit.known.slug))
        candidates = tuple(_candidate(hit) for hit in best if hit.score >= POSSIBLE)
        return Match(text, _decide(best), candidates[:limit])

    def suggest(self, prefix: str, lang: str, limit: int = 10) -> list[Suggestion]:
        """Institutions of which some name has words that begin as typed, in any script."""
        return self._suggester.suggest(prefix, lang, limit)

    def _find(self, affiliation: TypedAffiliation) -> list[Hit]:
        hits: list[Hit] = self._find_japanese(affiliation)
        for words in (affiliation.words, *affiliation.asides):
            here = find_hits(self._names, words, affiliation.namesakes)
            here += self._find_short(words, affiliation)
            hits += _without_covered(here)
        return hits

    def _find_loosely(self, affiliation: TypedAffiliation) -> list[Hit]:
        hits = find_loose(self._names, affiliation.words, affiliation.namesakes)
        for run in affiliation.japanese:
            if words := self._japanese.as_words(run):
                hits += find_hits(self._names, words, affiliation.namesakes)
        return hits

    def _guess(self, affiliation: TypedAffiliation) -> list[Hit]:
        """Names like the one that was typed, for the one who is asked."""
        hits: list[Hit] = []
        if guess_spelling(self._names, affiliation.words):
            hits += find_hits(self._names, affiliation.words, affiliation.namesakes)
            hits += find_loose(self._names, affiliation.words, affiliation.namesakes)
        for run in affiliation.japanese:
            hits += [
                Hit(found.known, found.score, 0, 0, found.score)
                for found in self._japanese.find_similar(run)
            ]
        for hit in hits:
            hit.score = min(hit.score, CERTAIN - 0.1)
        return hits

    def _find_japanese(self, affiliation: TypedAffiliation) -> list[Hit]:
        return [
            Hit(found.known, found.score, 1000 + number, 1000 + number, found.score)
            for number, run in enumerate(affiliation.japanese)
            for found in self._japanese.find(run)
        ]

    def _find_short(self, words: Sequence[Word], affiliation: TypedAffiliation) -> list[Hit]:
        """Nicknames, acronyms and initials among the words."""
        hits: list[Hit] = []
        for position, word in enumerate(words):
            if word.use is not Use.NAME or len(word.raw) < 2:
                continue
            known = self._nicknames.get(word.raw)
            meant = known if _stands_apart(words, position) else None
            for namesake in affiliation.namesakes:
                meant = self._called_after.get((word.raw, namesake[:5]), meant)
            if meant and not _other_namesake(affiliation, meant):
                hits.append(Hit(meant, SHORT, position, position, SHORT))
            elif _is_acronym(word):
                hits += self._grade_acronym(words, position, affiliation)
        return hits

    def _grade_acronym(
        self, words: Sequence[Word], position: int, affiliation: TypedAffiliation
    ) -> list[Hit]:
        word = words[position]
        owners = self._names.acronyms.get(word.raw, set())
        derived = self._names.initials.get(word.raw, set()) - owners
        hits = []
        for owner in owners | derived:
            known = self._names.known[owner]
            shared = len(owners | derived) > 1
            score = _acronym_score(word, words, position, known) if owner in owners else 0.6
            if affiliation.namesakes and _same_namesake(affiliation, known):
                score = 0.93
            elif shared or _other_namesake(affiliation, known):
                score = min(score, 0.6)
            hits.append(Hit(known, score, position, position, score))
        return hits


def _is_acronym(word: Word) -> bool:
    capitals = sum(letter.isupper() for letter in word.typed)
    return capitals >= 2 and len(word.typed) <= 12


def _stands_apart(words: Sequence[Word], position: int) -> bool:
    """Whether a short name is a part of its own, or is followed or led by a department."""
    before = words[position - 1] if position and not words[position].gap else None
    if (
        before is not None
        and before.use is Use.NAME
        and before.idea not in PART_IDEAS
        and not has_part_before(words, position - 1)
    ):
        return False
    following = position + 1
    if following < len(words) and words[following].idea == "university":
        following += 1
    if following >= len(words) or words[following].gap or words[following].use is not Use.NAME:
        return True
    after = words[following]
    return (
        after.idea in PART_IDEAS | {"institute", "school"}
        or after.raw in COUNTRIES
        or after.raw in PREFECTURES
    )


def _acronym_score(word: Word, words: Sequence[Word], position: int, known: Known) -> float:
    """An acronym says little by itself: the longer and the odder it is, the more."""
    if not _stands_apart(words, position):
        return 0.55
    letters = len(word.typed)
    mixed = not word.typed.isupper()
    score = 0.93 if letters >= 5 or (letters == 4 and (mixed or word.cyrillic)) else 0.75
    near = any(
        other.idea in known.places or COUNTRIES.get(other.raw) == known.country for other in words
    )
    return 0.93 if near and letters >= 4 else score


def _same_namesake(affiliation: TypedAffiliation, known: Known) -> bool:
    return bool(
        {name[:5] for name in affiliation.namesakes} & {name[:5] for name in known.namesakes}
    )


def _other_namesake(affiliation: TypedAffiliation, known: Known) -> bool:
    both = affiliation.namesakes and known.namesakes
    return bool(both) and not _same_namesake(affiliation, known)


def _without_covered(hits: list[Hit]) -> list[Hit]:
    """Leave out names that are only a part of a longer name of another institution."""
    longest: dict[tuple[int, int], dict[int, Hit]] = {}  # a few spans, though many may share one
    for hit in hits:
        longest.setdefault((hit.first, hit.last), {})[hit.known.institution_id] = hit

    def is_covered(hit: Hit) -> bool:
        for others in longest.values():
            if next(iter(others.values())).covers(hit) and (
                len(others) > 1 or hit.known.institution_id not in others
            ):
                return True
        return False

    return [hit for hit in hits if not is_covered(hit)]


def _best_of_each(hits: Iterable[Hit]) -> list[Hit]:
    best: dict[int, Hit] = {}
    for hit in hits:
        current = best.get(hit.known.institution_id)
        if current is None or hit.score > current.score:
            best[hit.known.institution_id] = hit
    return list(best.values())


def _heed_country(hits: list[Hit], affiliation: TypedAffiliation) -> None:
    """A name is doubtful where the text ends with another country than the institution's."""
    words = affiliation.words
    named = [
        COUNTRIES[word.raw]
        for position, word in enumerate(words)
        if word.raw in COUNTRIES and _stands_last(words, position)
    ]
    named += [COUNTRIES[run] for run in affiliation.japanese if run in COUNTRIES]
    if not named:
        return
    for hit in hits:
        if hit.known.country not in named:
            hit.score = min(hit.score, 0.6)


def _stands_last(words: Sequence[Word], position: int) -> bool:
    """Whether a country ends the address, a postal code after it left aside."""
    after = words[position + 1 :]
    if all(word.is_number for word in after):
        return True
    return words[position].gap == 2 and after[0].gap == 2


def _decide(ranked: Sequence[Hit]) -> MatchVerdict:
    """A match only where one institution is certain and no other is."""
    if not ranked or ranked[0].score < POSSIBLE:
        return MatchVerdict.NONE
    best = ranked[0]
    if best.score < CERTAIN:
        return MatchVerdict.ASK
    rivals = [
        hit
        for hit in ranked[1:]
        if hit.score >= CERTAIN and not (hit.is_generic and not best.is_generic)
    ]
    for rival in rivals:
        same_words = (rival.first, rival.last) == (best.first, best.last)
        if not same_words or rival.quality >= best.quality:
            return MatchVerdict.ASK
    return MatchVerdict.MATCH


def _candidate(hit: Hit) -> Candidate:
    known = hit.known
    return Candidate(
        known.institution_id, known.slug, known.ror_id, known.shown_name, round(hit.score, 3)
    )
