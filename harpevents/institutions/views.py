"""Public pages of institutions."""

from __future__ import annotations

from harpevents.core.web import public_blueprint

bp = public_blueprint("institutions", __name__)
