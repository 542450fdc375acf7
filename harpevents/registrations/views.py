"""Public pages of registrations."""

from __future__ import annotations

from harpevents.core.web import public_blueprint

bp = public_blueprint("registrations", __name__)
