"""Staff pages of people."""

from __future__ import annotations

from harpevents.core.web import desk_blueprint

bp = desk_blueprint("desk_people", __name__)
