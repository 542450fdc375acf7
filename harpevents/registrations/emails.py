"""The mails about a registration: each in the person's language, with its link and ticket."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from harpevents.core import i18n, mail_text
from harpevents.core.languages import LANGUAGES
from harpevents.core.types import in_language
from harpevents.core.web import external_url
from harpevents.events import calendar
from harpevents.events.dates import days
from harpevents.events.models import Event, Precision
from harpevents.outbox import services as outbox
from harpevents.outbox.services import Letter
from harpevents.registrations import queries
from harpevents.registrations.models import AttendanceMode, Registration, RegistrationState

ICS_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
SPACE = 256


@dataclass(frozen=True)
class _Place:
    """What the mails of one event share in one language; kept until the event is changed."""

    title: str
    when: str
    venue: str
    url: str
    ics: str


_kept: dict[tuple[Any, ...], _Place] = {}


def _place(event: Event, language: str) -> _Place:
    key = (event.id, event.revision, event.updated_at, language)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= SPACE:
            _kept.clear()
        found = _kept[key] = _written(event, language)
    return found


def _written(event: Event, language: str) -> _Place:
    url = external_url("registrations.event", lang=language, slug=event.slug)
    return _Place(
        title=in_language(event.title, language),
        when=when(event, language),
        venue=in_language(event.venue, language),
        url=url,
        ics=calendar.to_calendar([calendar.CalendarItem(event, url)], language),
    )


def when(event: Event, language: str) -> str:
    """The event's time in words: in its own zone, to the minute or as well as it is known."""
    if event.precision is not Precision.MINUTE:
        return days(event, language)
    starts = i18n.show_moment(event.starts_at, event.zone, "long", language)
    ends_same_day = i18n.show_moment(event.starts_at, event.zone, "date", language) == (
        i18n.show_moment(event.ends_at, event.zone, "date", language)
    )
    form = "time" if ends_same_day else "long"
    ends = i18n.show_moment(event.ends_at, event.zone, form, language)
    zone = i18n.zone_label(event.zone, event.starts_at, language)
    return f"{i18n.show_span(starts, ends, language)}{LANGUAGES[language].before_zone}{zone}"


@lru_cache(maxsize=1)
def _kinds() -> dict[RegistrationState, str]:
    return {
        RegistrationState.CONFIRMED: "confirmed",
        RegistrationState.PENDING: "pending",
        RegistrationState.WAITLISTED: "waitlisted",
    }


def received(registration: Registration) -> None:
    """Thank for a new registration and say how it stands."""
    send(_kinds()[registration.state], registration)


# Where what is the person's own goes: the rest of a mail is the same for everybody at the event.
_MARKS = {name: f"\ue000{name}\ue001" for name in ("name", "link", "code")}
_MARK = re.compile("\ue000(name|link|code)\ue001")


@lru_cache(maxsize=SPACE)
def _usual(template: str, language: str, place: _Place, join_url: str) -> tuple[str, str]:
    """Subject and text of a mail with its marks, written once for a rush of registrations."""
    return mail_text.write(template, language, place=place, join_url=join_url, **_MARKS)


def _text(
    kind: str,
    registration: Registration,
    event: Event,
    place: _Place,
    name: str,
    values: dict[str, Any],
) -> tuple[str, str]:
    """Subject and text of a mail to the person."""
    language = i18n.spoken(registration.language, registration.country)
    confirmed = registration.state is RegistrationState.CONFIRMED
    join_url = event.join_url if confirmed and registration.mode is AttendanceMode.ONLINE else ""
    template = f"registrations/mail/{kind}.txt"
    subject, text = (
        mail_text.write(template, language, place=place, join_url=join_url, **_MARKS, **values)
        if values
        else _usual(template, language, place, join_url)
    )
    own = {
        "name": name,
        "link": queries.manage_placeholder(registration, language),
        "code": queries.ticket_code(registration),
    }
    return subject, _MARK.sub(lambda mark: own[mark[1]], text)


def send(
    kind: str,
    registration: Registration,
    *,
    to: str | None = None,
    about: Event | None = None,
    **values: Any,
) -> None:
    """Put the mail `registrations/mail/<kind>.txt` into the outbox, in the open transaction.

    It speaks of the registration's event, or of `about`, a part of it; `to` is another address.
    """
    event = about or registration.event
    language = i18n.spoken(registration.language, registration.country)
    place = _place(event, language)
    name = queries.display_name(registration, language)
    subject, text = _text(kind, registration, event, place, name, values)
    letter = Letter(
        kind=f"registration.{kind}",
        to_address=to or registration.email,
        to_name=name,
        language=language,
        subject=subject,
        text=text,
        event_id=registration.event_id,
        attachments=_attachments(kind, registration, place),
    )
    outbox.enqueue(letter, registration)


def _attachments(kind: str, registration: Registration, place: _Place) -> dict[str, Any]:
    if kind in {"declined", "cancelled", "moved"}:
        return {}
    files: dict[str, Any] = {"event.ics": {"text": place.ics, "type": ICS_TYPE}}
    if registration.state is RegistrationState.CONFIRMED and kind != "called_off":
        files["ticket.png"] = {"qr": queries.ticket_placeholder(registration)}
    return files
