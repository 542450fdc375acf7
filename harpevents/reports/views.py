"""Public pages of reports."""

from __future__ import annotations

from harpevents.core.web import public_blueprint

bp = public_blueprint("reports", __name__)
