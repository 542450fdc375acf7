"""What a typed affiliation means for the one who typed it: her country, and the event's day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from harpevents.core.db import db, transaction
from harpevents.institutions import matching, queries, services
from harpevents.institutions.models import (
    ChangeKind,
    InstitutionKind,
    InstitutionMatchDecision,
)
from harpevents.registrations import imports
from harpevents.registrations.models import Source
from tests.factories import STAFF, an_event, registered

MERGED_ON = date(2024, 10, 1)


@pytest.fixture(autouse=True)
def merged(app):
    """Two institutes of Tokyo became one; in Sendai there is one university."""
    with transaction():
        for name in ("Tokyo Institute of Engineering", "Tokyo Dental University"):
            services.ensure(name, InstitutionKind.UNIVERSITY, "JP", actor=STAFF)
        for name in ("Science Tokyo", "Tohoku University"):
            services.ensure(name, InstitutionKind.UNIVERSITY, "JP", actor=STAFF)
        services.record_change(
            ChangeKind.MERGER,
            [
                queries.get_by_slug("tokyo-institute-of-engineering"),
                queries.get_by_slug("tokyo-dental-university"),
            ],
            [queries.get_by_slug("science-tokyo")],
            on=MERGED_ON,
            actor=STAFF,
        )


@pytest.mark.parametrize(
    ("on", "slug"),
    [
        (date(2024, 9, 30), "tokyo-institute-of-engineering"),
        (MERGED_ON, "science-tokyo"),
        (date(2027, 1, 5), "science-tokyo"),
        (None, "tokyo-institute-of-engineering"),
    ],
)
def test_an_institution_that_had_ended_is_the_one_that_took_its_place(on, slug):
    found = matching.resolve("Tokyo Institute of Engineering", "JP", on)
    assert found is not None
    assert found.slug == slug


def test_where_none_took_its_place_a_person_is_asked():
    with transaction():
        services.ensure("Gone University", InstitutionKind.UNIVERSITY, "JP", actor=STAFF)
        queries.get_by_slug("gone-university").dissolved_on = MERGED_ON
    found = matching.match("Gone University", "JP", date(2027, 1, 5))
    assert (found.decision, found.candidates[0].slug) == ("ask", "gone-university")
    assert matching.match("Gone University", "JP", date(2020, 1, 5)).decision == "match"


def undecided():
    return list(db.session.scalars(select(InstitutionMatchDecision.text)))


def test_a_registration_from_another_country_is_asked_about_and_counted_for_nobody():
    event = an_event(starts_at=datetime(2027, 1, 5, 7, tzinfo=UTC))
    ours = registered(event, 1, institution_text="Tohoku University", source=Source.DESK)
    assert (ours.institution.slug, undecided()) == ("tohoku-university", [])
    theirs = registered(
        event, 2, institution_text="Tohoku University", country="CN", source=Source.DESK
    )
    assert (theirs.institution_id, undecided()) == (None, ["Tohoku University"])


def test_an_import_heeds_the_country_and_the_day_too():
    event = an_event(starts_at=datetime(2027, 1, 5, 7, tzinfo=UTC))
    data = (
        "family,given,email,country,institution\r\n"
        "A,B,a@x.example,JP,Tokyo Dental University\r\n"
        "C,D,c@x.example,CN,Tohoku University\r\n"
    )
    listed = imports.read(event, data.encode(), "list.csv")
    with transaction():
        outcome = imports.take_in(event, listed, actor=STAFF, history=True)
    assert (outcome.created, outcome.unmatched) == (2, ["Tohoku University"])
