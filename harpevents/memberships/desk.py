"""Staff pages of memberships."""

from __future__ import annotations

from harpevents.core.web import desk_blueprint

bp = desk_blueprint("desk_memberships", __name__)
