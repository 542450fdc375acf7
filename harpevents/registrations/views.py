"""Public pages of registrations: the event, the form, and everything behind the personal link."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import segno
from flask import (
    Flask,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError

from harpevents.core import clock, i18n, tokens
from harpevents.core.access import by_token, public
from harpevents.core.db import transaction
from harpevents.core.errors import NotFound, RuleBroken
from harpevents.core.limits import limited
from harpevents.core.slugs import is_slug
from harpevents.core.web import public_blueprint, see_other
from harpevents.events import kept, policy
from harpevents.events import queries as event_queries
from harpevents.events import words as event_words
from harpevents.events.models import Event, EventStatus, Precision
from harpevents.events.policy import Phase
from harpevents.registrations import emails, jobs, queries, refusals, services, words
from harpevents.registrations.forms import EmptyForm, RegistrationForm, values_of
from harpevents.registrations.models import ConsentPurpose, Registration, RegistrationState
from harpevents.registrations.page_cache import Glance, PageCache, glance

bp = public_blueprint("registrations", __name__, prefix=None)
bp.record_once(lambda state: jobs.init_app(cast(Flask, state.app)))
pages = PageCache()
TOKEN_MARK = "csrf-token-goes-here"  # noqa: S105 -- stands in a kept page for the real one
KEY_MARK = "form-key-goes-here"
POSTS = "60 per minute; 600 per hour"  # a hall full of people has one address


def _is_plain_visit() -> bool:
    """Whether the page is the same for everybody: nobody signed in, nothing to tell, no query."""
    if request.args:
        return False
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return True
    return "_flashes" not in session and not current_user.is_authenticated


def _seen(slug: str) -> Glance:
    found = glance(slug) if is_slug(slug) else None
    if found is None:
        raise NotFound(slug)
    return found


@bp.get("/<lang:lang>/events/<slug>")
@public
def event(slug: str) -> ResponseReturnValue:
    """One event: what, when, where, by whom, and the way to the form."""
    seen = _seen(slug)
    if not _is_plain_visit():
        return _event_page(slug)
    phase = policy.phase(seen, clock.now())
    key = ("event", slug, i18n.current_language(), seen.revision, phase)
    page = pages.get(key, lambda: _event_page(slug))
    response = Response(page.html)
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Vary"] = "Cookie"
    response.set_etag(page.etag)
    return response.make_conditional(request)


def _event_page(slug: str) -> str:
    found = event_queries.get_by_slug(slug)
    language = i18n.current_language()
    parts = [part for part in event_queries.parts_of(found) if part.status is not EventStatus.DRAFT]
    day = found.day
    return render_template(
        "registrations/event.html",
        event=found,
        phase=policy.phase(found, clock.now()),
        parts=parts,
        left=_places_left(found, parts),
        hosts=event_queries.host_names(event_queries.hosts_of(found), language, day),
        kind=event_words.KINDS[found.kind],
        mode=event_words.MODES[found.mode],
        modes=event_words.MODES,
        exact=found.precision is Precision.MINUTE,
        participants=_participants(found),
        day=emails.when(found, language),
        alternates=[(code, url_for(".event", lang=code, slug=slug)) for code in i18n.languages()],
    )


def _places_left(found: Event, parts: list[Event]) -> dict[int, int | None]:
    """{event: places left}, None where there is no limit."""
    held = queries.held_in_parts([part.id for part in parts if part.capacity is not None])
    left = {
        part.id: None if part.capacity is None else max(0, part.capacity - held.get(part.id, 0))
        for part in parts
    }
    left[found.id] = None if found.capacity is None else queries.places(found).left(found.capacity)
    return left


def _participants(event: Event) -> int | None:
    """How many came to an event that is over: as published, else as counted by the rooms above."""
    if policy.phase(event, clock.now()) is not Phase.OVER:
        return None
    count_present: Callable[[Event], int] = current_app.extensions["count_present"]
    return event.reported_participants or count_present(event) or None


@bp.get("/<lang:lang>/events/<slug>/register")
@public
def register(slug: str) -> ResponseReturnValue:
    """The registration form; the blank one is written once for all visitors."""
    seen = _seen(slug)
    phase = policy.phase(seen, clock.now())
    if phase is not Phase.OPEN:
        return see_other(".event", slug=slug)
    if not _is_plain_visit():
        return _form_page(slug, _blank_form(slug))
    key = ("form", slug, i18n.current_language(), seen.revision)
    page = pages.get(key, lambda: _marked_form_page(slug))
    html = page.html.replace(TOKEN_MARK, generate_csrf()).replace(KEY_MARK, tokens.new_key(20))
    return Response(html)


def _blank_form(slug: str) -> RegistrationForm:
    found = event_queries.get_by_slug(slug)
    return RegistrationForm(found, event_queries.parts_of(found), formdata=None)


def _marked_form_page(slug: str) -> str:
    """The blank page with marks where each visitor gets a token and a form key of his own."""
    form = _blank_form(slug)
    key = form.form_key.data
    html = _form_page(slug, form)
    return html.replace(generate_csrf(), TOKEN_MARK).replace(key, KEY_MARK)


def _form_page(slug: str, form: RegistrationForm) -> str:
    found = event_queries.get_by_slug(slug)
    return render_template(
        "registrations/form.html",
        event=found,
        form=form,
        day=emails.when(found, i18n.current_language()),
        full=_places_left(found, [])[found.id] == 0,
    )


@bp.post("/<lang:lang>/events/<slug>/register", endpoint="register_post")
@public
@limited(POSTS)
def register_post(slug: str) -> ResponseReturnValue:
    """Take the form: 303 to the personal page, or the form again with all that was typed."""
    found, parts = event_queries.find_with_parts(slug) if is_slug(slug) else (None, [])
    if found is None or found.status is EventStatus.DRAFT:
        raise NotFound(slug)
    form = RegistrationForm(found, parts)
    if not form.validate():
        return _form_page(slug, form), 422
    try:
        token = _register(found, form)
    except RuleBroken as broken:
        if isinstance(broken, refusals.AlreadyRegistered):
            with transaction():
                event = event_queries.get_by_slug(slug)
                services.remind_of_registration(event, form.email.data or "")
        form.refuse(broken)
        return _form_page(slug, form), broken.status
    return see_other(".mine", token=token, thanks=1)


def _register(found: Event, form: RegistrationForm) -> str:
    """Register, once more where another post of the same person was a moment faster.

    Returns the token of the personal page.
    """
    entry = services.prepared(form.entry())
    key, digest = form.form_key.data, form.digest()
    for attempt in (1, 2):
        try:
            with transaction():
                event = kept.hold(found)
                made = services.register(
                    event, entry, actor=services.FORM, form_key=key, form_digest=digest
                )
                return queries.manage_token(made)
        except IntegrityError:
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


# Behind the personal link


def _mine(token: str) -> Registration:
    registration = queries.find_by_token(token)
    if registration is None:
        raise NotFound(token)
    return registration


def _may_change(registration: Registration) -> bool:
    live = registration.state in queries.LIVE_STATES
    return live and policy.takes_place(registration.event, clock.now())


def _refuse_unless_changeable(registration: Registration) -> None:
    if not _may_change(registration):
        raise refusals.EventOver


@bp.get("/<lang:lang>/r/<token>")
@by_token
def mine(token: str) -> ResponseReturnValue:
    """My registration: how it stands, what I wrote, and what I can do about it."""
    registration = _mine(token)
    language = i18n.current_language()
    waiting = registration.state is RegistrationState.WAITLISTED
    return render_template(
        "registrations/mine.html",
        registration=registration,
        event=registration.event,
        token=token,
        form=EmptyForm(),
        name=queries.display_name(registration, language),
        parts=[(part.event, words.MODES[part.mode]) for part in queries.parts_of(registration)],
        consents=_given(registration),
        consent_words=words.CONSENTS,
        category=words.CATEGORIES[registration.category],
        mode=words.MODES[registration.mode],
        day=emails.when(registration.event, language),
        position=queries.waiting_position(registration) if waiting else None,
        may_change=_may_change(registration),
        ticket=_ticket_parts(registration),
        thanks="thanks" in request.args,
    )


def _given(registration: Registration) -> list[ConsentPurpose]:
    return [
        consent.purpose
        for consent in queries.consents_of(registration)
        if consent.withdrawn_at is None
    ]


def _ticket_parts(registration: Registration) -> tuple[Markup, str] | None:
    """The QR code as SVG and the code people read out, once the place is confirmed."""
    if registration.state is not RegistrationState.CONFIRMED:
        return None
    text = tokens.fill_placeholders(queries.ticket_placeholder(registration))
    drawn = segno.make(text, error="m", micro=False)
    svg = drawn.svg_inline(scale=5, border=4, light="#fff", omitsize=True)
    return Markup(svg), queries.ticket_code(registration)  # noqa: S704 -- drawn by us


@bp.route("/<lang:lang>/r/<token>/change", methods=["GET", "POST"])
@by_token
@limited(POSTS)
def change(token: str) -> ResponseReturnValue:
    """The form with what I wrote; sending it puts the new answers in place of the old."""
    registration = _mine(token)
    _refuse_unless_changeable(registration)
    event, parts = registration.event, event_queries.parts_of(registration.event)
    form = RegistrationForm(event, parts, data=_prefilled(registration))
    if form.validate_on_submit():
        try:
            with transaction():
                services.edit(registration, form.entry(), actor=services.participant(registration))
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Your changes are saved."), "good")
            return see_other(".mine", token=token)
    page = render_template(
        "registrations/change.html",
        event=event,
        form=form,
        token=token,
        day=emails.when(event, i18n.current_language()),
    )
    return page, 422 if form.errors else 200


def _prefilled(registration: Registration) -> dict[str, object]:
    parts = [(part.event.slug, part.mode) for part in queries.parts_of(registration)]
    slug = registration.institution.slug if registration.institution is not None else ""
    return values_of(registration, parts, frozenset(_given(registration)), slug)


@bp.route("/<lang:lang>/r/<token>/cancel", methods=["GET", "POST"])
@by_token
def cancel(token: str) -> ResponseReturnValue:
    """Asks first; only sending the form gives the place back."""
    registration = _mine(token)
    form = EmptyForm()
    if form.validate_on_submit():
        if registration.state is not RegistrationState.CANCELLED:
            _refuse_unless_changeable(registration)
        with transaction():
            services.cancel(registration, actor=services.participant(registration))
        flash(_("Your registration is cancelled."), "good")
        return see_other(".mine", token=token)
    return render_template(
        "registrations/cancel.html",
        registration=registration,
        event=registration.event,
        token=token,
        form=form,
        day=emails.when(registration.event, i18n.current_language()),
        may_change=_may_change(registration),
    )


@bp.get("/<lang:lang>/r/<token>/ticket")
@by_token
def ticket(token: str) -> ResponseReturnValue:
    """The ticket alone, to show at the door or to print."""
    registration = _mine(token)
    drawn = _ticket_parts(registration)
    if drawn is None:
        return see_other(".mine", token=token)
    return render_template(
        "registrations/ticket.html",
        registration=registration,
        event=registration.event,
        token=token,
        ticket=drawn,
        name=queries.display_name(registration, i18n.current_language()),
        day=emails.when(registration.event, i18n.current_language()),
    )


@bp.post("/<lang:lang>/r/<token>/consents/<purpose>")
@by_token
def withdraw(token: str, purpose: str) -> ResponseReturnValue:
    """Take one free consent back. Privacy is taken back by cancelling."""
    registration = _mine(token)
    if purpose not in set(ConsentPurpose) or purpose == ConsentPurpose.PRIVACY:
        raise NotFound(purpose)
    with transaction():
        services.withdraw_consent(
            registration, ConsentPurpose(purpose), actor=services.participant(registration)
        )
    flash(_("Your consent is withdrawn."), "good")
    return see_other(".mine", token=token)


@bp.get("/t/<token>")
@by_token
def scanned(token: str) -> ResponseReturnValue:
    """Where a ticket's QR code leads: staff to the door list, others to a word of explanation."""
    registration = queries.find_by_token(token, queries.TICKET)
    if registration is None:
        raise NotFound(token)
    if current_user.is_authenticated:
        slug = registration.event.slug
        return redirect(url_for("desk_attendance.index", slug=slug, q=registration.ticket_key))
    return render_template(
        "core/message_page.html",
        heading=_("This is a ticket"),
        text=_("Please show the code at the door. The link in your mail opens your registration."),
    )
