"""A round table that was held, and somebody of the secretariat who looks at its figures."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harpevents.core.db import transaction
from harpevents.events.models import EventKind
from harpevents.institutions import services as institutions
from harpevents.institutions.models import InstitutionKind
from harpevents.registrations import services as registration_services
from harpevents.registrations.models import Source
from tests.factories import STAFF, an_account, an_event, registered, sign_in
from tests.reports.arranging import came


@pytest.fixture
def staff(app, client):
    return sign_in(client, an_account())


@pytest.fixture
def table(app):
    """A round table of 2020: three came from two sides, one registered did not, one cancelled."""
    event = an_event(
        "table", kind=EventKind.ROUND_TABLE, starts_at=datetime(2020, 9, 25, 7, tzinfo=UTC)
    )
    with transaction():
        for name, kind, country in (
            ("Hokkaido University", InstitutionKind.UNIVERSITY, "JP"),
            ("Altai State University", InstitutionKind.UNIVERSITY, "RU"),
            ("Sample Trading", InstitutionKind.COMPANY, "JP"),
        ):
            institutions.ensure(name, kind, country, actor=STAFF)
    people = [
        registered(
            event, email=f"{n}@x.example", country=country, institution=slug, institution_text=slug,
            category=category, source=Source.DESK,
        )
        for n, (country, slug, category) in enumerate(
            [
                ("JP", "hokkaido-university", "faculty"),
                ("JP", "sample-trading", "business"),
                ("RU", "altai-state-university", "student"),
                ("RU", "altai-state-university", "student"),
                ("RU", "hokkaido-university", "student"),
            ]
        )
    ]  # fmt: skip
    came(event, *people[:3], people[4])
    with transaction():
        registration_services.cancel(people[4], actor=STAFF, quiet=True)
    return event
