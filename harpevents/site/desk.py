"""Staff pages of site."""

from __future__ import annotations

from harpevents.core.web import desk_blueprint

bp = desk_blueprint("desk_site", __name__)
