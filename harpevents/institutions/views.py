"""The public side of institutions: suggesting them while somebody types."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue

from harpevents.core import i18n
from harpevents.core.access import public
from harpevents.core.web import public_blueprint, query_text
from harpevents.institutions import matching, queries

bp = public_blueprint("institutions", __name__)

SHOWN = 8


@bp.get("/institutions/suggest")
@public
def suggest() -> ResponseReturnValue:
    """Institutions of which a name begins as typed, in any script.

    [{slug, name, detail, country, kind}]; the last two fill what the form asks beside it.
    """
    typed = query_text()
    if not typed:
        return jsonify([])
    found = matching.index().suggest(typed, i18n.current_language(), SHOWN)
    known = queries.countries_and_kinds([one.institution_id for one in found])
    answer = jsonify(
        [
            {
                "slug": one.slug,
                "name": one.name,
                "detail": one.found_by,
                **dict(zip(("country", "kind"), known[one.institution_id], strict=True)),
            }
            for one in found
            if one.institution_id in known
        ]
    )
    answer.headers["Cache-Control"] = "private, max-age=60"
    return answer
