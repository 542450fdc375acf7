"""Staff pages of outbox."""

from __future__ import annotations

from harpevents.core.web import desk_blueprint

bp = desk_blueprint("desk_outbox", __name__)
