"""Search keys: one spelling for all the ways in which a name is written.

`fold` brings kana, Cyrillic and the several romanisations of both to one sound-alike spelling:
かとう, カトー, Kato, Katoh, Katō and Като all give "kato"; Евгений, Evgenii, Yevgeny and Evgeniy
all give "evgeni". The result is for comparing only and never shown. Kanji have no sound of their
own: they are kept as they are (one form for each character) and read only where asked for.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import jaconv
from anyascii import anyascii

from harpevents.core.names.kanji import has_kanji, read_kanji, unify_kanji

LONGEST_NAME = 300  # characters; what is longer is no name, and is cut


def _table(pairs: str) -> dict[str, str]:
    """Read "ж=zh х=kh" as a table."""
    return dict(pair.split("=", 1) for pair in pairs.split())


_CYRILLIC = _table("""
а=a б=b в=v г=g д=d е=e ё=yo ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh
ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya і=i ї=yi є=ye ґ=g ў=u ә=a ғ=g қ=k ң=n ө=o ұ=u ү=u
һ=h ҙ=z ҡ=k ҫ=s җ=zh ј=j љ=l њ=n ћ=ch џ=j
""")
_LATIN = _table("š=sh č=ch ž=zh ć=ch ş=sh ș=sh ç=ch ł=l ø=o æ=ae œ=oe đ=d ð=d þ=th ı=i ß=ss")
_TO_LATIN = str.maketrans({**_CYRILLIC, **_LATIN})
# Letters of one alphabet that look like letters of the other: pasted text mixes them.
_LOOKS_LATIN = str.maketrans("аеорсухкмтвнійё", "aeopcyxkmtbhiйё")
_LOOKS_CYRILLIC = str.maketrans("aeopcyxkmtbhi", "аеорсухкмтвні")

_FOREIGN_KANA = _table("""
ティ=ti ディ=di トゥ=tu ドゥ=du テュ=tyu デュ=dyu チェ=che シェ=she ジェ=je ウィ=wi ウェ=we ウォ=wo
ファ=fa フィ=fi フェ=fe フォ=fo フュ=fyu ツァ=tsa ツィ=tsi ツェ=tse ツォ=tso イェ=ye クァ=kwa
グァ=gwa ヴァ=va ヴィ=vi ヴェ=ve ヴォ=vo ヴ=vu ッチ=tchi ッチャ=tcha ッチュ=tchu ッチョ=tcho
""")
_FOREIGN_KANA_PATTERN = re.compile(
    "|".join(sorted(map(re.escape, _FOREIGN_KANA), key=len, reverse=True))
)
_JAPANESE = "々〆ヶぁ-ゖゝゞァ-ヺーヽヾ㐀-䶿一-鿿豈-﫿\U00020000-\U000323af"
_WORD = re.compile(rf"[{_JAPANESE}]+|[^\W_{_JAPANESE}]+")
_APOSTROPHES = re.compile(r"(?<=\w)['’‘ʼʹ`´′](?=\w)|[ʹʺ]")
_LATIN_YO = re.compile("(?<=[bcdfghklmnprstvz])[iy]o(?!u)")
_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
_LOOSE_ACCENTS = re.compile("[\u0300-\u036f]")

# How a sound may go on when the last letter typed is its first: c(h), d(z), pi(e) for "pe".
_ENDINGS = {"c": "ha", "d": "za", "i": "e", "k": "ha", "p": "ha", "y": "e"}

# In this order; each rule says which spellings are one sound.
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("[^a-z0-9]", ""),
        ("tch", "ch"),  # Tchaikovsky
        ("s(?:h?ch)", "sh"),  # щ
        ("kh", "h"),  # х and the Japanese は row
        ("ph", "f"),
        ("dzh|zh|dj", "j"),  # ж, дж
        ("dz", "z"),  # ず: zu, dzu, дзу
        ("ck|q", "k"),
        ("x", "ks"),
        ("w", "v"),
        ("ts|tz", "t"),  # つ: tsu, tu, цу
        ("c(?=[eiy])", "t"),
        ("sh", "sy"),  # し: shi, si, си; しょ: sho, syo, сё
        ("ch", "ty"),  # ち: chi, ti, ти
        ("c", "k"),
        ("j", "zy"),  # じ: ji, zi, дзи
        ("hu", "fu"),  # ふ
        ("y(?=[ei])", ""),  # Yelena
        ("ie(?=v)", "e"),  # Vasiliev, Vasilyev
        ("^io", "yo"),  # Йосида
        ("(?<=[aeou])yo", "io"),  # Mayorov, Майоров
        ("(?<!i)y(?=u)|y(?![ou])", "i"),  # Mariya, Maria; but Miyu is not Miu, nor Kiyoko Kyoko
        ("(?<=[oe])f+$", "v"),  # Romanoff
        ("(?<=[ou])h(?=[^aeiou]|$)", ""),  # Ohno, Yuhki
        ("m(?=[bp])", "n"),  # Shimbun
        ("nm", "m"),  # Honma, Homma
        (r"(.)\1+", r"\1"),  # Hokkaido, Kirill, Evgenii, Ookubo
        ("ou", "o"),  # Satou
        ("(?<=[^aeiou])er$", "r"),  # Alexander
    )
]


def fold(text: str) -> str:
    """The sound-alike spelling of a written name, its words joined by single spaces.

    Width, case, accents, kana, Cyrillic and romanisations are levelled; kanji stay kanji.
    """
    return " ".join(filter(None, map(fold_word, split_words(text))))


@lru_cache(maxsize=50_000)
def fold_word(word: str) -> str:
    """`fold` for one word as `split_words` gives it."""
    if has_kanji(word):
        return word
    return _level_sounds(romanise(word))


@lru_cache(maxsize=50_000)
def fold_alternatives(word: str) -> frozenset[str]:
    """All sound-alike spellings of one word: its fold, and where a letter has two sounds both.

    A Latin j is Japanese じ or Slavic and German й; ё is mostly written е, and in Latin yo, io
    or e; a German ü is also written ue.
    """
    if has_kanji(word):
        return frozenset((word,))
    romanised = romanise(word)
    spellings = {romanised}
    if "j" in word:
        spellings.add(romanise(word.replace("j", "y")))
    if any(letter in word for letter in "äöü"):
        spelled_out = word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
        spellings.add(romanise(spelled_out))
    if "ё" in word:
        spellings.add(romanise(word.replace("ё", "е")))
    elif word.isascii():
        spellings.add(_LATIN_YO.sub("e", romanised))
    return frozenset(filter(None, map(_level_sounds, spellings)))


@lru_cache(maxsize=20_000)
def split_words(text: str) -> tuple[str, ...]:
    """The words of a written name: lower case, common width, one form for each kanji.

    Apostrophes and soft signs do not part a word; hyphens, dots and middle dots do, and so
    does a change between Japanese and other letters. Stress marks are dropped.
    """
    level = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text[:LONGEST_NAME]))
    level = unicodedata.normalize("NFC", level.casefold())
    level = unify_kanji(_APOSTROPHES.sub("", _LOOSE_ACCENTS.sub("", level)))
    return tuple(_WORD.findall(level))


@lru_cache(maxsize=50_000)
def romanise(word: str) -> str:
    """Kana and any alphabet in plain lower-case Latin letters, vowel length as it was written.

    カトウ → katou, Ōno → ono, Юлия → yuliya. Kanji are left standing.
    """
    word = unmix(word)
    if any("\u3040" <= character <= "\u30ff" for character in word):
        word = _romanise_kana(word)
    if not word.isascii():
        word = word.translate(_TO_LATIN)
        decomposed = unicodedata.normalize("NFD", word)
        word = "".join(c for c in decomposed if not unicodedata.combining(c))
        if not word.isascii() and not has_kanji(word):
            word = anyascii(word).lower()
    return word


def kana_to_latin(text: str) -> str:
    """Kana in Hepburn letters as in a passport, each word with a capital: カトウ → Kato.

    Long o and u are not marked; other characters are left as they are.
    """
    words = []
    for word in unicodedata.normalize("NFKC", text).split():
        latin = _romanise_kana(word).replace("-", "")
        latin = re.sub("(?<=o)[uo]|(?<=u)u", "", latin)
        words.append(re.sub("n(?=[bmp])", "m", latin).capitalize())
    return " ".join(words)


def _romanise_kana(word: str) -> str:
    katakana = jaconv.hira2kata(word)
    katakana = _FOREIGN_KANA_PATTERN.sub(lambda found: _FOREIGN_KANA[found.group()], katakana)
    latin = str(jaconv.kana2alphabet(jaconv.kata2hira(katakana)))
    return latin.replace("ー", "").replace("-", "")


def unmix(word: str) -> str:
    """Bring a word that mixes two look-alike alphabets into the one it mostly uses."""
    cyrillic = sum("а" <= letter <= "ӿ" for letter in word)
    latin = sum("a" <= letter <= "z" for letter in word)
    if not cyrillic or not latin:
        return word
    if cyrillic > latin:
        return word.translate(_LOOKS_CYRILLIC).replace("і", "и")
    return word.translate(_LOOKS_LATIN)


def _level_sounds(word: str) -> str:
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


_JOINED = re.compile(r"\b[a-z]{2,}-[a-z]{2,}\b")  # Min-jun, to be found as Minjun

# At either end of a name, where they are no part of it.
_TITLES = re.compile(
    r"^(?:(?:prof(?:essor)?|dr|mr|mrs|ms|miss|assoc|asst|проф|профессор|доц|доцент|акад|к\.\s?\w{1,4}\.\s?н"
    r"|д\.\s?\w{1,4}\.\s?н|г-н|г-жа)(?:\.\s*|\s+))+"
    r"|\s*(?:様|さま|さん|先生|教授|准教授|助教|講師|氏|殿|君|ちゃん|女士|씨|님|교수님)$"
    r"|(?:[\s,]+(?:ph\.?\s?d|m\.?d|msc|mba|jr|sr)\.?)+$",
    re.IGNORECASE,
)
_PATRONYMIC = re.compile(
    "(?:ович|евич|ович|овна|евна|инична|ична|оглы|кызы|ovich|evich|ovna|evna|ichna)$"
)
# Min-jun is stored as Minjun as well: the first part begins both.
_HYPHENED = re.compile(r"\b([A-Za-z]{2,})-(?=[a-z])[A-Za-z]{2,}\b")


def search_keys(*written: str) -> frozenset[str]:
    """Every key under which a person with these written names can be found.

    Words as written and their folds, the parts of names written without a space, and the
    readings of kanji where none of the names shows a sound. Keys hold letters and digits only.
    """
    keys: set[str] = set()
    silent: list[str] = []
    sounded = False
    for text in written:
        words = split_words(text)
        if any(map(has_kanji, words)):
            silent.append(text)
        elif words:
            sounded = True
        keys.update(_keys_of_words(words))
        keys.update(fold_word(joined.replace("-", "")) for joined in _JOINED.findall(text.lower()))
    if not sounded:
        for text in silent:
            keys.update(_keys_of_readings(text))
    return frozenset(keys)


def search_text(*written: str, beside: Iterable[str] = ()) -> str:
    """Search keys as one text for a column, each with a space before it.

    `written` are the names of one person; `beside` are other texts to be found by, such as an
    institution or an address, whose kanji are not read. Search the column with LIKE '% key%'
    for the keys that `query_keys` gives.
    """
    keys = set(search_keys(*written))
    for text in beside:
        for word in split_words(text):
            keys.update(word_spellings(word))
    return "".join(f" {key}" for key in sorted(keys))


def query_keys(text: str) -> list[list[str]]:
    """What somebody typed, as prefixes: each group must begin some key in one of its ways.

    Titles and honorifics are left aside, and a patronymic beside two other words: many are stored
    without theirs. Kanji typed without a space between family and given name are parted by the
    dictionary.
    """
    bare = _HYPHENED.sub(r"\1", without_titles(text))
    return [
        group for word in _without_patronymic(split_words(bare)) for group in _query_groups(word)
    ]


def without_titles(text: str) -> str:
    """A name without titles and honorifics before and after it: Dr., проф., 様, さん, 先生."""
    return _TITLES.sub("", text.strip()).strip() or text


def _without_patronymic(words: tuple[str, ...]) -> Iterable[str]:
    if len(words) < 3:
        return words
    patronymics = [at for at, word in enumerate(words) if _PATRONYMIC.search(word)]
    initials = [at for at, word in enumerate(words) if len(word) == 1]
    left_out = patronymics[-1:] or (initials[-1:] if len(initials) > 1 else [])
    return [word for at, word in enumerate(words) if at not in left_out]


def found_by(keys: str, text: str) -> bool:
    """Whether `query_keys` of what was typed finds this `search_text`."""
    return all(any(f" {key}" in keys for key in group) for group in query_keys(text))


@lru_cache(maxsize=20_000)
def _keys_of_words(words: tuple[str, ...]) -> frozenset[str]:
    keys = {key for word in words for key in word_spellings(word)}
    if 2 <= len(words) <= 3:  # typed as one word: かとうたろう, KatoTaro
        keys.update(("".join(words), "".join(map(fold_word, words))))
        keys.add("".join(map(fold_word, reversed(words))))
    elif len(words) == 1 and has_kanji(words[0]):  # the given name in 加藤太郎
        keys.update(words[0][start:] for start in range(1, len(words[0]) - 1))
    return frozenset(filter(None, keys))


@lru_cache(maxsize=50_000)
def word_spellings(word: str) -> frozenset[str]:
    """The keys of one word as `split_words` gives it: as written, in Latin letters, folded."""
    if has_kanji(word):
        return frozenset((word,))
    as_written = jaconv.kata2hira(word)
    spellings = {as_written, _letters_only(romanise(word))} | fold_alternatives(word)
    return frozenset(filter(None, spellings))  # a script nobody romanises has no sound here


def _keys_of_readings(text: str) -> set[str]:
    folds = [
        list(filter(None, map(fold_word, word.readings)))
        for written in split_words(text)
        for word in read_kanji(written)
    ]
    keys = {key for group in folds for key in group}
    if len(folds) > 1 and all(folds):
        keys.add("".join(group[0] for group in folds))
    return keys


def _query_groups(word: str) -> list[list[str]]:
    if not has_kanji(word):
        return [sorted(query_prefixes(word))]
    read = read_kanji(word)
    groups = []
    for part, readings in read:
        keys = {word, part, *filter(None, map(fold_word, readings))}
        groups.append(sorted(keys))
    return groups


def query_prefixes(word: str) -> frozenset[str]:
    """The beginnings of keys that one typed word stands for; kanji are not read.

    A single letter left of three or more ("zzz") would find everybody it begins, so it is no key.
    """
    prefixes = word_spellings(word) | _begun_sounds(word)
    fewest = 2 if len(word) >= 3 else 1
    return frozenset(key for key in prefixes if len(key) >= fewest)


def _begun_sounds(word: str) -> set[str]:
    """Folds of what the typed letters may be the beginning of: "shc" of Shcherbakova."""
    romanised = romanise(word)
    folds = set()
    if ending := _ENDINGS.get(romanised[-1:]):
        folds.add(_level_sounds(romanised + ending).removesuffix("a"))
    if romanised.endswith("m") and len(romanised) > 2:
        folds.add(_level_sounds(romanised[:-1] + "n"))
    return folds - {""}


def _letters_only(word: str) -> str:
    return word if word.isalnum() else "".join(filter(str.isalnum, word))
