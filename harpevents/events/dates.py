"""When an event is held, in words: as exactly as it is known, and with its last day."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from harpevents.core import i18n
from harpevents.events.models import Event, Precision


def first_and_last(event: Event) -> tuple[date, date]:
    """Its first and its last day, where it is held; midnight belongs to the day before."""
    zone = ZoneInfo(event.zone)
    last = event.ends_at.astimezone(zone) - timedelta(microseconds=1)
    return event.starts_at.astimezone(zone).date(), last.date()


def has_days(event: Event) -> bool:
    """Whether it is held on more than one day."""
    first, last = first_and_last(event)
    return event.precision is not Precision.MONTH and first != last


def days(event: Event, language: str | None = None) -> str:
    """The day, the days or the month: 18–20 May 2018, 2018年5月18日～20日, ноябрь 2020 г."""
    first, last = first_and_last(event)
    if event.precision is Precision.MONTH:
        return i18n.show_months(first, last, language)
    return i18n.show_days(first, last, language)
