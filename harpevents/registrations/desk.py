"""Staff pages of registrations: an event's overview, the list, one of them, adding by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from harpevents.core import i18n
from harpevents.core.access import staff
from harpevents.core.db import transaction, turn_at
from harpevents.core.downloads import table_download
from harpevents.core.errors import NotFound, RuleBroken
from harpevents.core.paging import page_number, page_of
from harpevents.core.slugs import is_slug
from harpevents.core.tables.writing import Sheet
from harpevents.core.web import current_query, desk_blueprint, query_text, see_other
from harpevents.events import policy
from harpevents.events import queries as event_queries
from harpevents.events import words as event_words
from harpevents.events.models import Event, EventStatus, GrantKind
from harpevents.institutions import queries as institution_queries
from harpevents.institutions.models import InstitutionKind
from harpevents.people.signed_in import current_actor, current_staff, is_secretariat
from harpevents.registrations import emails, exports, places, queries, refusals, services, words
from harpevents.registrations.forms import (
    AtTheDesk,
    NoteForm,
    ReasonForm,
    values_of,
)
from harpevents.registrations.models import (
    LIVE_STATES,
    AttendanceMode,
    Category,
    Registration,
    RegistrationState,
    Source,
)
from harpevents.registrations.queries import Filter

bp = desk_blueprint("desk_registrations", __name__, "/desk/events/<slug>")
Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True)
class Figures:
    """How an event stands, for the overview of the desk."""

    confirmed: int
    pending: int
    waiting: int
    left: int | None


def event_figures(event: Event) -> Figures:
    """Counts by state and places left: one query."""
    counts = queries.counts(event)
    pending = counts[RegistrationState.PENDING]
    confirmed = counts[RegistrationState.CONFIRMED]
    waiting = counts[RegistrationState.WAITLISTED]
    held = places.Places(pending + confirmed, waiting)
    return Figures(confirmed, pending, waiting, held.left(event.capacity))


def _event(slug: str, needed: GrantKind = GrantKind.MODERATE) -> Event:
    if not is_slug(slug):
        raise NotFound(slug)
    return policy.get_for_staff(slug, current_staff(), needed)


def _code(name: str, known: type[Code]) -> Code | None:
    text = request.args.get(name, "")
    return known(text) if text in {member.value for member in known} else None


def _filter() -> Filter:
    """What the address asks for; whatever is no known value filters nothing."""
    country = request.args.get("country", "")
    slug = request.args.get("institution", "")
    institution = institution_queries.find_by_slug(slug) if is_slug(slug) else None
    return Filter(
        q=query_text(),
        state=_code("state", RegistrationState),
        country=country if i18n.is_country(country) else "",
        institution_id=institution.id if institution is not None else None,
        kind=_code("kind", InstitutionKind) or "",
        category=_code("category", Category),
        mode=_code("mode", AttendanceMode),
    )


@bp.get("", endpoint="event")
@staff()
def overview(slug: str) -> ResponseReturnValue:
    """One event at a glance, and what can be done with it."""
    event = _event(slug, GrantKind.CHECK_IN)
    hosts = event_queries.hosts_of(event)
    return render_template(
        "registrations/desk_event.html",
        event=event,
        figures=event_figures(event),
        parts=event_queries.parts_of(event),
        hosts=event_queries.host_names(hosts, i18n.current_language(), None),
        words=event_words,
        may_edit=policy.may(current_staff(), event, GrantKind.EDIT),
        may_grant=is_secretariat(current_staff()),
    )


@bp.get("/registrations")
@staff()
def index(slug: str) -> ResponseReturnValue:
    """Who takes part, fifty to a page, found by any spelling of a name."""
    event, wanted, language = _event(slug), _filter(), i18n.current_language()
    order = (
        (Registration.sort_name, Registration.id)
        if request.args.get("order") == "name"
        else (Registration.number.desc(),)
    )
    query = wanted.apply(queries.of_event(event)).order_by(None).order_by(*order)
    page = page_of(query, page_number(request.args.get("page")))
    countries, keys = queries.origins(event)
    institutions, counts = queries.institutions_named(keys, language), queries.counts(event)
    return render_template(
        "registrations/desk_index.html",
        event=event,
        page=page,
        wanted=wanted,
        states=[(code, f"{text} ({counts[code]})") for code, text in words.STATES.items()],
        names={row.id: queries.display_name(row, language) for row in page.items},
        written=_other_spelling,
        institutions=[(slug, name) for _key, slug, name in institutions],
        known={key: name for key, _slug, name in institutions},
        countries=sorted(
            ((code, i18n.country_name(code)) for code in countries),
            key=lambda country: country[1],
        ),
        words=words,
        chosen=request.args,
        page_url=lambda number: url_for(
            ".index", **{**current_query(), "slug": slug, "page": number}
        ),
        file_url=lambda form: url_for(".export", **{**current_query(), "slug": slug, "form": form}),
    )


def _other_spelling(registration: Registration) -> str:
    """The name in Latin letters where the own one is in others."""
    latin = f"{registration.latin_family} {registration.latin_given}".strip()
    own = f"{registration.family} {registration.given}".strip()
    return latin if latin.casefold() != own.casefold() else ""


@bp.get("/registrations.<any(csv, xlsx):form>")
@staff()
def export(slug: str, form: str) -> ResponseReturnValue:
    """The registrations that the filters of the list show, as a table."""
    event, language = _event(slug), i18n.current_language()
    sheet = Sheet(slug, exports.titles(), exports.in_words(event, language, _filter()))
    return table_download([sheet], f"{slug}-registrations", form, ZoneInfo(event.zone))


@bp.get("/registrations/<int:number>")
@staff()
def show(slug: str, number: int) -> ResponseReturnValue:
    """One registration with everything that is known, and what can be done with it."""
    event = _event(slug)
    registration = queries.get_by_number(event, number)
    language = i18n.current_language()
    institution = registration.institution
    return render_template(
        "registrations/desk_show.html",
        event=event,
        registration=registration,
        name=queries.display_name(registration, language),
        institution=institution,
        institution_name=(
            institution_queries.name_of(institution, language) if institution is not None else ""
        ),
        parts=[(part.event, words.MODES[part.mode]) for part in queries.parts_of(registration)],
        consents=queries.consents_of(registration),
        code=queries.ticket_code(registration),
        words=words,
        live=registration.state in LIVE_STATES,
        reason_form=ReasonForm(),
        note_form=NoteForm(data={"desk_note": registration.desk_note}),
    )


def _act(
    slug: str, number: int, act: Callable[[Registration], None], done: str
) -> ResponseReturnValue:
    registration = queries.get_by_number(_event(slug), number)
    try:
        with transaction(turn=turn_at(registration.event)):
            act(registration)
    except RuleBroken as broken:
        flash(str(broken), "bad")
    else:
        flash(done, "good")
    return see_other(".show", slug=slug, number=number)


@bp.post("/registrations/<int:number>/approve")
@staff()
def approve(slug: str, number: int) -> ResponseReturnValue:
    """Confirm a pending registration."""
    actor = current_actor()
    done = _("The registration is confirmed, and the person is told.")
    return _act(slug, number, lambda one: services.approve(one, actor=actor), done)


@bp.post("/registrations/<int:number>/decline")
@staff()
def decline(slug: str, number: int) -> ResponseReturnValue:
    """Turn a registration down, with a reason for the mail."""
    actor, form = current_actor(), ReasonForm()
    if not form.validate():
        flash(_("The reason cannot be sent like this. Please shorten it."), "bad")
        return see_other(".show", slug=slug, number=number)
    reason = form.reason.data or ""
    done = _("The registration is declined, and the person is told.")
    return _act(slug, number, lambda one: services.decline(one, actor=actor, reason=reason), done)


@bp.post("/registrations/<int:number>/cancel")
@staff()
def cancel(slug: str, number: int) -> ResponseReturnValue:
    """Give the place back for the person."""
    actor = current_actor()
    done = _("The registration is cancelled, and the person is told.")
    return _act(slug, number, lambda one: services.cancel(one, actor=actor), done)


@bp.post("/registrations/<int:number>/link")
@staff()
def resend(slug: str, number: int) -> ResponseReturnValue:
    """Mail the personal link once more."""
    actor = current_actor()
    return _act(
        slug, number, lambda one: services.resend_link(one, actor=actor), _("The link is sent.")
    )


@bp.post("/registrations/<int:number>/new-link")
@staff()
def renew_link(slug: str, number: int) -> ResponseReturnValue:
    """Cut off the personal link and mail a new one."""
    actor = current_actor()
    done = _("The former link no longer works. A new one is sent.")
    return _act(slug, number, lambda one: services.renew_link(one, actor=actor), done)


@bp.post("/registrations/<int:number>/note")
@staff()
def note(slug: str, number: int) -> ResponseReturnValue:
    """A remark for staff."""
    actor, form = current_actor(), NoteForm()
    if not form.validate():
        flash(_("The remark cannot be kept like this. Please shorten it."), "bad")
        return see_other(".show", slug=slug, number=number)
    text = form.desk_note.data or ""
    return _act(
        slug, number, lambda one: services.note(one, text, actor=actor), _("The remark is kept.")
    )


@bp.route("/registrations/<int:number>/edit", methods=["GET", "POST"])
@staff()
def edit(slug: str, number: int) -> ResponseReturnValue:
    """Correct what a registration says."""
    event = _event(slug)
    registration = queries.get_by_number(event, number)
    parts = [(part.event.slug, part.mode) for part in queries.parts_of(registration)]
    given = frozenset(
        row.purpose for row in queries.consents_of(registration) if row.withdrawn_at is None
    )
    chosen = registration.institution.slug if registration.institution is not None else ""
    prefilled = values_of(registration, parts, given, chosen)
    form = AtTheDesk(event, event_queries.parts_of(event), data=prefilled)
    if form.validate_on_submit():
        try:
            with transaction(turn=turn_at(event)):
                services.edit(
                    registration, form.entry(), actor=current_actor(), quiet=form.quiet.data
                )
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The changes are saved."), "good")
            return see_other(".show", slug=slug, number=number)
    return _form(event, form, registration)


@bp.route("/registrations/new", methods=["GET", "POST"])
@staff()
def add(slug: str) -> ResponseReturnValue:
    """Add somebody by hand; beyond the number of places only when the box is ticked."""
    event = _event(slug)
    form = AtTheDesk(event, event_queries.parts_of(event))
    if form.validate_on_submit():
        try:
            with transaction(turn=turn_at(event)):
                made = services.register(
                    event,
                    form.entry(),
                    actor=current_actor(),
                    source=Source.DESK,
                    form_key=form.form_key.data,
                    form_digest=form.digest(),
                    beyond_capacity=form.beyond_capacity.data,
                    quiet=form.quiet.data,
                )
                services.note(made, form.desk_note.data or "", actor=current_actor())
        except RuleBroken as broken:
            form.refuse(_at_the_desk(broken))
        else:
            waits = made.state is RegistrationState.WAITLISTED
            flash(
                _("All places are taken: the person is on the waiting list.")
                if waits
                else _("The person is registered."),
                "warn" if waits else "good",
            )
            return see_other(".show", slug=slug, number=made.number)
    return _form(event, form, None)


def _at_the_desk(broken: RuleBroken) -> RuleBroken:
    if isinstance(broken, refusals.AlreadyRegistered):
        return refusals.AddressTaken()
    return broken


def _form(event: Event, form: AtTheDesk, registration: Registration | None) -> ResponseReturnValue:
    page = render_template(
        "registrations/desk_form.html", event=event, form=form, registration=registration
    )
    return page, 422 if form.errors else 200


@bp.route("/cancel", methods=["GET", "POST"])
@staff()
def call_off(slug: str) -> ResponseReturnValue:
    """Call the event off: asks first, then tells everybody who is registered."""
    event, form = _event(slug, GrantKind.EDIT), ReasonForm()
    if event.status not in {EventStatus.DRAFT, EventStatus.PUBLISHED}:
        return see_other(".event", slug=slug)
    if form.validate_on_submit():
        with transaction(turn=turn_at(event)):
            count = services.call_off_event(event, current_actor(), form.reason.data or "")
        flash(
            ngettext(
                "The event is called off. %(num)s person is told.",
                "The event is called off. %(num)s people are told.",
                count,
            ),
            "good",
        )
        return see_other(".event", slug=slug)
    page = render_template(
        "registrations/desk_call_off.html",
        event=event,
        form=form,
        figures=event_figures(event),
        day=emails.when(event, i18n.current_language()),
    )
    return page, 422 if form.errors else 200
