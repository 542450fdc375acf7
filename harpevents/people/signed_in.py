"""Who is signed in, for the desks of all domains."""

from __future__ import annotations

from typing import cast

from flask_login import current_user

from harpevents.audit.acting import current_actor
from harpevents.people.models import Account, Role, Staff

__all__ = [
    "current_account",
    "current_actor",
    "current_staff",
    "is_secretariat",
]


def current_staff() -> Staff:
    """Who is signed in, as far as rights go: reads nothing; only in views that declare `@staff`."""
    return cast(Staff, current_user)


def current_account() -> Account:
    """The account of the request; only in views that declare `@staff`."""
    return cast(Account, current_user.account)


def is_secretariat(account: Staff) -> bool:
    """Admins and the secretariat may do everything but users and settings."""
    return account.role in {Role.ADMIN, Role.SECRETARIAT}
