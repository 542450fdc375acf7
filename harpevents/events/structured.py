"""An event as schema.org describes one, for search engines and messengers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from harpevents.core.types import in_language
from harpevents.events.dates import first_and_last
from harpevents.events.models import Event, EventStatus, Mode, Precision

SCHEMA = "https://schema.org"
MODES = {
    Mode.IN_PERSON: "OfflineEventAttendanceMode",
    Mode.ONLINE: "OnlineEventAttendanceMode",
    Mode.HYBRID: "MixedEventAttendanceMode",
}


def facts(event: Event, url: str, language: str, hosts: Sequence[str]) -> dict[str, Any]:
    """What the event's page says, as JSON-LD; the link to join is nobody's but the registered."""
    cancelled = event.status is EventStatus.CANCELLED
    starts, ends = _span(event)
    found = {
        "@context": SCHEMA,
        "@type": "Event",
        "name": in_language(event.title, language),
        "description": in_language(event.summary, language),
        "url": url,
        "inLanguage": language,
        "startDate": starts,
        "endDate": ends,
        "eventStatus": f"{SCHEMA}/{'EventCancelled' if cancelled else 'EventScheduled'}",
        "eventAttendanceMode": f"{SCHEMA}/{MODES[event.mode]}",
        "location": _places(event, url, language),
        "organizer": [{"@type": "Organization", "name": host} for host in hosts],
    }
    return {name: value for name, value in found.items() if value}


def _span(event: Event) -> tuple[str, str]:
    """Beginning and end as exactly as they are known: an instant, a day or a month."""
    zone = ZoneInfo(event.zone)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    if event.precision is Precision.MINUTE:
        return starts.isoformat(), ends.isoformat()
    first, last = first_and_last(event)
    if event.precision is Precision.DAY:
        return first.isoformat(), last.isoformat()
    return f"{first:%Y-%m}", f"{last:%Y-%m}"


def _places(event: Event, url: str, language: str) -> list[dict[str, str]]:
    """The room where there is one, and where people meet online the event's own page."""
    places = []
    if event.mode is not Mode.ONLINE and (venue := in_language(event.venue, language)):
        places.append({"@type": "Place", "name": venue, "address": venue})
    if event.mode is not Mode.IN_PERSON:
        places.append({"@type": "VirtualLocation", "url": url})
    return places
