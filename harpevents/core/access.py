"""Who may call an endpoint: each view declares it, and one that declares nothing does not exist.

The decorators only mark the view; `require_declared_access` checks the mark before every request.
What a signed-in organiser may see of one event is decided where the event is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

View = TypeVar("View", bound=Callable[..., Any])

ADMIN = "admin"
SECRETARIAT = "secretariat"
ORGANISER = "organiser"
EVERY_ROLE = frozenset({ADMIN, SECRETARIAT, ORGANISER})


def public(view: View) -> View:
    """Anybody may call it."""
    return _mark(view, "public")


def by_token(view: View) -> View:
    """Anybody who holds the secret link; the view loads its object by the token alone."""
    return _mark(view, "token")


def staff(*roles: str) -> Callable[[View], View]:
    """Signed-in staff of these roles (none named: all); others see 404, strangers the sign-in page.

    An organiser reaches only events granted to her: the view loads through `events.policy`.
    """
    unknown = set(roles) - EVERY_ROLE
    if unknown:
        raise ValueError(f"unknown roles {unknown}")
    return lambda view: _mark(view, frozenset(roles) or EVERY_ROLE)


def declared(view: Callable[..., Any]) -> str | frozenset[str] | None:
    """What the view declares: "public", "token", the roles of staff, or None."""
    return cast("str | frozenset[str] | None", getattr(view, "_access", None))


def _mark(view: View, access: str | frozenset[str]) -> View:
    view._access = access  # type: ignore[attr-defined]
    return view


def require_declared_access() -> ResponseReturnValue | None:
    """Before each request: let it through, send it to the sign-in page, or say 404."""
    if request.endpoint is None:
        return None
    access = declared(current_app.view_functions[request.endpoint])
    if access is None:
        abort(404)
    if isinstance(access, str):
        return None
    if not current_user.is_authenticated:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("people.sign_in", next=wanted))
    if current_user.role not in access:
        abort(404)
    return None


def init_app(app: Flask) -> None:
    """Check every request of `app`; its static files are public."""
    _mark(app.view_functions["static"], "public")
    app.before_request(require_declared_access)
