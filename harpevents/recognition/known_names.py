"""The known names of institutions, prepared once so that typed texts can be looked up in them."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from harpevents.core.names.kanji import has_kanji, unify_kanji
from harpevents.core.names.keys import fold_word, romanise
from harpevents.recognition import scores
from harpevents.recognition.affiliations import (
    TypedAffiliation,
    Use,
    Word,
    concepts_of,
    parse,
    stems,
)
from harpevents.recognition.vocabulary import (
    COMMON_RUSSIAN,
    GENERIC_CONCEPTS,
    KIND_CONCEPTS,
    NAMESAKES,
    REGIONS,
    WAYS,
)

SHORTEST_NAME = 5  # letters of a word that is a name by itself
_SAYS_NOTHING = KIND_CONCEPTS | {"state", "national", "federal", "research", "technical"}
_LOCAL = re.compile("[県市府都町]立|公立")
_ACRONYM = re.compile(r"[^\W\d_]*[A-ZА-ЯЁ][^\W\d_]*[A-ZА-ЯЁ][^\W\d_]*")
_BRACKETS = re.compile(r"[（(\[].*?[)）\]]")


class NameRecord(NamedTuple):
    """One name of one institution, as the database has it."""

    institution_id: int
    slug: str
    ror_id: str | None
    country: str  # ISO 3166-1 alpha-2
    city: str
    name: str
    lang: str  # BCP 47, or "" where an alias has none
    form: str  # official, short, alias, native
    is_current: bool


@dataclass(slots=True)
class Known:
    """An institution with what tells it from others of a similar name."""

    institution_id: int
    slug: str
    ror_id: str | None
    country: str
    places: frozenset[str]  # concepts of its city
    names: dict[str, str] = field(default_factory=dict)  # official and current, by language
    any_name: str = ""
    namesakes: set[str] = field(default_factory=set)
    is_local: bool = False  # of a prefecture or a city: "University of X" is not "X University"

    @property
    def shown_name(self) -> str:
        return self.names.get("en") or next(iter(self.names.values()), self.any_name)


@dataclass(slots=True, eq=False)
class Variant:
    """One way to write the name of an institution, as concepts in their order."""

    known: Known
    concepts: tuple[str, ...]
    weak: frozenset[str]
    quality: float
    has_gaps: bool
    is_generic: bool
    weight: float = 0.0


def surname_stems(surnames: Iterable[str]) -> set[str]:
    """Of folded surnames what their endings and romanisations leave alone."""
    return {surname[: scores.STEM] for surname in surnames}


def is_of_another(namesakes: Collection[str], known: Known) -> bool:
    """Whether the text names a person after whom another institution is called."""
    if not namesakes or not known.namesakes:
        return False
    return not surname_stems(namesakes) & surname_stems(known.namesakes)


class KnownNames:
    """All variants of all names, found by their concepts, and the words they are made of."""

    def __init__(self, records: Iterable[NameRecord]) -> None:
        self.known: dict[int, Known] = {}
        self._cyrillic: set[str] = set()  # the words of Russian names, as they stand there
        self.records = [record for record in records if record.name.strip()]
        self.words: set[str] = set()
        self.by_concepts: dict[tuple[str, ...], list[Variant]] = defaultdict(list)
        self.by_word: dict[str, list[Variant]] = defaultdict(list)
        self.lengths: dict[str, list[int]] = {}
        self._with_ph: set[str] = set()
        self._without_ph: set[str] = set()
        self._places = {fold_word(region) for region in REGIONS}
        self.called_by_place: dict[str, set[int]] = defaultdict(set)
        self.acronyms: dict[str, set[int]] = defaultdict(set)
        self.initials: dict[str, set[int]] = defaultdict(set)
        self._similar: dict[str, list[str]] = defaultdict(list)
        self._fill()

    def _fill(self) -> None:
        parsed = [(record, parse(record.name)) for record in self.records]
        for record, affiliation in parsed:
            known = self._enter(record)
            if record.lang != "ru":
                self.words.update(
                    word.concept for word in affiliation.words if word.concept and not word.cyrillic
                )
            self.words.update(known.places)
            self._places |= known.places
            for word in affiliation.words:
                if word.cyrillic:
                    self._cyrillic.add(word.raw)
                else:
                    (self._with_ph if "ph" in word.raw else self._without_ph).add(word.concept)
        for record, affiliation in parsed:
            self._note_namesakes(self.known[record.institution_id], affiliation)
        for record, affiliation in parsed:
            if acronyms := _acronyms(record):
                for acronym in acronyms:
                    self.acronyms[acronym.casefold()].add(record.institution_id)
                self._add_acronym_names(record, acronyms)
            else:
                self._add_variants(record, affiliation)
        self._finish()

    def _enter(self, record: NameRecord) -> Known:
        known = self.known.get(record.institution_id)
        if known is None:
            city = re.sub(r"[-\s](?:shi|city|ku|cho|machi)$", "", record.city, flags=re.IGNORECASE)
            places = frozenset(
                concept
                for word in re.findall(r"\w{3,}", city)
                for concept in concepts_of(word.lower())
            )
            known = Known(record.institution_id, record.slug, record.ror_id, record.country, places)
            self.known[record.institution_id] = known
        if record.form == "official" and record.is_current:
            known.names.setdefault(record.lang, record.name)
        known.any_name = known.any_name or record.name
        known.is_local = known.is_local or bool(
            record.form == "official" and _LOCAL.search(record.name)
        )
        return known

    def _note_namesakes(self, known: Known, affiliation: TypedAffiliation) -> None:
        known.namesakes |= affiliation.namesakes

    def _add_variants(self, record: NameRecord, affiliation: TypedAffiliation) -> None:
        quality = scores.OLD if not record.is_current else scores.SHORT
        if record.is_current and record.form == "official":
            quality = scores.OFFICIAL
        readings = [affiliation.words]
        if _ends_of_russia(affiliation.words):
            readings.append(affiliation.words[:-1])
        if affiliation.asides:
            readings.append(affiliation.asides[-1])
        for words in readings:
            self._add_variant(record, words, quality)
            self._add_without_namesake(record, words, quality)
        if record.lang == "ru":
            self._add_initials(record, affiliation.words)

    def _add_variant(self, record: NameRecord, words: list[Word], quality: float) -> None:
        named = [word for word in words if word.use in (Use.NAME, Use.WEAK)]
        core = [word for word in named if word.use is Use.NAME]
        if all(word.concept in GENERIC_CONCEPTS for word in core):
            core = named  # with "state" and "national" left out nothing would be left
        if not core or (
            len(core) == 1 and (core[0].concept in GENERIC_CONCEPTS or len(core[0].raw) < 4)
        ):
            return
        concepts = tuple(self.resolve(word) for word in core)
        if set(concepts) <= _SAYS_NOTHING:
            return
        if len(concepts) == 1 and concepts[0] in self._places:
            self.called_by_place[concepts[0]].add(record.institution_id)
            return
        if len(concepts) == 1 and len(concepts[0]) < SHORTEST_NAME:
            return
        variant = Variant(
            self.known[record.institution_id],
            concepts,
            frozenset(word.concept for word in named if word.use is Use.WEAK),
            quality,
            has_gaps=any(word.gap == 2 for word in core[1:]),
            is_generic=all(concept in GENERIC_CONCEPTS for concept in concepts),
        )
        same = self.by_concepts[concepts]
        for other in same:
            if other.known is variant.known and other.weak == variant.weak:
                other.quality = max(other.quality, quality)
                return
        same.append(variant)

    def _add_without_namesake(self, record: NameRecord, words: list[Word], quality: float) -> None:
        """Moscow State University beside Lomonosov Moscow State University."""
        namesakes = surname_stems(self.known[record.institution_id].namesakes)
        rest: list[Word] = []
        taken: list[Word] = []
        for word in words:
            is_namesake = word.use is Use.NAME and word.concept[: scores.STEM] in namesakes
            is_famous = word.use is Use.NAME and word.raw in NAMESAKES
            (taken if is_namesake or is_famous else rest).append(word)
        common = GENERIC_CONCEPTS | {"russia"}
        places = [word for word in rest if word.use is Use.NAME and word.concept not in common]
        if taken and places:
            self.known[record.institution_id].namesakes |= {word.concept for word in taken}
            self._add_variant(record, rest, min(quality, scores.WITHOUT_NAMESAKE))

    def _add_acronym_names(self, record: NameRecord, acronyms: list[str]) -> None:
        """HSE University, ITMO University: an acronym with its kind."""
        for acronym in acronyms:
            if len(acronym) >= 3:
                words = [
                    Word(
                        fold_word(romanise(acronym.lower())), acronym.lower(), acronym, Use.NAME, 0
                    ),
                    Word("university", "university", "University", Use.NAME, 0),
                ]
                self._add_variant(record, words, scores.WITHOUT_NAMESAKE)

    def _add_initials(self, record: NameRecord, words: list[Word]) -> None:
        named = [word for word in words if word.use in (Use.NAME, Use.WEAK)]
        letters = "".join(word.raw[0] for word in _whole_words(named))
        if 3 <= len(letters) <= 8:
            self.initials[letters].add(record.institution_id)

    def _finish(self) -> None:
        counts: Counter[str] = Counter()
        for concepts, variants in self.by_concepts.items():
            counts.update(set(concepts) if variants else ())
        total = len(self.by_concepts) or 1
        self.weights = {
            concept: scores.COMMON_WEIGHT
            if concept in GENERIC_CONCEPTS
            else 1.0 + math.log(total / count) / 4
            for concept, count in counts.items()
        }
        lengths: dict[str, set[int]] = defaultdict(set)
        for concepts, variants in self.by_concepts.items():
            lengths[concepts[0]].add(len(concepts))
            for variant in variants:
                variant.weight = sum(self.weights[concept] for concept in concepts)
                for concept in set(concepts) - GENERIC_CONCEPTS:
                    self.by_word[concept].append(variant)
        self.lengths = {concept: sorted(found, reverse=True) for concept, found in lengths.items()}
        self.words |= set(counts)
        self._long_words = sorted(word for word in self.words if len(word) >= 5)
        for word in self._long_words:
            self._similar[word[0]].append(word)

    def bearers(self, nicknames: Mapping[str, str]) -> dict[str, Known]:
        """Who bears each nickname: the one institution of that official name, if it is known."""
        named: dict[str, set[int]] = defaultdict(set)
        for record in self.records:
            if record.form == "official":
                named[_without_spaces(record.name)].add(record.institution_id)
        found = {}
        for nickname, name in nicknames.items():
            owners = named.get(_without_spaces(name), set())
            if len(owners) == 1:
                found[nickname] = self.known[min(owners)]
        return found

    def resolve(self, word: Word) -> str:
        """The concept of a word as the names here have it: a Russian adjective as its place."""
        if word.concept in self.words or word.raw in WAYS:
            return word.concept
        found = stems(word)
        for stem in found:
            if stem in self.words:
                return stem
        return found[0] if found and found[0].endswith("sk") else word.concept

    def guess(self, concept: str) -> str | None:
        """The known word most like a misspelt one, good enough only to ask about it."""
        if len(concept) < 5:
            return None
        found = process.extractOne(
            concept,
            self._long_words,
            scorer=OSA.normalized_similarity,
            score_cutoff=scores.LIKE_WORD,
        )
        return found[0] if found else None

    def is_other_spelling(self, word: Word) -> bool:
        """Whether only the sound is the same: Sofia University is not Sophia University.

        A Cyrillic word has no "ph": it is the same where a known Russian name has it so.
        """
        only_ph = word.concept in self._with_ph and word.concept not in self._without_ph
        return only_ph and "ph" not in word.raw and word.raw not in self._cyrillic

    def correct(self, word: Word) -> str | None:
        """The one known word that a misspelt word is one letter away from."""
        concept = word.concept
        if len(concept) < 5 or word.typed.isupper():
            return None
        if common := _correct_common(word.raw):
            return common
        near = {
            word
            for word in self._similar.get(concept[0], ())
            if abs(len(word) - len(concept)) <= 1
            and OSA.distance(word, concept, score_cutoff=1) <= 1
        }
        return near.pop() if len(near) == 1 else None


def _ends_of_russia(words: list[Word]) -> bool:
    """Names end with "of Russia" or not, as one likes."""
    return len(words) > 3 and words[-1].raw == "russia" and words[-2].raw == "of"


def _without_spaces(name: str) -> str:
    return unify_kanji("".join(name.casefold().split()))


def _whole_words(words: list[Word]) -> list[Word]:
    """One word for each written word, where a word has several concepts."""
    whole: list[Word] = []
    for word in words:
        if not whole or whole[-1].raw != word.raw:
            whole.append(word)
    return whole


def _acronyms(record: NameRecord) -> list[str]:
    """The acronyms in a record that holds nothing else: "MPGU; МПГУ", "MIPT (SU)"."""
    if record.form == "official" or has_kanji(record.name):
        return []
    found = [part.strip() for part in re.split("[;,]", _BRACKETS.sub("", record.name))]
    if not all(_ACRONYM.fullmatch(part) and len(part) <= 12 for part in found):
        return []
    return [part for part in found if part]


_COMMON_WAYS = {
    way: concepts[0] for way, concepts in WAYS.items() if len(way) >= 7 and len(concepts) == 1
} | {word: concepts_of(word)[0] for word in COMMON_RUSSIAN}


@lru_cache(maxsize=5_000)
def _correct_common(raw: str) -> str | None:
    """The concept of a misspelt common word: Univeristy, Insitute."""
    if len(raw) < 6:
        return None
    for way, concept in _COMMON_WAYS.items():
        if way[0] == raw[0] and OSA.distance(way, raw, score_cutoff=1) <= 1:
            return concept
    return None
