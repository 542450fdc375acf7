"""Recognising a person by name across scripts, without ever guessing.

Every written name of the one is compared with every written name of the other. Where two people
fit about equally well the answer is to ask.
"""

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import permutations
from typing import Generic, NamedTuple, TypeVar

from rapidfuzz.distance import OSA

from harpevents.core.names.kanji import has_kana, has_kanji, read_kanji
from harpevents.core.names.keys import fold_alternatives, fold_word, romanise, split_words

CERTAIN = 0.9  # from here on one person may be taken without asking
POSSIBLE = 0.6  # from here on a person is worth showing to the one who is asked
MARGIN = 0.05  # by which the best must lead

# What two written names can reach at most, by how they agree.
_SAME_WRITING = 1.0
_SAME_SOUND = 0.96
_MAY_SOUND_SAME = 0.93  # Pyotr and Petr: one of the spellings agrees
_SAME_READING = 0.92  # kanji read by the dictionary, on one side only
_ONE_OF_SEVERAL_READINGS = 0.85
_OTHERWISE_WRITTEN = 0.85  # the same sound, but unlike kanji or kana beside it
_ONE_LETTER_OFF = 0.8
_INITIAL = 0.7
_FAMILY_NAME_ALONE = 0.65
_EXTRA_NAME = 0.05  # taken off for a middle name that one side leaves out


class _Word(NamedTuple):
    """One word of a name with its possible sounds."""

    written: str
    folds: frozenset[str]
    is_initial: bool
    is_patronymic: bool


_PATRONYMIC = re.compile(r"\w{2,}(?:[eo]?viti|iti|[eo]vna|vna|initina|nitna|itna|ogli|kizi)")


@lru_cache(maxsize=20_000)
def _words(written: str) -> tuple[_Word, ...]:
    """The words of a written name; «И.П.» and "I.P." come as two initials."""
    return tuple(
        _Word(
            word,
            fold_alternatives(word),
            is_initial=len(word) == 1 and not has_kanji(word) and not has_kana(word),
            is_patronymic=bool(_PATRONYMIC.fullmatch(fold_word(word))),
        )
        for word in split_words(written)
    )


@lru_cache(maxsize=20_000)
def _read_words(written: str) -> tuple[_Word, ...]:
    """The same with kanji read, and parted where the dictionary parts them."""
    words: list[_Word] = []
    for word in _words(written):
        if not has_kanji(word.written):
            words.append(word)
            continue
        for part in read_kanji(word.written):
            folds = frozenset(fold_word(reading) for reading in part.readings)
            words.append(_Word(part.surface, folds, is_initial=False, is_patronymic=False))
    return tuple(words)


def same_person_score(names_a: Iterable[str], names_b: Iterable[str]) -> float:
    """How surely two sets of written names belong to one person, from 0 to 1.

    The best pair counts. Order of family and given name does not matter and a patronymic may
    be missing, but two different ones speak against; an initial, or a family name alone, is
    never certain. Kanji are read only where no other pair agrees.
    """
    ours, theirs = tuple(names_a), tuple(names_b)
    best = max((_score(a, b) for a in ours for b in theirs), default=0.0)
    if best < CERTAIN and (_is_silent(ours) != _is_silent(theirs)):
        best = max(best, *(_score_reading(a, b) for a in ours for b in theirs))
    contradicted = _written_otherwise(ours, theirs) or _patronymics_differ(ours, theirs)
    return min(best, _OTHERWISE_WRITTEN) if contradicted else best


def _patronymics_differ(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether both sides know patronymics, in whichever of their names, and no two agree."""
    one, other = (
        [word for name in side for word in _words(name) if word.is_patronymic]
        for side in (ours, theirs)
    )
    return bool(one and other) and not any(_grade(a, b) for a in one for b in other)


def _is_silent(names: Sequence[str]) -> bool:
    """Whether all is written in kanji, so that the sound must be looked up."""
    return all(map(has_kanji, names))


def _written_otherwise(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether both sides show kanji, or both show kana, and no two of them agree."""
    for is_script in (_is_kanji_name, _is_kana_name):
        a, b = list(filter(is_script, ours)), list(filter(is_script, theirs))
        if a and b and max(_score(one, other) for one in a for other in b) < POSSIBLE:
            return True
    return False


def _is_kanji_name(written: str) -> bool:
    return all(map(has_kanji, split_words(written)))


def _is_kana_name(written: str) -> bool:
    return all(map(has_kana, split_words(written))) and not has_kanji(written)


@lru_cache(maxsize=100_000)
def _score(a: str, b: str) -> float:
    words_a, words_b = _words(a), _words(b)
    if not words_a or not words_b:
        return 0.0
    joined_a = "".join(word.written for word in words_a)
    joined_b = "".join(word.written for word in words_b)
    if joined_a == joined_b:
        alone = len(words_a) == 1 and len(words_b) == 1 and not _may_be_full_name(joined_a)
        return _FAMILY_NAME_ALONE if alone and has_kanji(joined_a) else _SAME_WRITING
    if has_kanji(a) and has_kanji(b):
        return _score_kanji(words_a, words_b)
    score = _score_words(words_a, words_b)
    if score < CERTAIN and (len(words_a) == 1) != (len(words_b) == 1):
        score = max(score, _score_joined(words_a, words_b))
    return score


def _may_be_full_name(written: str) -> bool:
    """Kanji without a space: three characters and more may be family and given name."""
    return len(written) >= 3


def _score_kanji(words_a: tuple[_Word, ...], words_b: tuple[_Word, ...]) -> float:
    joined_a = "".join(word.written for word in words_a)
    joined_b = "".join(word.written for word in words_b)
    for longer, shorter in ((joined_a, joined_b), (joined_b, joined_a)):
        if longer.startswith(shorter) and len(shorter) >= 2:
            return _FAMILY_NAME_ALONE
    if len(words_a) == 2 and joined_b == words_a[1].written + words_a[0].written:
        return _SAME_SOUND
    return _score_words(words_a, words_b)


def _score_joined(words_a: tuple[_Word, ...], words_b: tuple[_Word, ...]) -> float:
    """For names typed without a space: KatoTaro, かとうたろう."""
    one, several = (words_a, words_b) if len(words_a) == 1 else (words_b, words_a)
    if len(several) > 3:
        return 0.0
    joined = {"".join(map(_first_fold, order)) for order in permutations(several)}
    return _SAME_SOUND if joined & one[0].folds else 0.0


def _first_fold(word: _Word) -> str:
    return fold_word(word.written)


@lru_cache(maxsize=20_000)
def _score_reading(a: str, b: str) -> float:
    words_a = _read_words(a) if has_kanji(a) else _words(a)
    words_b = _read_words(b) if has_kanji(b) else _words(b)
    if not words_a or not words_b:
        return 0.0
    score = _score_words(words_a, words_b)
    if (len(words_a) == 1) != (len(words_b) == 1):
        score = max(score, _score_joined(words_a, words_b))
    several = any(len(word.folds) > 1 for word in words_a + words_b)
    return min(score, _ONE_OF_SEVERAL_READINGS if several else _SAME_READING)


def _score_words(words_a: tuple[_Word, ...], words_b: tuple[_Word, ...]) -> float:
    """Match each word of the shorter name with one of the longer, as well as can be."""
    shorter, longer = sorted((words_a, words_b), key=len)
    if len(longer) > 6:
        return 0.0
    pairs, left_over = _pair(shorter, longer)
    if len(pairs) < len(shorter):
        unpaired = [word for word in shorter if not any(word is pair[0] for pair in pairs)]
        if len(pairs) < 2 or not _only_patronymics_differ(unpaired, left_over):
            return 0.4 * len(pairs) / len(longer)
        return 0.5
    if len(pairs) > 2:
        pairs = [pair for pair in pairs if not _is_patronymic_initial(*pair)]
    score = min(grade for _one, _other, grade in pairs)
    names = [pair for pair in pairs if not pair[0].is_patronymic or len(shorter) == 2]
    if len(names) < 2 and len(longer) > 1:
        return _FAMILY_NAME_ALONE if score > _INITIAL else 0.3
    extra = sum(not word.is_patronymic and not word.is_initial for word in left_over)
    return max(score - _EXTRA_NAME * extra, 0.0) if extra < 3 else 0.5


def _is_patronymic_initial(one: _Word, other: _Word, _grade: float) -> bool:
    return (one.is_initial and other.is_patronymic) or (other.is_initial and one.is_patronymic)


def _only_patronymics_differ(unpaired: Sequence[_Word], left_over: Sequence[_Word]) -> bool:
    return all(word.is_patronymic for word in unpaired) and any(
        word.is_patronymic for word in left_over
    )


_Pair = tuple[_Word, _Word, float]


def _pair(shorter: tuple[_Word, ...], longer: tuple[_Word, ...]) -> tuple[list[_Pair], list[_Word]]:
    """Pair words of two names, the surest pairs first, each word once."""
    grades = sorted(
        (
            (_grade(one, other), i, k)
            for i, one in enumerate(shorter)
            for k, other in enumerate(longer)
        ),
        key=lambda graded: (-graded[0], abs(graded[1] - graded[2])),
    )
    pairs: list[_Pair] = []
    used_one: set[int] = set()
    used_other: set[int] = set()
    for grade, i, k in grades:
        if grade and i not in used_one and k not in used_other:
            pairs.append((shorter[i], longer[k], grade))
            used_one.add(i)
            used_other.add(k)
    return pairs, [word for k, word in enumerate(longer) if k not in used_other]


def _grade(a: _Word, b: _Word) -> float:
    if a.written == b.written:
        return _INITIAL if a.is_initial else _SAME_WRITING
    if a.is_initial or b.is_initial:
        return _INITIAL if _same_initial(a, b) else 0.0
    if a.folds & b.folds:
        if has_kana(a.written) and has_kana(b.written) and not _same_kana(a.written, b.written):
            return _INITIAL  # ゆき is not ゆうき, though both are Yuki
        if has_kanji(a.written + b.written):
            return _SAME_SOUND
        one, other = fold_word(a.written), fold_word(b.written)
        if one == other:
            return _SAME_SOUND
        # Rio and Ryo could both be spelled Re, but nobody wrote Re.
        return _MAY_SOUND_SAME if {one, other} & a.folds & b.folds else _ONE_LETTER_OFF
    limit = 2 if min(len(a.written), len(b.written)) >= 9 else 1
    close = any(
        min(len(one), len(other)) >= 5 and OSA.distance(one, other, score_cutoff=limit) <= limit
        for one in a.folds
        for other in b.folds
    )
    return _ONE_LETTER_OFF if close else 0.0


def _same_kana(a: str, b: str) -> bool:
    """Whether two words of kana have the same length of vowels, however it is written."""
    return _LONG_O.sub("oo", _spell_length(a)) == _LONG_O.sub("oo", _spell_length(b))


_LONG_O = re.compile("ou")


def _spell_length(kana: str) -> str:
    """Latin letters of kana, ー as the vowel before it once more."""
    spelled = ""
    for part in re.split("(ー)", kana):
        spelled += spelled[-1:] if part == "ー" else romanise(part)
    return spelled


def _same_initial(a: _Word, b: _Word) -> bool:
    """Whether one is the first letter of the other: Ю, Yu and Iu may all stand for Юлия."""
    starts = {romanise(a.written)[:1], *(fold[:1] for fold in a.folds)}
    return bool(starts & {romanise(b.written)[:1], *(fold[:1] for fold in b.folds)})


class NameVerdict(StrEnum):
    """What may be done with the best of several candidates."""

    MATCH = "match"
    ASK = "ask"
    NONE = "none"


Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class BestMatch(Generic[Key]):
    """A decision and the possible candidates, best first; `key` only where it is a match."""

    decision: NameVerdict
    key: Key | None
    candidates: tuple[tuple[Key, float], ...]


def best_match(
    candidates: Iterable[tuple[Key, Iterable[str]]],
    names: Iterable[str],
    *,
    certain: float = CERTAIN,
    margin: float = MARGIN,
    possible: float = POSSIBLE,
) -> BestMatch[Key]:
    """Find the one person whom these names mean, or say that somebody must be asked.

    Each candidate is a key with the written names of one person. Two candidates within
    `margin` of each other are never decided here, however certain both are.
    """
    wanted = tuple(names)
    scored = [(key, same_person_score(written, wanted)) for key, written in candidates]
    ranked = sorted(
        (pair for pair in scored if pair[1] >= possible), key=lambda pair: pair[1], reverse=True
    )
    if not ranked:
        return BestMatch(NameVerdict.NONE, None, ())
    key, best = ranked[0]
    alone = len(ranked) == 1 or best - ranked[1][1] >= margin
    if best >= certain and alone:
        return BestMatch(NameVerdict.MATCH, key, tuple(ranked))
    return BestMatch(NameVerdict.ASK, None, tuple(ranked))
