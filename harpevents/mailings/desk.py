"""Staff pages of mailings."""

from __future__ import annotations

from harpevents.core.web import desk_blueprint

bp = desk_blueprint("desk_mailings", __name__)
