"""Cleaning what registers of universities contain: stress marks, capitals, punycode, statutes."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit, urlunsplit

STRESS = "\u0301"
_CYRILLIC = re.compile("[\u0400-\u052f]")
_QUOTED = re.compile(r"^[«\"“„](.+)[»\"”“]$")
# "Federal state budgetary educational institution of higher education": the legal form, which
# every state university bears and nobody says.
_STATUTORY_RU = re.compile(
    r"^(?:(?:федеральное|государственное|бюджетное|автономное|казенное|казённое|частное|"
    r"негосударственное|муниципальное|образовательное|научное|учреждение|организация|"
    r"некоммерческая|автономная|образовательная)\s+){2,}"
    r"(?:(?:высшего|профессионального|среднего|дополнительного)\s+)*(?:образования\s+)?",
    re.IGNORECASE,
)
_STATUTORY_EN = re.compile(
    r"^(?:the\s+)?federal\s+state\s+(?:budget(?:ary)?|autonomous|fiscal)\s+"
    r"(?:educational|scientific)\s+institut\w+\s+(?:of\s+higher\s+(?:professional\s+)?"
    r"education\s+)?",
    re.IGNORECASE,
)
_STATUTORY_JA = re.compile("^(?:国立大学法人|公立大学法人|学校法人|独立行政法人|国立研究開発法人)")
_PROPER_RU = {
    "российской федерации": "Российской Федерации",
    "российская федерация": "Российская Федерация",
    "россии": "России",
    "россия": "Россия",
    "министерства": "Министерства",
    "президенте": "Президенте",
    "правительстве": "Правительстве",
    "москвы": "Москвы",
    "московск": "Московск",
    "санкт-петербург": "Санкт-Петербург",
    "петра великого": "Петра Великого",
}
_INITIALS = re.compile(r"\b(имени|им\.)((?:\s+[а-яё]\.)+)\s*([а-яё]+)")


def clean_name(text: str) -> str:
    """One line in NFC, without stress marks; a Russian name shouted in capitals is lowered.

    The acute is taken off Cyrillic letters only: it marks stress for learners and is not spelling.
    """
    text = unicodedata.normalize("NFC", _without_stress(text))
    text = " ".join(text.replace("&quot;", '"').replace("&amp;", "&").split())
    if _is_shouted(text):
        text = _lowered(text)
    return text


def _without_stress(text: str) -> str:
    left: list[str] = []
    for character in unicodedata.normalize("NFD", text):
        if character == STRESS and left and _is_on_cyrillic(left):
            continue
        left.append(character)
    return "".join(left)


def _is_on_cyrillic(before: list[str]) -> bool:
    base = next((sign for sign in reversed(before) if not unicodedata.combining(sign)), "")
    return bool(_CYRILLIC.match(base))


def _is_shouted(text: str) -> bool:
    """Several Cyrillic words without one small letter; an abbreviation alone (МГУ) stays."""
    letters = [sign for sign in text if sign.isalpha()]
    return (
        " " in text and len(letters) > 12 and text == text.upper() and bool(_CYRILLIC.search(text))
    )


def _lowered(text: str) -> str:
    lowered = text.lower()
    for small, right in _PROPER_RU.items():
        lowered = re.sub(rf"(?<!\w){small}", right, lowered)
    lowered = _INITIALS.sub(
        lambda found: f"{found[1]}{found[2].upper()} {found[3].capitalize()}", lowered
    )
    return _capital(lowered)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def without_statute(text: str) -> str:
    """The name people use: without the legal form in front, and out of its quotation marks.

    "ФГБОУ ВО «…»" in full becomes what stands behind it; a name that is nothing else stays.
    """
    for pattern in (_STATUTORY_RU, _STATUTORY_EN, _STATUTORY_JA):
        if found := pattern.match(text):
            rest = text[found.end() :].strip()
            if quoted := _QUOTED.match(rest):
                rest = quoted[1].strip()
            return _capital(_small_words(rest)) if rest else text
    return text


def _small_words(text: str) -> str:
    """Title Case of every word, as a form writes it, is lowered behind the first word."""
    words = text.split()
    if not _CYRILLIC.search(text) or len(words) < 3:
        return text
    plain = [word for word in words if word.isalpha()]
    if sum(1 for word in plain if word[0].isupper()) < len(plain) - 1:
        return text
    lowered = [word.lower() if word.isalpha() else word for word in words]
    for place, word in enumerate(lowered):
        if place and re.fullmatch(r"(?:[А-ЯЁ]\.)+|[А-ЯЁ]\.", lowered[place - 1]):
            lowered[place] = _capital(word)
        if word == "Им.":
            lowered[place] = "им."
    return " ".join(lowered)


def clean_domain(text: str) -> str:
    """A host name in the letters people read: punycode decoded, lower case, no www."""
    host = text.strip().lower().rstrip(".").removeprefix("www.")
    return ".".join(_label(part) for part in host.split("."))


def _label(part: str) -> str:
    if not part.startswith("xn--"):
        return part
    try:
        return part[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return part


def clean_website(text: str) -> str:
    """An http(s) address with its host decoded; "" for whatever is none."""
    parts = urlsplit(text.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    host = ".".join(_label(part) for part in parts.hostname.lower().split("."))
    return urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))
