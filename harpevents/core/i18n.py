"""Languages: which one a request speaks, and how it writes dates, numbers and texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import babel.dates
from babel import Locale
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale
from flask_login import current_user

from harpevents.core.types import in_language

TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
NATIVE_NAMES = {"ja": "日本語", "en": "English", "ru": "Русский"}
LANGUAGE_COOKIE = "language"

# Babel's list of territories holds groupings and reserved codes that are no country (ISO 3166-1).
NOT_COUNTRIES = frozenset(
    "AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ".split()  # noqa: SIM905
)
babel_extension = Babel()


def catalogue_names() -> list[str]:
    """The packages that have a catalogue, in the order they are merged."""
    return sorted({path.stem for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.po")})


def init_app(app: Flask) -> None:
    """Merge all packages' catalogues and choose each request's language."""
    names = catalogue_names() or ["core"]
    app.config["BABEL_DOMAIN"] = ";".join(names)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join([str(TRANSLATIONS)] * len(names))
    babel_extension.init_app(app, locale_selector=_select_language)


def languages() -> tuple[str, ...]:
    """The languages this installation speaks, in the order they are shown."""
    chosen: tuple[str, ...] = current_app.config["SETTINGS"].languages
    return chosen


def current_language() -> str:
    """The language of what is being written now: "ja", "en" or "ru"."""
    locale = get_locale()
    return locale.language if locale is not None else "en"


def preferred_language() -> str:
    """The reader's language where the address does not say: cookie, then Accept-Language."""
    known = languages()
    if (cookie := request.cookies.get(LANGUAGE_COOKIE, "")) in known:
        return cookie
    for tag, quality in request.accept_languages:  # the dearest first
        if quality > 0 and (language := tag.split("-")[0].lower()) in known:
            return language
    return "en" if "en" in known else known[0]


def _select_language() -> str | None:
    if not has_request_context():
        return None
    if prefix := g.get("language"):
        return str(prefix)
    first = request.path.split("/", 2)[1]
    if first in languages():
        return first
    if request.cookies.get(LANGUAGE_COOKIE) in languages():
        return preferred_language()  # sign-in sets it to the account's language
    if (
        current_app.config["SESSION_COOKIE_NAME"] in request.cookies
        and current_user.is_authenticated
    ):
        return str(current_user.language)
    return preferred_language()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write in `language` inside the block: for mails, jobs and commands."""
    with force_locale(language):
        yield


def local(texts: Mapping[str, str] | None) -> str:
    """A translated text in the current language, with its fallbacks."""
    return in_language(texts, current_language())


@lru_cache(maxsize=8)
def country_choices(language: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of every country (ISO 3166-1 alpha-2) sorted by name in `language`."""
    territories = Locale.parse(language).territories
    named = [(str(code), str(name)) for code, name in territories.items() if is_country(str(code))]
    return tuple(sorted(named, key=lambda pair: pair[1]))


def country_name(code: str | None, language: str | None = None) -> str:
    """The country's name in the current (or given) language; the code itself when unknown."""
    if not code:
        return ""
    territories = Locale.parse(language or current_language()).territories
    return str(territories.get(code, code))


def is_country(code: str) -> bool:
    """Whether `code` is a country's ISO 3166-1 alpha-2 code."""
    return code in _countries()


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    known = map(str, Locale.parse("en").territories)
    return frozenset(code for code in known if len(code) == 2 and code.isalpha()) - NOT_COUNTRIES


def show_date(day: date, form: str = "long", language: str | None = None) -> str:
    """2020-09-25 as 2020年9月25日, 25 September 2020, 25 сентября 2020 г."""
    language = language or current_language()
    if language == "en":  # day, month, year for readers of every country
        form = "d MMMM y" if form == "long" else "d MMM y"
    return babel.dates.format_date(day, form, locale=language)


def show_time(moment: datetime, zone: str, language: str | None = None) -> str:
    """The time of day in `zone`, HH:mm in every language."""
    return babel.dates.format_time(
        moment.astimezone(ZoneInfo(zone)).time(), "HH:mm", locale=language or current_language()
    )


def show_moment(
    moment: datetime, zone: str, form: str = "long", language: str | None = None
) -> str:
    """An instant in `zone`, as date and time; `form` is long, medium, short, date or time."""
    there = moment.astimezone(ZoneInfo(zone))
    if form == "time":
        return show_time(moment, zone, language)
    if form == "date":
        return show_date(there.date(), "long", language)
    day = show_date(there.date(), "short" if form == "short" else form, language)
    return f"{day} {show_time(moment, zone, language)}"


def calendar_leaf(moment: datetime, zone: str, *, month_only: bool = False) -> tuple[str, str, str]:
    """(above, large, below) of a calendar leaf: month, day, year there, or nothing, month, year."""
    there = moment.astimezone(ZoneInfo(zone)).date()
    month = babel.dates.format_date(there, "LLL", locale=current_language())
    if month_only:
        return "", month, str(there.year)
    return month, str(there.day), str(there.year)


def zone_label(zone: str, moment: datetime, language: str | None = None) -> str:
    """The city of the zone with its offset at `moment`: "Tokyo (UTC+9)", 日本時間（UTC+9）."""
    language = language or current_language()
    there = moment.astimezone(ZoneInfo(zone))
    city = babel.dates.get_timezone_location(zone, locale=language, return_city=True)
    minutes = int((there.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    offset = f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}"
    if language == "ja":  # said as Japanese letters do, with brackets of full width
        return f"{'日本' if zone == 'Asia/Tokyo' else city}時間（{offset}）"
    return f"{city} ({offset})"


def show_span(starts: str, ends: str, language: str | None = None) -> str:
    """From `starts` until `ends`, both already written: "10:00 – 13:00", 10:00～13:00."""
    between = "～" if (language or current_language()) == "ja" else " – "
    return f"{starts}{between}{ends}"


def noted(text: str, note: str, language: str | None = None) -> str:
    """A name with a note in brackets, of full width in Japanese."""
    return f"{text}（{note}）" if (language or current_language()) == "ja" else f"{text} ({note})"


def listed(texts: Iterable[str], language: str | None = None) -> str:
    """Several names one after another, with the comma of the language."""
    return ("、" if (language or current_language()) == "ja" else ", ").join(texts)
