"""Events as calendar files (RFC 5545): stable UID, rising SEQUENCE, zones with their rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, vUri
from icalendar import Event as Entry

from harpevents.core import i18n
from harpevents.core.types import in_language
from harpevents.events.dates import first_and_last
from harpevents.events.models import Event, EventStatus, Precision

PRODUCT = "-//harpevents//events//"
TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class CalendarItem:
    """An event with the address of its page and its hosts' names in the file's language."""

    event: Event
    url: str
    hosts: Sequence[str] = ()


def to_calendar(dated: Iterable[CalendarItem], language: str, *, name: str = "") -> str:
    """The events as one calendar in `language`; lines folded at 75 octets, CRLF."""
    calendar = Calendar()
    calendar.add("prodid", f"{PRODUCT}{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
    for one in dated:
        calendar.add_component(_entry(one, language))
    calendar.add_missing_timezones()
    return str(calendar.to_ical().decode("utf-8"))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _entry(dated: CalendarItem, language: str) -> Entry:
    event, zone = dated.event, _zone(dated.event.zone)
    entry = Entry()
    entry.add("uid", f"{event.slug}@{urlsplit(dated.url).hostname or 'localhost'}")
    entry.add("sequence", sequence(event))
    entry.add("dtstamp", event.updated_at)
    entry.add("created", event.created_at)
    entry.add("last-modified", event.updated_at)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    if event.precision is Precision.MINUTE:
        entry.add("dtstart", starts)
        entry.add("dtend", ends)
    else:
        first, last = first_and_last(event)
        entry.add("dtstart", first)
        entry.add("dtend", last + timedelta(days=1))
    entry.add("summary", in_language(event.title, language))
    if text := _description(dated, language):
        entry.add("description", text)
    if venue := in_language(event.venue, language):
        entry.add("location", venue)
    entry.add("url", vUri(dated.url))
    cancelled = event.status is EventStatus.CANCELLED
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    entry.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    return entry


def sequence(event: Event) -> int:
    """Rises with each change of the event itself, and not with each registration."""
    return max(0, int((event.updated_at - event.created_at).total_seconds()))


def _description(dated: CalendarItem, language: str) -> str:
    lines = [in_language(dated.event.summary, language), " · ".join(dated.hosts), dated.url]
    return "\n\n".join(line for line in lines if line)


def leaf(event: Event) -> tuple[str, str, str]:
    """Month, day and year of the event's beginning as they stand on a calendar leaf."""
    month_only = event.precision is Precision.MONTH
    return i18n.calendar_leaf(event.starts_at, event.zone, month_only=month_only)
