"""What people type to sign in, to choose a password, and about accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, Length

from harpevents.core.forms import Address, Form, LanguageField, Line, Needed

LONGEST_PASSWORD = 1024  # as sent; the rules say what may be chosen

ROLE_NAMES = {
    "admin": _l("Administrator"),
    "secretariat": _l("Secretariat"),
    "organiser": _l("Organiser of events"),
}
ROLES = [SelectChoice(value, name) for value, name in ROLE_NAMES.items()]


class SignInForm(Form):
    email = Address(_l("E-mail"))
    password = PasswordField(_l("Password"), [Needed(), Length(max=LONGEST_PASSWORD)])


class ForgotForm(Form):
    email = Address(_l("E-mail"))


class PasswordForm(Form):
    """A new password, twice: it is shown nowhere, so a slip of a key must be found."""

    password = PasswordField(_l("New password"), [Needed(), Length(max=LONGEST_PASSWORD)])
    again = PasswordField(
        _l("Repeat the password"),
        [Needed(), EqualTo("password", _l("The two passwords are not the same."))],
    )


class ChangePasswordForm(PasswordForm):
    present = PasswordField(_l("Current password"), [Needed(), Length(max=LONGEST_PASSWORD)])


class LanguageForm(Form):
    language = LanguageField(_l("Language"))


class RoleForm(Form):
    role = SelectField(_l("Role"), choices=ROLES)


class AccountForm(Form):
    email = Address(_l("E-mail"))
    name = Line(_l("Name"), required=True)
    role = SelectField(_l("Role"), choices=ROLES, default="secretariat")
    language = LanguageField(_l("Language"))
