"""Staff pages of institutions: list, detail, names, changes, and texts nobody could place."""

from __future__ import annotations

from datetime import date

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from harpevents.audit.acting import current_actor
from harpevents.core import i18n
from harpevents.core.access import ADMIN, SECRETARIAT, staff
from harpevents.core.db import db, transaction
from harpevents.core.errors import NotFound, RuleBroken
from harpevents.core.paging import page_number, page_of
from harpevents.core.web import current_query, desk_blueprint, query_text, see_other
from harpevents.institutions import matching, queries, services, words
from harpevents.institutions.forms import (
    ChangeForm,
    DecideForm,
    FurtherNameForm,
    InstitutionForm,
    RenameForm,
)
from harpevents.institutions.models import (
    ChangeKind,
    GovernmentLevel,
    Institution,
    InstitutionKind,
    InstitutionMatchDecision,
    NameForm,
)
from harpevents.institutions.services import InstitutionValues

bp = desk_blueprint("desk_institutions", __name__, "/desk/institutions")

FOUND = 200  # what a search looks at
UNDECIDED_PER_PAGE = 20


def _values(form: InstitutionForm, institution: Institution | None = None) -> InstitutionValues:
    """What the form says; what it does not show stays as it is."""
    founded = date(form.founded.data, 1, 1) if form.founded.data else None
    if institution and institution.founded_on and founded:
        same = institution.founded_on.year == founded.year
        founded = institution.founded_on if same else founded
    return InstitutionValues(
        kind=InstitutionKind(form.kind.data),
        level=GovernmentLevel(form.level.data) if form.level.data else None,
        country=form.country.data,
        names=form.name.texts(),
        city=form.city.data or "",
        website=form.website.data or "",
        ror_id=institution.ror_id if institution else None,
        domain=institution.domain if institution else "",
        founded_on=founded,
    )


@bp.get("/")
@staff(ADMIN, SECRETARIAT)
def index() -> ResponseReturnValue:
    """All institutions, searched by any name in any script, narrowed by kind and country."""
    typed = query_text()
    kind, country = request.args.get("kind", ""), request.args.get("country", "")[:2]
    language = i18n.current_language()
    slugs = None
    if typed:
        slugs = {one.slug for one in matching.index().suggest(typed, language, FOUND)}
        slugs.add(typed)
    query = queries.listed(
        slugs=slugs,
        kind=InstitutionKind(kind) if kind in set(InstitutionKind) else None,
        country=country,
    )
    page = page_of(query, page_number(request.args.get("page")))
    return render_template(
        "institutions/index.html",
        page=page,
        names=queries.names_of(one.id for one in page.items),
        q=typed,
        kind=kind,
        country_code=country,
        countries=[(code, i18n.country_name(code)) for code in queries.countries()],
        undecided=queries.count_undecided(),
        url_for_page=lambda one: url_for(
            "desk_institutions.index", **{**current_query(), "page": one}
        ),
        words=words,
        language=language,
    )


@bp.route("/new", methods=["GET", "POST"])
@staff(ADMIN, SECRETARIAT)
def create() -> ResponseReturnValue:
    """A further institution."""
    form = InstitutionForm()
    if form.validate_on_submit():
        try:
            with transaction():
                made = services.create(_values(form), actor=current_actor())
                slug = made.slug
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The institution is added."), "good")
            return see_other("desk_institutions.show", slug=slug)
    return render_template("institutions/form.html", form=form, institution=None, name="")


@bp.get("/<slug>")
@staff(ADMIN, SECRETARIAT)
def show(slug: str) -> ResponseReturnValue:
    """One institution: dated names, lineage, and what can be done to it."""
    return _page(slug)


def _page(
    slug: str,
    *,
    rename: RenameForm | None = None,
    change: ChangeForm | None = None,
    further: FurtherNameForm | None = None,
) -> ResponseReturnValue:
    institution = queries.get_by_slug(slug)
    lineages = queries.changes_of([institution.id])
    parties = {party.id for line in lineages for party in (*line.before, *line.after)}
    current = queries.names_of([institution.id]).get(institution.id, {})
    if rename is None:
        rename = RenameForm(formdata=None, name=current)
    html = render_template(
        "institutions/show.html",
        institution=institution,
        name=queries.name_of(institution),
        names=queries.dated_names(institution),
        lineages=lineages,
        party_names=queries.names_of(parties),
        rename=rename,
        change=change or ChangeForm(formdata=None),
        further=further or FurtherNameForm(formdata=None),
        words=words,
        official=NameForm.OFFICIAL,
    )
    refused = any(form is not None and form.errors for form in (rename, change, further))
    return html, 422 if refused else 200


@bp.route("/<slug>/edit", methods=["GET", "POST"])
@staff(ADMIN, SECRETARIAT)
def edit(slug: str) -> ResponseReturnValue:
    """Correct what is known; a name that changed on a day is a rename instead."""
    institution = queries.get_by_slug(slug)
    current = {lang: queries.current_name(institution, lang) for lang in i18n.languages()}
    form = InstitutionForm(
        kind=institution.kind.value,
        level=institution.level.value if institution.level else "",
        country=institution.country,
        city=institution.city,
        website=institution.website,
        founded=institution.founded_on.year if institution.founded_on else None,
        name={lang: name.value for lang, name in current.items() if name},
    )
    if form.validate_on_submit():
        try:
            with transaction():
                institution = queries.get_by_slug(slug)
                services.edit(institution, _values(form, institution), actor=current_actor())
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "good")
            return see_other("desk_institutions.show", slug=slug)
    institution = queries.get_by_slug(slug)
    name = queries.name_of(institution)
    return render_template("institutions/form.html", form=form, institution=institution, name=name)


@bp.post("/<slug>/rename")
@staff(ADMIN, SECRETARIAT)
def rename(slug: str) -> ResponseReturnValue:
    """New official names from a day on; the old ones stay with their dates."""
    form = RenameForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.rename(
                    queries.get_by_slug(slug),
                    form.name.texts(),
                    on=form.on.data,
                    actor=current_actor(),
                    source=form.source.data or "",
                )
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The new name counts from that day on."), "good")
            return see_other("desk_institutions.show", slug=slug)
    return _page(slug, rename=form)


@bp.post("/<slug>/change")
@staff(ADMIN, SECRETARIAT)
def change(slug: str) -> ResponseReturnValue:
    """Write down a merger, an absorption or a split in which this institution ended."""
    form = ChangeForm()
    if form.validate_on_submit():
        try:
            with transaction():
                before = [queries.get_by_slug(slug), *_parties(form, "first", "second")]
                after = _parties(form, "result", "other_result")
                services.record_change(
                    ChangeKind(form.kind.data),
                    before,
                    after,
                    on=form.on.data,
                    actor=current_actor(),
                    source=form.source.data or "",
                )
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The change is recorded."), "good")
            return see_other("desk_institutions.show", slug=slug)
    return _page(slug, change=form)


def _parties(form: ChangeForm, *fields: str) -> list[Institution]:
    found = [
        matching.choose(form[f"{field}_slug"].data, form[field].data, field) for field in fields
    ]
    return [institution for institution in found if institution is not None]


@bp.post("/<slug>/names")
@staff(ADMIN, SECRETARIAT)
def add_name(slug: str) -> ResponseReturnValue:
    """One more name by which it is known."""
    form = FurtherNameForm()
    if form.validate_on_submit():
        with transaction():
            services.add_names(
                queries.get_by_slug(slug),
                [(form.lang.data, NameForm(form.form.data), form.value.data)],
                actor=current_actor(),
            )
        flash(_("Saved."), "good")
        return see_other("desk_institutions.show", slug=slug)
    return _page(slug, further=form)


@bp.post("/<slug>/names/<int:name_id>/remove")
@staff(ADMIN, SECRETARIAT)
def remove_name(slug: str, name_id: int) -> ResponseReturnValue:
    """Take an alias or a short name away."""
    with transaction():
        services.remove_name(queries.get_by_slug(slug), name_id, actor=current_actor())
    flash(_("The name is removed."), "good")
    return see_other("desk_institutions.show", slug=slug)


@bp.get("/undecided/")
@staff(ADMIN, SECRETARIAT)
def undecided() -> ResponseReturnValue:
    """Typed affiliations that match nothing certain, each with what it may mean."""
    page = page_of(queries.undecided(), page_number(request.args.get("page")), UNDECIDED_PER_PAGE)
    index = matching.index()
    return render_template(
        "institutions/undecided.html",
        page=page,
        candidates={one.id: index.match(one.text).candidates for one in page.items},
        form=DecideForm(formdata=None),
        url_for_page=lambda one: url_for("desk_institutions.undecided", page=one),
    )


@bp.post("/undecided/<int:decision_id>")
@staff(ADMIN, SECRETARIAT)
def decide(decision_id: int) -> ResponseReturnValue:
    """Say what a text means: an institution, or none that we keep."""
    form = DecideForm()
    waiting = db.session.get(InstitutionMatchDecision, decision_id)
    if waiting is None:
        raise NotFound(str(decision_id))
    text = waiting.text
    try:
        with transaction():
            found = matching.choose(
                form.institution_slug.data, form.institution.data, "institution"
            )
            if found is None and "none" not in request.form:
                raise matching.NotChosen(field="institution")
            services.teach(text, found, actor=current_actor())
    except RuleBroken as broken:
        flash(str(broken), "bad")
    else:
        flash(_("From now on this text is understood."), "good")
    return see_other("desk_institutions.undecided")
