"""Taking apart what people write into a name field: name, affiliation, device, second spelling."""

import re
import unicodedata
from typing import NamedTuple

from harpevents.core.names.kanji import has_kana, has_kanji
from harpevents.core.names.keys import without_titles
from harpevents.core.names.scores import POSSIBLE, same_person_score


class ShownName(NamedTuple):
    """What stood in the name field of a meeting or a list, taken apart; empty where absent."""

    name: str
    affiliation: str = ""
    other_name: str = ""  # the name once more, usually in another script


_DEVICE = re.compile(
    r"(?:i-?(?:pad|phone|mac)|mac ?book|android|galaxy|pixel|xperia|aquos|pc|laptop|mobile|phone"
    r"|tablet|スマホ|携帯|パソコン|телефон|планшет|ноутбук|\d+)(?:[\W\d].*)?",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?:co-?)?host|guest|me|unverified|external|presenter|organi[sz]er|attendee|speaker|panelist"
    r"|interpreter|(?:he|she|they)/\w+|ゲスト|ホスト|共同ホスト|主催者|自分|外部|未確認|通訳|司会|講演者|登壇者"
    r"|гость|организатор|соорганизатор|я|внешний|докладчик|переводчик|不在|退席中",
    re.IGNORECASE,
)
_INSTITUTION = re.compile(
    r"大学|大$|学院|学園|学校|高専|研究所|研究院|研究科|研究機構|学部|機構|センター|病院|会社|㈱|\(株\)|株式|法人"
    r"|協会|財団|連盟|委員会|事務局|..[県市庁省局]$|北海道$|東京都$|[市区]役所|[町村]役場|大使館|領事館|銀行|新聞|通訳"
    r"|\buni(?:v|versit|\b)|institut|\bcollege|\bschool|academ|facult|departm|\blab|cent(?:er|re)\b"
    r"|\binc\b|\bltd|\bllc|\bcorp|\bco\.|company|ministry|embassy|consulate|council|agency|museum"
    r"|bank\b|secretariat|универс|институт|академи|колледж|школа|центр|факультет|кафедра|завод"
    r"|министерств|компани|\bооо\b|\bоао\b|\bпао\b|\bао\b|посольств|консульств|комитет|секретариат"
    r"|dai$|daigaku|\btech\b",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"\s*(?:[А-ЯЁ]{1,4}[а-я]{0,2}[А-ЯЁ]{1,4}|[A-Z]{3,6})\s*")
_OPENING, _CLOSING = "(\\[［（【〔<＜「『", ")\\]］）】〕>＞」』"
_STRONG_INSTITUTION = re.compile("大学|研究所|研究院|会社|法人|協会|事務局|センター|高専")
_CYRILLIC_ACRONYM = re.compile("[А-ЯЁ][А-Яа-яё]{0,4}[ГФПТМ]У")
_BRACKETS = re.compile(rf"\s*[{_OPENING}]([^{_OPENING}{_CLOSING}]*)[{_CLOSING}]\s*")
_PARTING = re.compile(
    r"\s*[/／|｜@＠_＿:：;；,，、]\s*|(?<=大)・|(?<=学)・|\s+[-–—―~〜]+\s+|(?<=[^\x00-\x7f])[\-–—](?=[^\x00-\x7f])"
)
_COMPANY = re.compile(r"[(（]株[)）]|㈱")
_OF_A_DEVICE = re.compile(
    r"\s*(?:の|'s|’s|\s)\s*(?:iphone|ipad|galaxy|macbook|pc)\b.*$", re.IGNORECASE
)


def split_remark(shown: str) -> ShownName:
    """Part a shown name from the affiliation, device, role or second spelling beside it.

    "山﨑葵＠神戸学院大学", "北大_佐藤", "髙橋一郎 (iPad)", "Ivan Ivanov (Иванов Иван)". What cannot
    be told apart stays in the name; the name is never left empty when something was written.
    """
    # Zoom writes U+2017 for the underscore in Japan.
    shown = shown.replace("\u2017", "_").replace("\u3000", " ")
    text = _COMPANY.sub("株式会社", " ".join(shown.split()))
    affiliation, other = "", ""
    outside = _BRACKETS.sub(" ", text).strip()
    if outside:
        for remark in filter(None, map(str.strip, _BRACKETS.findall(text))):
            if _DEVICE.fullmatch(remark) or _ROLE.fullmatch(remark):
                continue
            if _may_be_other_name(remark, outside):
                other = other or remark
            else:
                affiliation = affiliation or remark
        text = outside
    name, beside = _part_from_affiliation(_OF_A_DEVICE.sub("", text) or text)
    return ShownName(without_titles(name), affiliation or beside, other)


def _may_be_other_name(remark: str, name: str) -> bool:
    """Whether a remark repeats the name: no institution word, and other letters than the name."""
    if _looks_like_institution(remark):
        return False
    if len(remark.split()) > 4 or any(letter.isdigit() for letter in remark):
        return False
    return _script(remark) != _script(name) or same_person_score([remark], [name]) >= POSSIBLE


def _script(text: str) -> str:
    """The script that most letters are of."""
    counts = dict.fromkeys(("kanji", "kana", "cyrillic", "latin"), 0)
    for letter in unicodedata.normalize("NFKC", text):
        if has_kanji(letter):
            counts["kanji"] += 1
        elif has_kana(letter):
            counts["kana"] += 1
        elif "\u0400" <= letter <= "\u052f":
            counts["cyrillic"] += 1
        elif letter.isalpha():
            counts["latin"] += 1
    return max(counts, key=lambda script: counts[script])


def _looks_like_institution(text: str) -> bool:
    return bool(_INSTITUTION.search(text) or _ACRONYM.fullmatch(text))


def _part_from_affiliation(text: str) -> tuple[str, str]:
    """The name and the affiliation in a text without brackets."""
    parts = [part for part in _PARTING.split(text) if part and not _DEVICE.fullmatch(part)]
    if len(parts) < 2:
        return _part_at_space(parts[0] if parts else text)
    institutions = [part for part in parts if _is_beside_a_name(part, parts)]
    names = [part for part in parts if part not in institutions]
    if institutions and names:
        return names[0], ", ".join(institutions)
    if re.search(r"[@＠/／|｜]", text):
        return parts[0], ", ".join(parts[1:])
    return " ".join(parts), ""  # "Ivanov, Ivan", "Anna_Petrova"


def _is_beside_a_name(part: str, parts: list[str]) -> bool:
    """Whether a part names an institution; SATO in "SATO_Ken" is no acronym of one."""
    if _INSTITUTION.search(part):
        return True
    others = [other for other in parts if other != part]
    return bool(_ACRONYM.fullmatch(part)) and any(
        len(other.split()) > 1 or _script(other) != _script(part) for other in others
    )


def _part_at_space(text: str) -> tuple[str, str]:
    """Part "東京大学 山田太郎" and «МГУ Иванов Иван», where only a space stands between."""
    first, _space, rest = text.partition(" ")
    if rest and (_STRONG_INSTITUTION.search(first) or _CYRILLIC_ACRONYM.fullmatch(first)):
        return rest, first
    rest, _space, last = text.rpartition(" ")
    if rest and (_STRONG_INSTITUTION.search(last) or _CYRILLIC_ACRONYM.fullmatch(last)):
        return rest, last
    return text, ""
