"""Staff pages of registrations."""

from __future__ import annotations

from harpevents.core.web import desk_blueprint

bp = desk_blueprint("desk_registrations", __name__)
