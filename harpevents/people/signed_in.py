"""Who is signed in, for the desks of all domains."""

from __future__ import annotations

from typing import cast

from flask_login import current_user

from harpevents.audit.services import Actor
from harpevents.people.models import Account, Role


def current_account() -> Account:
    """The account of the request; only in views that declare `@staff`."""
    return cast(Account, current_user.account)


def current_actor() -> Actor:
    """The signed-in person as the actor of a service."""
    return actor_of(current_account())


def actor_of(account: Account) -> Actor:
    return Actor("staff", account.name, str(account.id))


def is_secretariat(account: Account) -> bool:
    """Admins and the secretariat may do everything but users and settings."""
    return account.role in {Role.ADMIN, Role.SECRETARIAT}
