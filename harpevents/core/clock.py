"""The only place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from flask import current_app


def now() -> datetime:
    """This instant, aware, in UTC, without fractions of a second below a millisecond."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today() -> date:
    """Today in the association's zone (setting HARPEVENTS_ZONE)."""
    return now().astimezone(association_zone()).date()


def association_zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["SETTINGS"].zone)


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every IANA zone name this machine knows."""
    return frozenset(available_timezones())


def fiscal_year(day: date) -> int:
    """The Japanese fiscal year (年度) of a day: April to March, named by the year it begins in."""
    return day.year if day.month >= 4 else day.year - 1
