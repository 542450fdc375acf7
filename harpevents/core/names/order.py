"""The order in which a reader expects names: 五十音 in Japanese, else the alphabet."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from harpevents.core.names.kanji import has_kana, has_kanji, read_kanji

_BESIDE_A = {"ё": "е\uffff", "й": "и\uffff"}  # letters that Unicode takes apart or puts at the end
_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎ", "あいうえおつやゆよわ")
_SOUND_MARKS = ("\u3099", "\u309a")  # of が and ぱ: they count after all letters


@lru_cache(maxsize=4_000)
def order_key(text: str, language: str) -> tuple[int, str, str]:
    """What names are sorted by for a reader of `language`; equal keys are equal names.

    Japanese names stand by their reading (一橋 under ひ), before names in other letters; Russian
    ones by the alphabet with ё after е, before Latin letters; marks on Latin letters count last.
    """
    if language == "ja" and (has_kanji(text) or has_kana(text)):
        kana = _without_marks("".join(map(_hiragana, _reading(text))))
        return 0, kana, text
    plain = "".join(_letter(sign) for sign in unicodedata.normalize("NFC", text).casefold())
    begins_here = {"ru": _is_cyrillic(plain), "ja": False}.get(language, plain[:1].isascii())
    return (0 if begins_here else 1), plain, text


def _reading(text: str) -> str:
    return "".join(word.readings[0] if word.readings else word.surface for word in read_kanji(text))


def _hiragana(sign: str) -> str:
    return chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign


def _without_marks(kana: str) -> str:
    apart = unicodedata.normalize("NFD", kana)
    return "".join(sign for sign in apart if sign not in _SOUND_MARKS).translate(_SMALL)


def _letter(sign: str) -> str:
    if sign in _BESIDE_A:
        return _BESIDE_A[sign]
    return unicodedata.normalize("NFD", sign)[:1]


def _is_cyrillic(text: str) -> bool:
    return "\u0400" <= text[:1] <= "\u04ff"
