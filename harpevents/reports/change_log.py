"""The change log for readers: entries with their events and registrations, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from harpevents.audit.models import AuditEntry
from harpevents.core import i18n
from harpevents.core.db import db
from harpevents.core.paging import Page, page_of
from harpevents.events.models import Event
from harpevents.registrations import queries as registrations
from harpevents.registrations.models import Registration
from harpevents.reports import words

LONGEST_DETAIL = 160
MOST_DETAILS = 12


@dataclass(frozen=True)
class Asked:
    """What the reader filters by; "" means all. `action` may be a noun alone, `event` is a slug."""

    actor: str = ""
    action: str = ""
    event: str = ""


@dataclass(frozen=True)
class ChangeLine:
    """One entry, with what it is about where that can be named."""

    entry: AuditEntry
    words: str
    event: Event | None
    registration: Registration | None
    about: str
    details: list[tuple[str, str]]


def lines(asked: Asked, page: int) -> tuple[list[ChangeLine], Page[AuditEntry]]:
    """One page, newest first: at most five queries whatever its rows."""
    shown: Page[AuditEntry] = page_of(_query(asked), page)
    events = _by_id(Event, [entry.event_key for entry in shown.items], joinedload(Event.parent))
    people = _by_id(Registration, [_registration_key(entry) for entry in shown.items])
    return [_line(entry, events, people) for entry in shown.items], shown


def _query(asked: Asked) -> Select[AuditEntry]:
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if asked.actor:
        query = query.where(AuditEntry.actor_name.icontains(asked.actor, autoescape=True))
    if "." in asked.action:
        query = query.where(AuditEntry.action == asked.action)
    elif asked.action:
        query = query.where(AuditEntry.action.startswith(f"{asked.action}.", autoescape=True))
    if asked.event:
        event = db.session.scalar(select(Event.id).where(Event.slug == asked.event))
        query = query.where(AuditEntry.event_key == (str(event) if event else ""))
    return query


def actions() -> list[str]:
    """The actions that occur, by noun."""
    return sorted(db.session.scalars(select(AuditEntry.action).distinct()))


def _by_id(
    table: type[Any], keys: Sequence[str | None], *options: ExecutableOption
) -> dict[str, Any]:
    ids = {int(key) for key in keys if key and key.isdigit()}
    if not ids:
        return {}
    query = select(table).where(table.id.in_(ids)).options(*options)
    return {str(row.id): row for row in db.session.scalars(query)}


def _registration_key(entry: AuditEntry) -> str | None:
    if entry.target_table == Registration.__tablename__:
        return entry.target_key
    key = entry.details.get("registration")
    return str(key) if isinstance(key, int) else None


def _line(
    entry: AuditEntry, events: Mapping[str, Event], people: Mapping[str, Registration]
) -> ChangeLine:
    person = people.get(_registration_key(entry) or "")
    language = i18n.current_language()
    return ChangeLine(
        entry,
        str(words.ACTIONS.get(entry.action, entry.action)),
        events.get(entry.event_key or ""),
        person,
        registrations.display_name(person, language) if person is not None else "",
        _details(entry.details),
    )


def _details(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, what it was and became) of each value; long ones are cut."""
    shown = []
    for name, value in details.items():
        if name == "registration" or value in ("", None, [], {}):
            continue
        if isinstance(value, list) and len(value) == 2:
            text = f"{_plain(value[0])} → {_plain(value[1])}"
        else:
            text = _plain(value)
        shown.append((str(words.FIELDS.get(name, name.replace("_", " "))), text))
    return shown[:MOST_DETAILS]


def _plain(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, str) and value in words.VALUES:
        return str(words.VALUES[value])
    if isinstance(value, dict):
        by_language = ((i18n.native_name(key), text) for key, text in value.items())
        return ", ".join(f"{key}: {text}" for key, text in by_language)[:LONGEST_DETAIL]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_DETAIL else f"{text[:LONGEST_DETAIL]}…"
