"""Finding known names among the words of a typed affiliation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harpevents.recognition import scores
from harpevents.recognition.affiliations import TypedAffiliation, Use, Word
from harpevents.recognition.known_names import (
    Known,
    KnownNames,
    Variant,
    is_of_another,
    surname_stems,
)
from harpevents.recognition.vocabulary import (
    COUNTRIES,
    GENERIC_CONCEPTS,
    JOINING,
    KIND_CONCEPTS,
    NAMESAKES,
    OPENING_MORE,
    PART_CONCEPTS,
    PREFECTURES,
    QUALITY_CONCEPTS,
)

_OTHER_KIND = frozenset(
    ["junior", "senior", "secondary", "elementary", "kindergarten", "press", "high"]
)
_BEFORE_A_NAME = {
    *("new", "first", "second", "third", "old", "central", "upper", "lower", "inner", "far"),
    *("eastern", "western", "northern", "southern", "women", "city"),
}


@dataclass(slots=True)
class Mention:
    """A known name found in a text, where, and how surely."""

    known: Known
    score: float
    first: int
    last: int
    quality: float
    is_generic: bool = False

    def covers(self, other: Mention) -> bool:
        """Whether the other name lies inside this longer one."""
        inside = self.first <= other.first and other.last <= self.last
        return inside and (self.last - self.first) > (other.last - other.first)


def find_mentions(
    names: KnownNames, words: Sequence[Word], namesakes: frozenset[str]
) -> list[Mention]:
    """Every known name that stands in the words, all its concepts side by side."""
    mentions: list[Mention] = []
    for uses in ((Use.NAME,), (Use.NAME, Use.WEAK)):
        places = [i for i, word in enumerate(words) if word.use in uses]
        for chosen, variant in _whole_names(names, words, places):
            if variant.has_gaps or not _crosses_gap(words, chosen):
                mentions.append(_grade(words, chosen, variant, namesakes))
    return mentions


def _whole_names(
    names: KnownNames, words: Sequence[Word], places: list[int]
) -> Iterator[tuple[list[int], Variant]]:
    concepts = [words[i].concept for i in places]
    for start, concept in enumerate(concepts):
        for length in names.lengths.get(concept, ()):
            if start + length <= len(concepts):
                key = tuple(concepts[start : start + length])
                for variant in names.by_concepts.get(key, ()):
                    yield places[start : start + length], variant


def _crosses_gap(words: Sequence[Word], chosen: Sequence[int]) -> bool:
    """Whether a comma stands inside; before a country at the end it may."""
    end = max(chosen) + (words[max(chosen)].raw not in COUNTRIES)
    return any(
        words[i].gap == 2 or (words[i - 1].raw == "the" and words[i].concept in KIND_CONCEPTS)
        for i in range(min(chosen) + 1, end)
    )


def _grade(
    words: Sequence[Word], chosen: Sequence[int], variant: Variant, namesakes: frozenset[str]
) -> Mention:
    first, last = min(chosen), max(chosen)
    score = variant.quality
    score -= _weak_difference(words, first, last, variant)
    for i in chosen:
        if words[i].concept not in GENERIC_CONCEPTS:
            score -= words[i].doubt
    open_left = not _ends_left(words, first, variant.known)
    open_right = not _ends_right(words, last, variant)
    if open_left or open_right:
        score = min(score, scores.DOUBTFUL)
    elif variant.is_generic and not _is_called_after(words, first, variant.known, namesakes):
        if not _stands_alone(words, first, last, variant):
            score = min(score, scores.GUESSED)
        elif variant.quality < scores.OFFICIAL or len(variant.concepts) < 3:
            score = min(score, scores.BEST_GUESS)  # many have a "Humanitarian Institute"
    if is_of_another(namesakes, variant.known):
        score = min(score, scores.DOUBTFUL)
    return Mention(variant.known, score, first, last, variant.quality, variant.is_generic)


def _weak_difference(words: Sequence[Word], first: int, last: int, variant: Variant) -> float:
    """How much "state", "national" and "research" differ between the text and the name."""
    between = {word.concept for word in words[first : last + 1] if word.use is Use.WEAK}
    start = first
    while start and words[start].gap < 2 and words[start - 1].use in (Use.WEAK, Use.SMALL):
        start -= 1
    before = {word.concept for word in words[start:first] if word.use is Use.WEAK}
    ours = between | before
    if set(variant.concepts) & {"state", "national"}:
        return 0.0
    off = 0.0
    if "state" in variant.weak and "state" not in ours:
        off += scores.MISSING_STATE
    elif "state" in between and "state" not in variant.weak:
        off += scores.ADDED_STATE_IN_RUSSIA if variant.known.country == "RU" else scores.ADDED_STATE
    if (ours ^ variant.weak) - {"state"}:
        off += scores.OTHER_QUALITY
    return off


def _is_called_after(
    words: Sequence[Word], first: int, known: Known, namesakes: frozenset[str]
) -> bool:
    """Whether the text names the person after whom the institution is called."""
    before = [words[first - 1].concept] if first else []
    return bool(surname_stems([*namesakes, *before]) & surname_stems(known.namesakes))


def _ends_left(words: Sequence[Word], first: int, known: Known) -> bool:
    """Whether nothing before the name belongs to it: a new part, "of", a department."""
    if words[first].gap or first == 0:
        return True
    position = first - 1
    namesakes = surname_stems(known.namesakes)
    while not words[position].is_number and (
        words[position].use in (Use.WEAK, Use.ASIDE)
        or words[position].concept[: scores.STEM] in namesakes
        or (words[position].raw in NAMESAKES and not namesakes)
    ):
        if words[position].gap or position == 0:
            return True
        position -= 1
    before = words[position]
    if before.is_number or before.use is Use.SMALL or before.concept in PART_CONCEPTS:
        return True
    if before.concept in _BEFORE_A_NAME:
        return False
    return has_part_before(words, position)


def has_part_before(words: Sequence[Word], position: int) -> bool:
    """Whether the same part of the text began with a department or the like."""
    while position >= 0:
        if words[position].concept in PART_CONCEPTS | {"school", "institute", "college"}:
            return True
        if words[position].gap == 2:
            return False
        position -= 1
    return False


def _ends_right(words: Sequence[Word], last: int, variant: Variant) -> bool:
    """Whether nothing after the name belongs to it."""
    position = last + 1
    while position < len(words) and words[position].use is Use.ASIDE:
        if words[position].gap == 2 or words[position].is_number:
            return True
        position += 1
    if position >= len(words) or words[position].gap == 2:
        return True
    after = words[position]
    following = words[position + 1 :]
    complete = words[last].concept in KIND_CONCEPTS
    if after.use is Use.SMALL:
        if after.raw in OPENING_MORE:
            return _is_outside(following, variant)
        return complete or after.raw not in JOINING
    if (
        after.concept in PART_CONCEPTS
        or _is_place(after, variant.known)
        or after.concept == "ministry"
    ):
        return True
    if after.concept in {"school", "institute"} or after.raw in _OTHER_KIND:
        return after.raw not in _OTHER_KIND
    if (
        any(word.concept in PART_CONCEPTS | {"school"} for word in following[:3])
        and not after.cyrillic
    ):
        return not {"high", "junior"} & {word.concept for word in [after, *following[:2]]}
    if _is_russian(words[last]) or not complete or after.gap == 1:
        return False
    return after.typed[0].isupper() and not _goes_on(words, position)


def _is_russian(word: Word) -> bool:
    """Whether a word is Russian, in which what a university is for follows in the genitive."""
    latin = word.raw.startswith(("universitet", "akadem")) or word.raw in {"institut", "instituta"}
    return word.cyrillic or latin


def _goes_on(words: Sequence[Word], position: int) -> bool:
    """Whether the words up to the next comma may be the rest of a longer name."""
    for word in words[position : position + 4]:
        if word.gap == 2:
            return False
        if word.concept in QUALITY_CONCEPTS or word.raw in ("study", "studies"):
            return True
    return False


def _is_outside(following: Sequence[Word], variant: Variant) -> bool:
    """Whether "of …" goes on with the country or a ministry, not with the name."""
    following = [word for word in following if word.use is not Use.SMALL]
    if not following:
        return False
    if following[0].concept == "ministry":
        return True
    ends = len(following) == 1 or following[1].gap == 2
    return ends and COUNTRIES.get(following[0].raw) == variant.known.country


def _is_place(word: Word, known: Known) -> bool:
    return word.raw in COUNTRIES or word.raw in PREFECTURES or word.concept in known.places


def _stands_alone(words: Sequence[Word], first: int, last: int, variant: Variant) -> bool:
    """Whether a name of common words only fills its part of the text."""
    left = first == 0 or bool(words[first].gap) or words[first - 1].use is not Use.NAME
    right = last + 1 >= len(words) or bool(words[last + 1].gap)
    return left and (right or _is_place(words[last + 1], variant.known))


def find_loose(
    names: KnownNames, words: Sequence[Word], namesakes: frozenset[str]
) -> list[Mention]:
    """Names whose concepts all stand in one part of the text in another order, or only partly."""
    mentions: list[Mention] = []
    for start, end in _parts(words):
        places = [i for i in range(start, end) if words[i].use is Use.NAME]
        here = {words[i].concept: i for i in reversed(places)}
        seen: set[int] = set()
        for concept in here:
            for variant in names.by_word.get(concept, ()):
                if id(variant) not in seen:
                    seen.add(id(variant))
                    if mention := _grade_loose(names, words, here, variant, namesakes):
                        mentions.append(mention)
    return mentions


def _parts(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    start = 0
    for i in range(1, len(words) + 1):
        if i == len(words) or words[i].gap == 2:
            yield start, i
            start = i


def _grade_loose(
    names: KnownNames,
    words: Sequence[Word],
    here: dict[str, int],
    variant: Variant,
    namesakes: frozenset[str],
) -> Mention | None:
    found = [concept for concept in variant.concepts if concept in here]
    covered = sum(names.weights[concept] for concept in found) / variant.weight
    if covered < scores.COVERED or variant.is_generic:
        return None
    chosen = sorted(here[concept] for concept in set(found))
    between = [
        word
        for i, word in enumerate(words[chosen[0] : chosen[-1] + 1], chosen[0])
        if word.use is Use.NAME and i not in chosen
    ]
    if len(found) == len(variant.concepts) and not between:
        mention = _grade(words, chosen, variant, namesakes)
        mention.score -= _order_difference(words, chosen, variant)
        return mention
    has_kind = any(concept in KIND_CONCEPTS for concept in found)
    score = scores.COVERED_COUNTS * covered - scores.WORD_BETWEEN * len(between)
    if not has_kind or not any(concept not in GENERIC_CONCEPTS for concept in found):
        score *= scores.COMMON_WORDS_ONLY
    return (
        Mention(variant.known, score, chosen[0], chosen[-1], variant.quality)
        if score > scores.LOOSE
        else None
    )


def _order_difference(words: Sequence[Word], chosen: Sequence[int], variant: Variant) -> float:
    """University of Toyama is also called Toyama University, but not the other way round.

    In Japan "University of X" and "X University" may be two, one of the state and one of the
    prefecture; Russian always says «Университет Хоккайдо».
    """
    concepts = [words[i].concept for i in chosen]
    if concepts == list(variant.concepts):
        return 0.0
    if len(concepts) > 2 or words[chosen[0]].cyrillic:
        return scores.FREE_ORDER
    if variant.concepts[0] == "university" and not variant.known.is_local:
        return scores.OTHER_ORDER
    return scores.LOCAL_OTHER_ORDER


def guess_spelling(names: KnownNames, words: Sequence[Word]) -> bool:
    """Replace words that nobody knows by the likest known ones; whether there were any."""
    guessed = False
    for word in words:
        if (
            word.use is Use.NAME
            and word.concept not in names.words
            and word.concept not in GENERIC_CONCEPTS
        ):
            likest = names.guess(word.concept)
            if likest is not None:
                word.concept, word.doubt, guessed = likest, scores.MISSPELT_BADLY, True
    return guessed


def correct_spelling(names: KnownNames, affiliation: TypedAffiliation) -> None:
    """Bring every word to the concept that known names have, misspelt ones too."""
    for words in (affiliation.words, *affiliation.asides):
        for word in words:
            if word.use is not Use.NAME or not word.concept:
                continue
            word.concept = names.resolve(word)
            if names.is_other_spelling(word):
                word.doubt = scores.MISSPELT
            if word.concept not in names.words and word.concept not in GENERIC_CONCEPTS:
                corrected = names.correct(word)
                if corrected is not None:
                    word.concept, word.doubt = corrected, scores.MISSPELT
