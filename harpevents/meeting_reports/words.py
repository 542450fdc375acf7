"""What the words in reports mean, in whatever language the meeting program spoke.

Two steps: the phrases of `headers.toml`, compared by `folded`; then stems for wordings nobody has
seen yet. A header needs at least one phrase of the first kind, so that a row of data is not taken
for one.
"""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from harpevents.core.tables.reading import folded


class Meaning(StrEnum):
    """What a column or a labelled value of a report is about."""

    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    UPN = "upn"
    JOIN = "join"
    LEAVE = "leave"
    FIRST_JOIN = "first_join"
    LAST_LEAVE = "last_leave"
    DURATION = "duration"
    ACTION = "action"
    TIMESTAMP = "timestamp"
    ROLE = "role"
    GUEST = "guest"
    WAITING = "waiting"
    CONSENT = "consent"
    ATTENDED = "attended"
    STATUS = "status"
    COUNTRY = "country"
    ORGANISATION = "organisation"
    TOPIC = "topic"
    MEETING_ID = "meeting_id"
    START = "start"
    END = "end"
    DATE = "date"
    HOST_NAME = "host_name"
    HOST_EMAIL = "host_email"
    OTHER = "other"


HEADERS = Path(__file__).with_name("headers.toml")

# Order decides: what is first and last must be tried before joining and leaving as such.
_STEMS: list[tuple[Meaning, str]] = [
    (Meaning.OTHER, r"^(#|no$)|numberof|average|consent|同意|согласие|ticketname|方法"),
    (Meaning.WAITING, r"wait.*room|待機室|залеожид|салеожид|saladeespera|salled?attente|warteraum"),
    (Meaning.UPN, r"upn"),
    (Meaning.HOST_EMAIL, r"(host|organi[sz]er|ホスト).*(mail|メール)"),
    (Meaning.HOST_NAME, r"^(host|organi[sz]er)(name)?$|^ホスト"),
    (Meaning.EMAIL,
     r"e?mail(?!ing)|メール|почт(?!.*код)|correo|courriel|sahkoposti|邮箱|邮件|이메일"),
    (Meaning.FIRST_JOIN,
     r"(first|初|最初|^перв|^prim|^ensim|^premi|^erst|^eerst)"
     r".*(join|参加|入室|вход|подкл|присоед|entr|ingr|liitt|partic|conn|arriv|beitr|teiln|uni|acces|deeln|toetr)"),
    (Meaning.LAST_LEAVE,
     r"(last|最終|最後|^послед|^ultim|^viime|^derni|^letzt|^laatst).*(leave|left|exit|退出|退室|выход|"
     r"откл|said|salid|sort|depart|verla|austr|uscit|poist|vertr)"),
    (Meaning.DURATION,
     r"duration|durection|所要|会議の長|продолжит|длительн|durac|duree|dauer$|durata|^kesto|^duur|"
     r"timein|セッション|分$|滞在"),
    (Meaning.LEAVE, r"leavetime|exit|退出|退室|выход|отключ|saida|salida|sortie|depart|austritt|"
     r"verlass|uscita|poistu|vertrek"),
    (Meaning.JOIN, r"jointime|joined|参加時|参加日|入室|входа|подключ|присоед|entrada|arrivee|"
     r"beitritt|ingresso|liitty|deelname"),
    (Meaning.COUNTRY, r"country|国地域|страна|pays|land$"),
    (Meaning.ORGANISATION, r"organi[sz]ation|company|affiliat|institut|所属|勤務先|организаци|"
     r"местоработы|компани|universit"),
    (Meaning.FIRST_NAME, r"first.*name|given.*name"),
    (Meaning.LAST_NAME, r"last.*name|sur.*name|family.*name|фамилия"),
    (Meaning.NAME, r"original|元の名|настоящееимя|исходноеимя|"
     r"^(full|display|participant|attendee|user).*name|氏名|^имя|^nom|^naam|^nimi"),
]  # fmt: skip

_ORIGINAL = re.compile("origin|元の名|настоящ|исходн|oorspr|alkuper|原始|원래")
_DATA = re.compile(r"@|\d{3}|\d[:/.]\d")
_AFFIRMATIVE = """
    yes y true 1 x ✓ ✔ ○ 〇 ◯ はい 済 済み 有 да д + oui si sí sim ja kyllä 是 예 attended present
    checkedin 出席 参加 参加済み 出席済み 来場 присутствовал присутствовала был была"""
_NEGATIVE = """
    no n false 0 - -- いいえ 未 無 нет non não nao nein ei nee 否 absent 欠席 × ✗ notattending
    отсутствовал отсутствовала"""


@cache
def _phrases() -> dict[str, Meaning]:
    known = tomllib.loads(HEADERS.read_text(encoding="utf-8"))
    return {
        folded(phrase): Meaning(meaning) for meaning, phrases in known.items() for phrase in phrases
    }


@lru_cache(maxsize=4096)
def phrase_meaning(cell: str) -> Meaning | None:
    """The meaning of a header or label that is known word for word."""
    return _phrases().get(folded(cell)) if len(cell) <= 80 else None


@lru_cache(maxsize=4096)
def meaning(cell: str) -> Meaning | None:
    """The meaning of a header or label: word for word, else by its stems."""
    if found := phrase_meaning(cell):
        return found
    if not 0 < len(cell) <= 80 or _DATA.search(cell):
        return None
    word = folded(cell)
    return next((meaning for meaning, stems in _STEMS if re.search(stems, word)), None)


def is_original_name(cell: str) -> bool:
    """Whether a header promises original names in parentheses, as Zoom's do."""
    return bool(_ORIGINAL.search(folded(cell)))


def is_head_count(cell: str) -> bool:
    """Words that head a column of people, or stand for their number beside a meeting."""
    return folded(cell) in {"参加者", "出席者", "participant", "attendee", "участник", "참가자"}


def counts_minutes(cell: str) -> bool:
    """Whether the header of a length says that its numbers are minutes."""
    return bool(re.search(r"[(（]\s*(min|мин|分|분)", cell.lower()))


def looks_like_data(cell: str) -> bool:
    """Addresses, times and long numbers never stand in a header."""
    return bool(_DATA.search(cell))


def is_affirmative(cell: str) -> bool:
    return _answer(cell) in _answers(_AFFIRMATIVE)


def is_negative(cell: str) -> bool:
    return _answer(cell) in _answers(_NEGATIVE)


_CAME = re.compile(
    r"(出席|参加済|入場済|来場済|チェックイン済|checked[ -]?in|attended|present"
    r"|пришл|приш[её]л|явил|присутств)",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"(欠席|不参加|不在|未入場|未参加|未出席|未来場|未チェックイン"
    r"|not[ -](attend|checked|present)|did ?n.t"
    r"|no[- ]?show|absent|не (при|яв|был)|отсутств|неявка)",
    re.IGNORECASE,
)


def says_came(state: str) -> bool:
    """Whether the word another system has for a person's state says that she came: 入場済み."""
    return bool(_CAME.match(state.strip()))


def says_absent(state: str) -> bool:
    """Whether it says that she did not: 未入場."""
    return bool(_ABSENT.match(state.strip()))


@cache
def _answers(words: str) -> frozenset[str]:
    return frozenset(_answer(word) for word in words.split())


def _answer(cell: str) -> str:
    return folded(cell) or cell.strip()
