"""Public pages of mailings."""

from __future__ import annotations

from harpevents.core.web import public_blueprint

bp = public_blueprint("mailings", __name__)
