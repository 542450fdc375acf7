"""Taking a shown name apart: the name itself, an original name, marks and a company.

Meeting programs add things to names: Zoom the original name in parentheses after a rename, Teams
"(Guest)" and "[Company]". People add others: the device they sit at, their affiliation. Only what
a program added is taken off; what a person wrote stays.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache

from harpevents.core.names.kanji import has_kana, has_kanji
from harpevents.core.tables.reading import folded

MARKS = {
    "guest": "guest ゲスト гость gast invité invitado convidado ospite vieras vieraskäyttäjä gość "
    "来宾 访客 게스트 гостья",
    "external": "external 外部 внешний внешняя внешнийпользователь externo externa externe extern "
    "esterno ulkoinen 外部ユーザー",
    "unverified": "unverified 未確認 未検証 確認されていません непроверенный непроверено "
    "неподтвержденный неподтверждённый nãoverificado nonvérifié nichtüberprüft sinverificar "
    "nonverificato vahvistamaton nietgeverifieerd 未验证",
    "host": "host cohost organizer organiser presenter ホスト 共同ホスト 開催者 発表者 主催者 "
    "организатор соорганизатор докладчик",
    "me": "me 自分 я",
}
_DEVICE_WORDS = (
    r"i[ -]?phone|i[ -]?pad|i[ -]?pod|imac|i[ -]?os|android|galaxy|pixel|huawei|honor|xiaomi|redmi|"
    r"mi \d|poco|oppo|vivo|realme|oneplus|samsung|xperia|aquos|arrows|sm-\w+|nokia|lenovo|asus|"
    r"acer|dell|thinkpad|macbook|mac ?mini|laptop|desktop|note ?book|surface|chromebook|"
    r"tablet|windows|pc|(?:smart|mobile|cell) ?phone|phone|mobile|smartphone|device|zoom ?rooms?|"
    r"スマホ|"
    r"スマートフォン|タブレット|携帯|携帯電話|パソコン|ノートパソコン|端末|телефон|смартфон|планшет|ноутбук|"
    r"компьютер|мобильный|пк|айфон|айпад|handy|2台目|二台目"
)
_DEVICE = re.compile(rf"(?<![^\W_])(?:{_DEVICE_WORDS})(?![^\W\d_])", re.IGNORECASE)
_DEVICE_ALONE = re.compile(
    rf"[#＃\s]*(?:{_DEVICE_WORDS})(?:\d[a-z0-9]*)?"
    r"(?:[\s_\-+.]+(?:[a-z]{0,3}\d[a-z0-9]*|pro|max|mini|plus|air|ultra|lite|note|se|fe|[a-z]))*",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"大学|大学院|研究所|研究科|研究院|学部|機構|高校|高専|株式会社|有限会社|\(株\)|協会|財団|県庁|市役所|省$|庁$|"
    r"\buniv|universi|institut|college|school|academy|ministry|\b(?:inc|ltd|llc|corp|gmbh|co)\b\.?|"
    r"университет|институт|академи|\bвуз\b|\bооо\b|\bзао\b|\bоао\b|\bпао\b|\bао\b|министерств|"
    r"администраци|центр|школа|колледж|\bгу\b",
    re.IGNORECASE,
)
_PRONOUNS = re.compile(r"(?:she|he|they|her|him|them|his|hers|theirs|она|он|они|ze|zir)"
                       r"(?:\s*/\s*\w+)*", re.IGNORECASE)  # fmt: skip
_ROLES = re.compile(
    r"(?:interpreter|interpreting|translator|moderator|speaker|staff|audience|chair|observer|student"
    r"|通訳|通訳者|司会|スタッフ|事務局|聴講|学生|переводчик|переводчица|модератор|спикер|секретариат|"
    r"студент|студентка|наблюдатель)",
    re.IGNORECASE,
)
_ANONYMOUS = re.compile(
    r"(?:guest|zoom user|user|participant|attendee|anonymous|ゲスト|ユーザー|参加者|匿名|гость|"
    r"участник|пользователь|пользователь zoom|аноним|host|ホスト|test|テスト|тест)[\s_]*\d*",
    re.IGNORECASE,
)
_DIAL_IN = re.compile(
    r"[+＋]?[\d\s().*x\-]{6,25}|call-in user[\s_]*\d*|phone user.*", re.IGNORECASE
)
_BOT = re.compile(
    r"\b(?:bot|notetaker|note[- ]taker|notes? assistant|otter(?:pilot)?(?:\.ai)?|"
    r"fireflies(?:\.ai)?|fathom|tl;?dv|read\.ai|meeting notes|ai companion|recorder|transcriber|"
    r"copilot|sembly|avoma)\b|議事録|бот$",
    re.IGNORECASE,
)
_LEADING_COMPANY = re.compile(r"\s*(?:\[([^\[\]]*)\]|【([^【】]*)】)\s*(\S.*)", re.DOTALL)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class ReportedName:
    """`shown` is the name without what a program added; `original` the name before a rename."""

    shown: str
    original: str | None = None
    organisation: str = ""
    flags: tuple[str, ...] = field(default=())


def read_name(text: str, *, has_originals: bool = False) -> ReportedName:
    """Take `text` apart; `has_originals` where the program repeats original names at the end."""
    name = _INVISIBLE.sub("", text).strip()
    flags: list[str] = []
    organisation = ""
    if (found := _LEADING_COMPANY.fullmatch(name)) and re.search(
        r"[^\W\d_]", company := (found[1] or found[2] or "").strip()
    ):
        organisation, name = company, found[3].strip()
    name = _without_marks(name, flags)
    original = None
    if has_originals and (pair := _pair(name)):
        name, original = _without_marks(pair[0], flags), _without_marks(pair[1], flags)
        if original == name:
            original = None
    return ReportedName(name, original, organisation, (*dict.fromkeys(flags), *_nature(name)))


def _without_marks(name: str, flags: list[str]) -> str:
    """`name` without the marks at its end, which are added to `flags`."""
    while (cut := _last_parenthesis(name)) and cut[0]:
        found = [_mark(part) for part in re.split(r"[,、;]", cut[1])]
        if not found or not all(found):
            break
        flags.extend(mark for mark in found if mark and mark not in {"host", "me"})
        name = cut[0]
    return name


def _mark(text: str) -> str | None:
    word = folded(text)
    return next((mark for mark, words in _marks().items() if word in words), None)


@cache
def _marks() -> dict[str, frozenset[str]]:
    return {
        mark: frozenset(folded(word) for word in words.split()) for mark, words in MARKS.items()
    }


def _pair(name: str) -> tuple[str, str] | None:
    """The name and the original name in parentheses, unless they hold something else."""
    cut = _last_parenthesis(name)
    if cut is None or not cut[0] or not cut[1]:
        return None
    inner = cut[1]
    is_typed = (
        _DEVICE.search(inner)
        or _ORGANISATION.search(inner)
        or _PRONOUNS.fullmatch(inner)
        or _ROLES.fullmatch(inner)
        or not re.search(r"[^\W\d_]", inner)
        or (name.rstrip().endswith("）") and _script(inner) == _script(cut[0]))
    )
    return None if is_typed else cut


def _script(name: str) -> str:
    """The script most letters are in. Programs write half-width parentheses: a full-width one was
    typed, and repeats the name only where it gives it in another script."""
    scripts = [unicodedata.name(letter, "").split(" ")[0] for letter in name if letter.isalpha()]
    return max(set(scripts), key=scripts.count) if scripts else ""


def whole_name(first: str, last: str) -> str:
    """First and last name as one; in Japanese and Chinese letters the last name comes first."""
    is_eastern = has_kanji(last) or has_kanji(first) or has_kana(last)
    return " ".join(part for part in ((last, first) if is_eastern else (first, last)) if part)


def _last_parenthesis(name: str) -> tuple[str, str] | None:
    """What stands before the last balanced parenthesis at the end, and what stands in it."""
    pairs = {")": "(", "）": "（"}
    name = name.rstrip()
    opening = pairs.get(name[-1:])
    if opening is None:
        return None
    closing, depth = name[-1], 0
    for position in range(len(name) - 1, -1, -1):
        if name[position] == closing:
            depth += 1
        elif name[position] == opening:
            depth -= 1
            if depth == 0:
                return name[:position].rstrip(), name[position + 1 : -1].strip()
    return None


def _nature(name: str) -> list[str]:
    """Whether the name is that of a device, a telephone, a program or of nobody."""
    plain = unicodedata.normalize("NFKC", name).strip()
    if _DIAL_IN.fullmatch(plain) and re.search(r"\d|user", plain.lower()):
        return ["dial_in"]
    if _BOT.search(plain):
        return ["bot"]
    if _DEVICE_ALONE.fullmatch(plain):
        return ["device"]
    return ["anonymous"] if _ANONYMOUS.fullmatch(plain) else []
