"""What the desk's first page shows: tasks that wait, and the next events with their figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from harpevents.core import clock, i18n
from harpevents.core.db import db
from harpevents.events import policy
from harpevents.events import queries as event_queries
from harpevents.events.models import Event, EventStatus
from harpevents.institutions.models import InstitutionMatchDecision
from harpevents.outbox.models import Message, MessageState
from harpevents.people.models import Staff
from harpevents.people.signed_in import current_staff, is_secretariat
from harpevents.registrations import queries as registrations
from harpevents.registrations.models import Registration, RegistrationState

NEXT_EVENTS = 8


@dataclass(frozen=True)
class Task:
    """Something that waits for a decision: how many, of what, and where."""

    count: int
    label: str
    url: str
    icon: str


def context() -> dict[str, Any]:
    account = current_staff()
    events = upcoming(account)
    return {
        "tasks": tasks(account),
        "events": events,
        "counts": registrations.counts_of([event.id for event in events]),
        "account": account,
    }


def upcoming(account: Staff) -> list[Event]:
    """The next events the account may see, drafts too."""
    query = (
        policy.visible_to(account)
        .where(
            Event.parent_id.is_(None),
            ~event_queries.is_over(clock.now()),
            Event.status.in_((EventStatus.DRAFT, EventStatus.PUBLISHED)),
        )
        .order_by(Event.starts_at, Event.id)
        .limit(NEXT_EVENTS)
    )
    return list(db.session.scalars(query))


def tasks(account: Staff) -> list[Task]:
    """What waits, without what has come down to nothing."""
    found = _pending(account)
    if is_secretariat(account):
        found += [_unmatched(), _unknown_mail()]
    return [task for task in found if task.count]


def _pending(account: Staff) -> list[Task]:
    """Registrations that wait for approval, event by event."""
    query = (
        policy.visible_to(account)
        .join(Registration, Registration.event_id == Event.id)
        .where(Registration.state == RegistrationState.PENDING)
        .with_only_columns(Event.id, Event.slug, func.count())
        .group_by(Event.id, Event.slug)
        .order_by(Event.id)
    )
    rows = db.session.execute(query).all()
    events = {
        event.id: event
        for event in db.session.scalars(select(Event).where(Event.id.in_([row[0] for row in rows])))
    }
    return [
        Task(
            count,
            _("To approve: %(event)s", event=_title(events[number])),
            url_for("desk_registrations.index", slug=slug, state="pending"),
            "person-check",
        )
        for number, slug, count in rows
    ]


def _unmatched() -> Task:
    query = select(func.count()).where(InstitutionMatchDecision.decided_by == "")
    return Task(
        db.session.scalar(query) or 0,
        _("Names of institutions to recognise"),
        url_for("desk_institutions.index"),
        "building",
    )


def _unknown_mail() -> Task:
    query = select(func.count()).where(Message.state == MessageState.UNKNOWN)
    return Task(
        db.session.scalar(query) or 0,
        _("E-mails of which nobody knows whether they arrived"),
        url_for("desk_outbox.index", state="unknown"),
        "question-circle",
    )


def _title(event: Event) -> str:
    return i18n.local(event.title) or event.slug
