"""Staff pages of outbox: the list of mail, one mail as its reader sees it, what to do about it."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from harpevents.audit.acting import current_actor
from harpevents.core import clock, i18n
from harpevents.core.access import ADMIN, SECRETARIAT, staff
from harpevents.core.db import transaction
from harpevents.core.downloads import download
from harpevents.core.errors import NotFound
from harpevents.core.paging import page_number, page_of
from harpevents.core.web import desk_blueprint, query_text, see_other
from harpevents.outbox import messages, queries, sender, services
from harpevents.outbox.models import HELD, DeliveryOutcome, Message, MessageState, Reason

bp = desk_blueprint("desk_outbox", __name__)
PRIVATE_KINDS = "people."  # their links open accounts, so only administrators read them


def _readable(number: int) -> Message:
    """The mail, unless its links would give this person somebody else's account."""
    message = queries.get(number)
    if message.kind.startswith(PRIVATE_KINDS) and current_user.role != ADMIN:
        raise NotFound(number)
    return message


def _kind_names() -> dict[str, str]:
    registration, event = _("Registration"), _("Event")
    return {
        "registration.confirmed": i18n.noted(registration, _("Confirmed")),
        "registration.pending": i18n.noted(registration, _("Waiting for approval")),
        "registration.waitlisted": i18n.noted(registration, _("Waiting list")),
        "registration.promoted": i18n.noted(registration, _("A place came free")),
        "registration.approved": i18n.noted(registration, _("Approved")),
        "registration.declined": i18n.noted(registration, _("Declined")),
        "registration.cancelled": i18n.noted(registration, _("Cancelled")),
        "registration.changed": i18n.noted(registration, _("Changed")),
        "registration.moved": i18n.noted(registration, _("Another e-mail address")),
        "registration.link": i18n.noted(registration, _("The link once more")),
        "registration.called_off": i18n.noted(event, _("Called off")),
        "mailings.dispatch": _("Dispatch"),
        "mailings.opted_out": _("A member's contact wants no more letters"),
        "people.reset": i18n.noted(_("Account"), _("New password")),
    }


def _reasons() -> dict[str, str]:
    return {
        Reason.OPTED_OUT: _("The recipient does not want mail of this kind."),
        Reason.CANCELLED: _("The dispatch was cancelled before this mail left."),
        Reason.LEASE_EXPIRED: _("The program stopped while it was sending this mail."),
        Reason.CONNECTION_LOST: _("The connection broke before the server had answered."),
        Reason.GAVE_UP: _("The server did not take it for two days."),
        Reason.OTHER_KEY: _("Its links belong to another secret key, so it was not sent."),
        Reason.DROPPED: _("Held back after a backup was restored, and dropped by decision."),
        Reason.LINK_VOID: _("The link in it ended when a backup was restored."),
    }


def _reason(message: Message) -> str | None:
    """Why the mail is as it is, in words."""
    if (message.reason or "").startswith(HELD):
        return str(
            _("It waited when a backup was made that was restored, and may have gone out since.")
        )
    return _reasons().get(message.reason or "", message.reason)


def _state_choices() -> list[tuple[str, str]]:
    return [
        ("queued", _("Queued")),
        ("sending", _("Sending")),
        ("accepted", _("Accepted")),
        ("deferred", _("Deferred")),
        ("refused", _("Refused")),
        ("bounced", _("Bounced")),
        ("unknown", _("Unknown")),
        ("skipped", _("Skipped")),
        (queries.ONLY_HELD, _("Held back")),
    ]


def _filters() -> dict[str, str]:
    """The filters in the query string; an unknown value filters nothing."""
    given = {name: request.args.get(name, "") for name in ("state", "kind", "event")}
    if given["state"] not in {*MessageState, queries.ONLY_HELD}:
        given["state"] = ""
    if not (given["event"].isascii() and given["event"].isdigit()):
        given["event"] = ""
    return {**given, "q": query_text()}


@bp.get("/outbox")
@staff(ADMIN, SECRETARIAT)
def index() -> ResponseReturnValue:
    """All mail, newest first, narrowed by the filters."""
    asked, names = _filters(), _kind_names()
    query = queries.listed(
        state=asked["state"], kind=asked["kind"], words=asked["q"], event_key=asked["event"]
    )
    page = page_of(query, page_number(request.args.get("page")))
    filters: dict[str, Any] = {name: value for name, value in asked.items() if value}
    return render_template(
        "outbox/index.html",
        page=page,
        asked=asked,
        caught=queries.caught_among([message.id for message in page.items]),
        counts=queries.count_by_state(),
        held=queries.count_held(),
        kinds=[(kind, names.get(kind, kind)) for kind in queries.kinds()],
        states=_state_choices(),
        zone=clock.association_zone().key,
        url_for_page=lambda number: url_for(".index", **filters, page=number),
    )


@bp.get("/outbox/<int:number>")
@staff(ADMIN, SECRETARIAT)
def show(number: int) -> ResponseReturnValue:
    """One mail as its reader sees it, with each try to deliver it."""
    message = _readable(number)
    attempts = queries.attempts_of(message)
    return render_template(
        "outbox/show.html",
        message=message,
        kind=_kind_names().get(message.kind, message.kind),
        caught=any(attempt.outcome is DeliveryOutcome.CAUGHT for attempt in attempts),
        attempts=attempts,
        text=messages.text_of(message),
        linked=messages.linked,
        subject=messages.subject_of(message),
        attachments=messages.attachments_of(message),
        sender=f"{sender.name(message.language)} <{sender.address()}>",
        reason=_reason(message),
        reasons=_reasons(),
        held=queries.is_held(message),
        language=i18n.native_name(message.language),
        zone=clock.association_zone().key,
        may_resend=message.state in services.RESENDABLE,
    )


@bp.get("/outbox/<int:number>.eml")
@staff(ADMIN, SECRETARIAT)
def source(number: int) -> ResponseReturnValue:
    """The mail as it is sent, as a file."""
    return download(messages.as_bytes(_readable(number)), f"{number:08}.eml", "message/rfc822")


@bp.post("/outbox/<int:number>/resend")
@staff(ADMIN, SECRETARIAT)
def resend(number: int) -> ResponseReturnValue:
    message = _readable(number)
    with transaction():
        services.resend(message, current_actor())
    flash(_("The mail will be sent again."), "good")
    return see_other(".show", number=number)


@bp.post("/outbox/<int:number>/settle")
@staff(ADMIN, SECRETARIAT)
def settle(number: int) -> ResponseReturnValue:
    message = _readable(number)
    with transaction():
        services.settle(message, current_actor())
    flash(_("The mail is marked as delivered."), "good")
    return see_other(".show", number=number)


@bp.post("/outbox/<int:number>/drop")
@staff(ADMIN, SECRETARIAT)
def drop(number: int) -> ResponseReturnValue:
    message = _readable(number)
    with transaction():
        services.drop(message, current_actor())
    flash(_("The mail will not be sent."), "good")
    return see_other(".show", number=number)


@bp.post("/outbox/held/resend")
@staff(ADMIN, SECRETARIAT)
def resend_held() -> ResponseReturnValue:
    """Send all mails that a restore held back."""
    with transaction():
        count = services.resend_held(current_actor())
    said = ngettext("%(num)s mail will be sent.", "%(num)s mails will be sent.", count)
    flash(said, "good")
    return see_other(".index")


@bp.post("/outbox/held/drop")
@staff(ADMIN, SECRETARIAT)
def drop_held() -> ResponseReturnValue:
    """Let none of the mails go that a restore held back."""
    with transaction():
        count = services.drop_held(current_actor())
    said = ngettext("%(num)s mail will not be sent.", "%(num)s mails will not be sent.", count)
    flash(said, "good")
    return see_other(".index")
