"""Languages: which one a request speaks, and how it writes dates, numbers and texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import babel.dates
import babel.lists
import babel.numbers
from babel import Locale
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale
from flask_login import current_user

from harpevents.core.languages import FALLBACK, LANGUAGES, Language
from harpevents.core.types import in_language

TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
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
    """The language of what is being written now, as a code of `core.languages`."""
    locale = get_locale()
    return locale.language if locale is not None else FALLBACK


def spoken(language: str = "", country: str = "") -> str:
    """A language of this installation: `language`, else that of the country, else the usual one."""
    known = languages()
    if language in known:
        return language
    theirs = (code for code in known if country in LANGUAGES[code].countries)
    return next(theirs, FALLBACK if FALLBACK in known else known[0])


def native_names() -> dict[str, str]:
    """{code: name as its readers write it} of the languages of this installation."""
    return {code: LANGUAGES[code].name for code in languages()}


def native_name(language: str) -> str:
    """The language in its own words, whether this installation speaks it or not."""
    known = LANGUAGES.get(language)
    return known.name if known is not None else language


def language_name(code: str) -> str:
    """What the language `code` is called in the current language."""
    return str(Locale.parse(code).get_display_name(current_language()))


def language_names() -> str:
    """The languages of this installation as a list within a sentence of the current language."""
    named = [language_name(code) for code in languages()]
    return str(babel.lists.format_list(named, locale=current_language()))


def asks(part: str, country: str | None = None) -> bool:
    """Whether readers of the current language, or people of the country, have such a name part."""
    readers = [current_language(), *languages()]
    return any(
        part in LANGUAGES[code].asks and (place == 0 or country in LANGUAGES[code].countries)
        for place, code in enumerate(readers)
    )


def is_written_in(language: str, text: str) -> bool:
    """Whether the letters are those that readers of `language` read."""
    letters = LANGUAGES[language].letters
    return bool(re.search(letters, text)) if letters else text.isascii()


def writing(language: str | None = None) -> Language:
    """How the current (or given) language is written."""
    return LANGUAGES[language or current_language()]


def preferred_language() -> str:
    """The reader's language where the address does not say: cookie, then Accept-Language."""
    known = languages()
    if (cookie := request.cookies.get(LANGUAGE_COOKIE, "")) in known:
        return cookie
    for tag, quality in request.accept_languages:  # the most wanted first
        if quality > 0 and (language := tag.split("-")[0].lower()) in known:
            return language
    return spoken()


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
        return spoken(current_user.language)
    return preferred_language()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write in `language` inside the block: for mails, jobs and commands."""
    with force_locale(spoken(language)):
        yield


def in_each(text: object) -> dict[str, str]:
    """{language: text} of a lazy text, in every language of this installation."""
    said = {}
    for code in languages():
        with force_locale(code):
            said[code] = str(text)
    return said


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
    known = map(str, Locale.parse(FALLBACK).territories)
    return frozenset(code for code in known if len(code) == 2 and code.isalpha()) - NOT_COUNTRIES


def show_date(day: date, form: str = "long", language: str | None = None) -> str:
    """2020-09-25 as 2020年9月25日, 25 September 2020, 25 сентября 2020 г."""
    language = language or current_language()
    return babel.dates.format_date(day, LANGUAGES[language].dates.get(form, form), locale=language)


def show_days(first: date, last: date, language: str | None = None) -> str:
    """From a day to a day: 18–20 May 2018, 2018年5月18日～20日, 18–20 мая 2018 г."""
    if first == last:
        return show_date(first, "long", language)
    locale = writing(language).spans or language or current_language()
    return babel.dates.format_interval(first, last, "yMMMMd", locale=locale)


def show_months(first: date, last: date, language: str | None = None) -> str:
    """November 2020, 2020年11月, ноябрь 2020 г., or the months of both days."""
    locale = language or current_language()
    if (first.year, first.month) == (last.year, last.month):
        return babel.dates.format_skeleton("yMMMM", first, locale=locale)
    return babel.dates.format_interval(first, last, "yMMMM", locale=locale)


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
    city = LANGUAGES[language].cities.get(zone) or babel.dates.get_timezone_location(
        zone, locale=language, return_city=True
    )
    minutes = int((there.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    offset = f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}"
    return LANGUAGES[language].zone.format(city=city, offset=offset)


def show_span(starts: str, ends: str, language: str | None = None) -> str:
    """From `starts` until `ends`, both already written: "10:00 – 13:00", 10:00～13:00."""
    return f"{starts}{writing(language).span}{ends}"


def show_number(number: int, language: str | None = None) -> str:
    """A count with the thousands apart as the language does it: 1,120 or 1 120."""
    return babel.numbers.format_decimal(number, locale=language or current_language())


def noted(text: str, note: str, language: str | None = None) -> str:
    """A name with a note in the brackets of the language."""
    before, after = writing(language).brackets
    return f"{text}{before}{note}{after}"


def listed(texts: Iterable[str], language: str | None = None) -> str:
    """Several names one after another, with the comma of the language."""
    return writing(language).comma.join(texts)
