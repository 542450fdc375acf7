"""The public side of institutions: suggesting them while somebody types."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from harpevents.core import i18n
from harpevents.core.access import public
from harpevents.core.web import public_blueprint, query_text
from harpevents.institutions import matching

bp = public_blueprint("institutions", __name__)

SHOWN = 8


@bp.get("/institutions/suggest")
@public
def suggest() -> ResponseReturnValue:
    """[{slug, name, detail}]: institutions of which a name begins as typed, in any script."""
    typed = query_text()
    if not typed:
        return jsonify([])
    found = matching.index().suggest(typed, i18n.current_language(), SHOWN)
    answer = jsonify(
        [{"slug": one.slug, "name": one.name, "detail": one.found_by} for one in found]
    )
    answer.headers["Cache-Control"] = "private, max-age=60"
    return answer
