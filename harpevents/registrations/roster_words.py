"""What the columns and cells of a list of people may be called in the languages of the site."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from harpevents.core import i18n
from harpevents.core.languages import LANGUAGES
from harpevents.core.tables.reading import folded
from harpevents.institutions.models import InstitutionKind
from harpevents.registrations import words
from harpevents.registrations.models import AttendanceMode, Category

HEADERS: dict[str, tuple[str, ...]] = {
    "family": (
        "family name", "last name", "surname", "family native", "姓", "氏", "苗字", "фамилия",
        "姓（漢字）", "ご姓", "фамилия участника",
    ),
    "given": (
        "given name", "first name", "given native", "名", "имя", "名（漢字）", "имя участника",

    ),
    "patronymic": ("patronymic native", "middle name", "отчество", "父称"),
    "latin_family": (
        "family latin", "latin family", "family name (latin)", "family name in latin letters",
        "last name (english)", "姓（英字）", "姓（ローマ字）", "姓（英語）", "фамилия латиницей",
        "фамилия (лат.)",
    ),
    "latin_given": (
        "given latin", "latin given", "given name (latin)", "given name in latin letters",
        "first name (english)", "名（英字）", "名（ローマ字）", "名（英語）", "имя латиницей",
        "имя (лат.)",
    ),
    "kana_family": (
        "family kana", "family name in kana", "姓（カナ）", "姓（かな）", "セイ", "せい",
    ),
    "kana_given": ("given kana", "given name in kana", "名（カナ）", "名（かな）", "メイ", "めい"),
    "name": (
        "name native", "full name", "氏名", "名前", "お名前", "фио", "ф.и.о.", "полное имя",
        "ご氏名", "氏名（漢字）", "お名前（漢字）", "ご芳名", "participant", "participant name",
        "your name",
        "фамилия имя отчество", "фио участника",
    ),
    "latin_name": (
        "name latin", "name in latin letters", "氏名（英字）", "氏名（ローマ字）", "фио латиницей",
        "имя и фамилия латиницей",
    ),
    "kana_name": (
        "name kana", "氏名（カナ）", "氏名（かな）", "フリガナ", "ふりがな", "氏名（フリガナ）",
        "お名前（フリガナ）", "お名前（ふりがな）", "氏名（ふりがな）", "ご氏名（フリガナ）",
    ),
    "email": (
        "e-mail", "mail", "email address", "e-mail address", "メール", "メールアドレス",
        "電子メール", "эл. почта", "электронная почта", "почта", "адрес электронной почты",
        "your e-mail address", "your e-mail", "ご連絡先メールアドレス", "eメール",
        "адрес эл. почты", "e-mail участника",
    ),
    "country": (
        "国", "国名", "国・地域", "страна", "country / region", "country or region", "お国",
        "居住国", "国籍・地域", "страна / регион",
    ),
    "institution": (
        "affiliation", "affiliation native", "organisation", "organization", "university",
        "所属", "所属機関", "大学", "機関名", "организация", "университет", "вуз", "место работы",
        "university / institution", "institution / university", "institution name", "所属先",
        "ご所属", "ご所属先", "所属機関名", "大学名", "所属（大学・機関名）",
        "наименование организации",
        "название организации", "место работы или учёбы", "место работы (учёбы)",
        "home institution", "company", "employer",
    ),
    "institution_en": ("affiliation en", "institution en", "affiliation (english)", "所属（英語）"),
    "ror_id": ("ror",),
    "kind": (
        "institution kind", "kind of organisation", "kind of institution", "機関種別",
        "所属種別", "тип организации", "вид организации",
    ),
    "category": (
        "role", "participant category", "participant type", "区分", "参加区分", "категория",
        "категория участника",
    ),
    "position": (
        "position native", "title", "job title", "役職", "職名", "職位", "должность", "お役職",
        "お役職名", "役職名", "должность/звание", "должность, звание", "position / title",
    ),
    "language": ("lang", "language of mails", "言語", "язык"),
    "mode": ("attendance mode", "参加方法", "参加形式", "форма участия", "формат участия"),
    "state": ("status", "状態", "статус", "состояние"),
    "note": ("remark", "remarks", "備考", "примечание", "примечания"),
    "parts": ("部会", "части"),
    "consents": (),
    "consent_contact_sharing": ("consent share contact", "contact sharing"),
    "consent_newsletter": ("consent mailing", "newsletter"),
}  # fmt: skip
YES = frozenset({"yes", "y", "true", "1", "はい", "да", "○", "✓", "x"})
MORE_KINDS = {
    "company": InstitutionKind.COMPANY,
    "企業": InstitutionKind.COMPANY,
    "会社": InstitutionKind.COMPANY,
    "компания": InstitutionKind.COMPANY,
    "предприятие": InstitutionKind.COMPANY,
    "大学": InstitutionKind.UNIVERSITY,
    "вуз": InstitutionKind.UNIVERSITY,
    "government": InstitutionKind.GOVERNMENT,
    "行政": InstitutionKind.GOVERNMENT,
    "自治体": InstitutionKind.GOVERNMENT,
    "政府機関": InstitutionKind.GOVERNMENT,
    "ngo": InstitutionKind.NGO,
    "нко": InstitutionKind.NGO,
}
MORE_CATEGORIES = {
    "教員": Category.FACULTY,
    "преподаватель": Category.FACULTY,
    "professor": Category.FACULTY,
    "職員": Category.STAFF,
    "сотрудник": Category.STAFF,
    "学生": Category.STUDENT,
    "студент": Category.STUDENT,
}
MORE_MODES = {
    "in person": AttendanceMode.ROOM,
    "onsite": AttendanceMode.ROOM,
    "会場": AttendanceMode.ROOM,
    "対面": AttendanceMode.ROOM,
    "очно": AttendanceMode.ROOM,
    "オンライン": AttendanceMode.ONLINE,
    "онлайн": AttendanceMode.ONLINE,
}
MORE_COUNTRIES = {
    "russia": "RU", "russian federation": "RU", "рф": "RU", "российская федерация": "RU",
    "ロシア連邦": "RU", "usa": "US", "united states of america": "US", "сша": "US",
    "uk": "GB", "england": "GB", "great britain": "GB", "韓国": "KR", "south korea": "KR",
    "korea": "KR", "республика корея": "KR", "prc": "CN", "кнр": "CN", "日本国": "JP",
}  # fmt: skip


CHOICES: dict[str, tuple[Mapping[Any, Any], Mapping[str, Any]]] = {
    "kind": (words.INSTITUTION_KINDS, MORE_KINDS),
    "category": (words.CATEGORIES, MORE_CATEGORIES),
    "mode": (words.MODES, MORE_MODES),
    "state": (words.STATES, {}),
}


def meanings(column: str) -> dict[str, Any]:
    """{folded word: value} of what a cell of the column may say in the languages of the site."""
    return _meanings(column, i18n.languages())


def headers() -> dict[str, tuple[str, ...]]:
    """`HEADERS` with what our own files call their columns in the languages of the site."""
    return _headers(i18n.languages())


def ours() -> frozenset[str]:
    """What our own files call columns that nobody needs to read again, folded."""
    return _ours(i18n.languages())


@lru_cache(maxsize=8)
def _ours(languages: tuple[str, ...]) -> frozenset[str]:
    keys = words.COLUMNS.keys() - HEADERS.keys()
    called = {*keys, "No.", "№", "番号", "#"}
    for language in languages:
        with i18n.speaking(language):
            called |= {str(words.COLUMNS[key]) for key in keys}
    return frozenset(map(folded, called))


@lru_cache(maxsize=8)
def _headers(languages: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    called = dict(HEADERS)
    for language in languages:
        with i18n.speaking(language):
            for key in words.COLUMNS.keys() & HEADERS.keys():
                called[key] += (str(words.COLUMNS[key]),)
    return called


@lru_cache(maxsize=32)
def _meanings(column: str, languages: tuple[str, ...]) -> dict[str, Any]:
    if column == "language":
        named = {code: (code, one.name, *one.also_called) for code, one in LANGUAGES.items()}
        return {folded(word): code for code in languages for word in named[code]}
    if column == "country":
        return _countries(languages)
    choices, more = CHOICES[column]
    found = {folded(word): value for word, value in more.items()}
    for value, label in choices.items():
        found[folded(value.value)] = value
        for language in languages:
            with i18n.speaking(language):
                found.setdefault(folded(str(label)), value)
    return found


def _countries(languages: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for language in languages:
        for code, name in i18n.country_choices(language):
            found.setdefault(folded(name), code)
            found[folded(code)] = code
    return found | {folded(word): code for word, code in MORE_COUNTRIES.items()}
