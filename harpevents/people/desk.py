"""Staff pages of people: persons, one's own account, and the accounts of all."""

from __future__ import annotations

from flask import flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from harpevents.core import i18n, limits, paging, passwords
from harpevents.core.access import ADMIN, SECRETARIAT, staff
from harpevents.core.db import transaction
from harpevents.core.errors import RuleBroken
from harpevents.core.languages import of_script
from harpevents.core.web import desk_blueprint, query_text, see_other
from harpevents.institutions import queries as institutions
from harpevents.people import queries, services, sessions
from harpevents.people.forms import (
    ROLE_NAMES,
    AccountForm,
    ChangePasswordForm,
    LanguageForm,
    RoleForm,
)
from harpevents.people.models import LinkPurpose, Role
from harpevents.people.signed_in import current_account, current_actor

bp = desk_blueprint("desk_people", __name__)


@bp.get("/people/")
@staff(ADMIN, SECRETARIAT)
def index() -> ResponseReturnValue:
    """Everybody we know, findable in every script."""
    text = query_text()
    page = paging.page_of(queries.search(text), paging.page_number(request.args.get("page")))
    ids = [person.id for person in page.items]
    affiliations = queries.affiliations_of(ids)
    places = {row.institution_id: row.institution for rows in affiliations.values() for row in rows}
    official = institutions.names_of(list(places))
    return render_template(
        "people/index.html",
        q=text,
        page=page,
        names=queries.names_of(ids),
        addresses=queries.addresses_of(ids),
        affiliations=affiliations,
        institution_names={
            number: i18n.local(official.get(number)) or place.slug
            for number, place in places.items()
        },
        page_url=lambda number: url_for("desk_people.index", q=text or None, page=number),
        in_order=queries.in_order,
        written=queries.written,
        language_of=of_script,
    )


@bp.route("/account", methods=["GET", "POST"])
@staff()
@limits.limited("20 per hour")
def account() -> ResponseReturnValue:
    """One's own password; the language has a form of its own."""
    form = ChangePasswordForm()
    own = current_account()
    if form.validate_on_submit():
        chosen = form.password.data or ""
        try:
            if not passwords.matches(form.present.data or "", own.password_hash):
                raise services.WrongPassword
            passwords.refuse_weak(chosen, own.email)
            password_hash = passwords.hashed(chosen)
            with transaction():
                services.change_password(own, password_hash)
                signed_in = sessions.begin(own)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            sessions.enter(signed_in)
            flash(_("Your password is changed. Everywhere else you are signed out."), "good")
            return see_other("desk_people.account")
    language_form = LanguageForm(formdata=None, language=own.language)
    status = 422 if form.errors else 200
    return (
        render_template(
            "people/account.html",
            form=form,
            language_form=language_form,
            account=own,
            role=ROLE_NAMES[own.role.value],
        ),
        status,
    )


@bp.post("/account/language")
@staff()
def language() -> ResponseReturnValue:
    form = LanguageForm()
    if not form.validate_on_submit():
        return see_other("desk_people.account")
    with transaction():
        services.change_language(current_account(), form.language.data)
    return sessions.speak(make_response(see_other("desk_people.account")), form.language.data)


@bp.route("/accounts", methods=["GET", "POST"])
@staff(ADMIN)
def accounts() -> ResponseReturnValue:
    """All accounts, and a form for another."""
    form = AccountForm()
    link = None
    if form.validate_on_submit():
        try:
            with transaction():
                added = services.create_account(
                    form.email.data or "",
                    Role(form.role.data),
                    form.name.data or "",
                    form.language.data,
                    current_actor(),
                )
                link = added, services.issue_link(added, LinkPurpose.SET, current_actor())
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            form = AccountForm(formdata=None)
    return (
        _accounts_page(form, link),
        422 if form.errors else 200,
    )


def _accounts_page(form: AccountForm, link: object = None) -> str:
    return render_template(
        "people/accounts.html",
        form=form,
        link=link,
        accounts=queries.accounts(),
        own=current_account(),
        roles=ROLE_NAMES,
        role_form=lambda one: RoleForm(
            formdata=None, role=one.role.value, prefix=f"r{one.id}-", meta={"csrf": False}
        ),
    )


@bp.post("/accounts/<int:number>/link")
@staff(ADMIN)
def reset_link(number: int) -> ResponseReturnValue:
    """Show, once, a link with which the person chooses another password."""
    one = queries.get_account(number)
    purpose = LinkPurpose.RESET if one.password_hash else LinkPurpose.SET
    with transaction():
        link = one, services.issue_link(one, purpose, current_actor())
    return _accounts_page(AccountForm(formdata=None), link)


@bp.post("/accounts/<int:number>/disable")
@staff(ADMIN)
def disable(number: int) -> ResponseReturnValue:
    one = queries.get_account(number)
    try:
        with transaction():
            services.disable(one, current_actor())
    except RuleBroken as broken:
        flash(str(broken), "bad")
    else:
        flash(_("%(name)s can no longer sign in.", name=one.name), "good")
    return see_other("desk_people.accounts")


@bp.post("/accounts/<int:number>/enable")
@staff(ADMIN)
def enable(number: int) -> ResponseReturnValue:
    one = queries.get_account(number)
    with transaction():
        services.enable(one, current_actor())
    flash(_("%(name)s can sign in again.", name=one.name), "good")
    return see_other("desk_people.accounts")


@bp.post("/accounts/<int:number>/role")
@staff(ADMIN)
def role(number: int) -> ResponseReturnValue:
    one = queries.get_account(number)
    form = RoleForm(prefix=f"r{number}-", meta={"csrf": False})  # the application checks it
    if form.validate_on_submit():
        try:
            with transaction():
                services.change_role(one, Role(form.role.data), current_actor())
        except RuleBroken as broken:
            flash(str(broken), "bad")
        else:
            flash(_("Saved."), "good")
    return see_other("desk_people.accounts")
