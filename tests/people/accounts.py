"""Staff for tests: an account with a password, and a visitor signed in with it."""

from __future__ import annotations

from harpevents.audit.services import COMMAND_LINE
from harpevents.core.db import transaction
from harpevents.people import services
from harpevents.people.models import Account, Role
from tests.visitor import Visitor

PASSWORD = "four words make safe"


def an_account(
    email: str = "mika@example.org", role: Role = Role.SECRETARIAT, *, language: str = "en"
) -> Account:
    """A committed account whose password is `PASSWORD`."""
    with transaction():
        account = services.create_account(email, role, "Ōta Mika", language, COMMAND_LINE)
        services.set_password(account, PASSWORD, COMMAND_LINE)
    return account


def sign_in(visitor: Visitor, email: str = "mika@example.org") -> Visitor:
    answer = visitor.submit("/sign-in", {"email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return visitor
