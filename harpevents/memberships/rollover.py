"""The roll-over: carrying the members from one term into the next, as a run that is decided.

plan → review → approve → apply, and revert while nothing stands on it. `plan` and the changes
during review stand in `proposal` and are offered here as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, or_, select, update

from harpevents.audit import services as audit
from harpevents.audit.services import Actor
from harpevents.core import clock, i18n
from harpevents.core.db import db, insert_rows, lock
from harpevents.institutions import queries as institutions
from harpevents.institutions.models import Institution
from harpevents.memberships import queries
from harpevents.memberships.models import (
    Decision,
    ItemAction,
    RolloverItem,
    RolloverRun,
    RunState,
    Spell,
    SpellBegin,
    SpellEnd,
    Standing,
    StandingKind,
    Term,
    TermState,
)
from harpevents.memberships.proposal import (
    OF_MEMBERS,
    OF_NEWCOMERS,
    Proposal,
    admit,
    editable_run,
    plan,
    set_action,
    set_reply,
    start_review,
    take_off,
    withdraw,
)
from harpevents.memberships.queries import OpenSpell
from harpevents.memberships.refusals import (
    DayNotCome,
    DecisionMissing,
    IsDissolved,
    LaterTermStands,
    MembersChanged,
    MembershipOverlaps,
    NobodyRemains,
    NotApplied,
    NotApproved,
    NotPlanned,
    PlacesChangedSince,
    PreviousTermNotOpen,
    ProposalChanged,
    RunIsApplied,
    SuccessionWithoutMerger,
    TooEarly,
)
from harpevents.memberships.services import record_decision

__all__ = [
    "Applied",
    "Proposal",
    "admit",
    "apply",
    "approve",
    "plan",
    "reopen",
    "revert",
    "set_action",
    "set_reply",
    "start_review",
    "take_off",
    "withdraw",
]

ENDS = {ItemAction.WITHDRAW: SpellEnd.WITHDRAWN, ItemAction.MERGE: SpellEnd.MERGED}
STANDINGS = {
    ItemAction.RENEW: StandingKind.RENEWED,
    ItemAction.ADMIT: StandingKind.NEW,
    ItemAction.SUCCEED: StandingKind.SUCCEEDED,
}


@dataclass(frozen=True)
class Applied:
    """The run as it stands, and whether this call was the one that applied it."""

    proposal: Proposal
    changed: bool


def approve(
    number: int,
    decision: str,
    effective_on: date,
    *,
    actor: Actor,
    adopted_on: date | None = None,
    expected_hash: str | None = None,
) -> Proposal:
    """Record the assembly's decision and freeze the proposal under its hash.

    The new term opens on `effective_on`. With `expected_hash` only the proposal that was seen is
    approved.
    """
    run = editable_run(number)
    if not decision.strip():
        raise DecisionMissing
    proposal = Proposal(run, queries.planned_items_of(run))
    if expected_hash is not None and expected_hash != proposal.hash:
        raise ProposalChanged
    spells = queries.open_spells()
    _refuse_drift(proposal, spells)
    _refuse_nonsense(proposal)
    _refuse_impossible_day(proposal, spells, effective_on)
    made = record_decision(decision, effective_on, actor=actor, adopted_on=adopted_on)
    run.decision, run.proposal_hash, run.state = made, proposal.hash, RunState.APPROVED
    db.session.flush()
    details = {"decision": made.title, "effective_on": str(effective_on), "hash": proposal.hash}
    audit.record("rollover.approve", run, actor=actor, details=details)
    return proposal


def reopen(number: int, *, actor: Actor) -> RolloverRun:
    """Take an approval back before it is applied, so that the proposal can change again."""
    run = _locked_run(number)
    if run.state is RunState.APPLIED:
        raise RunIsApplied(number=number)
    if run.state is RunState.APPROVED:
        run.state, run.decision, run.proposal_hash = RunState.REVIEW, None, None
        db.session.flush()
        audit.record("rollover.reopen", run, actor=actor)
    return run


def _locked_run(number: int) -> RolloverRun:
    """The run into the term, read under the lock on the term: one writer at a time."""
    lock(queries.get_term(number))
    if (run := queries.find_run(number)) is None:
        raise NotPlanned(number=number)
    db.session.refresh(run)  # what another writer did while we waited for the term
    return run


def _refuse_drift(proposal: Proposal, spells: Mapping[int, OpenSpell]) -> None:
    """The members of the proposal must be the members there are."""
    members = {item.institution_id for item in proposal.items if item.action in OF_MEMBERS}
    newcomers = {item.institution_id for item in proposal.items if item.action in OF_NEWCOMERS}
    if members != spells.keys() or newcomers & spells.keys():
        raise MembersChanged
    origin = proposal.run.from_term
    if origin is not None and queries.get_term(origin).state is not TermState.OPEN:
        raise PreviousTermNotOpen(number=origin)


def _refuse_nonsense(proposal: Proposal) -> None:
    if proposal.after["total"] == 0:
        raise NobodyRemains
    if proposal.count((ItemAction.SUCCEED,)) > 0 and proposal.count((ItemAction.MERGE,)) == 0:
        raise SuccessionWithoutMerger


def _refuse_impossible_day(proposal: Proposal, spells: Mapping[int, OpenSpell], on: date) -> None:
    """Terms and spells are half-open and never overlap; nobody is a member after its end."""
    begun = [spell.begins_on for spell in spells.values()]
    if proposal.run.from_term is not None:
        begun += filter(None, [queries.get_term(proposal.run.from_term).opens_on])
    if begun and on <= max(begun):
        raise TooEarly(day=i18n.show_date(max(begun)))
    newcomers = {item.institution_id for item in proposal.items if item.action in OF_NEWCOMERS}
    gone = select(Institution).where(Institution.dissolved_on <= on)
    for institution in db.session.scalars(gone):
        if institution.id in newcomers and (day := institution.dissolved_on):
            raise IsDissolved(name=institutions.name_of(institution), day=i18n.show_date(day))
    ended = select(Spell).where(Spell.ends_on > on)
    for spell in db.session.scalars(ended):
        if spell.institution_id in newcomers and (day := spell.ends_on):
            name = institutions.name_of(spell.institution)
            raise MembershipOverlaps(name=name, day=i18n.show_date(day))


def apply(number: int, *, actor: Actor) -> Applied:
    """Do what was approved, all of it or nothing; done already, change nothing and say so.

    Ends and begins spells on the decision's effective date, writes a standing for every member of
    the new term, closes the old term and opens the new one. Raises `DayNotCome` before that date:
    a term that ended today for a day ahead would make every roster of the days between wrong.
    """
    run = _locked_run(number)
    proposal = Proposal(run, queries.planned_items_of(run))
    if run.state is RunState.APPLIED:
        return Applied(proposal, changed=False)
    if run.state is not RunState.APPROVED or run.decision is None:
        raise NotApproved(number=number)
    if run.proposal_hash != proposal.hash:
        raise ProposalChanged
    if run.decision.effective_on > clock.today():
        raise DayNotCome(day=i18n.show_date(run.decision.effective_on))
    before = queries.open_spells()
    _refuse_drift(proposal, before)
    _refuse_impossible_day(proposal, before, run.decision.effective_on)
    _turn_terms(run, run.decision.effective_on)
    _end_spells(proposal, before, run.decision)
    _begin_spells(proposal, run.decision)
    after = queries.open_spells()
    _tie(proposal, OF_NEWCOMERS, after)
    _write_standings(proposal, after, run.decision)
    run.before, run.after = proposal.before, proposal.after
    run.state, run.applied_at, run.applied_by = RunState.APPLIED, clock.now(), actor.name
    db.session.flush()
    audit.record("rollover.apply", run, actor=actor, details={"bridge": proposal.bridge()})
    return Applied(proposal, changed=True)


def _turn_terms(run: RolloverRun, on: date) -> None:
    if run.from_term is not None:
        closing = queries.get_term(run.from_term)
        closing.state, closing.closes_on = TermState.CLOSED, on
        db.session.flush()  # one term is open at a time, in the database's eyes as well
    opening = queries.get_term(run.to_term)
    opening.state, opening.opens_on, opening.closes_on = TermState.OPEN, on, None
    db.session.flush()


def _end_spells(proposal: Proposal, spells: Mapping[int, OpenSpell], decision: Decision) -> None:
    rows = [
        {
            "id": spells[item.institution_id].id,
            "ends_on": decision.effective_on,
            "end_kind": ENDS[item.action],
            "end_decision_id": decision.id,
        }
        for item in proposal.items
        if item.action in ENDS
    ]
    if rows:
        db.session.execute(update(Spell), rows)
    _tie(proposal, ENDS.keys(), spells)


def _begin_spells(proposal: Proposal, decision: Decision) -> None:
    founding = proposal.run.from_term is None
    begins = {
        ItemAction.ADMIT: SpellBegin.FOUNDING if founding else SpellBegin.ADMITTED,
        ItemAction.SUCCEED: SpellBegin.SUCCEEDED,
    }
    rows = [
        {
            "institution_id": item.institution_id,
            "begins_on": decision.effective_on,
            "begin_kind": begins[item.action],
            "begin_decision_id": decision.id,
        }
        for item in proposal.items
        if item.action in begins
    ]
    insert_rows(Spell, rows)


def _tie(
    proposal: Proposal, actions: Collection[ItemAction], spells: Mapping[int, OpenSpell]
) -> None:
    """Note on each item of these actions the spell that it ends or begins."""
    rows = [
        {"id": item.id, "spell_id": spells[item.institution_id].id}
        for item in proposal.items
        if item.action in actions
    ]
    if rows:
        db.session.execute(update(RolloverItem), rows)


def _write_standings(
    proposal: Proposal, spells: Mapping[int, OpenSpell], decision: Decision
) -> None:
    founding = proposal.run.from_term is None
    rows = [
        {
            "term_number": proposal.run.to_term,
            "institution_id": item.institution_id,
            "spell_id": spells[item.institution_id].id,
            "kind": StandingKind.FOUNDING if founding else STANDINGS[item.action],
            "decision_id": decision.id,
        }
        for item in proposal.items
        if item.action in STANDINGS
    ]
    insert_rows(Standing, rows)


def revert(number: int, *, actor: Actor) -> RolloverRun:
    """Undo an applied roll-over while nothing stands on it; the run is kept as reverted.

    Planning the term again begins a new run with the lines and replies of this one.
    """
    run = _locked_run(number)
    if run.state is not RunState.APPLIED or run.decision is None:
        raise NotApplied(number=number)
    term = queries.get_term(number)
    _refuse_what_stands_on(term, run.decision.effective_on)
    db.session.execute(delete(Standing).where(Standing.term_number == number))
    touched = [item for item in queries.planned_items_of(run) if item.spell_id is not None]
    begun = [item.spell_id for item in touched if item.action in OF_NEWCOMERS]
    ended = [item.spell_id for item in touched if item.action in ENDS]
    db.session.execute(
        update(RolloverItem).where(RolloverItem.run_id == run.id).values(spell_id=None)
    )
    for ids in (begun[start : start + 500] for start in range(0, len(begun), 500)):
        db.session.execute(delete(Spell).where(Spell.id.in_(ids)))
    rows = [
        {"id": spell, "ends_on": None, "end_kind": None, "end_decision_id": None} for spell in ended
    ]
    if rows:
        db.session.execute(update(Spell), rows)
    term.state, term.closes_on = TermState.PLANNED, None
    db.session.flush()
    if run.from_term is not None:
        earlier = queries.get_term(run.from_term)
        earlier.state, earlier.closes_on = TermState.OPEN, None
    run.state = RunState.REVERTED
    db.session.flush()
    audit.record("rollover.revert", run, actor=actor, details={"term": number})
    return run


def _refuse_what_stands_on(term: Term, on: date) -> None:
    if term.state is not TermState.OPEN:
        raise LaterTermStands(number=term.number + 1)
    later = (
        select(func.count()).select_from(Spell).where(or_(Spell.begins_on > on, Spell.ends_on > on))
    )
    if db.session.scalar(later):
        raise PlacesChangedSince
