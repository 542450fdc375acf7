"""Staff pages of events."""

from __future__ import annotations

from harpevents.core.web import desk_blueprint

bp = desk_blueprint("desk_events", __name__)
