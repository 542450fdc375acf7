"""Staff pages of events: the list, one event, its form, hosts and organisers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, or_
from sqlalchemy.orm import joinedload

from harpevents.core import association, clock, i18n
from harpevents.core.access import ADMIN, SECRETARIAT, staff
from harpevents.core.db import db, transaction
from harpevents.core.errors import NotFound, RuleBroken
from harpevents.core.forms import EmptyForm
from harpevents.core.paging import page_number, page_of
from harpevents.core.slugs import is_slug
from harpevents.core.web import current_query, desk_blueprint, query_text, see_other
from harpevents.events import breakdown, policy, queries, services, words
from harpevents.events.forms import CloneForm, EventForm, GrantForm, HostForm
from harpevents.events.models import Event, EventStatus, GrantKind, HostRole
from harpevents.events.services import EventValues, Host
from harpevents.institutions import queries as institution_queries
from harpevents.people import queries as people_queries
from harpevents.people.signed_in import current_actor, current_staff, is_secretariat

bp = desk_blueprint("desk_events", __name__, "/desk/events")
OVERVIEW = "desk_registrations.event"  # shows how many are registered, so it stands there


def _event(slug: str, needed: GrantKind) -> Event:
    if not is_slug(slug):
        raise NotFound(slug)
    return policy.get_for_staff(slug, current_staff(), needed)


@bp.get("/")
@staff()
def index() -> ResponseReturnValue:
    """The events this person may see, the latest first."""
    q, status = query_text(), request.args.get("status", "")
    query = policy.visible_to(current_staff()).options(joinedload(Event.parent))
    if status in {one.value for one in EventStatus}:
        query = query.where(Event.status == EventStatus(status))
    if q:
        texts = [func.lower(Event.title[code].as_string()) for code in i18n.languages()]
        query = query.where(
            or_(*(text.contains(q.lower(), autoescape=True) for text in (*texts, Event.slug)))
        )
    page = page_of(
        query.order_by(Event.starts_at.desc(), Event.id), page_number(request.args.get("page"))
    )
    return render_template(
        "events/desk_index.html",
        page=page,
        q=q,
        chosen=status,
        words=words,
        may_create=is_secretariat(current_staff()),
        page_url=lambda number: url_for(".index", **{**current_query(), "page": number}),
    )


@bp.route("/new", methods=["GET", "POST"])
@staff(ADMIN, SECRETARIAT)
def create() -> ResponseReturnValue:
    """A new event, kept as a draft until it is published."""
    form = EventForm(_possible_parents(None), data={"parent": request.args.get("parent", "")})
    if form.validate_on_submit():
        try:
            with transaction():
                event = services.create(EventValues(**form.values()), current_actor())
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The event is kept as a draft. Publish it when it is ready."), "good")
            return see_other(OVERVIEW, slug=event.slug)
    page = render_template("events/desk_form.html", form=form, event=None)
    return page, 422 if form.errors else 200


@bp.route("/<slug>/edit", methods=["GET", "POST"])
@staff()
def edit(slug: str) -> ResponseReturnValue:
    """The event's texts, times and rules."""
    event = _event(slug, GrantKind.EDIT)
    form = EventForm(_possible_parents(event), data=_prefilled(event))
    if form.validate_on_submit():
        try:
            with transaction():
                values = EventValues(**form.values(), reported=event.reported)
                services.edit(event, values, current_actor())
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The changes are saved."), "good")
            return see_other(OVERVIEW, slug=event.slug)
    event = queries.get_by_slug(slug)
    page = render_template("events/desk_form.html", form=form, event=event)
    return page, 422 if form.errors else 200


def _possible_parents(event: Event | None) -> list[Event]:
    """What this event may be a part of: its parent, and coming events without a parent."""
    query = policy.visible_to(current_staff()).where(
        Event.parent_id.is_(None),
        or_(~queries.is_over(clock.now()), Event.id == (event.parent_id if event else None)),
    )
    found = db.session.scalars(query.order_by(Event.starts_at.desc()).limit(200)).all()
    return [one for one in found if event is None or one.id != event.id]


def _prefilled(event: Event) -> dict[str, Any]:
    zone = event.zone
    local = {
        name: _local(getattr(event, name), zone)
        for name in ("starts_at", "ends_at", "opens_at", "closes_at")
    }
    texts = {
        name: dict(getattr(event, name)) for name in ("title", "summary", "venue", "description")
    }
    plain = {
        name: getattr(event, name)
        for name in (
            "slug", "zone", "languages", "series", "edition", "takes_registrations", "capacity",
            "needs_approval", "join_url", "reported_participants", "reported_note",
        )
    }  # fmt: skip
    codes = {name: getattr(event, name).value for name in ("kind", "mode", "precision")}
    codes["reported_qualifier"] = event.reported_qualifier or ""
    parent = event.parent.slug if event.parent is not None else ""
    return {**local, **texts, **plain, **codes, "parent": parent}


def _local(moment: datetime | None, zone: str) -> datetime | None:
    """The wall-clock time in the zone, as a form holds it."""
    return None if moment is None else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@bp.route("/<slug>/published-figure", methods=["GET", "POST"])
@staff()
def published_figure(slug: str) -> ResponseReturnValue:
    """How a published number of participants was broken down."""
    event = _event(slug, GrantKind.EDIT)
    form = breakdown.form_for(association.sides(), event.reported)
    if form.validate_on_submit():
        try:
            with transaction():
                services.set_breakdown(event, form.persons(), form.institutions(), current_actor())
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The changes are saved."), "good")
            return see_other(OVERVIEW, slug=slug)
    page = render_template("events/desk_published_figure.html", event=event, form=form)
    return page, 422 if form.errors else 200


@bp.post("/<slug>/publish")
@staff()
def publish(slug: str) -> ResponseReturnValue:
    """Show the event to everybody."""
    drafts = [
        part
        for part in queries.parts_of(_event(slug, GrantKind.EDIT))
        if part.status is EventStatus.DRAFT
    ]
    done = _("The event is published.")
    if drafts:
        done = ngettext(
            "The event is published, and %(num)s part with it.",
            "The event is published, and %(num)s parts with it.",
            len(drafts),
        )
    return _act(slug, services.publish, done)


@bp.post("/<slug>/archive")
@staff()
def archive(slug: str) -> ResponseReturnValue:
    """Close the work on the event."""
    return _act(slug, services.archive, _("The event is archived."))


def _act(slug: str, service: Any, done: str) -> ResponseReturnValue:
    event = _event(slug, GrantKind.EDIT)
    with transaction():
        service(event, current_actor())
    flash(done, "good")
    return see_other(OVERVIEW, slug=slug)


@bp.route("/<slug>/clone", methods=["GET", "POST"])
@staff(ADMIN, SECRETARIAT)
def clone(slug: str) -> ResponseReturnValue:
    """A draft with the same texts under a new address."""
    event, form = _event(slug, GrantKind.EDIT), CloneForm()
    if form.validate_on_submit():
        try:
            with transaction():
                twin = services.clone(event, form.slug.data or "", current_actor())
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("This is the copy, a draft."), "good")
            return see_other(OVERVIEW, slug=twin.slug)
    page = render_template("events/desk_clone.html", event=event, form=form)
    return page, 422 if form.errors else 200


@bp.route("/<slug>/hosts", methods=["GET", "POST"])
@staff()
def hosts(slug: str) -> ResponseReturnValue:
    """Who holds the event."""
    event = _event(slug, GrantKind.EDIT)
    form = HostForm()
    if form.validate_on_submit():
        with transaction():
            services.set_hosts(event, [*_hosts(event), _typed_host(form)], current_actor())
        flash(_("The host is added."), "good")
        return see_other(".hosts", slug=slug)
    found = queries.hosts_of(event)
    page = render_template(
        "events/desk_hosts.html",
        event=event,
        form=form,
        hosts=list(
            zip(found, queries.host_names(found, i18n.current_language(), None), strict=True)
        ),
        words=words,
    )
    return page, 422 if form.errors else 200


def _hosts(event: Event) -> list[Host]:
    return [Host(host.institution_id, host.name, host.role) for host in queries.hosts_of(event)]


def _typed_host(form: HostForm) -> Host:
    slug = form.institution_slug.data or ""
    institution = institution_queries.find_by_slug(slug) if is_slug(slug) else None
    role = HostRole(form.role.data)
    if institution is not None:
        return Host(institution.id, None, role)
    return Host(None, {i18n.current_language(): form.institution.data or ""}, role)


@bp.post("/<slug>/hosts/<int:position>/remove")
@staff()
def remove_host(slug: str, position: int) -> ResponseReturnValue:
    """Take one host off the list."""
    event = _event(slug, GrantKind.EDIT)
    with transaction():
        rest = [host for at, host in enumerate(_hosts(event), 1) if at != position]
        services.set_hosts(event, rest, current_actor())
    return see_other(".hosts", slug=slug)


@bp.route("/<slug>/organisers", methods=["GET", "POST"])
@staff(ADMIN, SECRETARIAT)
def organisers(slug: str) -> ResponseReturnValue:
    """Who organises the event, and what each may do."""
    event = _event(slug, GrantKind.EDIT)
    form = GrantForm()
    if form.validate_on_submit():
        account = people_queries.find_account((form.email.data or "").lower())
        if account is None:
            form.email.errors = [_("There is no account with this address.")]
        else:
            with transaction():
                services.grant(event, account, form.grant(), current_actor())
            flash(_("The organiser is named."), "good")
            return see_other(".organisers", slug=slug)
    page = render_template(
        "events/desk_organisers.html",
        event=event,
        form=form,
        grants=queries.grants_of(event),
        words=words,
        empty_form=EmptyForm(),
    )
    return page, 422 if form.errors else 200


@bp.post("/<slug>/organisers/<int:number>/revoke")
@staff(ADMIN, SECRETARIAT)
def revoke(slug: str, number: int) -> ResponseReturnValue:
    """Take an organiser's grant back."""
    event = _event(slug, GrantKind.EDIT)
    for given in queries.grants_of(event):
        if given.id == number:
            with transaction():
                services.revoke(event, given.account, current_actor())
    return see_other(".organisers", slug=slug)
