"""Staff pages of attendance: the door, walk-ins, and reports of online meetings."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from harpevents.attendance import door, queries, report_import, report_pages, services, words
from harpevents.attendance.forms import ReportForm, WalkInForm, uuid_of
from harpevents.attendance.models import CheckIn, CheckInResult, CheckInSource, ReportedPerson
from harpevents.core import clock
from harpevents.core.access import staff
from harpevents.core.db import transaction, turn_at
from harpevents.core.errors import NotFound, RuleBroken
from harpevents.core.paging import page_number
from harpevents.core.texts import clean_words
from harpevents.core.web import desk_blueprint, query_text, see_other
from harpevents.events import policy
from harpevents.events.models import Event, GrantKind
from harpevents.people.signed_in import current_actor, current_staff
from harpevents.registrations import queries as registrations

bp = desk_blueprint("desk_attendance", __name__)
LIST = "/events/<slug>/attendance"
COMMON_ZONES = (
    "Asia/Tokyo",
    "Europe/Moscow",
    "Asia/Vladivostok",
    "Asia/Sakhalin",
    "Asia/Yakutsk",
    "Asia/Novosibirsk",
    "Europe/Helsinki",
    "America/Anchorage",
    "UTC",
)


def _event(slug: str) -> Event:
    return policy.get_for_staff(slug, current_staff(), GrantKind.CHECK_IN)


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
    q = query_text()
    account = current_staff()
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
        waiting=queries.count_waiting(event),
        begun=event.starts_at <= clock.now(),
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
    number = _number(request.form.get("number", ""))
    actor, id, device = current_actor(), uuid_of(request.form.get("id")), _device()
    with transaction():
        event = _event(slug)
        person = registrations.get_by_number(event.parent or event, number)
        source = CheckInSource.NAME
        fact = services.check_in(event, person, source=source, actor=actor, id=id, device=device)
        made = fact.id
    return _answer(slug, made)


@bp.post(f"{LIST}/ticket")
@staff()
def ticket(slug: str) -> ResponseReturnValue:
    """Check in whose ticket was scanned or typed: its link, its token or the key below the code."""
    code = request.form.get("code", "").strip()[:500]
    actor, id, device = current_actor(), uuid_of(request.form.get("id")), _device()
    with transaction():
        event = _event(slug)
        if not code:
            return see_other(".index", slug=slug, by="code")
        made = services.check_in_by_code(event, code, actor=actor, id=id, device=device).id
    return _answer(slug, made, by="code")


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
        taken_back = services.annul(fact, actor=current_actor(), reason=query_text("reason"))
    return _answer(slug, taken_back.id)


@bp.route(f"{LIST}/walk-in", methods=["GET", "POST"])
@staff()
def walk_in(slug: str) -> ResponseReturnValue:
    """Register somebody who came without, or who stands in a report, and check her in."""
    event = _event(slug)
    reported = _reported(event)
    form = WalkInForm(data=report_pages.as_walk_in(reported) if reported else None)
    if form.validate_on_submit():
        try:
            with transaction(turn=turn_at(event.parent or event)):
                fact = _register_at_the_door(event, form, reported)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            if fact.result is not CheckInResult.REFUSED:
                flash(_("Registered and checked in."), "good")
            if reported is not None:
                return see_other(".queue", slug=slug)
            return see_other(".index", slug=slug, fact=fact.id)
    status = 422 if form.errors else 200
    return render_template("attendance/walk_in.html", event=event, form=form), status


def _register_at_the_door(
    event: Event, form: WalkInForm, reported: ReportedPerson | None
) -> CheckIn:
    actor = current_actor()
    person, fact = services.walk_in(
        event,
        form.entry(),
        actor=actor,
        id=uuid_of(form.id.data),
        happened_at=reported.first_join if reported is not None else None,
    )
    if reported is not None and reported.registration_id != person.id:
        report_import.decide(reported, person, actor=actor)
    return fact


def _answer(slug: str, fact: uuid.UUID, **others: Any) -> ResponseReturnValue:
    query: dict[str, Any] = {name: request.form.get(name) or None for name in ("q", "page")}
    return see_other(".index", slug=slug, fact=fact, **query, **others)


def _device() -> str:
    return query_text("device")[:40]


@bp.route(f"{LIST}/reports", methods=["GET", "POST"])
@staff()
def reports(slug: str) -> ResponseReturnValue:
    """Reports taken in before, and the form that takes in another, or only looks at it."""
    event = _event(slug)
    form = ReportForm(event)
    if form.validate_on_submit():
        try:
            planned = report_import.plan(
                event,
                form.file.data.read(),
                form.file.data.filename,
                form.zone.data,
                form.encoding.data or None,
            )
            if form.dry_run.data:
                return _result(event, report_pages.of_plan(planned), stored=False)
            return _take(event, planned, all_came=form.all_came.data)
        except RuleBroken as broken:
            form.refuse(broken)
    return render_template(
        "attendance/reports.html",
        event=event,
        form=form,
        zones=COMMON_ZONES,
        reports=report_pages.listed(event),
        formats=words.FORMATS,
        zone=clock.association_zone().key,
    ), 422 if form.errors else 200


def _take(
    event: Event, planned: report_import.ImportPlan, *, all_came: bool
) -> ResponseReturnValue:
    with transaction():
        before = report_import.find_taken(event, planned.digest) is not None
        report = report_import.take(planned, actor=current_actor(), all_came=all_came)
    if before:
        flash(_("This file was imported earlier. Nothing was changed."), "warn")
    else:
        flash(_("The report was imported."), "good")
    return see_other(".report", slug=event.slug, number=report.id)


def _result(event: Event, shown: dict[str, Any], **others: Any) -> str:
    return render_template(
        "attendance/report.html", event=event, shown=shown, matches=words.MATCHES, **others
    )


@bp.get(f"{LIST}/reports/<int:number>")
@staff()
def report(slug: str, number: int) -> ResponseReturnValue:
    """A report that was taken in: who was matched how, what was left out and why."""
    event = _event(slug)
    taken = queries.get_report(event, number)
    return _result(
        event,
        report_pages.of_report(taken, page_number(request.args.get("page"))),
        stored=True,
        report=taken,
        association_zone=clock.association_zone().key,
        url_for_page=lambda page: url_for(".report", slug=slug, number=number, page=page),
    )


@bp.get(f"{LIST}/queue")
@staff()
def queue(slug: str) -> ResponseReturnValue:
    """People of reports who match nobody for certain: a person decides who they are."""
    event = _event(slug)
    people, page = report_pages.queue(event, page_number(request.args.get("page")))
    return render_template(
        "attendance/queue.html",
        event=event,
        people=people,
        page=page,
        url_for_page=lambda number: url_for(".queue", slug=slug, page=number),
    )


@bp.get(f"{LIST}/queue/<int:number>")
@staff()
def choose(slug: str, number: int) -> ResponseReturnValue:
    """Choose the registration of somebody of the queue by searching for it."""
    event = _event(slug)
    person = report_pages.waiting(queries.get_waiting(event, number), [])
    q = query_text() if "q" in request.args else clean_words(person.name)
    rows, page = report_pages.found(event, q, page_number(request.args.get("page")))
    return render_template(
        "attendance/choose.html",
        event=event,
        waiting=person,
        q=q,
        rows=rows,
        page=page,
        url_for_page=lambda n: url_for(".choose", slug=slug, number=number, q=q, page=n),
    )


@bp.post(f"{LIST}/queue/<int:number>")
@staff()
def decide(slug: str, number: int) -> ResponseReturnValue:
    """This is that registration, or nobody of ours (no registration number given)."""
    event = _event(slug)
    chosen = request.form.get("registration", "")
    with transaction():
        person = queries.get_waiting(event, number)
        registration = None
        if chosen:
            registration = registrations.get_by_number(event.parent or event, _number(chosen))
        report_import.decide(person, registration, actor=current_actor())
    flash(_("Checked in.") if registration else _("Set aside."), "good")
    return see_other(".queue", slug=slug)


def _reported(event: Event) -> ReportedPerson | None:
    text = request.args.get("reported", "")
    return queries.get_waiting(event, _number(text)) if text else None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound(text)
    return int(text)
