"""Public pages of memberships."""

from __future__ import annotations

from harpevents.core.web import public_blueprint

bp = public_blueprint("memberships", __name__)
