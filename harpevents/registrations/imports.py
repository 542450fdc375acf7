"""Taking a list of people into an event's registrations: the whole file, or nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from harpevents.audit import services as audit
from harpevents.audit.services import Actor
from harpevents.core import clock
from harpevents.core.db import db, lock
from harpevents.core.errors import InputRefused, RuleBroken
from harpevents.events.models import Event
from harpevents.registrations import entries, queries, rosters, services
from harpevents.registrations.entries import Entry, PreparedEntry
from harpevents.registrations.models import (
    LIVE_STATES,
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
    ignored_columns: list[str] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    damaged_rows: list[int] = field(default_factory=list)

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
            "ignored_columns": self.ignored_columns,
            "hidden_rows": self.hidden_rows,
            "damaged_rows": self.damaged_rows,
        }


class FileRefused(RuleBroken):
    """Rows of the file were refused; `outcome` names them, and nothing is stored."""

    status = 422

    def __init__(self, outcome: ImportOutcome) -> None:
        super().__init__()
        self.outcome = outcome

    def __str__(self) -> str:
        return str(self.outcome.refused[0])


@dataclass(frozen=True)
class ReadList:
    """A file that was read for an event, and nothing of it stored yet.

    `prepared` holds the entries of newcomers, by row: checked, their institutions looked up.
    """

    filename: str
    digest: str  # of its bytes, SHA-256
    roster: rosters.Roster
    prepared: Mapping[int, PreparedEntry]


def read(
    event: Event, data: bytes, filename: str, *, encoding: str | None = None, country: str = ""
) -> ReadList:
    """Read a file and look up what its texts mean, which takes most of the time of an import.

    Nobody has to wait meanwhile: it belongs before the transaction. `encoding` overrules the
    detection; `country` is of rows that name none. Raises `TableRefused` where it is no table.
    """
    live = select(Registration.email, Registration.country).where(
        Registration.event_id == event.id, Registration.state.in_(LIVE_STATES)
    )
    countries = {row.email: row.country for row in db.session.execute(live)}
    roster = rosters.read(
        data,
        filename,
        event.day,
        encoding=encoding,
        country=country,
        countries=countries,
    )
    prepared = {}
    for line in roster.lines:
        if line.entry.email not in countries:
            with suppress(RuleBroken):  # the import says so of its row
                prepared[line.row] = services.prepared(line.entry, event.day)
    return ReadList(filename, hashlib.sha256(data).hexdigest(), roster, prepared)


def take_in(
    event: Event, listed: ReadList, *, actor: Actor, history: bool = False
) -> ImportOutcome:
    """Register everybody in the list, or bring up to date who is registered already.

    A row that says what is known changes nothing, and what a row does not say stays. Raises
    `FileRefused` with every refused row; the caller's transaction must then be rolled back.
    With `history` what happened is recorded: no mail, no opening times, no waiting list.
    """
    roster = listed.roster
    outcome = ImportOutcome(
        event=event.slug,
        encoding=roster.encoding,
        read=roster.read,
        refused=list(roster.refused),
        unmatched=sorted(roster.unmatched),
        ignored_columns=list(roster.ignored_columns),
        hidden_rows=list(roster.hidden),
        damaged_rows=roster.damaged,
    )
    if not roster.refused:
        _take_in_all(event, listed, outcome, actor=actor, history=history)
    if outcome.refused:
        outcome.created = outcome.updated = outcome.skipped = 0
        outcome.refused.sort(key=lambda one: one.row or 0)
        raise FileRefused(outcome)
    if outcome.created or outcome.updated:
        _note(event, outcome, listed, actor)
    return outcome


def _take_in_all(
    event: Event, listed: ReadList, outcome: ImportOutcome, *, actor: Actor, history: bool
) -> None:
    lock(event)
    roster = listed.roster
    if not history and any(
        queries.find_live(event, line.entry.email) is None for line in roster.lines
    ):
        services.refuse_unless_open(event, clock.now())
    outcome.skipped = roster.read - len(roster.lines)  # the same row once more
    for line in roster.lines:
        try:
            entry = listed.prepared.get(line.row, line.entry)
            _take_in_one(event, line, entry, outcome, actor=actor, history=history)
        except RuleBroken as broken:
            column = broken.field or "row"
            outcome.refused.append(InputRefused(str(broken), row=line.row, column=column))


def _take_in_one(
    event: Event,
    line: rosters.RosterLine,
    entry: Entry,
    outcome: ImportOutcome,
    *,
    actor: Actor,
    history: bool,
) -> None:
    known = queries.find_live(event, line.entry.email)
    if known is None and _ended_as_listed(event, line):
        outcome.skipped += 1
        return
    if known is None:
        services.register(
            event,
            entry,
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
    """Values of the file win; what the row says nothing of stays, and consents only grow.

    Returns whether anything is different now.
    """
    entry = replace(line.entry, **_kept(known, line))
    before = known.state
    edited = services.edit(known, entry, actor=actor, quiet=True)
    match line.state:
        case State.CANCELLED:
            services.cancel(known, actor=actor, quiet=True)
        case State.CONFIRMED if known.state is State.PENDING:
            services.approve(known, actor=actor)
    return edited or known.state is not before


def _kept(known: Registration, line: rosters.RosterLine) -> dict[str, Any]:
    """The fields of the registration that the row is not to change."""
    consents = {row.purpose for row in queries.consents_of(known) if row.withdrawn_at is None}
    stands: dict[str, Any] = {
        **{name: getattr(known, name) for name in entries.NAMES},
        "country": known.country,
        "language": known.language,
        "institution_text": known.institution_text,
        "institution": known.institution.slug if known.institution else None,
        "institution_kind": known.institution_kind,
        "category": known.category,
        "position": known.position,
        "mode": known.mode,
        "note": known.note,
        "parts": {row.event.slug: row.mode for row in queries.parts_of(known)},
    }
    kept = {name: value for name, value in stands.items() if name not in line.said}
    kept["consents"] = line.entry.consents | consents
    if not known.family.isascii() and line.entry.family.isascii() and line.entry.family:
        kept |= _as_latin_names(line.entry, stands)
    return kept


def _as_latin_names(entry: Entry, stands: Mapping[str, Any]) -> dict[str, Any]:
    """Latin letters are no correction of a name in letters of its own: its Latin spelling."""
    kept = {name: stands[name] for name in ("family", "given", "patronymic")}
    kept["latin_family"] = entry.latin_family or entry.family
    kept["latin_given"] = entry.latin_given or entry.given
    return kept


def _note(event: Event, outcome: ImportOutcome, listed: ReadList, actor: Actor) -> None:
    counts = {"created": outcome.created, "updated": outcome.updated, "skipped": outcome.skipped}
    before = select(RegistrationImport).where(
        RegistrationImport.event_id == event.id, RegistrationImport.digest == listed.digest
    )
    noted = db.session.scalar(before)
    noted = noted or RegistrationImport(event_id=event.id, digest=listed.digest)
    noted.filename, noted.result = listed.filename[:200], counts
    noted.imported_at, noted.imported_by = clock.now(), actor.name
    db.session.add(noted)
    audit.record("registration.import", event, actor=actor, event_id=event.id, details=counts)
