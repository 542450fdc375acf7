"""Public pages of registrations: the event, the form, and everything behind the personal link."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError

from harpevents.core import clock, i18n, tokens
from harpevents.core.access import by_token, public
from harpevents.core.db import transaction, turn_at
from harpevents.core.errors import NotFound, RuleBroken, SiteBusy
from harpevents.core.forms import EmptyForm
from harpevents.core.limits import limited
from harpevents.core.slugs import is_slug
from harpevents.core.web import (
    cacheable_page,
    external_url,
    is_stranger,
    language_left,
    public_blueprint,
    see_other,
)
from harpevents.events import policy, structured
from harpevents.events import queries as event_queries
from harpevents.events import words as event_words
from harpevents.events.models import Event, EventStatus, Precision
from harpevents.events.policy import Phase
from harpevents.outbox import queries as outbox
from harpevents.registrations import emails, jobs, places, queries, refusals, services, words
from harpevents.registrations.forms import RegistrationForm, values_of
from harpevents.registrations.models import (
    LIVE_STATES,
    ConsentPurpose,
    Registration,
    RegistrationState,
)
from harpevents.registrations.page_cache import CachedPage, PageCache, Summary, find_summary

bp = public_blueprint("registrations", __name__, prefix=None)
bp.record_once(lambda state: jobs.init_app(cast(Flask, state.app)))
pages = PageCache()
POSTS = "60 per minute; 600 per hour"  # a hall full of people has one address


def _is_plain_visit() -> bool:
    """Whether the page is the same for everybody: nobody signed in, nothing to tell, no query."""
    return not request.args and is_stranger()


def _seen(slug: str) -> tuple[Summary, Sequence[Summary]]:
    found = find_summary(slug) if is_slug(slug) else None
    if found is None:
        raise NotFound(slug)
    return found


def _left(event: Summary | Event, parts: Sequence[Summary | Event]) -> dict[int, int]:
    """{id: places left} of an event one may register for, as far as there is a limit."""
    limits = {one.id: one.capacity for one in (event, *parts) if one.capacity is not None}
    return places.left(event.id, limits) if limits else {}


@bp.get("/<lang:lang>/events/<slug>")
@public
def event(slug: str) -> ResponseReturnValue:
    """One event: what, when, where, by whom, and the way to the form."""
    seen, parts = _seen(slug)
    phase = policy.phase(seen, clock.now())
    left = _left(seen, parts) if phase in {Phase.OPEN, Phase.SOON} else {}
    words_left = {
        f"left-{one}": ngettext("%(num)s place left", "%(num)s places left", number)
        for one, number in left.items()
    }
    if not _is_plain_visit():
        return _event_page(slug, left, words_left)
    full = frozenset(one for one, number in left.items() if not number)
    key = ("event", seen.id, seen.revision, i18n.current_language(), phase, full)

    def write() -> CachedPage:
        marks = {name: tokens.new_key(20) for name in words_left}
        return CachedPage.without(_event_page(slug, left, marks), marks)

    return cacheable_page(pages.get(key, write).with_values(words_left))


def _event_page(slug: str, left: Mapping[int, int], words_left: Mapping[str, str]) -> str:
    """The page of the event; `words_left` says how many places are left, by "left-" and id."""
    found = event_queries.get_by_slug(slug)
    language = i18n.current_language()
    parts = [part for part in event_queries.parts_of(found) if part.status is not EventStatus.DRAFT]
    hosts = event_queries.host_names(event_queries.hosts_of(found), language, found.day)
    page = external_url("registrations.event", lang=language, slug=slug)
    return render_template(
        "registrations/event.html",
        event=found,
        phase=policy.phase(found, clock.now()),
        parts=parts,
        left=left,
        words_left=words_left,
        hosts=hosts,
        kind=event_words.KINDS[found.kind],
        mode=event_words.MODES[found.mode],
        modes=event_words.MODES,
        exact=found.precision is Precision.MINUTE,
        participants=_participants(found),
        day=emails.when(found, language),
        facts_of_event=structured.facts(found, page, language, hosts),
    )


def _participants(event: Event) -> list[str]:
    """Who came to an event that is over, in the words of the rooms above."""
    if policy.phase(event, clock.now()) is not Phase.OVER:
        return []
    say: Callable[[Event], list[str]] = current_app.extensions["say_participants"]
    return say(event)


@bp.get("/<lang:lang>/events/<slug>/register")
@public
def register(slug: str) -> ResponseReturnValue:
    """The registration form; the blank one is written once for all visitors."""
    seen = _seen(slug)[0] if _is_plain_visit() else event_queries.get_shown(slug)
    if policy.phase(seen, clock.now()) is not Phase.OPEN:
        return see_other(".event", slug=slug)
    if isinstance(seen, Event):
        return _form_page(seen, _blank_form(seen))
    full = _left(seen, ()).get(seen.id) == 0
    key = ("form", seen.id, seen.revision, i18n.current_language(), full)
    own = {"token": generate_csrf(), "form_key": tokens.new_key(20)}
    return Response(pages.get(key, lambda: _blank_page(slug)).with_values(own))


def _blank_form(found: Event) -> RegistrationForm:
    return RegistrationForm(found, event_queries.parts_of(found), formdata=None)


def _blank_page(slug: str) -> CachedPage:
    """The blank page without what each visitor gets of his own."""
    found = event_queries.get_by_slug(slug)
    form = _blank_form(found)
    html = _form_page(found, form)
    return CachedPage.without(html, {"token": generate_csrf(), "form_key": form.form_key.data})


def _form_page(found: Event, form: RegistrationForm) -> str:
    return render_template(
        "registrations/form.html",
        event=found,
        form=form,
        day=emails.when(found, i18n.current_language()),
        full=_left(found, ()).get(found.id) == 0,
    )


@bp.post("/<lang:lang>/events/<slug>/register", endpoint="register_post")
@public
@limited(POSTS)
def register_post(slug: str) -> ResponseReturnValue:
    """Take the form: 303 to the personal page, or the form again with all that was typed."""
    found = event_queries.get_shown(slug)
    form = RegistrationForm(found, event_queries.parts_of(found))
    if left := language_left():
        form.follow_the_reader(left)
        return _form_page(found, form)
    if not form.validate():
        return _form_page(found, form), 422
    try:
        token = _register(found, form)
    except RuleBroken as broken:
        if isinstance(broken, refusals.AlreadyRegistered):
            with transaction():
                services.remind_of_registration(found, form.email.data or "")
        form.refuse(broken)
        return _form_page(found, form), broken.status
    except SiteBusy as busy:
        form.refuse(busy)
        return _form_page(found, form), 503
    return see_other(".mine", token=token, thanks=1)


def _register(found: Event, form: RegistrationForm) -> str:
    """Register, once more where another post of the same person was a moment faster.

    Returns the token of the personal page.
    """
    entry = services.prepared(form.entry(), found.day)
    key, digest = form.form_key.data, form.digest()
    for attempt in (1, 2):
        try:
            with transaction(turn=turn_at(found)):
                made = services.register(
                    found, entry, actor=services.FORM, form_key=key, form_digest=digest
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
    live = registration.state in LIVE_STATES
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
        stopped=outbox.suppressed_topics(registration.email),
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
    form, status = RegistrationForm(event, parts, data=_prefilled(registration)), 0
    if left := language_left():
        form.follow_the_reader(left)
    elif form.validate_on_submit():
        try:
            with transaction(turn=turn_at(event)):
                services.edit(registration, form.entry(), actor=services.participant(registration))
        except RuleBroken as broken:
            form.refuse(broken)
        except SiteBusy as busy:
            form.refuse(busy)
            status = 503
        else:
            flash(_("Your changes are saved."), "good")
            return see_other(".mine", token=queries.manage_token(registration))
    page = render_template(
        "registrations/change.html",
        event=event,
        form=form,
        token=token,
        day=emails.when(event, i18n.current_language()),
    )
    return page, status or (422 if form.errors else 200)


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
        with transaction(turn=turn_at(registration.event)):
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
