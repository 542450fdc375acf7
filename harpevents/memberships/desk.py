"""Staff pages of memberships: members and terms, one member with its contacts."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from harpevents.core import clock, i18n
from harpevents.core.access import ADMIN, SECRETARIAT, staff
from harpevents.core.db import db, transaction
from harpevents.core.errors import NotFound, RuleBroken
from harpevents.core.names.order import order_key
from harpevents.core.web import desk_blueprint, see_other
from harpevents.institutions import matching
from harpevents.institutions import queries as institutions
from harpevents.institutions.models import Institution
from harpevents.memberships import queries, services, words
from harpevents.memberships.forms import (
    AdmitForm,
    ContactForm,
    SuccessionForm,
    TermForm,
    asked_day,
)
from harpevents.memberships.models import ContactCapacity, MemberContact
from harpevents.memberships.services import ContactValues
from harpevents.people.signed_in import current_actor

bp = desk_blueprint("desk_memberships", __name__)


@bp.get("/members/")
@staff(ADMIN, SECRETARIAT)
def index() -> ResponseReturnValue:
    """The terms with their roll-overs, and the roster of a day with whom we cannot reach."""
    day, understood = asked_day(request.args.get("on"))
    language = i18n.current_language()
    members = sorted(
        queries.roster(day),
        key=lambda one: (one.institution.country, order_key(one.name(language), language)),
    )
    unreachable = queries.unreachable({member.institution.id for member in members}, clock.today())
    only = request.args.get("show") == "unreachable"
    terms = queries.terms()
    page = render_template(
        "memberships/desk_index.html",
        day=day,
        understood=understood,
        terms=terms,
        runs=queries.living_runs(),
        sizes=queries.sizes(),
        next_number=terms[-1].number + 1 if terms else 0,
        total=len(members),
        by_country=queries.by_country(members),
        members=[m for m in members if m.institution.id in unreachable] if only else members,
        unreachable=unreachable,
        only=only,
        words=words,
        language=language,
    )
    return page, 200 if understood else 400


@bp.route("/terms/new", methods=["GET", "POST"])
@staff(ADMIN, SECRETARIAT)
def create_term() -> ResponseReturnValue:
    """Plan the term that follows the last one."""
    form = TermForm()
    terms = queries.terms()
    number = terms[-1].number + 1 if terms else 0
    if form.validate_on_submit():
        try:
            with transaction():
                services.create_term(
                    number,
                    form.name.filled(),
                    actor=current_actor(),
                    opens_on=form.opens_on.data,
                    assembly_slug=form.assembly_slug.data or None,
                )
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The term is planned."), "good")
            return see_other("desk_memberships.rollover", number=number)
    return render_template("memberships/term_form.html", form=form, number=number, term=None)


@bp.route("/terms/<int:number>/edit", methods=["GET", "POST"])
@staff(ADMIN, SECRETARIAT)
def edit_term(number: int) -> ResponseReturnValue:
    """Correct a term's name, its assembly, and its expected day while it is planned."""
    term = queries.get_term(number)
    form = TermForm(
        name=dict(term.name),
        opens_on=term.opens_on,
        assembly_slug=term.assembly_slug,
    )
    if form.validate_on_submit():
        try:
            with transaction():
                services.edit_term(
                    queries.get_term(number),
                    form.name.filled(),
                    actor=current_actor(),
                    opens_on=form.opens_on.data,
                    assembly_slug=form.assembly_slug.data or None,
                )
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "good")
            return see_other("desk_memberships.index")
    return render_template("memberships/term_form.html", form=form, number=number, term=term)


@bp.get("/members/<slug>")
@staff(ADMIN, SECRETARIAT)
def show(slug: str) -> ResponseReturnValue:
    """One member: its contacts, its history, and passing its place on."""
    return _member_page(institutions.get_by_slug(slug), SuccessionForm())


def _member_page(
    institution: Institution, form: SuccessionForm, status: int = 200
) -> ResponseReturnValue:
    spells = queries.spells_of(institution)
    bounced = queries.bounced_addresses()
    contacts = queries.contacts_of(institution)
    page = render_template(
        "memberships/desk_member.html",
        institution=institution,
        name=institutions.name_of(institution),
        spells=spells,
        is_member=bool(spells) and spells[-1].ends_on is None,
        standings=queries.standings_of(institution),
        contacts=contacts,
        bounced=bounced,
        reachable=any(one.valid_to is None and one.address not in bounced for one in contacts),
        form=form,
        words=words,
    )
    return page, status


@bp.post("/members/<slug>/succeed")
@staff(ADMIN, SECRETARIAT)
def succeed(slug: str) -> ResponseReturnValue:
    """Pass the member's place to its successor."""
    institution = institutions.get_by_slug(slug)
    form = SuccessionForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.succeed(
                    institutions.get_by_slug(slug),
                    chosen(form),
                    on=form.on.data,
                    decision=form.decision.data,
                    actor=current_actor(),
                )
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The place has passed to the successor."), "good")
            return see_other("desk_memberships.show", slug=slug)
        institution = institutions.get_by_slug(slug)
    return _member_page(institution, form, 422)


def chosen(form: SuccessionForm | AdmitForm) -> Institution:
    """The institution taken from the suggestions, or meant by what was typed."""
    slug, typed = form.institution_slug.data, form.institution.data
    found = matching.choose(slug, typed, "institution")
    if found is None:
        raise matching.NotChosen(field="institution")
    return found


@bp.route("/members/<slug>/contacts/new", methods=["GET", "POST"])
@staff(ADMIN, SECRETARIAT)
def add_contact(slug: str) -> ResponseReturnValue:
    """A further contact of the institution."""
    country = institutions.get_by_slug(slug).country
    form = ContactForm(language=i18n.spoken(country=country))
    if form.validate_on_submit():
        try:
            with transaction():
                institution = institutions.get_by_slug(slug)
                services.add_contact(institution, _contact_values(form), actor=current_actor())
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The contact is added."), "good")
            return see_other("desk_memberships.show", slug=slug)
    return _contact_page(slug, form, None)


def _contact_values(form: ContactForm) -> ContactValues:
    return ContactValues(
        name=form.name.data or "",
        address=form.address.data or "",
        language=form.language.data,
        capacity=ContactCapacity(form.capacity.data),
    )


def _contact_page(
    slug: str, form: ContactForm, contact: MemberContact | None
) -> ResponseReturnValue:
    institution = institutions.get_by_slug(slug)
    return render_template(
        "memberships/contact_form.html",
        institution=institution,
        name=institutions.name_of(institution),
        form=form,
        contact=contact,
        back=url_for("desk_memberships.show", slug=slug),
    )


def _contact(slug: str, contact_id: int) -> MemberContact:
    contact = queries.find_contact(institutions.get_by_slug(slug), contact_id)
    if contact is None:
        raise NotFound(str(contact_id))
    return contact


@bp.route("/members/<slug>/contacts/<int:contact_id>", methods=["GET", "POST"])
@staff(ADMIN, SECRETARIAT)
def edit_contact(slug: str, contact_id: int) -> ResponseReturnValue:
    """Correct a contact."""
    contact = _contact(slug, contact_id)
    form = ContactForm(
        name=contact.name,
        address=contact.address,
        language=contact.language,
        capacity=contact.capacity.value,
    )
    if form.validate_on_submit():
        try:
            with transaction():
                services.edit_contact(
                    _contact(slug, contact_id), _contact_values(form), actor=current_actor()
                )
        except RuleBroken as broken:
            db.session.rollback()
            form.refuse(broken)
        else:
            flash(_("Saved."), "good")
            return see_other("desk_memberships.show", slug=slug)
    return _contact_page(slug, form, _contact(slug, contact_id))


@bp.post("/members/<slug>/contacts/<int:contact_id>/end")
@staff(ADMIN, SECRETARIAT)
def end_contact(slug: str, contact_id: int) -> ResponseReturnValue:
    """End the contact today."""
    with transaction():
        services.end_contact(_contact(slug, contact_id), actor=current_actor())
    flash(_("The contact has ended."), "good")
    return see_other("desk_memberships.show", slug=slug)
