"""Finding known institutions in runs of Japanese text, where no spaces part the words."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from harpevents.core.kanji import has_kanji
from harpevents.core.name_keys import fold_word, romanise
from harpevents.institutions.affiliations import Use, Word, level
from harpevents.institutions.name_shelf import OFFICIAL, OLD, SHORT, Known, NameRecord, Shelf
from harpevents.institutions.nicknames import JAPANESE
from harpevents.institutions.vocabulary import GENERIC_IDEAS, KATAKANA_PLACES

_LEGAL = re.compile(
    "(?:国立|公立)大学法人|学校法人|(?:地方)?独立行政法人|国立研究開発法人|公益財団法人|一般(?:社団|財団)法人"
)
_BEFORE = re.compile(
    "(?:国立|公立|私立|旧|元|現|新|市立|県立|名誉教授|[学科院所部室]|センター|・)$"
)
_PART_AFTER = re.compile(
    "大学院|院|病院|附属|付属|医|工|理|文|法|経|教|農|薬|歯|研|学|名誉|職員|事務|国際|の|生$|卒|・|本部|キャンパス"
)
_OTHER_KIND_AFTER = re.compile(
    "校|院大学|短期大学|短大|.{0,4}(?:高等学[校院]|高等部|中等部|高校|中学|小学校|幼稚園)|出版会|生協|生活協同"
)
_BRACKETS = re.compile(r"[(（].*?[)）]")
_DOUBTFUL = 0.6


@dataclass(slots=True)
class JapaneseHit:
    """A known name in a run of Japanese, and how surely it is that name."""

    known: Known
    score: float
    length: int


class JapaneseNames:
    """The Japanese names of all institutions, with the short forms people make of them."""

    def __init__(self, shelf: Shelf) -> None:
        self.full: dict[str, list[tuple[Known, float]]] = defaultdict(list)
        self.short: dict[str, list[tuple[Known, float]]] = defaultdict(list)
        self._skeletons: dict[str, set[str]] = defaultdict(set)
        for record in shelf.records:
            if not has_kanji(record.name):
                continue
            known = shelf.known[record.institution_id]
            quality = OLD if not record.is_current else SHORT
            if record.is_current and record.form == "official":
                quality = OFFICIAL
            for name in {plain(record.name), plain(_BRACKETS.sub("", record.name))}:
                self._add_name(record, name, known, quality)
        for nickname, known in shelf.bearers(JAPANESE).items():
            self._add_nickname(plain(nickname), known)
        for variants in shelf.by_ideas.values():
            for variant in variants:
                if variant.known.country == "RU":
                    self._note_places({*variant.ideas, *variant.known.places})
        self._pattern = _any_of([*self.full, *self.short])

    def _add_nickname(self, nickname: str, known: Known) -> None:
        if nickname.endswith("大学"):
            self._add(self.full, nickname, known, SHORT)
        else:
            self.short[nickname] = [(known, SHORT)]

    def _note_places(self, ideas: set[str]) -> None:
        for idea in ideas - GENERIC_IDEAS:
            skeleton = _skeleton(idea)
            if len(skeleton) >= 3:
                self._skeletons[skeleton].add(idea)

    def _add_name(self, record: NameRecord, name: str, known: Known, quality: float) -> None:
        name = re.sub(r"[()（）]", "", name)
        if len(name) <= 3 and record.form != "official":
            self._add(self.short, name, known, quality)
            return
        self._add(self.full, name, known, quality)
        if name.endswith("大学") and len(name) >= 4:
            self._add(self.short, name[:-1], known, min(quality, SHORT))
        if name.startswith(("公立", "国立")) and len(name) > 6:
            self._add(self.full, name[2:], known, min(quality, SHORT))

    @staticmethod
    def _add(
        shelf: dict[str, list[tuple[Known, float]]], name: str, known: Known, quality: float
    ) -> None:
        if name and all(other is not known for other, _quality in shelf[name]):
            shelf[name].append((known, quality))

    def find(self, run: str) -> list[JapaneseHit]:
        """The known names in one run, longest first where several begin at one place."""
        text = plain(run)
        hits: list[JapaneseHit] = []
        for found in self._pattern.finditer(text):
            name = found.group()
            score = self._grade(text[: found.start()], name, text[found.end() :])
            owners = self.full.get(name) or self.short.get(name, [])
            if score:
                hits += [
                    JapaneseHit(known, min(quality, score), len(name)) for known, quality in owners
                ]
        return hits

    def _grade(self, before: str, name: str, after: str) -> float:
        whole = name in self.full
        if before and not before[-1].isascii() and not _BEFORE.search(before):
            return _DOUBTFUL - 0.06 if whole else 0.0
        if _OTHER_KIND_AFTER.match(after):
            return _DOUBTFUL if whole else 0.0
        if after and not whole and not _PART_AFTER.match(after):
            return 0.0
        return 1.0

    def as_words(self, run: str) -> list[Word]:
        """A Russian university called in Japanese, as ideas: トムスク国立大学 → tomsk state …

        Empty where a part of the name is not understood.
        """
        text = plain(run)
        ideas: list[str] = []
        while text:
            part = next((p for p in _PLACE_PARTS if text.startswith(p)), None)
            if part:
                ideas += KATAKANA_PLACES[part].split()
            elif found := re.match("[ァ-ヺー]+", text):
                part = found.group()
                places = self._skeletons.get(_skeleton(fold_word(romanise(part))), set())
                if len(places) != 1:
                    return []
                ideas += places
            else:
                return []
            text = text[len(part) :]
        if "university" not in ideas or len(ideas) < 2:
            return []
        if "state" not in ideas and "federal" not in ideas:
            ideas.insert(-1, "state")  # モスクワ大学: left out in Japanese
        return [_word(idea, number) for number, idea in enumerate(ideas)]


_PLACE_PARTS = sorted(KATAKANA_PLACES, key=len, reverse=True)


def _word(idea: str, number: int) -> Word:
    use = Use.WEAK if idea == "state" else Use.ASIDE if idea == "saint" else Use.NAME
    return Word(idea, idea, idea, use, 2 if not number else 0)


def plain(name: str) -> str:
    """A Japanese name without spaces and legal form, one form for each character."""
    return _LEGAL.sub("", "".join(level(name).split()))


def _any_of(names: list[str]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    return re.compile("|".join(longest_first) or r"(?!)")


def _skeleton(word: str) -> str:
    """The consonants of a folded word, in which ヴォロネジ and Voronezh agree."""
    consonants = re.sub("[aeiouy]", "", word)
    level_sounds = str.maketrans({"v": "b", "f": "b", "l": "r", "g": "k", "h": "k", "d": "t"})
    return re.sub(r"(.)\1+", r"\1", consonants.translate(level_sounds))
