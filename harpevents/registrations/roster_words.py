"""What the columns and cells of a list of people may be called in three languages."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from harpevents.core import i18n
from harpevents.core.tables.reading import folded
from harpevents.institutions.models import InstitutionKind
from harpevents.registrations import words
from harpevents.registrations.models import AttendanceMode, Category, RegistrationState

HEADERS: dict[str, tuple[str, ...]] = {
    "family": (
        "family name", "last name", "surname", "family native", "姓", "氏", "苗字", "фамилия",
    ),
    "given": ("given name", "first name", "given native", "名", "имя"),
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
    ),
    "latin_name": (
        "name latin", "name in latin letters", "氏名（英字）", "氏名（ローマ字）", "фио латиницей",
        "имя и фамилия латиницей",
    ),
    "kana_name": ("name kana", "氏名（カナ）", "氏名（かな）", "フリガナ", "ふりがな"),
    "email": (
        "e-mail", "mail", "email address", "e-mail address", "メール", "メールアドレス",
        "電子メール", "эл. почта", "электронная почта", "почта", "адрес электронной почты",
    ),
    "country": ("国", "国名", "国・地域", "страна"),
    "institution": (
        "affiliation", "affiliation native", "organisation", "organization", "university",
        "所属", "所属機関", "大学", "機関名", "организация", "университет", "вуз", "место работы",
    ),
    "institution_en": ("affiliation en", "institution en", "affiliation (english)", "所属（英語）"),
    "ror_id": ("ror",),
    "kind": (
        "institution kind", "kind of organisation", "kind of institution", "機関種別",
        "所属種別", "тип организации", "вид организации",
    ),
    "category": ("role", "participant category", "区分", "参加区分", "категория"),
    "position": ("position native", "title", "job title", "役職", "職名", "職位", "должность"),
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
LANGUAGES = {
    "ja": ("jp", "japanese", "日本語", "японский"),
    "en": ("english", "英語", "английский"),
    "ru": ("russian", "русский", "ロシア語"),
}
MORE_COUNTRIES = {
    "russia": "RU", "russian federation": "RU", "рф": "RU", "российская федерация": "RU",
    "ロシア連邦": "RU", "usa": "US", "united states of america": "US", "сша": "US",
    "uk": "GB", "england": "GB", "great britain": "GB", "韓国": "KR", "south korea": "KR",
    "korea": "KR", "республика корея": "KR", "prc": "CN", "кнр": "CN", "日本国": "JP",
}  # fmt: skip


def _spoken(choices: dict[Any, Any], more: dict[str, Any]) -> dict[str, Any]:
    """{folded word: value} of codes and of their names in every language."""
    meanings = {folded(word): value for word, value in more.items()}
    for value, label in choices.items():
        meanings[folded(value.value)] = value
        for language in ("en", "ja", "ru"):
            with i18n.speaking(language):
                meanings.setdefault(folded(str(label)), value)
    return meanings


@lru_cache(maxsize=1)
def kinds() -> dict[str, InstitutionKind]:
    return _spoken(words.INSTITUTION_KINDS, MORE_KINDS)


@lru_cache(maxsize=1)
def categories() -> dict[str, Category]:
    return _spoken(words.CATEGORIES, MORE_CATEGORIES)


@lru_cache(maxsize=1)
def modes() -> dict[str, AttendanceMode]:
    return _spoken(words.MODES, MORE_MODES)


@lru_cache(maxsize=1)
def states() -> dict[str, RegistrationState]:
    return _spoken(words.STATES, {})


@lru_cache(maxsize=1)
def languages() -> dict[str, str]:
    return {folded(word): code for code, names in LANGUAGES.items() for word in (code, *names)}


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """{folded name or code: ISO 3166-1 alpha-2} in three languages."""
    meanings: dict[str, str] = {}
    for language in ("en", "ja", "ru"):
        for code, name in i18n.country_choices(language):
            meanings.setdefault(folded(name), code)
            meanings[folded(code)] = code
    return meanings | {folded(word): code for word, code in MORE_COUNTRIES.items()}
