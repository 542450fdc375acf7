"""Who acts in this request, for the desks of domains that stand below people."""

from __future__ import annotations

from typing import cast

from flask_login import current_user

from harpevents.audit.services import Actor


def current_actor() -> Actor:
    """The signed-in person as the actor of a service; only in views that declare `@staff`."""
    return cast(Actor, current_user.actor)
