"""Taking apart an affiliation as people type it: words with their concepts, parts and places.

A typed affiliation is a department, a university, an address and a country in any order, with
legal forms, namesakes and remarks in brackets. `parse` gives the Latin and Cyrillic words with
what each of them is for, and the Japanese runs beside them.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from harpevents.core.names.kanji import has_kanji, unify_kanji
from harpevents.core.names.keys import fold_word, romanise, unmix
from harpevents.recognition.vocabulary import (
    KIND_CONCEPTS,
    LEGAL_ACRONYMS,
    LEGAL_AFTER,
    LEGAL_CONCEPTS,
    NAMESAKE_MARKS,
    NAMESAKE_TITLES,
    PART_CONCEPTS,
    SMALL_WORDS,
    WAYS,
)

LONGEST_ENDING = 6  # letters of a Russian ending after a stem
LONGEST = 600  # characters; an affiliation longer than that is cut

_JAPANESE = "々〆ヶぁ-ゖゝゞァ-ヺーヽヾ㐀-䶿一-鿿豈-﫿\U00020000-\U000323af"
_PIECE = re.compile(
    rf"[{_JAPANESE}・]*[{_JAPANESE}][{_JAPANESE}・]*"
    rf"|[^\W_{_JAPANESE}]+"
)
_RUN = re.compile(rf"[A-Za-z0-9]*[{_JAPANESE}][{_JAPANESE}A-Za-z0-9・]*")
_SPACED = re.compile(rf"(?<=[{_JAPANESE}])\s+(?=大学)")
_DASH = re.compile(r"\s[-–—―]+\s|[—―]")
_SOFT = frozenset('"“”„‟«»‹›「」『』')
_HARD = frozenset(",;/|\r、。，；／()（）[]【】{}<>・：:@＠·•")
_APOSTROPHES = re.compile(r"(?<=\w)['’‘ʼʹ`´′](?=\w)")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|（([^（）]*)）")
_ENDINGS = ("skaia", "skoe", "skogo", "skoi", "skom", "skuiu", "skim", "skie", "skih", "ski")
_SOFT_ENDINGS = ("tkaia", "tkoe", "tkogo", "tkoi", "tkom", "tkuiu", "tkim", "tki")


class Use(IntEnum):
    """What a word does in an affiliation."""

    NAME = 0  # may be part of a name
    WEAK = 1  # state, research: often left out or added
    SMALL = 2  # of, the, и
    ASIDE = 3  # legal form, namesake, initial, number


@dataclass(slots=True)
class Word:
    """One word of an affiliation; `concept` is the same for a word and its translation."""

    concept: str
    raw: str  # lower case, as typed
    typed: str
    use: Use
    gap: int  # what stands before it: 0 a space, 1 a quotation mark, 2 a comma or a new line
    doubt: float = 0.0  # of a corrected or merely like-sounding spelling
    cyrillic: bool = False
    dotted: bool = False  # a full stop follows, as after an initial

    @property
    def is_number(self) -> bool:
        return self.raw[0].isdigit()


@dataclass(slots=True)
class TypedAffiliation:
    """A typed text taken apart."""

    words: list[Word]  # brackets left out
    asides: list[list[Word]]  # what stands in brackets, and the words with brackets read in line
    japanese: list[str]
    namesakes: frozenset[str]


@lru_cache(maxsize=50_000)
def concepts_of(raw: str) -> tuple[str, ...]:
    """The concepts of one lower-case word; a word that is in no table stands for itself, folded."""
    if raw in WAYS:
        return WAYS[raw]
    latin = romanise(raw)
    for end in range(len(raw), max(len(raw) - LONGEST_ENDING, 4) - 1, -1):
        if (concepts := WAYS.get(raw[:end] + "*")) is not None:
            return concepts
    if (
        raw.isascii()
        and len(raw) > 4
        and raw.endswith("s")
        and not raw.endswith(("ss", "us", "is"))
    ):
        return WAYS.get(raw[:-1]) or (fold_word(raw[:-1]),)
    if latin != raw and latin.isascii() and latin in WAYS:
        return WAYS[latin]
    return (fold_word(raw),)


def level(text: str) -> str:
    """Entities, widths and look-alike marks made plain; letters keep their case."""
    text = html.unescape(html.unescape(text[: LONGEST * 2]))
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFD", text).replace("\u0301", "").replace("\u0300", "")
    text = unicodedata.normalize("NFC", text)
    return unify_kanji(_APOSTROPHES.sub("", text))[:LONGEST]


def parse(text: str) -> TypedAffiliation:
    """Take a typed affiliation apart."""
    plain = level(text)
    outside = _BRACKETS.sub(" ", plain)
    words = _words(outside)
    japanese = japanese_runs(_BRACKETS.sub("", plain))
    asides = []
    if outside != plain:
        for groups in _BRACKETS.findall(plain):
            remark = next(filter(None, groups), "")
            asides.append(_words(remark))
            japanese += japanese_runs(remark)
        japanese += japanese_runs(re.sub(r"[()\[\]（）【】]", "", plain))
        asides.append(_words(re.sub(r"[()\[\]]", " ", plain)))
    namesakes = _put_aside(words)
    for aside in asides:
        namesakes |= _put_aside(aside)
    return TypedAffiliation(words, asides, japanese, namesakes)


def japanese_runs(text: str) -> list[str]:
    """The runs of Japanese in a levelled text, with Latin letters that touch them."""
    runs = _RUN.findall(_SPACED.sub("", text))
    return list(dict.fromkeys(run for run in runs if has_kanji(run)))


def _words(text: str) -> list[Word]:
    words: list[Word] = []
    gap, end = 2, 0
    for piece in _PIECE.finditer(text):
        between = text[end : piece.start()]
        end = piece.end()
        gap = max(gap, _gap(between)) if words else 2
        if words and between.startswith("."):
            words[-1].dotted = True
        run = piece.group()
        if has_kanji(run):
            gap = 2
            continue
        words += _as_words(run.replace("・", ""), gap)
        gap = 0
    return words


def _gap(between: str) -> int:
    """How far the marks between two words part them: 2 wholly, 1 perhaps, 0 not at all."""
    if not _HARD.isdisjoint(between):
        return 2
    return int(not _SOFT.isdisjoint(between) or bool(_DASH.search(between)))


def _as_words(typed: str, gap: int) -> list[Word]:
    raw = unmix(typed.lower())
    cyrillic = any("\u0400" <= letter <= "\u04ff" for letter in raw)
    if raw in SMALL_WORDS and not (len(raw) == 1 and typed.isupper()):
        return [Word("", raw, typed, Use.SMALL, gap, cyrillic=cyrillic)]
    words = []
    for number, concept in enumerate(_part_daigaku(raw)):
        use = Use.ASIDE if not concept or raw[0].isdigit() else Use.NAME
        words.append(Word(concept, raw, typed, use, 0 if number else gap, cyrillic=cyrillic))
    return words


def _part_daigaku(raw: str) -> tuple[str, ...]:
    """The concepts of a word, a Japanese name written in one with "daigaku" parted from it."""
    concepts = concepts_of(raw)
    if len(concepts) == 1 and len(concepts[0]) > 9 and concepts[0].endswith("daigaku"):
        return (concepts[0].removesuffix("daigaku"), "university")
    return concepts


def _put_aside(words: list[Word]) -> frozenset[str]:
    """Mark legal forms, namesakes and initials, and say which namesakes there are."""
    _put_legal_forms_aside(words)
    namesakes: set[str] = set()
    position = 0
    while position < len(words):
        word = words[position]
        following = words[position + 1].raw if position + 1 < len(words) else ""
        if word.raw in NAMESAKE_MARKS or (word.raw == "n" and following == "a"):
            position = _put_namesake_aside(words, position, namesakes)
            continue
        if _is_initial(word):
            word.use = Use.ASIDE
            if position + 1 < len(words) and _is_before_surname(words, position):
                words[position + 1].use = Use.ASIDE
                namesakes.add(words[position + 1].concept)
        elif word.raw == "civil" and following and words[position + 1].concept == "engineering":
            word.concept, words[position + 1].use = "construction", Use.ASIDE
        elif word.concept == "saint" and following and words[position + 1].concept == "petersburg":
            word.use = Use.ASIDE
        position += 1
    _mark_weak(words)
    return frozenset(namesakes)


def _is_initial(word: Word) -> bool:
    return len(word.raw) == 1 and word.concept != "university" and word.use is Use.NAME


def _is_before_surname(words: list[Word], position: int) -> bool:
    return words[position].dotted and _is_surname(words, position + 1)


def _is_surname(words: list[Word], position: int) -> bool:
    word = words[position]
    known = word.concept in KIND_CONCEPTS | PART_CONCEPTS or word.raw in WAYS
    return len(word.raw) > 2 and not known and not word.gap and word.use is Use.NAME


def _put_namesake_aside(words: list[Word], position: int, namesakes: set[str]) -> int:
    """Put «имени академика М. В. Ломоносова» aside and return where the name goes on."""
    words[position].use = Use.ASIDE
    position += 1
    surnames = 0
    while position < len(words) and not words[position].gap:
        word = words[position]
        if word.raw in NAMESAKE_TITLES or len(word.raw) == 1:
            word.use = Use.ASIDE
        elif surnames < 2 and (word.concept not in KIND_CONCEPTS | PART_CONCEPTS or not surnames):
            word.use = Use.ASIDE
            namesakes.add(word.concept)
            surnames += 1
        else:
            break
        position += 1
    return position


def _put_legal_forms_aside(words: list[Word]) -> None:
    after = False
    for word in words:
        if word.raw in LEGAL_ACRONYMS or (after and word.raw in LEGAL_AFTER):
            word.use, after = Use.ASIDE, True
        elif after and word.raw != "of":
            after = False
    start = None
    for position, word in enumerate([*words, Word("", "", "", Use.NAME, gap=2)]):
        if word.concept in LEGAL_CONCEPTS or (word.use is Use.SMALL and start is not None):
            start = position if start is None else start
        elif start is not None:
            _put_run_aside(words[start:position])
            start = None
    concepts = [word.concept for word in words]
    for position, concept in enumerate(concepts):
        if concept == "corporation" and position and concepts[position - 1] == "university":
            for word in words[max(position - 2, 0) : position + 1]:
                word.use = Use.ASIDE


def _put_run_aside(run: list[Word]) -> None:
    """Put "federal state budgetary educational institution of higher education" aside."""
    if not any(word.concept == "institution" for word in run):
        return
    ends = [i for i, word in enumerate(run) if word.concept in {"education", "institution"}]
    for word in run[: ends[-1] + 1]:
        word.use = Use.ASIDE


def _mark_weak(words: list[Word]) -> None:
    for position, word in enumerate(words):
        beside = {other.concept for other in words[max(position - 1, 0) : position + 2]}
        is_weak = (
            word.concept == "state"
            or (word.concept == "research" and "national" in beside)
            or (word.concept == "national" and "research" in beside)
        )
        if word.use is Use.NAME and is_weak:
            word.use = Use.WEAK


def stems(word: Word) -> list[str]:
    """What a Russian adjective or a case form may be made of: tomski → tomsk, tom, toma …"""
    concept = word.concept
    if not word.cyrillic and not concept.endswith(("ski", "tki")):
        return []
    for endings, own in ((_ENDINGS, "sk"), (_SOFT_ENDINGS, "tk")):
        for ending in endings:
            if concept.endswith(ending) and len(concept) > len(ending) + 1:
                stem = concept[: -len(ending)]
                short = stem + "t" if own == "tk" else stem
                return [
                    stem + own,
                    short,
                    *(short + end for end in ("a", "l", "i", "o", "ia", "ka")),
                ]
    may_decline = len(concept) > 4 and not word.typed.isupper()
    return [concept[:-1] + end for end in ("", "a", "o", "ia", "i")] if may_decline else []
