"""Staff pages of mailings: write, check the readers, send, watch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from harpevents.core import clock, i18n
from harpevents.core.access import staff
from harpevents.core.db import db, transaction
from harpevents.core.errors import NotFound, RuleBroken
from harpevents.core.paging import page_number, page_of
from harpevents.core.web import desk_blueprint, see_other
from harpevents.events.models import Event
from harpevents.mailings import audiences, policy, preview, queries, services, topics
from harpevents.mailings.forms import DispatchForm, filled_from
from harpevents.mailings.models import Dispatch, DispatchState, ExclusionReason
from harpevents.mailings.placeholders import KNOWN
from harpevents.outbox.messages import linked
from harpevents.outbox.models import MessageState
from harpevents.people.signed_in import current_actor, current_staff, is_secretariat

bp = desk_blueprint("desk_mailings", __name__, "/desk/mailings")
OPT_OUTS_SHOWN = timedelta(days=90)


@bp.get("/")
@staff()
def index() -> ResponseReturnValue:
    """All dispatches, or those to the people of one event."""
    account, event = current_staff(), _event_asked_for()
    query = queries.newest_first()
    if event is not None:
        query = query.where(Dispatch.event_key == str(event.id))
    elif not is_secretariat(account):
        query = query.where(Dispatch.event_key.in_(policy.event_keys_of(account)))
    page = page_of(query, page_number(request.args.get("page")))
    states = queries.count_states(page.items)
    given: dict[str, Any] = {"event": event.slug} if event else {}
    recent = clock.now() - OPT_OUTS_SHOWN
    return render_template(
        "mailings/index.html",
        page=page,
        event=event,
        may_create=event is not None or is_secretariat(account),
        subjects=queries.subjects_of([one.id for one in page.items], i18n.current_language()),
        states={one.id: queries.state_of(one, states[one.id]) for one in page.items},
        delivered={key: found.get(MessageState.ACCEPTED, 0) for key, found in states.items()},
        totals=queries.count_recipients([one.id for one in page.items]),
        audience_in_words=audiences.in_words,
        opted_out=queries.opted_out_of(topics.GENERAL, recent) if event is None else [],
        zone=clock.association_zone().key,
        url_for_page=lambda number: url_for(".index", page=number, **given),
    )


def _event_asked_for() -> Event | None:
    slug = request.args.get("event")
    return policy.event_for_staff(slug, current_staff()) if slug else None


@bp.route("/new", methods=["GET", "POST"])
@staff()
def create() -> ResponseReturnValue:
    """Write a new dispatch."""
    event = _event_asked_for()
    if event is None and not is_secretariat(current_staff()):
        raise NotFound
    form = DispatchForm.about(event)
    if form.validate_on_submit():
        try:
            with transaction():
                number = services.create(form.values(event), current_actor()).number
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            return see_other(".show", number=number)
    return _form_page(form, event, None)


@bp.route("/<int:number>/edit", methods=["GET", "POST"])
@staff()
def edit(number: int) -> ResponseReturnValue:
    """Change a draft."""
    dispatch = policy.get_for_staff(number, current_staff())
    event = _event_of(dispatch)
    form = DispatchForm.about(event, data=filled_from(dispatch, queries.versions_of(dispatch)))
    if form.validate_on_submit():
        try:
            with transaction():
                services.edit(dispatch, form.values(event), current_actor())
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "good")
            return see_other(".show", number=number)
    return _form_page(form, event, dispatch)


def _form_page(
    form: DispatchForm, event: Event | None, dispatch: Dispatch | None
) -> ResponseReturnValue:
    page = render_template(
        "mailings/form.html",
        form=form,
        event=event,
        dispatch=dispatch,
        placeholders=KNOWN["event" if event else "members"],
    )
    return (page, 422) if form.errors else page


def _event_of(dispatch: Dispatch) -> Event | None:
    return db.session.get(Event, int(dispatch.event_key)) if dispatch.event_key else None


@bp.get("/<int:number>")
@staff()
def show(number: int) -> ResponseReturnValue:
    """The dispatch: its texts and readers while it is a draft, its progress afterwards."""
    dispatch = policy.get_for_staff(number, current_staff())
    versions = queries.versions_of(dispatch)
    event = _event_of(dispatch)
    plan = services.plan_of(dispatch) if dispatch.state is DispatchState.DRAFT else None
    missing = plan.missing(queries.written_of(dispatch)) if plan else []
    look = preview.of(dispatch, plan, request.args.get("reader", ""))
    return render_template(
        "mailings/show.html",
        **_progress_values(dispatch),
        versions=versions,
        written={code for code, one in versions.items() if one.subject and one.text},
        event=event,
        plan=plan,
        missing=missing,
        missing_names=i18n.listed(i18n.native_name(code) for code in missing),
        preview=look,
        linked=linked,
        audience=audiences.in_words(dispatch.audience),
        topic=topics.label(dispatch.topic.slug, i18n.local(event.title) if event else ""),
        reasons=_reasons(),
        subject=queries.subjects_of([dispatch.id], i18n.current_language()).get(dispatch.id) or "",
        zone=clock.association_zone().key,
    )


def _progress_values(dispatch: Dispatch) -> dict[str, Any]:
    states = queries.count_states([dispatch])[dispatch.id]
    return {
        "dispatch": dispatch,
        "state": queries.state_of(dispatch, states),
        "states": states,
        "total": queries.count_recipients([dispatch.id]).get(dispatch.id, 0),
        "waiting": sum(states.get(state, 0) for state in queries.UNFINISHED),
        "excluded": queries.count_excluded([dispatch.id])[dispatch.id],
    }


@bp.get("/<int:number>/progress")
@staff()
def progress(number: int) -> ResponseReturnValue:
    """The figures alone, for the page that watches them."""
    dispatch = policy.get_for_staff(number, current_staff())
    return render_template("mailings/_progress.html", **_progress_values(dispatch))


@bp.get("/<int:number>/readers")
@staff()
def readers(number: int) -> ResponseReturnValue:
    """Each fixed reader with what became of the mail, and who was left out."""
    dispatch = policy.get_for_staff(number, current_staff())
    asked = request.args.get("state", "")
    state = asked if asked in set(MessageState) else ""
    query = queries.recipients_with_mail(dispatch, state)
    given: dict[str, Any] = {"state": state} if state else {}
    subject = queries.subjects_of([dispatch.id], i18n.current_language()).get(dispatch.id)
    return render_template(
        "mailings/readers.html",
        dispatch=dispatch,
        subject=subject or "",
        page=page_of(query, page_number(request.args.get("page"))),
        exclusions=queries.exclusions_of(dispatch),
        reasons=_reasons(),
        state=state,
        may_open=is_secretariat(current_staff()),
        url_for_page=lambda page: url_for(".readers", number=number, page=page, **given),
    )


def _reasons() -> dict[ExclusionReason, str]:
    return {
        ExclusionReason.OPTED_OUT: _("Does not want mail of this kind"),
        ExclusionReason.SUPPRESSED: _("Address does not work"),
        ExclusionReason.NO_ADDRESS: _("No address known"),
        ExclusionReason.DUPLICATE: _("Gets the mail already"),
    }


def _do(number: int, act: Callable[[Dispatch], str]) -> ResponseReturnValue:
    """Carry out a command on the dispatch and go back to its page with what it says."""
    dispatch = policy.get_for_staff(number, current_staff())
    try:
        with transaction():
            said = act(dispatch)
        flash(said, "good")
    except RuleBroken as broken:
        flash(str(broken), "bad")
    return see_other(".show", number=number)


@bp.post("/<int:number>/freeze")
@staff()
def freeze(number: int) -> ResponseReturnValue:
    def act(dispatch: Dispatch) -> str:
        services.freeze(dispatch, current_actor())
        return str(_("The recipient list is locked. Nothing has been sent yet."))

    return _do(number, act)


@bp.post("/<int:number>/thaw")
@staff()
def thaw(number: int) -> ResponseReturnValue:
    def act(dispatch: Dispatch) -> str:
        services.thaw(dispatch, current_actor())
        return str(_("The dispatch is a draft again."))

    return _do(number, act)


@bp.post("/<int:number>/release")
@staff()
def release(number: int) -> ResponseReturnValue:
    def act(dispatch: Dispatch) -> str:
        count = services.release(dispatch, current_actor())
        return str(
            ngettext("%(num)s e-mail is on its way.", "%(num)s e-mails are on their way.", count)
        )

    return _do(number, act)


@bp.post("/<int:number>/pause")
@staff()
def pause(number: int) -> ResponseReturnValue:
    def act(dispatch: Dispatch) -> str:
        services.pause(dispatch, current_actor())
        return str(_("Paused. What was not sent yet waits."))

    return _do(number, act)


@bp.post("/<int:number>/resume")
@staff()
def resume(number: int) -> ResponseReturnValue:
    def act(dispatch: Dispatch) -> str:
        services.resume(dispatch, current_actor())
        return str(_("Sending goes on."))

    return _do(number, act)


@bp.post("/<int:number>/cancel")
@staff()
def cancel(number: int) -> ResponseReturnValue:
    def act(dispatch: Dispatch) -> str:
        services.cancel(dispatch, current_actor())
        return str(_("Cancelled. Nothing more will be sent."))

    return _do(number, act)
