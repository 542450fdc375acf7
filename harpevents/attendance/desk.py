"""Staff pages of attendance: the door, walk-ins, and reports of online meetings."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from harpevents.attendance import door, queries, services, words
from harpevents.attendance.forms import WalkInForm, uuid_of
from harpevents.attendance.models import CheckIn, CheckInResult, CheckInSource
from harpevents.core.access import staff
from harpevents.core.db import transaction
from harpevents.core.errors import NotFound, RuleBroken
from harpevents.core.paging import page_number
from harpevents.core.web import desk_blueprint, see_other
from harpevents.events import policy
from harpevents.events.models import Event, GrantKind
from harpevents.people.signed_in import current_account, current_actor
from harpevents.registrations import queries as registrations

bp = desk_blueprint("desk_attendance", __name__)
LIST = "/events/<slug>/attendance"


def _event(slug: str) -> Event:
    return policy.get_for_staff(slug, current_account(), GrantKind.CHECK_IN)


@bp.get(LIST)
@staff()
def index(slug: str) -> ResponseReturnValue:
    """The door: look for a person, check her in, see who is there."""
    event = _event(slug)
    return _door(event, _fact_asked_for(event))


def _fact_asked_for(event: Event) -> CheckIn | None:
    id = uuid_of(request.args.get("fact"))
    return queries.find_of_event(event, id) if id is not None else None


def _door(event: Event, fact: CheckIn | None = None) -> str:
    q = door.asked(request.values.get("q"))
    account = current_account()
    return render_template(
        "attendance/door.html",
        event=event,
        lists=door.lists(event),
        q=q,
        door=door.door(event, q, page_number(request.values.get("page"))),
        answer=door.answer(event, fact),
        by_code=request.args.get("by") == "code",
        code_id=uuid.uuid4(),
        refused=words.REFUSED,
        may_moderate=policy.may(account, event, GrantKind.MODERATE),
        url_for_page=lambda number: url_for(".index", slug=event.slug, q=q or None, page=number),
        live=door.live(event),
        sources=words.SOURCES,
    )


@bp.get(f"{LIST}/counts")
@staff()
def counts(slug: str) -> ResponseReturnValue:
    """The live counts alone, which the door asks for every five seconds."""
    event = _event(slug)
    return render_template(
        "attendance/_counts.html",
        event=event,
        live=door.live(event),
        refused=words.REFUSED,
        sources=words.SOURCES,
    )


@bp.post(f"{LIST}/check-in")
@staff()
def check_in(slug: str) -> ResponseReturnValue:
    """Check in the person of a row; sent again it is the same check-in."""
    event = _event(slug)
    number = request.form.get("number", "")
    if not (number.isascii() and number.isdigit()):
        raise NotFound(number)
    with transaction():
        person = registrations.get_by_number(event.parent or event, int(number))
        fact = services.check_in(
            event,
            person,
            source=CheckInSource.NAME,
            actor=current_actor(),
            id=uuid_of(request.form.get("id")),
            device=_device(),
        )
    return _answer(event, fact)


@bp.post(f"{LIST}/ticket")
@staff()
def ticket(slug: str) -> ResponseReturnValue:
    """Check in whose ticket was scanned or typed: its link, its token or the key below the code."""
    event = _event(slug)
    code = request.form.get("code", "").strip()[:500]
    if not code:
        return see_other(".index", slug=slug, by="code")
    with transaction():
        fact = services.check_in_by_code(
            event,
            code,
            actor=current_actor(),
            id=uuid_of(request.form.get("id")),
            device=_device(),
        )
    return see_other(".index", slug=slug, fact=fact.id, by="code")


@bp.post(f"{LIST}/undo")
@staff()
def undo(slug: str) -> ResponseReturnValue:
    """Take a check-in back, with a reason where one was given."""
    event = _event(slug)
    id = uuid_of(request.form.get("check_in"))
    with transaction():
        fact = queries.find_of_event(event, id) if id is not None else None
        if fact is None:
            raise NotFound(id)
        taken_back = services.annul(
            fact, actor=current_actor(), reason=door.asked(request.form.get("reason"))
        )
    return _answer(event, taken_back)


@bp.route(f"{LIST}/walk-in", methods=["GET", "POST"])
@staff()
def walk_in(slug: str) -> ResponseReturnValue:
    """Register somebody who came without, and check her in."""
    event = _event(slug)
    form = WalkInForm()
    if form.validate_on_submit():
        try:
            with transaction():
                _person, fact = services.walk_in(
                    event, form.entry(), actor=current_actor(), id=uuid_of(form.id.data)
                )
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            if fact.result is not CheckInResult.REFUSED:
                flash(_("Registered and checked in."), "good")
            return see_other(".index", slug=slug, fact=fact.id)
    status = 422 if form.errors else 200
    return render_template("attendance/walk_in.html", event=event, form=form), status


def _answer(event: Event, fact: CheckIn) -> ResponseReturnValue:
    kept: dict[str, Any] = {name: request.form.get(name) or None for name in ("q", "page")}
    return see_other(".index", slug=event.slug, fact=fact.id, **kept)


def _device() -> str:
    return door.asked(request.form.get("device"))[:40]
