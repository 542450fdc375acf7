"""The mails about a registration: each in the person's language, with its link and ticket."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from harpevents.core import i18n, mail_text
from harpevents.core.types import in_language
from harpevents.core.web import external_url
from harpevents.events import calendar
from harpevents.events.models import Event, Precision
from harpevents.outbox import services as outbox
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
    key = (event.id, event.slug, event.updated_at, event.status, language)
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
        ics=calendar.to_calendar([calendar.Dated(event, url)], language),
    )


def when(event: Event, language: str) -> str:
    """The event's time in words: in its own zone, to the minute or as well as it is known."""
    if event.precision is not Precision.MINUTE:
        return i18n.show_moment(event.starts_at, event.zone, "date", language)
    starts = i18n.show_moment(event.starts_at, event.zone, "long", language)
    ends_same_day = i18n.show_moment(event.starts_at, event.zone, "date", language) == (
        i18n.show_moment(event.ends_at, event.zone, "date", language)
    )
    form = "time" if ends_same_day else "long"
    ends = i18n.show_moment(event.ends_at, event.zone, form, language)
    zone = i18n.zone_label(event.zone, event.starts_at, language)
    return f"{i18n.show_span(starts, ends, language)}{' ' if language == 'ja' else ', '}{zone}"


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
    event, language = about or registration.event, registration.language
    place = _place(event, language)
    name = queries.display_name(registration, language)
    confirmed = registration.state is RegistrationState.CONFIRMED
    joins = confirmed and registration.mode is AttendanceMode.ONLINE
    subject, text = mail_text.write(
        f"registrations/mail/{kind}.txt",
        language,
        name=name,
        place=place,
        link=queries.manage_placeholder(registration),
        code=queries.ticket_code(registration),
        number=registration.number,
        join_url=event.join_url if joins else "",
        **values,
    )
    outbox.enqueue(
        kind=f"registration.{kind}",
        to_address=to or registration.email,
        to_name=name,
        language=language,
        subject=subject,
        text=text,
        cause=registration,
        event_id=registration.event_id,
        attachments=_attachments(kind, registration, place),
    )


def _attachments(kind: str, registration: Registration, place: _Place) -> dict[str, Any]:
    if kind in {"declined", "cancelled", "moved"}:
        return {}
    files: dict[str, Any] = {"event.ics": {"text": place.ics, "type": ICS_TYPE}}
    if registration.state is RegistrationState.CONFIRMED and kind != "called_off":
        files["ticket.png"] = {"qr": queries.ticket_placeholder(registration)}
    return files
