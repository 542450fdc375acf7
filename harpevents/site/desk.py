"""Staff pages of the house: overview, search over everything, health, components."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from harpevents.core.access import ADMIN, SECRETARIAT, staff
from harpevents.core.web import desk_blueprint
from harpevents.site import health, overview, search, styles

bp = desk_blueprint("desk_site", __name__)


@bp.get("/")
@staff()
def index() -> ResponseReturnValue:
    """What waits for somebody, and what comes next."""
    return render_template("site/desk.html", **overview.context())


@bp.get("/search", endpoint="search")
@staff()
def search_everything() -> ResponseReturnValue:
    return render_template("site/search.html", **search.context())


@bp.get("/health", endpoint="health")
@staff(ADMIN)
def show_health() -> ResponseReturnValue:
    return render_template("site/health.html", checks=health.checks())


@bp.get("/styles", endpoint="styles")
@staff(ADMIN, SECRETARIAT)
def show_styles() -> ResponseReturnValue:
    return render_template("site/styles.html", **styles.context())
