"""The desk's pages of registrations: finding people, deciding, adding by hand, calling off."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from harpevents.core import clock, names
from harpevents.core.db import db, transaction
from harpevents.core.tables import reading
from harpevents.events import queries as event_queries
from harpevents.events import services as events
from harpevents.events.models import Event, GrantKind
from harpevents.institutions.models import InstitutionKind
from harpevents.outbox.models import Message
from harpevents.people.models import Role
from harpevents.registrations import queries, services, views
from harpevents.registrations.models import (
    AttendanceMode,
    Category,
    Registration,
    RegistrationState,
)
from tests.factories import STAFF, an_account, an_entry, an_event, registered, sign_in
from tests.visitor import Visitor

LIST = "/desk/events/forum/registrations"


@pytest.fixture
def staff(app: Flask, client: Visitor) -> Visitor:
    return sign_in(client, an_account())


def test_people_are_found_in_every_script(app: Flask, staff: Visitor):
    event = an_event()
    registered(event, 1, family="加藤", given="太郎", kana_family="カトウ", kana_given="タロウ")
    registered(event, 2, family="Щербакова", given="Юлия", country="RU")

    for typed in ("かとう", "加藤", "Kato", "Като", "person1@"):
        page = staff.get(LIST, query_string={"q": typed}).text
        assert "加藤" in page, typed
        assert "Щербакова" not in page, typed
    assert "Щербакова" in staff.get(LIST, query_string={"q": "Shcherbakova"}).text
    assert "Щербакова" in staff.get(LIST, query_string={"country": "RU"}).text
    assert "Nobody was found" in staff.get(LIST, query_string={"state": "pending"}).text
    odd = {"q": "'%_\\", "state": "x", "page": "9" * 400, "country": "1", "institution": "../"}
    assert staff.get(LIST, query_string=odd).status_code == 200


def test_pending_people_are_approved_or_declined(app: Flask, staff: Visitor):
    event = an_event(needs_approval=True)
    first, second = registered(event, 1), registered(event, 2)

    staff.submit(f"{LIST}/1", action="/approve")
    staff.submit(f"{LIST}/2", {"reason": "Too late."}, action="/decline")

    db.session.expire_all()
    assert (first.state, second.state) == (RegistrationState.CONFIRMED, RegistrationState.DECLINED)
    assert "Nobody" not in staff.get(LIST, query_string={"state": "declined"}).text


def test_somebody_is_added_by_hand_beyond_the_places(app: Flask, staff: Visitor):
    event = an_event(capacity=1)
    registered(event, 1)
    person = {"family": "寿", "email": "kotobuki@uni.example.org", "country": "JP"}
    person |= {"institution_kind": "university", "category": "faculty"}

    staff.submit(f"{LIST}/new", person)
    staff.submit(
        f"{LIST}/new",
        person | {"email": "second@uni.example.org", "beyond_capacity": "y", "quiet": "y"},
    )

    query = select(Registration.state, Registration.source).order_by(Registration.number)
    assert [tuple(row) for row in db.session.execute(query)][1:] == [
        (RegistrationState.WAITLISTED, "desk"),
        (RegistrationState.CONFIRMED, "desk"),
    ]
    twice = staff.submit(f"{LIST}/new", person)
    assert twice.status_code == 409 or "registered with this address already" in twice.text


def test_edit_cancel_and_the_link_again(app: Flask, staff: Visitor):
    event = an_event()
    person = registered(event, 1)

    assert staff.submit(f"{LIST}/1/edit", {"position": "Dean"}).status_code == 303
    staff.submit(f"{LIST}/1", action="/link")
    staff.submit(f"{LIST}/1", {"desk_note": "Comes late."}, action="/note")
    staff.submit(f"{LIST}/1", action="/cancel")

    db.session.expire_all()
    assert (person.position, person.desk_note) == ("Dean", "Comes late.")
    assert person.state is RegistrationState.CANCELLED
    kinds = db.session.scalars(select(Message.kind).order_by(Message.id)).all()
    assert [kind.removeprefix("registration.") for kind in kinds] == [
        "confirmed",
        "changed",
        "link",
        "cancelled",
    ]


def test_calling_off_asks_first_and_tells_everybody(app: Flask, staff: Visitor):
    event = an_event()
    registered(event, 1)

    page = staff.get("/desk/events/forum/cancel")
    assert "1 person who is registered" in page.text
    assert event_queries.get_by_slug("forum").status == "published"
    staff.submit("/desk/events/forum/cancel", {"reason": "Storm."})

    assert event_queries.get_by_slug("forum").status == "cancelled"
    assert "Storm." in db.session.scalars(select(Message).order_by(Message.id)).all()[-1].text
    assert "called off" in staff.get("/en/events/forum").text


def test_tables_are_given_out(app: Flask, staff: Visitor):
    registered(an_event(), 1)

    table = staff.get(f"{LIST}.csv")
    assert table.data.startswith(b"\xef\xbb\xbfNo.,State,Family name")
    assert "person1@uni.example.org" in table.text
    assert staff.get(f"{LIST}.xlsx").data[:2] == b"PK"
    assert staff.get(f"{LIST}.exe").status_code == 404


def test_a_table_holds_whom_the_filters_show(app: Flask, staff: Visitor):
    event = an_event()
    for number, country in enumerate(("JP", "RU", "RU"), 1):
        registered(event, number, country=country)

    for asked, numbers in (
        ("", ["1", "2", "3"]),
        ("?country=RU", ["2", "3"]),
        ("?country=RU&q=Taro3", ["3"]),
        ("?state=waitlisted", []),
        ("?q=Taro1&order=name&page=1", ["1"]),
    ):
        page = staff.get(f"{LIST}{asked}").text
        file = unescape(re.findall(r'href="([^"]*registrations\.csv[^"]*)"', page)[0])
        rows = reading.read_table(staff.get(file).data, "list.csv").rows[1:]
        assert [row[0] for row in rows] == numbers, asked
        assert len(re.findall(r'data-label="No."', page)) == len(numbers)
        book = reading.read_table(staff.get(file.replace(".csv", ".xlsx")).data, "list.xlsx")
        assert [row[0] for row in book.rows[1:]] == numbers, asked


def test_an_organiser_reaches_only_what_was_granted(app: Flask, visitor):
    event, other = an_event(), an_event("other")
    registered(event, 1)
    registered(other, 1)
    organiser = an_account(Role.ORGANISER, "organiser@uni.example.org")
    with transaction():
        events.grant(event, organiser, GrantKind.MODERATE, STAFF)
    hers = sign_in(visitor(), organiser)

    assert hers.get(LIST).status_code == 200
    assert hers.get(f"{LIST}/1").status_code == 200
    for path in (
        "/desk/events/other/registrations",
        "/desk/events/other/registrations/1",
        "/desk/events/other/registrations.csv",
        "/desk/events/forum/cancel",
        "/desk/events/forum/edit",
        "/desk/events/new",
        "/desk/events/forum/organisers",
    ):
        assert hers.get(path).status_code == 404, path
    stranger = visitor().get(LIST)
    assert stranger.status_code == 302
    assert "/sign-in" in stranger.location


def many(event: Event, number: int) -> None:
    """So many confirmed registrations, straight into the table."""
    now = clock.now()
    with transaction() as session:
        session.execute(
            insert(Registration),
            [
                {
                    "event_id": event.id,
                    "number": at,
                    "key": f"k{at}",
                    "ticket_key": f"t{at}",
                    "state": RegistrationState.CONFIRMED,
                    "family": f"Family{at}",
                    "given": "Given",
                    "email": f"p{at}@uni.example.org",
                    "language": "en",
                    "country": ("JP", "RU", "FI")[at % 3],
                    "institution_kind": InstitutionKind.UNIVERSITY,
                    "institution_text": f"University {at % 40}",
                    "category": Category.FACULTY,
                    "mode": AttendanceMode.ROOM,
                    "search": names.search_text(f"Family{at} Given"),
                    "sort_name": f"family{at:05}",
                    "source": "import",
                    "created_at": now,
                    "updated_at": now,
                }
                for at in range(1, number + 1)
            ],
        )


def test_a_long_list_costs_no_more_than_a_short_one(app: Flask, staff: Visitor, count_queries):
    event = an_event()
    many(event, 2000)
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 2000

    with count_queries() as asked:
        page = staff.get(LIST, query_string={"q": "Family"})

    assert page.status_code == 200
    assert len(re.findall(r'<th scope="row"', page.text)) == 50
    assert len(asked) <= 20
    assert len(page.data) < 200_000


def test_correcting_a_name_after_a_part_is_over_keeps_the_part(
    app: Flask, client: Visitor, monkeypatch
):
    account, event = an_account(), an_event()
    part = an_event("part", parent="forum", starts_at=event.starts_at)
    one = registered(event, 1, parts={"part": None})
    over = part.ends_at + timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: over)
    sign_in(client, account)

    answer = client.submit(f"{LIST}/1/edit", {"family": "Tanabe"})

    assert answer.status_code == 303
    assert one.family == "Tanabe"
    assert [chosen.event.slug for chosen in queries.parts_of(one)] == ["part"]


def link_of(person: Registration) -> str:
    return f"/en/r/{queries.manage_token(person)}"


def test_the_desk_cuts_a_link_off_and_a_new_one_works(app: Flask, staff: Visitor, visitor):
    visitor, event = visitor(), an_event()
    person = registered(event, 1)
    former = link_of(person)
    assert visitor.get(former).status_code == 200

    assert staff.submit(f"{LIST}/1", action="/new-link").status_code == 303

    db.session.expire_all()
    assert (visitor.get(former).status_code, visitor.get(link_of(person)).status_code) == (404, 200)
    kinds = db.session.scalars(select(Message.kind).order_by(Message.id)).all()
    assert kinds[-1] == "registration.link"


def test_the_former_mailbox_has_no_link_once_the_address_is_another(app: Flask, visitor):
    visitor, event = visitor(), an_event()
    person = registered(event, 1)
    former = link_of(person)

    answer = visitor.submit(f"{former}/change", {"email": "new@uni.example.org"})

    db.session.expire_all()
    assert answer.location.startswith(link_of(person))
    assert (visitor.get(former).status_code, visitor.get(link_of(person)).status_code) == (404, 200)


def test_a_correction_without_a_mail_leaves_the_only_link_there_is(app: Flask):
    person = registered(an_event(), 1)
    before = link_of(person)
    with transaction():
        services.edit(person, an_entry(2), actor=STAFF, quiet=True)
    assert (person.email, link_of(person)) == ("person2@uni.example.org", before)


def test_a_failure_on_a_secret_page_puts_no_link_in_the_log(
    app: Flask, client: Visitor, caplog, monkeypatch
):
    link = link_of(registered(an_event(), 1))

    def fail(*_arguments: object) -> None:
        raise IntegrityError("INSERT", None, Exception("twice"))

    monkeypatch.setattr(views, "_given", fail)
    monkeypatch.setattr(app.logger, "disabled", False)  # whatever a command before has set up
    monkeypatch.setattr(app.logger, "handlers", [caplog.handler])
    assert client.get(link).status_code == 409
    assert caplog.records
    assert link.rsplit("/", 1)[1] not in caplog.text
    assert app.config["SQLALCHEMY_ENGINE_OPTIONS"]["hide_parameters"]
