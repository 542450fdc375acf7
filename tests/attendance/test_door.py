"""The door: looking for people, checking them in and out again, walk-ins, who sees what."""

from __future__ import annotations

import re
import uuid
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from harpevents.attendance import queries, services
from harpevents.attendance.models import CheckIn, CheckInResult, CheckInSource
from harpevents.core.db import db, transaction
from harpevents.people.models import Role
from harpevents.registrations import queries as registrations
from harpevents.registrations import services as registration_services
from harpevents.registrations.models import Registration, RegistrationState
from tests.databases import one
from tests.factories import KATO, STAFF, an_account, an_event, grant, registered, sign_in
from tests.visitor import text_of

PATH = "/desk/events/forum/attendance"


@pytest.fixture
def staff(app, client):
    return sign_in(client, an_account())


def count(table=CheckIn):
    return one(select(func.count()).select_from(table))


def present(event):
    return set(db.session.scalars(queries.present_ids(event)))


@pytest.mark.parametrize("typed", ["加藤", "かとう", "kato", "Като", "KATO taro", "1"])
def test_one_box_finds_a_person_in_any_script(app, staff, typed):
    event = an_event()
    registered(event, **KATO)
    registered(
        event, email="ivan@nefu.example", family="Иванов", given="Иван", latin_family="Ivanov",
        latin_given="Ivan", country="RU", institution_text="СВФУ",
    )  # fmt: skip

    page = staff.get(PATH, query_string={"q": typed}).text

    assert "Taro Kato" in page or "加藤 太郎" in page
    assert "Ivanov" not in page


def test_no_address_stands_on_the_door_page(app, staff):
    registered(an_event(), **KATO)
    for query in ({}, {"q": "kato"}, {"q": "taro@hokudai.example"}):
        page = staff.get(PATH, query_string=query).text
        assert "加藤" in page
        assert "hokudai.example" not in page.replace('value="taro@hokudai.example"', "")


def test_one_tap_checks_in_and_says_so(app, staff):
    event = an_event()
    person = registered(event, **KATO)

    answer = staff.submit(PATH, action="check-in", follow_redirects=True)

    assert present(event) == {person.id}
    assert "Checked in." in answer.text
    assert "Present" in answer.text


def test_the_same_tap_sent_again_is_the_same_check_in(app, staff):
    event = an_event()
    registered(event, **KATO)
    form = staff.form(PATH, "check-in")

    for _again in range(5):
        assert staff.post(form.action, data=form.values).status_code == 303

    assert count() == 1


def test_a_second_tap_shows_when_and_by_whom_the_first_was(app, staff, visitor):
    event = an_event()
    person = registered(event, **KATO)
    with transaction():
        first = services.check_in(event, person, source=CheckInSource.NAME, actor=STAFF)
    form = staff.form(PATH, "ticket")
    form.values["code"] = registrations.ticket_code(person)

    answer = staff.post(form.action, data=form.values, follow_redirects=True).text

    assert "Checked in already." in text_of(answer)
    there = first.happened_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert f"First at {there:%H:%M}, by Secretariat." in text_of(answer)
    assert [str(row.result) for row in db.session.scalars(select(CheckIn))].count("repeated") == 1


@pytest.mark.parametrize("shape", ["key", "code", "token", "link"])
def test_a_ticket_is_read_as_key_token_and_link(app, staff, shape):
    event = an_event()
    person = registered(event, **KATO)
    token = registrations.ticket_token(person)
    code = {
        "key": person.ticket_key,
        "code": f" {registrations.ticket_code(person).lower()} ",
        "token": token,
        "link": f"https://events.example/t/{token}",
    }[shape]

    answer = staff.submit(PATH, {"code": code}, action="ticket", follow_redirects=True)

    assert present(event) == {person.id}
    assert "notice--good" in answer.text


@pytest.mark.parametrize("code", ["nobody", "", "\x00", "x" * 499, "-", "../../etc", "９９"])
def test_what_is_no_ticket_is_red_and_counts_nobody(app, staff, code):
    event = an_event()
    registered(event, **KATO)

    answer = staff.submit(PATH, {"code": code}, action="ticket", follow_redirects=True)

    assert answer.status_code == 200
    assert present(event) == set()
    assert ("No registration has this code." in answer.text) == bool(code.strip())


def test_a_forged_ticket_is_unknown(app, staff):
    event = an_event()
    person = registered(event, **KATO)
    forged = registrations.ticket_token(person)[:-1] + "a"
    forged = forged if forged != registrations.ticket_token(person) else forged[:-1] + "b"

    staff.submit(PATH, {"code": forged}, action="ticket")

    assert present(event) == set()
    assert one(select(CheckIn)).reason == "unknown_ticket"


def test_tickets_of_another_event_and_of_cancelled_people_are_refused_with_the_name(app, staff):
    event, other = an_event(), an_event("other", title={"en": "Another seminar"})
    stranger, gone = registered(other, **KATO), registered(event, email="gone@uni.example")
    with transaction():
        registration_services.cancel(gone, actor=STAFF, quiet=True)

    pages = [
        staff.submit(PATH, {"code": who.ticket_key}, action="ticket", follow_redirects=True).text
        for who in (stranger, gone)
    ]

    assert "This ticket belongs to another event. Another seminar" in text_of(pages[0])
    assert "This registration was cancelled." in pages[1]
    assert all("notice--bad" in page and "Kato" in page for page in pages)
    assert [row.result for row in db.session.scalars(select(CheckIn))] == ["refused", "refused"]


def test_undo_is_a_fact_with_who_and_why_and_may_be_followed_by_a_new_check_in(app, staff):
    event = an_event()
    person = registered(event, **KATO)
    staff.submit(PATH, action="check-in")

    answer = staff.submit(
        PATH, {"reason": "tapped the wrong row"}, action="undo", follow_redirects=True
    )

    assert "counts as absent again" in answer.text
    assert present(event) == set()
    taken_back = one(select(CheckIn).where(CheckIn.kind == "annul"))
    assert (taken_back.remark, taken_back.actor_name) == (
        "tapped the wrong row", "Ōta Mika",
    )  # fmt: skip
    staff.submit(PATH, action="check-in")
    assert present(event) == {person.id}
    assert count() == 3


def test_undo_twice_is_refused_in_words(app, staff):
    event = an_event()
    registered(event, **KATO)
    staff.submit(PATH, action="check-in")
    form = staff.form(PATH, "undo")

    first, second = (staff.post(form.action, data=form.values) for _time in range(2))

    assert (first.status_code, second.status_code) == (303, 409)
    assert "taken back already" in second.text


WALK_IN = {
    "family": "Соколова", "given": "Анна", "latin_family": "Sokolova", "latin_given": "Anna",
    "email": "anna@dvfu.example", "institution": "ДВФУ", "country": "RU",
    "institution_kind": "university", "category": "student",
}  # fmt: skip


def test_a_walk_in_is_registered_beyond_capacity_and_present_in_one_step(app, staff):
    event = an_event(capacity=1)
    registered(event, **KATO)

    answer = staff.submit(f"{PATH}/walk-in", WALK_IN, follow_redirects=True)

    assert "Sokolova" in answer.text
    walked_in = one(select(Registration).where(Registration.country == "RU"))
    assert (walked_in.state, walked_in.source) == (RegistrationState.CONFIRMED, "walk_in")
    assert present(event) == {walked_in.id}


def test_a_walk_in_sent_twice_is_one_person(app, staff):
    event = an_event()
    form = staff.form(f"{PATH}/walk-in")
    form.values.update(WALK_IN)
    for name, value in WALK_IN.items():
        form.values.setlist(name, [value])

    for _time in range(3):
        assert staff.post(f"{PATH}/walk-in", data=form.values).status_code == 303

    assert (count(Registration), count()) == (1, 1)
    assert len(present(event)) == 1


def test_a_walk_in_who_is_registered_is_only_checked_in(app, staff):
    event = an_event()
    person = registered(event, email="anna@dvfu.example")

    staff.submit(f"{PATH}/walk-in", WALK_IN | {"email": "Anna@DVFU.example "})

    assert count(Registration) == 1
    assert present(event) == {person.id}


def test_the_walk_in_form_keeps_what_was_typed(app, staff):
    an_event()

    answer = staff.submit(f"{PATH}/walk-in", WALK_IN | {"email": "no address", "country": ""})

    assert answer.status_code == 422
    for kept in ("Соколова", "Sokolova", "ДВФУ", "no address"):
        assert f'value="{kept}"' in answer.text
    assert "This is not an e-mail address" in answer.text
    assert count(Registration) == 0


def test_parts_have_lists_of_their_own_and_count_for_the_whole(app, staff):
    event = an_event()
    part = an_event("reception", parent="forum", title={"en": "Reception"})
    person = registered(event, **KATO)

    staff.submit(PATH.replace("forum", "reception") + "?q=kato", action="check-in")

    assert present(part) == present(event) == {person.id}
    page = staff.get(PATH).text
    assert "Reception" in page
    assert "check-in" in page  # on the list of the whole she is not checked in yet
    figures = {(row.registered, row.present) for row in queries.counts(part)}
    assert figures == {(0, 1)}  # came without having chosen the part


def test_a_walk_in_at_a_part_chooses_the_part(app, staff):
    event = an_event()
    part = an_event("reception", parent="forum", title={"en": "Reception"})

    staff.submit("/desk/events/reception/attendance/walk-in", WALK_IN)

    walked_in = one(select(Registration))
    assert walked_in.event_id == event.id
    assert present(part) == {walked_in.id}
    assert {(row.registered, row.present) for row in queries.counts(part)} == {(1, 1)}


def test_a_long_list_is_searched_before_it_is_shown(app, staff, monkeypatch):
    event = an_event()
    registered(event, **KATO)
    monkeypatch.setattr("harpevents.attendance.door.SHOWN_WHOLE", 0)

    assert "Look for a person first" in staff.get(PATH).text
    assert "加藤" in staff.get(f"{PATH}?q=kato").text


def test_counts_are_a_piece_of_their_own(app, staff):
    event = an_event()
    registered(event, **KATO)
    registered(event, email="ivan@nefu.example", country="RU", institution_text="СВФУ")
    staff.submit(f"{PATH}?q=2", action="check-in")

    page = staff.get(f"{PATH}/counts")

    assert page.status_code == 200
    assert "<html" not in page.text
    words = text_of(page.text)
    assert "Present 1 Registered 2" in words
    assert "Russia 1 СВФУ 1" in words
    assert "Japan" not in words


def test_who_has_no_grant_finds_no_such_page(app, visitor):
    event = an_event()
    person = registered(event, **KATO)
    organiser = an_account(Role.ORGANISER, "organiser@uni.example")
    signed_in = sign_in(visitor(), organiser)
    paths = [PATH, f"{PATH}/counts", f"{PATH}/walk-in"]

    assert {signed_in.get(path).status_code for path in paths} == {404}
    assert visitor().get(PATH).status_code == 302
    grant(organiser, event)
    assert {signed_in.get(path).status_code for path in paths} == {200}
    assert f"registrations/{person.number}" not in signed_in.get(PATH).text


def test_an_organiser_cannot_check_in_at_another_event_with_an_id_of_hers(app, visitor):
    mine, other = an_event(), an_event("other")
    person, stranger = registered(mine, **KATO), registered(other, **KATO)
    organiser = an_account(Role.ORGANISER, "organiser@uni.example")
    grant(organiser, mine)
    signed_in = sign_in(visitor(), organiser)
    with transaction():
        fact = services.check_in(other, stranger, source=CheckInSource.NAME, actor=STAFF)
    form = signed_in.form(PATH, "check-in")
    undo = form.values.copy()
    undo["check_in"] = str(fact.id)
    form.values["id"] = str(fact.id)

    assert signed_in.post(f"{PATH}/undo", data=undo).status_code == 404
    assert signed_in.post(form.action, data=form.values).status_code == 409
    assert signed_in.get(f"{PATH}?fact={fact.id}").status_code == 200
    assert present(other) == {stranger.id}
    assert present(mine) == set() != {person.id}


def test_reading_changes_nothing(app, staff):
    event = an_event()
    person = registered(event, **KATO)
    with transaction():
        services.check_in(event, person, source=CheckInSource.NAME, actor=STAFF)
    before = count()
    paths = (PATH, f"{PATH}?q=kato", f"{PATH}/counts", f"{PATH}/walk-in")
    assert [staff.get(path).status_code for path in paths] == [200] * 4
    for path in ("check-in", "ticket", "undo"):
        assert staff.get(f"{PATH}/{path}").status_code == 405
    assert count() == before


@pytest.mark.parametrize("value", ["", "abc", "-1", "99999999999999999999", "１"])
def test_odd_numbers_and_ids_are_no_failure(app, staff, value):
    registered(an_event(), **KATO)
    form = staff.form(PATH, "check-in")
    form.values["number"] = value
    assert staff.post(form.action, data=form.values).status_code == 404
    pages = (f"{PATH}?page={value}", f"{PATH}?fact={value}", f"{PATH}?q={value}&page=0")
    assert {staff.get(page).status_code for page in pages} == {200}


def test_queries_do_not_grow_with_the_rows(app, staff, count_queries):
    event = an_event()
    for number in range(3):
        registered(event, number)

    def asked() -> int:
        with count_queries() as statements:
            assert staff.get(PATH).status_code == 200
        return len(statements)

    asked()  # reads the event, which is kept from then on
    few = asked()
    for number in range(3, 40):
        registered(event, number)
    assert asked() == few <= 20


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Attendance"),
        ("ja", "出席"),
        ("ru", "Посещаемость"),
    ],
)
def test_the_door_speaks_three_languages(app, visitor, language, words):
    an_event()
    account = an_account(email=f"{language}@association.example", language=language)
    page = sign_in(visitor(), account).get(PATH).text
    assert words in page
    assert re.search(rf'<html lang="{language}"', page)


def test_the_answer_of_a_known_id_is_the_first_one(app):
    event = an_event()
    person = registered(event, **KATO)
    id = uuid.uuid4()
    with transaction():
        first = services.check_in(event, person, source=CheckInSource.QR, actor=STAFF, id=id)
        again = services.check_in(event, person, source=CheckInSource.QR, actor=STAFF, id=id)
    assert first is again
    assert again.result is CheckInResult.OK
