"""The headers of every answer, and requests that are turned away before any view sees them."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, abort, current_app, request
from flask_talisman import Talisman

from config import Settings
from harpevents.core import access

CONTENT_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
PERMISSIONS = {
    "camera": "()",  # tickets are read by the telephone's own camera, no page asks for it
    "geolocation": "()",
    "microphone": "()",
    "payment": "()",
    "usb": "()",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_INTEGER = 2**63 - 1  # beyond it neither database has a row


def init_app(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    app.after_request(keep_token_pages_quiet)  # the last registered runs first: this after Talisman
    app.extensions["talisman"] = Talisman(
        app,
        force_https=settings.https,
        force_https_permanent=True,
        strict_transport_security=settings.https,
        strict_transport_security_max_age=365 * 24 * 3600,
        session_cookie_secure=settings.https,
        session_cookie_http_only=True,
        session_cookie_samesite="Lax",
        content_security_policy=CONTENT_POLICY,
        permissions_policy=PERMISSIONS,
        referrer_policy="same-origin",
        frame_options="DENY",
        x_xss_protection=False,
    )
    app.before_request(refuse_unreadable)
    app.before_request(refuse_foreign_form)


def allow_plain_http(view: Any) -> Any:
    """For what machines ask inside the house: no redirect to https."""
    view.talisman_view_options = {"force_https": False}
    return view


def refuse_unreadable() -> None:
    """What no database stores the same way never reaches one: NUL bytes, integers without end."""
    if "\0" in request.path or b"%00" in request.query_string or "\0" in request.full_path:
        abort(400)
    if any(
        isinstance(value, int) and value > LARGEST_INTEGER
        for value in (request.view_args or {}).values()
    ):
        abort(404)


def refuse_foreign_form() -> None:
    """A browser that says a form comes from another site is believed (Fetch Metadata)."""
    if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)


def keep_token_pages_quiet(response: Response) -> Response:
    """The address of a page behind a secret link is the secret: no other page is told of it."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and access.declared(view) == "token":
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
