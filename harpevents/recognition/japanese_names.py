"""Finding known institutions in runs of Japanese text, where no spaces part the words."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from harpevents.core.names.kanji import has_kanji
from harpevents.core.names.keys import fold_word, romanise
from harpevents.recognition import scores
from harpevents.recognition.affiliations import Use, Word, level
from harpevents.recognition.known_names import Known, KnownNames, NameRecord
from harpevents.recognition.nicknames import JAPANESE
from harpevents.recognition.vocabulary import GENERIC_CONCEPTS, KATAKANA_PLACES

_LEGAL = re.compile(
    "(?:国立|公立)大学法人|学校法人|(?:地方)?独立行政法人|国立研究開発法人|公益財団法人|一般(?:社団|財団)法人"
)
_BEFORE = re.compile(
    "(?:国立|公立|私立|旧|元|現|新|市立|県立|名誉教授|[学科院所部室]|センター|・)$"
)
_PART_AFTER = re.compile(
    "大学院|院|病院|附属|付属|名誉|(?:准|助)?教授?|講師|職員|事務局|学[部生長]|生$|卒|・|本部|キャンパス|の|国際[部課室]"
    "|[医工理文法経教農薬歯商水獣人情総外国地環看保芸社生].{0,10}?(?:学[部科系府院]|研究[科院所]|センター|機構|病院)"
)
_TO_UNIVERSITY = re.compile(".{1,20}?大学")
_UNIVERSITY = re.compile("大学(?!院|病院)")
_OTHER_KIND_AFTER = re.compile(
    "校|院大学|短期大学|短大|.{0,4}(?:高等学[校院]|高等部|中等部|高校|中学|小学校|幼稚園)|出版会|生協|生活協同"
)
_BRACKETS = re.compile(r"[(（].*?[)）]")


@dataclass(slots=True)
class JapaneseMention:
    """A known name in a run of Japanese, and how surely it is that name."""

    known: Known
    score: float
    length: int


class JapaneseNames:
    """The Japanese names of all institutions, with the short forms people make of them."""

    def __init__(self, names: KnownNames) -> None:
        self.full: dict[str, list[tuple[Known, float]]] = defaultdict(list)
        self.short: dict[str, list[tuple[Known, float]]] = defaultdict(list)
        self._skeletons: dict[str, set[str]] = defaultdict(set)
        for record in names.records:
            if not has_kanji(record.name):
                continue
            known = names.known[record.institution_id]
            quality = scores.OLD if not record.is_current else scores.SHORT
            if record.is_current and record.form == "official":
                quality = scores.OFFICIAL
            for name in {plain(record.name), plain(_BRACKETS.sub("", record.name))}:
                self._add_name(record, name, known, quality)
        for nickname, known in names.bearers(JAPANESE).items():
            self._add_nickname(plain(nickname), known)
        for variants in names.by_concepts.values():
            for variant in variants:
                if variant.known.country == "RU":
                    self._note_places({*variant.concepts, *variant.known.places})
        self._long_names = list(self.full)
        self._pattern = _any_of([*self.full, *self.short])

    def _add_nickname(self, nickname: str, known: Known) -> None:
        if nickname.endswith("大学"):
            self._add(self.full, nickname, known, scores.SHORT)
        else:
            self.short[nickname] = [(known, scores.SHORT)]

    def _note_places(self, concepts: set[str]) -> None:
        for concept in concepts - GENERIC_CONCEPTS:
            skeleton = _skeleton(concept)
            if len(skeleton) >= 3:
                self._skeletons[skeleton].add(concept)

    def _add_name(self, record: NameRecord, name: str, known: Known, quality: float) -> None:
        name = re.sub(r"[()（）]", "", name)
        if len(name) <= 3 and record.form != "official":
            self._add(self.short, name, known, quality)
            return
        self._add(self.full, name, known, quality)
        if name.endswith("大学") and len(name) >= 4:
            self._add(self.short, name[:-1], known, min(quality, scores.SHORT))
        if name.startswith(("公立", "国立")) and len(name) > 6:
            self._add(self.full, name[2:], known, min(quality, scores.SHORT))

    @staticmethod
    def _add(
        names: dict[str, list[tuple[Known, float]]], name: str, known: Known, quality: float
    ) -> None:
        if name and all(other is not known for other, _quality in names[name]):
            names[name].append((known, quality))

    def find(self, run: str) -> list[JapaneseMention]:
        """The known names in one run, longest first where several begin at one place."""
        text = plain(run)
        mentions: list[JapaneseMention] = []
        for found in self._pattern.finditer(text):
            name = found.group()
            score = self._grade(text[: found.start()], name, text[found.end() :])
            owners = self.full.get(name) or self.short.get(name, [])
            if score:
                mentions += [
                    JapaneseMention(known, min(quality, score), len(name))
                    for known, quality in owners
                ]
        return mentions

    def find_similar(self, run: str) -> list[JapaneseMention]:
        """Universities whose names are like the one in a run: only to ask about."""
        found = _TO_UNIVERSITY.match(plain(run))
        if not found:
            return []
        similar = process.extract(
            found.group(),
            self._long_names,
            scorer=fuzz.ratio,
            score_cutoff=scores.LIKE_JAPANESE_NAME,
            limit=3,
        )
        return [
            JapaneseMention(known, scores.BEST_GUESS * ratio / 100, len(name))
            for name, ratio, _position in similar
            for known, _quality in self.full[name]
        ]

    def _grade(self, before: str, name: str, after: str) -> float:
        whole = name in self.full
        if before and not before.isascii() and not _BEFORE.search(before):
            return scores.JAPANESE_INSIDE if whole else 0.0
        if _OTHER_KIND_AFTER.match(after):
            return scores.JAPANESE_DOUBTFUL if whole else 0.0
        if not whole and ((after and not _PART_AFTER.match(after)) or _UNIVERSITY.search(after)):
            return 0.0
        return 1.0

    def as_words(self, run: str) -> list[Word]:
        """A Russian university called in Japanese, as concepts: トムスク国立大学 → tomsk state …

        Empty where a part of the name is not understood.
        """
        text = plain(run)
        concepts: list[str] = []
        while text:
            part = next((p for p in _PLACE_PARTS if text.startswith(p)), None)
            if part:
                concepts += KATAKANA_PLACES[part].split()
            elif found := re.match("[ァ-ヺー]+", text):
                part = found.group()
                place = self._find_place(fold_word(romanise(part)))
                if place is None:
                    return []
                concepts.append(place)
            else:
                return []
            text = text[len(part) :]
        if "university" not in concepts or len(concepts) < 2:
            return []
        if "state" not in concepts and "federal" not in concepts:
            concepts.insert(-1, "state")  # モスクワ大学: left out in Japanese
        return [_word(concept, number) for number, concept in enumerate(concepts)]

    def _find_place(self, latin: str) -> str | None:
        """The one place whose consonants and most letters are those of a word in katakana."""
        like = [
            place
            for place in self._skeletons.get(_skeleton(latin), ())
            if fuzz.ratio(latin.replace("l", "r"), place.replace("l", "r")) >= scores.LIKE_PLACE
        ]
        return like[0] if len(like) == 1 else None


_PLACE_PARTS = sorted(KATAKANA_PLACES, key=len, reverse=True)


def _word(concept: str, number: int) -> Word:
    use = Use.WEAK if concept == "state" else Use.ASIDE if concept == "saint" else Use.NAME
    return Word(concept, concept, concept, use, 2 if not number else 0)


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
