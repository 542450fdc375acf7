"""The public side of institutions: suggesting them while somebody types."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from harpevents.core import clock, i18n
from harpevents.core.access import public
from harpevents.core.web import public_blueprint, query_text
from harpevents.institutions import matching, queries
from harpevents.institutions.models import Institution
from harpevents.recognition.suggesting import Suggestion

bp = public_blueprint("institutions", __name__)

SHOWN = 8


def _shown(found: Suggestion, institution: Institution) -> dict[str, Any]:
    ended = institution.dissolved_on
    if ended is not None and ended > clock.today():
        ended = None
    return {
        "slug": found.slug,
        "name": found.name,
        "detail": _("until %(day)s", day=i18n.show_date(ended)) if ended else found.found_by,
        "country": institution.country,
        "kind": institution.kind,
        "ended": ended,
    }


@bp.get("/institutions/suggest")
@public
def suggest() -> ResponseReturnValue:
    """Institutions of which a name begins as typed, in any script.

    [{slug, name, detail, country, kind}]; the last two fill what the form asks beside it. Those
    that have ended come last and say so.
    """
    typed = query_text()
    if not typed:
        return jsonify([])
    found = matching.index().suggest(typed, i18n.current_language(), SHOWN)
    known = queries.of_ids([one.institution_id for one in found])
    shown = [_shown(one, known[one.institution_id]) for one in found if one.institution_id in known]
    answer = jsonify(sorted(shown, key=lambda one: bool(one.pop("ended"))))
    answer.headers["Cache-Control"] = "private, max-age=60"
    return answer
