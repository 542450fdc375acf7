"""The one screen of a roll-over, and the buttons on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from harpevents.core import clock, i18n
from harpevents.core.access import ADMIN, SECRETARIAT, staff
from harpevents.core.db import transaction
from harpevents.core.errors import NotFound, RuleBroken
from harpevents.core.paging import PER_PAGE, Page, page_number
from harpevents.core.types import in_language
from harpevents.core.web import current_query, see_other
from harpevents.institutions import queries as institutions
from harpevents.memberships import queries, rollover, words
from harpevents.memberships.desk import bp, chosen
from harpevents.memberships.forms import AdmitForm, ApproveForm
from harpevents.memberships.models import (
    Flag,
    ItemAction,
    Reply,
    RolloverItem,
    RolloverRun,
    RunState,
    Term,
)
from harpevents.memberships.proposal import EDITABLE, GO_ON, OF_MEMBERS, OF_NEWCOMERS
from harpevents.memberships.rollover import Proposal
from harpevents.people.signed_in import current_actor

STEPS = (RunState.DRAFT, RunState.REVIEW, RunState.APPROVED, RunState.APPLIED)


@dataclass(frozen=True)
class RolloverLine:
    """One institution on the screen: its name then and now, what becomes of it."""

    item: RolloverItem
    old: str
    new: str

    @property
    def kind(self) -> str:
        """How the comparison paints it: same, new, gone or changed."""
        if self.item.action in OF_NEWCOMERS:
            return "new"
        if self.item.action is not ItemAction.RENEW:
            return "gone"
        return "changed" if self.old and self.old != self.new else "same"

    @property
    def choices(self) -> Sequence[ItemAction]:
        return OF_MEMBERS if self.item.action in OF_MEMBERS else OF_NEWCOMERS


@bp.get("/terms/<int:number>/rollover", endpoint="rollover")
@staff(ADMIN, SECRETARIAT)
def rollover_page(number: int) -> ResponseReturnValue:
    """The proposal as it is stored: bridge, old beside new, and the next step."""
    return _page(number)


def _page(
    number: int, approve: ApproveForm | None = None, admit: AdmitForm | None = None
) -> ResponseReturnValue:
    term = queries.get_term(number)
    run = queries.find_run(number)
    if run is None:
        earlier = number - 1 if number else None
        return render_template(
            "memberships/rollover_begin.html", term=term, number=number, earlier=earlier
        )
    items = queries.items_of(run)
    proposal = Proposal(run, items)
    chosen_items = _narrowed(items)
    page = _paged(chosen_items, page_number(request.args.get("page")))
    lines = _lines(run, term, page.items)
    if approve is None:
        approve = ApproveForm(effective_on=term.opens_on, seen=proposal.hash)
    html = render_template(
        "memberships/rollover.html",
        term=term,
        run=run,
        proposal=proposal,
        lines=lines,
        page=page,
        url_for_page=lambda one: url_for(
            "desk_memberships.rollover", number=number, **{**current_query(), "page": one}
        ),
        query={name: value for name, value in current_query().items() if name != "slug"},
        flag_tabs=_flag_tabs(number, items),
        editable=run.state in EDITABLE,
        step=STEPS.index(run.state) + 1 if run.state in STEPS else 1,
        approve=approve,
        admit=admit or AdmitForm(formdata=None),
        words=words,
        bridges=_bridges(proposal),
        countries=[(code, i18n.country_name(code)) for code in proposal.countries],
        replies=Reply,
    )
    return html, 422 if approve.errors or (admit and admit.errors) else 200


def _bridges(proposal: Proposal) -> list[tuple[str, int, dict[str, int], int]]:
    """(country, members before, how many of each action, members after), all together last."""
    return [
        (
            i18n.country_name(code) or _("All"),
            proposal.count(OF_MEMBERS, code),
            proposal.bridge(code),
            proposal.count(GO_ON, code),
        )
        for code in (*proposal.countries, None)
    ]


def _narrowed(items: list[RolloverItem]) -> list[RolloverItem]:
    """The items the filters ask for: a flag, an action, a country, or what changes."""
    flag, action = request.args.get("flag", ""), request.args.get("action", "")
    country = request.args.get("country", "")
    shown = [
        item
        for item in items
        if (not flag or flag in item.flags)
        and (not action or item.action == action)
        and (not country or item.institution.country == country)
    ]
    # What changes stands first: it is what the assembly decides on.
    return sorted(shown, key=lambda item: item.action is ItemAction.RENEW)


def _paged(items: list[RolloverItem], number: int) -> Page[RolloverItem]:
    number = min(number, max(1, -(-len(items) // PER_PAGE)))
    start = (number - 1) * PER_PAGE
    return Page(items[start : start + PER_PAGE], number, PER_PAGE, len(items))


def _lines(run: RolloverRun, term: Term, items: Sequence[RolloverItem]) -> list[RolloverLine]:
    """The items with their names at the beginning of the old term and of the new one."""
    ids = [item.institution_id for item in items]
    day: date = term.opens_on or clock.today()
    new = institutions.names_of(ids, day)
    old: dict[int, dict[str, str]] = {}
    if run.from_term is not None and (began := queries.get_term(run.from_term).opens_on):
        old = institutions.names_of(ids, began)
    language = i18n.current_language()
    return [
        RolloverLine(
            item,
            in_language(old.get(item.institution_id), language)
            if item.action in OF_MEMBERS
            else "",
            in_language(new.get(item.institution_id), language) or item.institution.slug,
        )
        for item in items
    ]


def _flag_tabs(number: int, items: list[RolloverItem]) -> list[tuple[str, str, bool, int]]:
    """A tab for each flag that is raised, with how often."""
    raised = Counter(flag for item in items for flag in item.flags)
    return [
        (
            words.flag(flag),
            url_for("desk_memberships.rollover", number=number, flag=flag),
            request.args.get("flag") == flag,
            raised[flag],
        )
        for kind in Flag
        for flag in sorted(raised)
        if flag.startswith(kind)
    ]


def _step(number: int, act: Callable[[], Any], done: str) -> ResponseReturnValue:
    """Do one thing to the run; a refusal is shown on the screen it was asked from."""
    try:
        with transaction():
            act()
    except RuleBroken as broken:
        flash(str(broken), "bad")
    else:
        flash(done, "good")
    return see_other("desk_memberships.rollover", number=number)


@bp.post("/terms/<int:number>/rollover/plan")
@staff(ADMIN, SECRETARIAT)
def rollover_plan(number: int) -> ResponseReturnValue:
    """Make the proposal, or bring it up to date with what has changed since."""
    actor = current_actor()
    return _step(
        number, lambda: rollover.plan(number, actor=actor), _("The proposal is up to date.")
    )


@bp.post("/terms/<int:number>/rollover/review")
@staff(ADMIN, SECRETARIAT)
def rollover_review(number: int) -> ResponseReturnValue:
    """Open the draft to replies and changes."""
    actor = current_actor()
    return _step(
        number, lambda: rollover.start_review(number, actor=actor), _("The review has begun.")
    )


@bp.post("/terms/<int:number>/rollover/change/<slug>")
@staff(ADMIN, SECRETARIAT)
def rollover_change(number: int, slug: str) -> ResponseReturnValue:
    """Another action or reply for one institution, or take a newcomer off the proposal."""
    actor = current_actor()
    try:
        with transaction():
            institution = institutions.get_by_slug(slug)
            if request.form.get("action") == "take_off":
                rollover.take_off(number, institution, actor=actor)
            else:
                action = _member_of(ItemAction, request.form.get("action", ""))
                reply = _member_of(Reply, request.form.get("reply", Reply.NONE.value))
                rollover.set_action(number, institution, action, actor=actor)
                rollover.set_reply(number, institution, reply, actor=actor)
                rollover.plan(number, actor=actor)
    except RuleBroken as broken:
        flash(str(broken), "bad")
    else:
        flash(_("Saved."), "good")
    anchor = f"i-{slug}"
    return see_other("desk_memberships.rollover", number=number, _anchor=anchor, **current_query())


def _member_of(kind: Any, value: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise NotFound(value) from None


@bp.post("/terms/<int:number>/rollover/admit")
@staff(ADMIN, SECRETARIAT)
def rollover_admit(number: int) -> ResponseReturnValue:
    """Put an institution down to be admitted."""
    form = AdmitForm()
    if form.validate_on_submit():
        try:
            with transaction():
                rollover.admit(number, chosen(form), actor=current_actor())
                rollover.plan(number, actor=current_actor())
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The institution is on the proposal."), "good")
            return see_other("desk_memberships.rollover", number=number)
    return _page(number, admit=form)


@bp.post("/terms/<int:number>/rollover/approve")
@staff(ADMIN, SECRETARIAT)
def rollover_approve(number: int) -> ResponseReturnValue:
    """Record the decision on the proposal that was seen."""
    form = ApproveForm()
    if form.validate_on_submit():
        try:
            with transaction():
                rollover.approve(
                    number,
                    form.decision.data or "",
                    form.effective_on.data,
                    actor=current_actor(),
                    expected_hash=form.seen.data or "",
                )
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The decision is recorded and the proposal is frozen."), "good")
            return see_other("desk_memberships.rollover", number=number)
    return _page(number, approve=form)


@bp.post("/terms/<int:number>/rollover/reopen")
@staff(ADMIN, SECRETARIAT)
def rollover_reopen(number: int) -> ResponseReturnValue:
    """Take the approval back before anything was applied."""
    actor = current_actor()
    return _step(
        number, lambda: rollover.reopen(number, actor=actor), _("The approval is taken back.")
    )


@bp.post("/terms/<int:number>/rollover/apply")
@staff(ADMIN, SECRETARIAT)
def rollover_apply(number: int) -> ResponseReturnValue:
    """Do what was approved; a second time nothing changes."""
    try:
        with transaction():
            applied = rollover.apply(number, actor=current_actor())
    except RuleBroken as broken:
        flash(str(broken), "bad")
    else:
        if applied.changed:
            flash(_("The roll-over is applied and the term is open."), "good")
        else:
            flash(_("The roll-over was applied already; nothing was changed."), "info")
    return see_other("desk_memberships.rollover", number=number)


@bp.post("/terms/<int:number>/rollover/revert")
@staff(ADMIN, SECRETARIAT)
def rollover_revert(number: int) -> ResponseReturnValue:
    """Undo the roll-over while nothing stands on it."""
    actor = current_actor()
    return _step(
        number, lambda: rollover.revert(number, actor=actor), _("The roll-over is undone.")
    )
