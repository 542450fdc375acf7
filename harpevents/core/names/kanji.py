"""Kanji in names: one form for each character, and how a written name may be read."""

import re
import threading
import unicodedata
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from sudachipy import Dictionary, SplitMode, Tokenizer

MOST_READINGS = 6
_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[一-鿿㐀-䶿𠀀-𳎯豈-﫿々〆ヶ]")


class ReadWord(NamedTuple):
    """One word of a Japanese text and its possible kana, likeliest first; none if unknown."""

    surface: str
    readings: tuple[str, ...]


# Old and personal forms of a character, and the form that dictionaries and most keyboards know.
_VARIANTS = """
髙高 﨑崎 嵜崎 碕崎 埼崎 邊辺 邉辺 齋斎 齊斎 斉斎 澤沢 濱浜 濵浜 櫻桜 廣広 國国 圓円 龍竜
瀧滝 嶋島 嶌島 德徳 惠恵 眞真 學学 榮栄 曾曽 淵渕 冨富 峯峰 槇槙 遙遥 黑黒 條条 藏蔵 壽寿
實実 鷗鴎 𠮷吉 靜静 豐豊 禮礼 萬万 與与 淨浄 縣県 關関 鐵鉄 橫横 增増 瀨瀬 賴頼 兒児 聰聡
總総 會会 來来 佛仏 舘館 藪薮 鄕郷 凛凜 檜桧 莊荘 晉晋 祿禄 鎭鎮 薰薫 穗穂 彌弥 應応 藝芸
醫医 獸獣 濟済 獨独 舊旧 區区 驛駅 經経 氣気 體体 鹽塩 鷄鶏 龜亀 顯顕 寬寛 亞亜 緖緒 郞郎
桒桑 栁柳 籔薮 靑青 淸清 曻昇 曉暁 收収 敎教 敍叙 尙尚 巖巌 嶽岳 專専 寶宝 圖図 囘回 勳勲
凉涼
张張 陈陳 刘劉 杨楊 赵趙 吴呉 吳呉 孙孫 马馬 罗羅 郑鄭 谢謝 韩韓 冯馮 萧蕭 邓鄧 许許 苏蘇 卢盧
蒋蔣 贾賈 叶葉 阎閻 伟偉 丽麗 军軍 强強 华華 东東 歐欧 阳陽 晓暁 鹏鵬 龙竜 红紅 兰蘭
"""
_UNIFORM = str.maketrans({pair[0]: pair[1] for pair in _VARIANTS.split()})
_dictionary_lock = threading.Lock()


def unify_kanji(text: str) -> str:
    """Replace variant characters (髙, 﨑, 邊, 齋 …) by the common ones, length unchanged."""
    return text.translate(_UNIFORM)


def has_kanji(text: str) -> bool:
    """Whether any character of the text is a Han character, 々 and 〆 included."""
    return _HAN.search(text) is not None


def has_kana(text: str) -> bool:
    """Whether any character is hiragana or katakana, half-width included."""
    return _KANA.search(unicodedata.normalize("NFKC", text)) is not None


@lru_cache(maxsize=20_000)
def read_kanji(text: str) -> tuple[ReadWord, ...]:
    """The words of a Japanese text, each with its possible readings.

    加藤太郎 gives 加藤 (カトウ) and 太郎 (タロウ); 裕子 gives ユウコ and ヒロコ. The dictionary
    is loaded by the first call: a process that never meets kanji shall not carry its 30 MB.
    """
    unified = unify_kanji(text)
    with _dictionary_lock:  # a tokenizer serves one thread at a time
        dictionary, tokenizer = _open_dictionary()
        words = [
            (str(word.surface()), str(word.reading_form()), bool(word.is_oov()))
            for word in tokenizer.tokenize(unified)
        ]
        return tuple(
            ReadWord(word[0], _readings(dictionary, *word)) for word in words if word[0].strip()
        )


@cache
def _open_dictionary() -> tuple[Dictionary, Tokenizer]:
    dictionary = Dictionary(dict="small")
    return dictionary, dictionary.tokenizer(mode=SplitMode.C)


def _readings(dictionary: Dictionary, surface: str, reading: str, unknown: bool) -> tuple[str, ...]:
    if not has_kanji(surface):
        return (surface,)
    if unknown or not reading or has_kanji(reading):
        return _read_characters(dictionary, surface)
    others = [
        str(entry.reading_form())
        for entry in dictionary.lookup(surface)
        if entry.part_of_speech()[1] == "固有名詞"
    ]
    return tuple(dict.fromkeys([reading, *others]))[:MOST_READINGS]


def _read_characters(dictionary: Dictionary, surface: str) -> tuple[str, ...]:
    """Put together the readings of single characters; nothing when one has none."""
    each = []
    for character in surface:
        readings = [
            str(entry.reading_form())
            for entry in dictionary.lookup(character)
            if not has_kanji(str(entry.reading_form()))
        ]
        if not readings:
            return ()
        each.append(tuple(dict.fromkeys(readings))[:3])
    if len(each) > 3:
        return ()
    return tuple("".join(parts) for parts in product(*each))[:MOST_READINGS]
