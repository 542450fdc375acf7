"""Staff pages of institutions."""

from __future__ import annotations

from harpevents.core.web import desk_blueprint

bp = desk_blueprint("desk_institutions", __name__)
