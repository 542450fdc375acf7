"""The only place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from flask import current_app
from flask_babel import lazy_gettext as _l

from harpevents.core.errors import RuleBroken


class NoSuchTime(RuleBroken):
    """A time of day over which the clock is put forward in spring."""

    message = _l("There is no such time on this day: the clock is put forward over it.")
    status = 422


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


def instant(local: datetime, zone: str, *, field: str | None = None) -> datetime:
    """The instant, in UTC, of what a clock of the zone shows; the first where it does so twice.

    Raises `NoSuchTime`, about this field of a form, where no clock there ever shows it.
    """
    there = local.replace(tzinfo=ZoneInfo(zone))
    moment = there.astimezone(UTC)
    if moment.astimezone(there.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchTime(field=field)
    return moment


def fiscal_year(day: date) -> int:
    """The Japanese fiscal year (年度) of a day: April to March, named by the year it begins in."""
    return day.year if day.month >= 4 else day.year - 1
