"""What a roll-over proposes: one item per institution, its flags, its figures, its changes.

Every figure of a run follows from its items alone, so the bridge cannot disagree with them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from harpevents.audit import services as audit
from harpevents.audit.services import Actor
from harpevents.core import clock, i18n
from harpevents.core.db import db, insert_rows, lock, table_of
from harpevents.institutions import queries as institutions
from harpevents.institutions.models import Institution
from harpevents.memberships import queries
from harpevents.memberships.models import (
    Flag,
    ItemAction,
    Reply,
    RolloverItem,
    RolloverRun,
    RunState,
    Term,
    TermState,
)
from harpevents.memberships.queries import PlannedItem
from harpevents.memberships.refusals import (
    ActionDoesNotFit,
    NotPlanned,
    PreviousTermNotOpen,
    RunIsApplied,
    RunIsFrozen,
)

OF_MEMBERS = (ItemAction.RENEW, ItemAction.WITHDRAW, ItemAction.MERGE)
OF_NEWCOMERS = (ItemAction.ADMIT, ItemAction.SUCCEED)
GO_ON = (ItemAction.RENEW, ItemAction.ADMIT, ItemAction.SUCCEED)
_ITEMS = table_of(RolloverItem)  # a thousand rows at once are written past the objects
EDITABLE = (RunState.DRAFT, RunState.REVIEW)


@dataclass(frozen=True)
class Proposal:
    """A run with all its items and the figures that follow from them."""

    run: RolloverRun
    items: Sequence[RolloverItem | PlannedItem]

    def count(self, actions: Collection[ItemAction], country: str | None = None) -> int:
        return sum(
            1
            for item in self.items
            if item.action in actions and country in {None, item.institution.country}
        )

    @property
    def countries(self) -> list[str]:
        return sorted({item.institution.country for item in self.items})

    @property
    def before(self) -> dict[str, Any]:
        """{"total", "by_country"} of those who are members when the run begins."""
        return self._tally(OF_MEMBERS)

    @property
    def after(self) -> dict[str, Any]:
        return self._tally(GO_ON)

    def _tally(self, actions: Collection[ItemAction]) -> dict[str, Any]:
        counted = Counter(item.institution.country for item in self.items if item.action in actions)
        return {"total": counted.total(), "by_country": dict(sorted(counted.items()))}

    def bridge(self, country: str | None = None) -> dict[str, int]:
        """How many of each action: renew + admit + succeed = after."""
        return {action.value: self.count((action,), country) for action in ItemAction}

    @property
    def hash(self) -> str:
        """SHA-256 of who does what from which term to which; replies and notes are evidence."""
        whole = {
            "from": self.run.from_term,
            "to": self.run.to_term,
            "items": sorted([item.institution.slug, item.action.value] for item in self.items),
        }
        text = json.dumps(whole, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        return {
            "from": self.run.from_term,
            "to": self.run.to_term,
            "state": self.run.state.value,
            "before": self.before,
            "after": self.after,
            "bridge": self.bridge(),
            "bridge_by_country": {code: self.bridge(code) for code in self.countries},
            "hash": self.run.proposal_hash or self.hash,
            "items": [
                {
                    "institution": item.institution.slug,
                    "country": item.institution.country,
                    "action": item.action.value,
                    "reply": item.reply.value,
                    "flags": item.flags,
                }
                for item in self.items
            ],
        }


def plan(number: int, *, actor: Actor, on: date | None = None) -> Proposal:
    """The proposal for this term: made when there is none, brought up to date while it is open.

    Proposes to renew each member, or to end the place of one that has merged away. What the
    secretariat chose stays. Flags look at the state of `on`: the day the term is planned to open,
    else today. An approved or applied run is shown as it was stored.
    """
    term = lock(queries.get_term(number))
    run = queries.find_run(number)
    if run is None:
        run = _new_run(term, actor)
    if run.state in EDITABLE:
        return Proposal(run, _brought_up_to_date(run, _planned_day(term, on)))
    return Proposal(run, queries.planned_items_of(run))


def _planned_day(term: Term, on: date | None = None) -> date:
    return on or term.opens_on or clock.today()


def _new_run(term: Term, actor: Actor) -> RolloverRun:
    origin = None if term.number == 0 else term.number - 1
    if origin is not None and queries.get_term(origin).state is not TermState.OPEN:
        raise PreviousTermNotOpen(number=origin)
    run = RolloverRun(
        from_term=origin,
        to_term=term.number,
        state=RunState.DRAFT,
        before={},
        after={},
        created_at=clock.now(),
    )
    db.session.add(run)
    db.session.flush()
    _take_over_the_undone(run)
    audit.record("rollover.plan", run, actor=actor, details={"term": term.number})
    return run


def _take_over_the_undone(run: RolloverRun) -> None:
    """Begin with the lines, replies and notes of the run that was undone last, if there is one."""
    undone = db.session.scalar(
        select(RolloverRun.id)
        .where(RolloverRun.to_term == run.to_term, RolloverRun.state == RunState.REVERTED)
        .order_by(RolloverRun.id.desc())
        .limit(1)
    )
    kept = select(
        _ITEMS.c.institution_id, _ITEMS.c.action, _ITEMS.c.reply, _ITEMS.c.flags, _ITEMS.c.note
    ).where(_ITEMS.c.run_id == undone)
    rows = [{**row, "run_id": run.id} for row in db.session.execute(kept).mappings()]
    insert_rows(RolloverItem, rows)


def _brought_up_to_date(run: RolloverRun, day: date) -> list[PlannedItem]:
    spells = queries.open_spells()
    ended = institutions.successors(day)
    items = {item.institution_id: item for item in queries.planned_items_of(run)}
    gone = [key for key, one in items.items() if one.action in OF_MEMBERS and key not in spells]
    left_out = [items.pop(key).id for key in gone]
    became = [one.id for key, one in items.items() if one.action in OF_NEWCOMERS and key in spells]
    merged = {
        key: one.id
        for key, one in items.items()
        if one.action is ItemAction.RENEW and key in ended and Flag.MERGED_AWAY not in one.flags
    }
    db.session.execute(delete(_ITEMS).where(_ITEMS.c.id.in_(left_out)))
    _change(became, action=ItemAction.RENEW)
    _change(list(merged.values()), action=ItemAction.MERGE)
    rows = [
        _item(run, key, ItemAction.MERGE if key in ended else ItemAction.RENEW)
        for key in spells
        if key not in items
    ]
    leaving = {row["institution_id"] for row in rows if row["action"] is ItemAction.MERGE}
    leaving |= {key for key, item in items.items() if item.action is ItemAction.MERGE}
    leaving |= merged.keys()
    heirs = {heir for key in leaving & ended.keys() if (heir := ended[key][0]) is not None}
    rows += [
        _item(run, heir, ItemAction.SUCCEED)
        for heir in sorted(heirs - spells.keys() - items.keys() - ended.keys())
    ]
    insert_rows(RolloverItem, rows)
    flagged = _flagged(run, day, ended)
    db.session.expire_all()  # objects that were loaded before know nothing of this
    return flagged


def _change(ids: Sequence[int], **values: object) -> None:
    """Write the same on many items."""
    for start in range(0, len(ids), 500):
        chosen = _ITEMS.c.id.in_(ids[start : start + 500])
        db.session.execute(update(_ITEMS).where(chosen).values(**values))


def _item(run: RolloverRun, institution_id: int, action: ItemAction) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "institution_id": institution_id,
        "action": action,
        "reply": Reply.NONE,
        "flags": [],
        "note": "",
    }


def _flagged(run: RolloverRun, day: date, ended: Collection[int]) -> list[PlannedItem]:
    """The items, each with what the secretariat should look at as things stand on `day`."""
    items = queries.planned_items_of(run)
    ids = [item.institution_id for item in items]
    names = institutions.names_of(ids, day)
    began = queries.get_term(run.from_term).opens_on if run.from_term is not None else None
    renamed = institutions.renamed_between(ids, began, day) if began else set()
    contacts, bounced = queries.contacts_on(day), queries.bounced_addresses()
    missing = {lang: f"{Flag.MISSING_NAME}_{lang}" for lang in i18n.languages()}
    changed: dict[tuple[str, ...], list[int]] = {}
    flagged = []
    for item in items:
        key = item.institution_id
        mine = [contact.address for contact in contacts.get(key, [])]
        found: dict[str, bool] = {
            Flag.NO_REPLY: item.action is ItemAction.RENEW and item.reply is Reply.NONE,
            Flag.RENAMED: key in renamed,
            Flag.MERGED_AWAY: key in ended,
            **{flag: lang not in names.get(key, {}) for lang, flag in missing.items()},
            Flag.NO_CONTACT: not mine,
            Flag.BOUNCED_CONTACT: any(address in bounced for address in mine),
        }
        flags = [str(flag) for flag, raised in found.items() if raised]
        if flags != item.flags:
            changed.setdefault(tuple(flags), []).append(item.id)
        flagged.append(item._replace(flags=flags))
    for same, wanted in changed.items():  # few combinations, many rows
        _change(wanted, flags=list(same))
    return flagged


def editable_run(number: int) -> RolloverRun:
    """The run into the term, locked, while it may still be changed."""
    lock(queries.get_term(number))
    run = queries.find_run(number)
    if run is None:
        raise NotPlanned(number=number)
    if run.state is RunState.APPLIED:
        raise RunIsApplied(number=number)
    if run.state not in EDITABLE:
        raise RunIsFrozen
    return run


def start_review(number: int, *, actor: Actor) -> RolloverRun:
    """Open the draft to replies and changes; changing anything does so as well."""
    run = editable_run(number)
    if run.state is RunState.DRAFT:
        run.state = RunState.REVIEW
        audit.record("rollover.review", run, actor=actor)
    return run


def set_action(
    number: int, institution: Institution, action: ItemAction, *, actor: Actor, note: str = ""
) -> RolloverItem:
    """Put an institution down for `action`: renew, withdraw or merge a member; admit or let
    succeed one that is none."""
    run = start_review(number, actor=actor)
    is_member = queries.find_open_spell(institution.id) is not None
    if is_member != (action in OF_MEMBERS):
        why = _("it is a member.") if is_member else _("it is not a member.")
        raise ActionDoesNotFit(name=institutions.name_of(institution), why=why)
    item = _find_item(run, institution)
    before = item.action.value if item else None
    if item is None:
        item = RolloverItem(**_item(run, institution.id, action))
        db.session.add(item)
    item.action = action
    item.note = note or item.note
    db.session.flush()
    if before != action.value or note:
        details = {"institution": institution.slug, "action": [before, action.value], "note": note}
        audit.record("rollover.change", run, actor=actor, details=details)
    return item


def admit(number: int, institution: Institution, *, actor: Actor, note: str = "") -> RolloverItem:
    """Propose that the institution becomes a member with this term."""
    return set_action(number, institution, ItemAction.ADMIT, actor=actor, note=note)


def withdraw(
    number: int, institution: Institution, *, actor: Actor, note: str = ""
) -> RolloverItem:
    """Propose that the member leaves with this term."""
    return set_action(number, institution, ItemAction.WITHDRAW, actor=actor, note=note)


def take_off(number: int, institution: Institution, *, actor: Actor) -> bool:
    """Take a newcomer off the proposal again; members are renewed or withdrawn, never left out."""
    run = start_review(number, actor=actor)
    item = _find_item(run, institution)
    if item is None or item.action not in OF_NEWCOMERS:
        return False
    details = {"institution": institution.slug, "action": [item.action.value, None]}
    db.session.delete(item)
    db.session.flush()
    audit.record("rollover.change", run, actor=actor, details=details)
    return True


def set_reply(
    number: int, institution: Institution, reply: Reply, *, actor: Actor, note: str = ""
) -> bool:
    """Write down what the university answered; whether that was new."""
    run = start_review(number, actor=actor)
    item = _find_item(run, institution)
    if item is None or (item.reply is reply and not note):
        return False
    details = {"institution": institution.slug, "reply": [item.reply.value, reply.value]}
    item.reply, item.note = reply, note or item.note
    if reply is not Reply.NONE:
        item.flags = [flag for flag in item.flags if flag != Flag.NO_REPLY]
    elif item.action is ItemAction.RENEW and Flag.NO_REPLY not in item.flags:
        item.flags = [Flag.NO_REPLY.value, *item.flags]
    audit.record("rollover.reply", run, actor=actor, details=details)
    return True


def _find_item(run: RolloverRun, institution: Institution) -> RolloverItem | None:
    return db.session.scalar(
        select(RolloverItem).where(
            RolloverItem.run_id == run.id, RolloverItem.institution_id == institution.id
        )
    )
