"""Taking a list of people into an event's registrations: the whole file, or nothing of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from harpevents.audit import services as audit
from harpevents.audit.services import Actor
from harpevents.core import clock
from harpevents.core.db import db, lock
from harpevents.core.errors import InputRefused, RuleBroken
from harpevents.events.models import Event
from harpevents.registrations import queries, rosters, services
from harpevents.registrations.models import (
    Registration,
    RegistrationImport,
    RegistrationState,
    Source,
)

State = RegistrationState


@dataclass
class ImportOutcome:
    """What an import did, or would do; with refusals it did nothing."""

    event: str
    encoding: str
    read: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    refused: list[InputRefused] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As `registrations import --json` prints it."""
        return {
            "event": self.event,
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "skipped": self.skipped,
            "refused": [
                {"row": one.row, "column": one.column, "reason": str(one)} for one in self.refused
            ],
            "encoding": self.encoding,
            "unmatched_institutions": self.unmatched,
        }


class FileRefused(RuleBroken):
    """Rows of the file were refused; `outcome` names them, and nothing is stored."""

    status = 422

    def __init__(self, outcome: ImportOutcome) -> None:
        super().__init__()
        self.outcome = outcome

    def __str__(self) -> str:
        return str(self.outcome.refused[0])


def take_in(
    event: Event, data: bytes, filename: str, *, actor: Actor, history: bool = False
) -> ImportOutcome:
    """Register everybody in the file, or bring up to date who is registered already.

    A file taken in before changes nothing. Raises `FileRefused` with every refused row, or
    `TableRefused` where the file is no table; the caller's transaction must then be rolled back.
    With `history` what happened is recorded: no mail, no opening times, no waiting list.
    """
    roster = rosters.read(data, filename, event.day)
    outcome = ImportOutcome(
        event=event.slug,
        encoding=roster.encoding,
        read=roster.read,
        refused=roster.refused,
        unmatched=sorted(roster.unmatched),
        damaged=roster.damaged,
    )
    digest = hashlib.sha256(data).hexdigest()
    if not roster.refused:
        _take_in_all(event, roster, outcome, digest, actor=actor, history=history)
    if outcome.refused:
        outcome.created = outcome.updated = outcome.skipped = 0
        outcome.refused.sort(key=lambda one: one.row or 0)
        raise FileRefused(outcome)
    if outcome.created or outcome.updated:
        _note(event, outcome, digest, filename, actor)
    return outcome


def _take_in_all(
    event: Event,
    roster: rosters.Roster,
    outcome: ImportOutcome,
    digest: str,
    *,
    actor: Actor,
    history: bool,
) -> None:
    lock(event)
    before = select(RegistrationImport.id).where(
        RegistrationImport.event_id == event.id, RegistrationImport.digest == digest
    )
    if db.session.scalar(before) is not None:
        outcome.skipped = roster.read
        return
    if not history:
        services.refuse_unless_open(event, clock.now())
    outcome.skipped = roster.read - len(roster.lines)  # the same row once more
    for line in roster.lines:
        try:
            _take_in_one(event, line, outcome, actor=actor, history=history)
        except RuleBroken as broken:
            column = broken.field or "row"
            outcome.refused.append(InputRefused(str(broken), row=line.row, column=column))


def _take_in_one(
    event: Event, line: rosters.RosterLine, outcome: ImportOutcome, *, actor: Actor, history: bool
) -> None:
    known = queries.find_live(event, line.entry.email)
    if known is None and _ended_as_listed(event, line):
        outcome.skipped += 1
        return
    if known is None:
        services.register(
            event,
            line.entry,
            actor=actor,
            source=Source.HISTORY if history else Source.IMPORT,
            state=line.state,
            at=min(event.starts_at, clock.now()) if history else None,
        )
        outcome.created += 1
        return
    if _bring_up_to_date(known, line, actor):
        outcome.updated += 1
    else:
        outcome.skipped += 1


def _ended_as_listed(event: Event, line: rosters.RosterLine) -> bool:
    """Whether the row tells of a registration that was cancelled or declined, and it stands so."""
    if line.state not in {State.CANCELLED, State.DECLINED}:
        return False
    ended = queries.of_event(event).where(
        Registration.email == line.entry.email, Registration.state == line.state
    )
    return db.session.scalar(ended.limit(1)) is not None


def _bring_up_to_date(known: Registration, line: rosters.RosterLine, actor: Actor) -> bool:
    """Values of the file win; parts and consents that the file says nothing of stay.

    Returns whether anything is different now.
    """
    entry = line.entry
    consents = {row.purpose for row in queries.consents_of(known) if row.withdrawn_at is None}
    parts = {row.event.slug: row.mode for row in queries.parts_of(known)}
    entry = replace(
        entry,
        parts=entry.parts or parts,
        consents=entry.consents | consents,
        note=entry.note or known.note,
        mode=entry.mode or known.mode,
    )
    before = known.state
    edited = services.edit(known, entry, actor=actor, quiet=True)
    match line.state:
        case State.CANCELLED:
            services.cancel(known, actor=actor, quiet=True)
        case State.CONFIRMED if known.state is State.PENDING:
            services.approve(known, actor=actor)
    return edited or known.state is not before


def _note(event: Event, outcome: ImportOutcome, digest: str, filename: str, actor: Actor) -> None:
    counts = {"created": outcome.created, "updated": outcome.updated, "skipped": outcome.skipped}
    db.session.add(
        RegistrationImport(
            event_id=event.id,
            digest=digest,
            filename=filename[:200],
            result=counts,
            imported_at=clock.now(),
            imported_by=actor.name,
        )
    )
    audit.record("registration.import", event, actor=actor, event_id=event.id, details=counts)
