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

from harpevents.core.names.keys import fold_word, romanise
from harpevents.recognition import nicknames, scores
from harpevents.recognition.affiliations import TypedAffiliation, Use, Word, parse
from harpevents.recognition.japanese_names import JapaneseNames
from harpevents.recognition.known_names import (
    Known,
    KnownNames,
    NameRecord,
    is_of_another,
    surname_stems,
)
from harpevents.recognition.spans import (
    Mention,
    correct_spelling,
    find_loose,
    find_mentions,
    guess_spelling,
    has_part_before,
)
from harpevents.recognition.suggesting import Suggester, Suggestion
from harpevents.recognition.vocabulary import COUNTRIES, PART_CONCEPTS, PREFECTURES

__all__ = ["Candidate", "Match", "MatchVerdict", "NameRecord", "Recogniser", "Suggestion"]

CACHED = 1_024  # answers


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
        self._cached = lru_cache(maxsize=CACHED)(self._match)
        self._names = KnownNames(records)
        self._japanese = JapaneseNames(self._names)
        self._nicknames = self._names.bearers(nicknames.LATIN | nicknames.RUSSIAN)
        self._suggester = Suggester(
            self._names, self._nicknames | self._names.bearers(nicknames.JAPANESE)
        )
        self._called_after = {
            (letters, fold_word(surname)[: scores.STEM]): known
            for (letters, surname), name in nicknames.CALLED_AFTER.items()
            for known in self._names.bearers({name: name}).values()
        }

    @classmethod
    def build(cls, records: Iterable[NameRecord]) -> Recogniser:
        """An index of these names."""
        return cls(records)

    def match(self, text: str, limit: int = 5, country: str = "") -> Match:
        """What a typed affiliation means, with at most `limit` candidates, the best first.

        `country` is where the person says to come from: an institution of another one is asked
        about. The latest answers are cached: a hall full of people writes a few names.
        """
        return self._cached(text, limit, country)

    def _match(self, text: str, limit: int, country: str) -> Match:
        affiliation = parse(text)
        correct_spelling(self._names, affiliation)
        mentions = self._find(affiliation)
        best = _best_of_each(mentions)
        if all(mention.score < scores.CERTAIN for mention in best):
            mentions += self._find_loosely(affiliation)
            best = _best_of_each(mentions)
        if all(mention.score < scores.POSSIBLE for mention in best):
            best = _best_of_each([*mentions, *self._guess(affiliation)])
        _heed_country(best, affiliation, country)
        best.sort(key=lambda mention: (-mention.score, mention.first, mention.known.slug))
        candidates = tuple(
            _candidate(mention) for mention in best if mention.score >= scores.POSSIBLE
        )
        return Match(text, _decide(best), candidates[:limit])

    def suggest(self, prefix: str, lang: str, limit: int = 10) -> list[Suggestion]:
        """Institutions of which some name has words that begin as typed, in any script."""
        return self._suggester.suggest(prefix, lang, limit)

    def _find(self, affiliation: TypedAffiliation) -> list[Mention]:
        mentions: list[Mention] = self._find_japanese(affiliation)
        for words in (affiliation.words, *affiliation.asides):
            here = find_mentions(self._names, words, affiliation.namesakes)
            here += self._find_short(words, affiliation)
            mentions += _without_covered(here)
        return mentions

    def _find_loosely(self, affiliation: TypedAffiliation) -> list[Mention]:
        mentions = find_loose(self._names, affiliation.words, affiliation.namesakes)
        for run in affiliation.japanese:
            if words := self._japanese.as_words(run):
                mentions += find_mentions(self._names, words, affiliation.namesakes)
        return mentions

    def _guess(self, affiliation: TypedAffiliation) -> list[Mention]:
        """Names like the one that was typed, for the one who is asked."""
        mentions = self._find_by_place(affiliation.words)
        if guess_spelling(self._names, affiliation.words):
            mentions += find_mentions(self._names, affiliation.words, affiliation.namesakes)
            mentions += find_loose(self._names, affiliation.words, affiliation.namesakes)
        for run in affiliation.japanese:
            mentions += [
                Mention(found.known, found.score, 0, 0, found.score)
                for found in self._japanese.find_similar(run)
            ]
        for mention in mentions:
            mention.score = min(mention.score, scores.BEST_GUESS)
        return mentions

    def _find_by_place(self, words: Sequence[Word]) -> list[Mention]:
        """Institutions that are called by a place in short, where the text is that place alone."""
        if len(words) != 1:
            return []
        called = self._names.called_by_place.get(words[0].concept, set())
        return [
            Mention(self._names.known[id], scores.QUESTIONABLE, 0, 0, scores.SHORT)
            for id in sorted(called)
        ]

    def _find_japanese(self, affiliation: TypedAffiliation) -> list[Mention]:
        return [
            Mention(found.known, found.score, 1000 + number, 1000 + number, found.score)
            for number, run in enumerate(affiliation.japanese)
            for found in self._japanese.find(run)
        ]

    def _find_short(self, words: Sequence[Word], affiliation: TypedAffiliation) -> list[Mention]:
        """Nicknames, acronyms and initials among the words."""
        mentions: list[Mention] = []
        for position, word in enumerate(words):
            if word.use is not Use.NAME or len(word.raw) < 2:
                continue
            known = self._nicknames.get(word.raw) or self._nicknames.get(romanise(word.raw))
            meant = known if _stands_apart(words, position) else None
            for namesake in affiliation.namesakes:
                meant = self._called_after.get((word.raw, namesake[: scores.STEM]), meant)
            if meant and not is_of_another(affiliation.namesakes, meant):
                mentions.append(Mention(meant, scores.SHORT, position, position, scores.SHORT))
            elif _is_acronym(word):
                mentions += self._grade_acronym(words, position, affiliation)
        return mentions

    def _grade_acronym(
        self, words: Sequence[Word], position: int, affiliation: TypedAffiliation
    ) -> list[Mention]:
        word = words[position]
        owners = self._names.acronyms.get(word.raw, set())
        derived = self._names.initials.get(word.raw, set()) - owners
        mentions = []
        for owner in owners | derived:
            known = self._names.known[owner]
            shared = len(owners | derived) > 1
            score = (
                _acronym_score(word, words, position, known)
                if owner in owners
                else scores.QUESTIONABLE
            )
            if surname_stems(affiliation.namesakes) & surname_stems(known.namesakes):
                score = scores.ACRONYM
            elif shared or is_of_another(affiliation.namesakes, known):
                score = min(score, scores.QUESTIONABLE)
            mentions.append(Mention(known, score, position, position, score))
        return mentions


def _is_acronym(word: Word) -> bool:
    capitals = sum(letter.isupper() for letter in word.typed)
    return capitals >= 2 and len(word.typed) <= 12


def _stands_apart(words: Sequence[Word], position: int) -> bool:
    """Whether a short name is a part of its own, or is followed or led by a department."""
    before = words[position - 1] if position and not words[position].gap else None
    if (
        before is not None
        and before.use is Use.NAME
        and before.concept not in PART_CONCEPTS
        and not has_part_before(words, position - 1)
    ):
        return False
    following = position + 1
    if following < len(words) and words[following].concept == "university":
        following += 1
    if following >= len(words) or words[following].gap or words[following].use is not Use.NAME:
        return True
    after = words[following]
    return (
        after.concept in PART_CONCEPTS | {"institute", "school"}
        or after.raw in COUNTRIES
        or after.raw in PREFECTURES
    )


def _acronym_score(word: Word, words: Sequence[Word], position: int, known: Known) -> float:
    """An acronym says little by itself: the longer and the odder it is, the more."""
    if not _stands_apart(words, position):
        return scores.GUESSED
    letters = len(word.typed)
    mixed = not word.typed.isupper()
    score = (
        scores.ACRONYM
        if letters >= 5 or (letters == 4 and (mixed or word.cyrillic))
        else scores.SHORT_ACRONYM
    )
    near = any(
        other.concept in known.places or COUNTRIES.get(other.raw) == known.country
        for other in words
    )
    return scores.ACRONYM if near and letters >= 4 else score


def _without_covered(mentions: list[Mention]) -> list[Mention]:
    """Leave out names that are only a part of a longer name of another institution."""
    longest: dict[
        tuple[int, int], dict[int, Mention]
    ] = {}  # a few spans, though many may share one
    for mention in mentions:
        longest.setdefault((mention.first, mention.last), {})[mention.known.institution_id] = (
            mention
        )

    def is_covered(mention: Mention) -> bool:
        for others in longest.values():
            if next(iter(others.values())).covers(mention) and (
                len(others) > 1 or mention.known.institution_id not in others
            ):
                return True
        return False

    return [mention for mention in mentions if not is_covered(mention)]


def _best_of_each(mentions: Iterable[Mention]) -> list[Mention]:
    best: dict[int, Mention] = {}
    for mention in mentions:
        current = best.get(mention.known.institution_id)
        if current is None or mention.score > current.score:
            best[mention.known.institution_id] = mention
    return list(best.values())


def _heed_country(mentions: list[Mention], affiliation: TypedAffiliation, country: str) -> None:
    """A name is doubtful where the text ends with another country than the institution's, or the
    person comes from another one.
    """
    words = affiliation.words
    named = [
        COUNTRIES[word.raw]
        for position, word in enumerate(words)
        if word.raw in COUNTRIES and _stands_last(words, position)
    ]
    runs = {part for run in affiliation.japanese for part in run.split("・")}
    named += [COUNTRIES[run] for run in runs if run in COUNTRIES]
    for mention in mentions:
        of_others = {*named, country} - {mention.known.country, ""}
        if country and of_others == {country} and mention.known.country in named:
            of_others = set()  # 東北大学, 日本: the text itself says where it is
        if of_others and mention.known.country not in named:
            mention.score = min(mention.score, scores.QUESTIONABLE)


def _stands_last(words: Sequence[Word], position: int) -> bool:
    """Whether a country ends the address, a postal code after it left aside."""
    after = words[position + 1 :]
    if all(word.is_number for word in after):
        return True
    return words[position].gap == 2 and after[0].gap == 2


def _decide(ranked: Sequence[Mention]) -> MatchVerdict:
    """A match only where one institution is certain and no other is."""
    if not ranked or ranked[0].score < scores.POSSIBLE:
        return MatchVerdict.NONE
    best = ranked[0]
    if best.score < scores.CERTAIN:
        return MatchVerdict.ASK
    rivals = [
        mention
        for mention in ranked[1:]
        if mention.score >= scores.CERTAIN and not (mention.is_generic and not best.is_generic)
    ]
    for rival in rivals:
        same_words = (rival.first, rival.last) == (best.first, best.last)
        if not same_words or rival.quality >= best.quality:
            return MatchVerdict.ASK
    return MatchVerdict.MATCH


def _candidate(mention: Mention) -> Candidate:
    known = mention.known
    return Candidate(
        known.institution_id, known.slug, known.ror_id, known.shown_name, round(mention.score, 3)
    )
