"""Events that were held, and who came to them."""

from __future__ import annotations

from datetime import datetime

from harpevents.attendance import services
from harpevents.attendance.models import CheckInSource
from harpevents.core.db import transaction
from tests.factories import STAFF, an_event


def came(event, *people):
    with transaction():
        for person in people:
            services.check_in(event, person, source=CheckInSource.QR, actor=STAFF)


def publish(slug, day, **others):
    at = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    return an_event(slug, starts_at=at, mode="online", **others)
