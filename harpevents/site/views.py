"""Public pages of site."""

from __future__ import annotations

from harpevents.core.web import public_blueprint

bp = public_blueprint("site", __name__)
