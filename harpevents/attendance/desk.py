"""Staff pages of attendance."""

from __future__ import annotations

from harpevents.core.web import desk_blueprint

bp = desk_blueprint("desk_attendance", __name__)
