"""What others learn of the public pages: their addresses in each language, and the list of all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import request, url_for

from harpevents.core import clock, i18n
from harpevents.core.db import db
from harpevents.core.web import external_url
from harpevents.events import queries as events
from harpevents.events.models import Event
from harpevents.memberships import queries as memberships

PICTURE = "img/share.png"
MOST = 10_000  # addresses in one list; the standard allows five times as many
ALWAYS = ("site.home", "events.index", "memberships.index", "reports.figures", "site.privacy")

Links = list[tuple[str, str]]  # (language, address)


def shared_links() -> tuple[str, Links, str]:
    """(address of this page without its query, the same in each language, address of a picture)."""
    endpoint, values = str(request.endpoint), request.view_args or {}
    here = external_url(endpoint, lang=i18n.current_language(), **values)
    picture = external_url("site.root").rstrip("/") + url_for("static", filename=PICTURE)
    return here, in_each_language(endpoint, **values), picture


def in_each_language(endpoint: str, **values: Any) -> Links:
    return [(code, external_url(endpoint, lang=code, **values)) for code in i18n.languages()]


def public_pages() -> Iterator[tuple[Links, datetime | None]]:
    """Each public page in its languages, and when it changed last as far as that is known."""
    for endpoint in ALWAYS:
        yield in_each_language(endpoint), None
    for member in memberships.roster(clock.today()):
        yield in_each_language("memberships.member", slug=member.institution.slug), None
    latest = events.shown().order_by(Event.starts_at.desc(), Event.id.desc()).limit(MOST // 2)
    for event in db.session.scalars(latest):
        yield in_each_language("registrations.event", slug=event.slug), event.updated_at
