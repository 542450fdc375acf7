"""Public pages of mailings: the reader's choice of mail, and the one click that stops it."""

from __future__ import annotations

from flask import flash, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from harpevents.core import i18n, tokens
from harpevents.core.access import by_token
from harpevents.core.db import db, transaction
from harpevents.core.errors import NotFound
from harpevents.core.web import public_blueprint, see_other
from harpevents.events.models import Event
from harpevents.mailings import emails, queries, services, topics
from harpevents.mailings.models import DispatchRecipient
from harpevents.outbox import queries as outbox

bp = public_blueprint("mailings", __name__)
PAGE_FORM = "choices"  # the name only our own form sends; every other POST is the one click


def _recipient(token: str) -> DispatchRecipient:
    """The reader whose link it is; `NotFound` for a link we did not make."""
    key = tokens.key_of(token)
    if key is None or not tokens.is_genuine(token, emails.UNSUBSCRIBE):
        raise NotFound
    recipient = queries.find_recipient(key)
    if recipient is None:
        raise NotFound
    return recipient


@bp.get("/u/<token>")
@by_token
def choices(token: str) -> ResponseReturnValue:
    """What mail the reader gets; looking changes nothing (mail scanners open links)."""
    recipient = _recipient(token)
    silent = outbox.suppressed_topics(recipient.address)
    own = emails.scope_of(recipient.dispatch)
    optional = topics.is_optional(own)
    stopped = outbox.suppressions(own, optional=optional, address=recipient.address)
    key = recipient.dispatch.event_key
    event = db.session.get(Event, int(key)) if key else None
    title = i18n.local(event.title) if event else ""
    return render_template(
        "mailings/choices.html",
        token=token,
        recipient=recipient,
        own=own,
        own_label=topics.label(own, title),
        own_stopped=bool(stopped),
        statutory=not optional,
        scopes=[
            (scope, topics.label(scope, title), scope not in silent) for scope in _offered(own)
        ],
        no_optional=topics.ALL_OPTIONAL in silent,
    )


def _offered(own: str) -> list[str]:
    """The scopes the page lists: the mail's own, and the newsletter."""
    return list(dict.fromkeys([own, topics.NEWSLETTER]))


@bp.post("/u/<token>")
@by_token
def stop(token: str) -> ResponseReturnValue:
    """Our page's form, or the mail program's one click (RFC 8058): no cookie, no redirect, 200."""
    recipient = _recipient(token)
    from_page = PAGE_FORM in request.form
    with transaction():
        if from_page:
            services.choose(recipient, _chosen(emails.scope_of(recipient.dispatch)))
        else:
            services.unsubscribe(recipient)
    if not from_page:
        return _("You will get no more mail of this kind."), 200, {"Content-Type": "text/plain"}
    flash(_("Your choice is saved."), "good")
    return see_other(".choices", token=token)


def _chosen(own: str) -> dict[str, bool]:
    """The choice as the form says it; the button "stop" is about the mail's own kind alone."""
    if "stop" in request.form:
        return {own: False}
    ticked = set(request.form.getlist("want"))
    wanted = {scope: scope in ticked for scope in _offered(own)}
    return {**wanted, topics.ALL_OPTIONAL: "none" not in request.form}


@bp.record_once
def _exempt(state: BlueprintSetupState) -> None:
    """Mail programs send no token of a form; the link itself is the proof."""
    state.app.extensions["csrf"].exempt(stop)
