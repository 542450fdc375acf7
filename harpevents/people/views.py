"""Signing in and out, setting and resetting a password."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from harpevents.audit import services as audit
from harpevents.audit.services import Actor
from harpevents.core import addresses, limits, passwords
from harpevents.core.access import by_token, public
from harpevents.core.db import transaction
from harpevents.core.errors import RuleBroken
from harpevents.core.web import redirect_back
from harpevents.outbox import services as outbox
from harpevents.outbox.services import Letter
from harpevents.people import emails, queries, services, sessions
from harpevents.people.forms import ForgotForm, PasswordForm, SignInForm
from harpevents.people.models import Account, LinkPurpose

bp = Blueprint("people", __name__, template_folder="templates")

AN_ACCOUNT = limits.by_form_value("email")


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@limits.limited("20 per minute; 100 per hour")
@limits.limited("10 per 15 minutes", key=AN_ACCOUNT)
def sign_in() -> ResponseReturnValue:
    """Ask for address and password; whatever is wrong, the answer is one and the same."""
    wanted = request.args.get("next")
    if request.method == "GET" and current_user.is_authenticated:
        return redirect_back(wanted, "desk_site.index")
    form = SignInForm()
    if form.validate_on_submit():
        account = _account_of(form)
        if account is not None:
            return _enter(account, wanted)
        form.form_errors.append(_("The e-mail address or password is incorrect."))
    status = 422 if form.errors else 200
    return render_template("people/sign_in.html", form=form), status


def _account_of(form: SignInForm) -> Account | None:
    try:
        address = addresses.normalise(form.email.data or "")
    except RuleBroken:
        address = ""
    return sessions.check_password(address, form.password.data or "")


def _enter(account: Account, wanted: str | None) -> ResponseReturnValue:
    """Begin a session of the account and go on."""
    with transaction():
        signed_in = sessions.begin(account)
        audit.record("account.sign_in", account, actor=Actor.of_account(account))
    sessions.enter(signed_in)
    answer = make_response(redirect_back(wanted, "desk_site.index"))
    return sessions.speak(answer, account.language)


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    sessions.leave()
    flash(_("You are signed out."), "good")
    return redirect_back(None, "site.home")


@bp.route("/forgot", methods=["GET", "POST"])
@public
@limits.limited("5 per minute; 30 per hour")
@limits.limited("3 per hour", key=AN_ACCOUNT)
def forgot() -> ResponseReturnValue:
    """Send a link to choose another password; the page never tells whether there is an account."""
    form = ForgotForm()
    if not form.validate_on_submit():
        return render_template("people/forgot.html", form=form), 422 if form.errors else 200
    try:
        address = addresses.normalise(form.email.data or "")
    except RuleBroken as broken:
        form.refuse(broken)
        return render_template("people/forgot.html", form=form), 422
    with transaction():
        account = queries.find_account(address)
        if account is not None and account.disabled_at is None:
            _mail_link(account)
    return render_template(
        "core/message_page.html",
        heading=_("Please check your e-mail"),
        text=_(
            "If there is an account with this address, a link to choose a new password is on its "
            "way. It works for one hour."
        ),
        action=(_("Back to sign-in"), url_for("people.sign_in")),
    )


def _mail_link(account: Account) -> None:
    link = services.renew_link(account, LinkPurpose.RESET, Actor.of_account(account))
    subject, text = emails.reset_password(account, services.link_placeholder(link))
    letter = Letter(
        kind="people.reset",
        to_address=account.email,
        to_name=account.name,
        language=account.language,
        subject=subject,
        text=text,
    )
    outbox.enqueue(letter, account)


@bp.route("/password/<token>", methods=["GET", "POST"])
@by_token
def password(token: str) -> ResponseReturnValue:
    """Choose a password through a link. Looking at the page uses nothing up."""
    link = services.find_link(token)
    if link is None:
        raise services.LinkSpent
    form = PasswordForm()
    account = link.account
    if form.validate_on_submit():
        chosen = form.password.data or ""
        try:
            passwords.refuse_weak(chosen, account.email)
            password_hash = passwords.hashed(chosen)
            with transaction():
                account = services.use_link(token, chosen, password_hash)
                signed_in = sessions.begin(account)
        except passwords.PasswordRefused as broken:
            form.refuse(broken)
        else:
            sessions.enter(signed_in)
            flash(_("Your password is set. You are signed in."), "good")
            return sessions.speak(
                make_response(redirect_back(None, "desk_site.index")), account.language
            )
    return (
        render_template("people/password.html", form=form, account=account),
        422 if form.errors else 200,
    )
