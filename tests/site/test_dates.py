"""What holds from one day until before another, wherever it is asked: one table of edges."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.institutions import matching
from harpevents.institutions import queries as institutions
from harpevents.institutions.models import InstitutionName
from harpevents.mailings import audiences
from harpevents.memberships import queries as memberships
from harpevents.memberships.models import MemberContact, Spell, SpellEnd, Term
from harpevents.people import queries as people
from harpevents.people import services as people_services
from harpevents.people.models import Affiliation
from harpevents.people.services import PersonNames
from harpevents.reports import years
from tests.mailings.arranging import three_members

BEGINS, ENDS, A_DAY = date(2019, 9, 23), date(2021, 9, 16), timedelta(days=1)
EDGES: list[tuple[date | None, date | None, date, bool]] = [  # from, until before, day, holds
    (BEGINS, ENDS, BEGINS - A_DAY, False),
    (BEGINS, ENDS, BEGINS, True),
    (BEGINS, ENDS, BEGINS + A_DAY, True),
    (BEGINS, ENDS, ENDS - A_DAY, True),
    (BEGINS, ENDS, ENDS, False),
    (BEGINS, ENDS, ENDS + A_DAY, False),
    (BEGINS, None, BEGINS - A_DAY, False),
    (BEGINS, None, BEGINS, True),
    (BEGINS, None, ENDS, True),
]
OPEN_EDGES: list[tuple[date | None, date | None, date, bool]] = [
    (None, ENDS, BEGINS, True),
    (None, ENDS, ENDS - A_DAY, True),
    (None, ENDS, ENDS, False),
    (None, None, ENDS, True),
]


@pytest.fixture
def moscow(app):
    return three_members()["RU"]


def on(monkeypatch, day):
    monkeypatch.setattr(clock, "today", lambda: day)


@pytest.mark.parametrize(("begins", "ends", "day", "holds"), EDGES)
def test_a_membership(moscow, client, monkeypatch, begins, ends, day, holds):
    with transaction():
        spell = db.session.scalars(select(Spell).where(Spell.institution_id == moscow.id)).one()
        spell.begins_on, spell.ends_on = begins, ends
        if ends is not None:
            spell.end_kind, spell.end_decision_id = SpellEnd.WITHDRAWN, spell.begin_decision_id
        db.session.scalars(select(Term)).one().opens_on = day
    on(monkeypatch, day)

    assert memberships.is_member(moscow.id, day) == holds
    assert ("RU" in memberships.by_country(memberships.roster(day))) == holds
    assert memberships.count_members(day).get("RU", 0) == holds
    assert [one.by_country.get("RU", 0) for one in years.members_over_time()] == [holds, holds]
    assert ("Former member" in client.get("/en/members/moscow").text) != holds
    assert ("msu.example.ru" in written_to(day)) == holds


@pytest.mark.parametrize(("begins", "ends", "day", "holds"), EDGES)
def test_a_contact(moscow, begins, ends, day, holds):
    with transaction():
        query = select(MemberContact).where(MemberContact.institution_id == moscow.id)
        contact = db.session.scalars(query).one()
        contact.valid_from, contact.valid_to = begins, ends

    assert (moscow.id in memberships.contacts_on(day)) == holds
    assert ("msu.example.ru" in written_to(day)) == holds


def written_to(day):
    found = audiences.candidates({"kind": "members", "term": 3}, day)
    return {one.address.partition("@")[2] for one in found}


@pytest.mark.parametrize(("begins", "ends", "day", "holds"), EDGES + OPEN_EDGES)
def test_a_name(moscow, monkeypatch, begins, ends, day, holds):
    with transaction():
        query = select(InstitutionName).where(
            InstitutionName.institution_id == moscow.id, InstitutionName.lang == "ru"
        )
        name = db.session.scalars(query).one()
        name.valid_from, name.valid_to = begins, ends
    on(monkeypatch, day)

    assert institutions.names_of([moscow.id], day)[moscow.id].get("ru") == (
        "МГУ" if holds else None
    )
    records = {record.name: record.is_current for record in matching._records()}
    assert records["МГУ"] is holds


@pytest.mark.parametrize(("begins", "ends", "day", "holds"), EDGES + OPEN_EDGES)
def test_an_affiliation(moscow, monkeypatch, begins, ends, day, holds):
    with transaction():
        names = PersonNames(family="Kato", given="Haruka")
        person_id = people_services.recognise(
            "h@x.example", language="ja", country="JP", names=names
        )
        db.session.add(
            Affiliation(
                person_id=person_id, institution_id=moscow.id, valid_from=begins, valid_to=ends
            )
        )
    on(monkeypatch, day)

    assert (person_id in people.affiliations_of([person_id])) == holds
