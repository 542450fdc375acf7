"""The association this installation works for, as its settings say it."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from flask import current_app

from config import Association
from harpevents.core import clock, i18n


def _association() -> Association:
    found: Association = current_app.config["SETTINGS"].association
    return found


def name() -> str:
    """Its name in the current language."""
    return i18n.local(_association().name)


def about() -> str:
    """What it is, in the current language; "" where nobody wrote it."""
    return i18n.local(_association().about)


def sides() -> tuple[str, ...]:
    """The countries it lies between, in the order in which reports name them."""
    found: tuple[str, ...] = current_app.config["SETTINGS"].sides
    return found


def event_kinds() -> tuple[str, ...]:
    """The kinds of events the desk offers; none: all that the program knows."""
    return _association().kinds


def country_choices() -> list[tuple[str, str]]:
    """(code, name) of every country in the current language, the sides first."""
    return _sides_first(i18n.current_language(), sides())


@lru_cache(maxsize=8)
def _sides_first(language: str, first: tuple[str, ...]) -> list[tuple[str, str]]:
    named = dict(i18n.country_choices(language))
    order = dict.fromkeys((*(code for code in first if code in named), *named))
    return [(code, named[code]) for code in order]


def zones() -> list[str]:
    """The names of all time zones: the association's own, those of its sides, UTC, the others."""
    return _zones(str(clock.association_zone()), sides())


@lru_cache(maxsize=8)
def _zones(own: str, first: tuple[str, ...]) -> list[str]:
    known = clock.zone_names()
    theirs = [zone for code in first for zone in get_global("territory_zones").get(code, ())]
    near = sorted((zone for zone in theirs if zone in known), key=_hours_from_utc)
    return list(dict.fromkeys((own, *near, "UTC", *sorted(known))))


def _hours_from_utc(zone: str) -> float:
    offset = clock.now().astimezone(ZoneInfo(zone)).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0
