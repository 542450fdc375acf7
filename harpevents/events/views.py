"""Public pages of events."""

from __future__ import annotations

from harpevents.core.web import public_blueprint

bp = public_blueprint("events", __name__)
