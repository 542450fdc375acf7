"""The public pages: the event, the form, and what comes back when it is sent."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from harpevents.core import clock
from harpevents.core.db import db
from harpevents.events.models import Mode
from harpevents.outbox.models import Message
from harpevents.registrations import queries
from harpevents.registrations.models import Consent, Registration, RegistrationPart
from tests.factories import an_event, registered
from tests.visitor import Form, FormReader, Visitor

FORM = "/en/events/forum/register"
FILLED = {
    "family": "Иванов",
    "given": "Иван",
    "latin_family": "Ivanov",
    "latin_given": "Ivan",
    "email": "Ivan.Ivanov@Uni.Example.Org",
    "country": "RU",
    "institution": "Some institute of which nobody heard",
    "institution_kind": "research_institute",
    "category": "faculty",
    "position": "Professor",
    "language": "ru",
    "consent_privacy": "y",
}


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_person_registers_and_lands_on_her_own_page(app: Flask, client: Visitor):
    an_event()

    answer = client.submit(FORM, FILLED)

    assert answer.status_code == 303
    mine = client.get(answer.location)
    assert mine.status_code == 200
    assert "Your place is confirmed." in mine.text
    assert "Thank you" in mine.text
    registration = db.session.scalars(select(Registration)).one()
    assert registration.email == "ivan.ivanov@uni.example.org"
    assert registration.state == "confirmed"
    assert registration.family == "Иванов"
    assert registration.number == 1
    consent = db.session.scalars(select(Consent)).one()
    assert (consent.purpose, consent.language) == ("privacy", "ru")
    message = db.session.scalars(select(Message)).one()
    assert message.language == "ru"
    assert set(message.attachments) == {"event.ics", "ticket.png"}
    assert queries.manage_token(registration) not in message.text  # only a placeholder is stored


def test_a_double_click_gives_one_registration(app: Flask, client: Visitor):
    an_event()
    form = client.form(FORM)
    for name, value in FILLED.items():
        form.values[name] = value

    first = client.post(FORM, data=form.values)
    second = client.post(FORM, data=form.values)

    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert count(Registration) == count(Message) == 1


def test_the_same_form_with_other_answers_is_refused_in_words(app: Flask, client: Visitor):
    an_event()
    form = client.form(FORM)
    for name, value in FILLED.items():
        form.values[name] = value
    client.post(FORM, data=form.values)
    form.values["email"] = "somebody.else@uni.example.org"

    answer = client.post(FORM, data=form.values)

    assert answer.status_code == 409
    assert "sent before with other answers" in answer.text
    assert count(Registration) == 1


def test_a_failing_form_keeps_what_was_typed_and_says_why_beside_the_field(
    app: Flask, client: Visitor
):
    an_event()

    answer = client.submit(FORM, FILLED | {"email": "ivan at uni", "consent_privacy": None})

    assert answer.status_code == 422
    assert 'value="ivan at uni"' in answer.text
    assert 'value="Иванов"' in answer.text
    assert 'id="email-errors"' in answer.text
    assert 'id="consent_privacy-errors"' in answer.text
    assert count(Registration) == 0


def test_an_address_registers_once_and_is_told_by_mail_only(app: Flask, client: Visitor):
    event = an_event()
    first = registered(event, email="ivan.ivanov@uni.example.org", family="Secret")

    answer = client.submit(FORM, FILLED)

    assert answer.status_code == 409
    assert "registered for this event already" in answer.text
    assert "Secret" not in answer.text
    assert queries.manage_token(first) not in answer.text
    kinds = db.session.scalars(select(Message.kind).order_by(Message.id)).all()
    assert kinds == ["registration.confirmed", "registration.link"]
    client.submit(FORM, FILLED)
    assert count(Message) == 2  # not once more within ten minutes


def test_parts_are_chosen_with_their_way_of_taking_part(app: Flask, client: Visitor):
    an_event(mode=Mode.HYBRID)
    an_event("student-forum", parent="forum", mode=Mode.HYBRID)
    an_event("reception", parent="forum")

    both = ["student-forum:room", "student-forum:online"]
    refused = client.submit(FORM, FILLED | {"mode": "online", "parts": both})
    assert refused.status_code == 422
    assert "one way to take part" in refused.text
    chosen = ["student-forum:online", "reception:room"]
    client.submit(FORM, FILLED | {"mode": "online", "parts": chosen})

    parts = db.session.scalars(select(RegistrationPart)).all()
    assert {(part.event.slug, part.mode.value) for part in parts} == {
        ("student-forum", "online"),
        ("reception", "room"),
    }


ODD: dict[str, dict[str, object]] = {
    "nul": {"family": "Iva\x00nov"},
    "too long": {"family": "И" * 101},
    "huge number": {"institution_slug": "9" * 5000},
    "no country": {"country": "XX"},
    "no kind": {"institution_kind": "circus"},
    "no category": {"category": "king"},
    "no language": {"language": "tlh"},
    "no part": {"parts": ["no-such-part:room"]},
    "no name": {"family": "", "given": "", "latin_family": "", "latin_given": ""},
    "bad form key": {"form_key": "'; drop table registration; --"},
    "lone surrogate": {"note": "\x1b[31m"},
    "extra fields": {"state": "cancelled", "number": "7", "event_id": "99", "key": "mine"},
}


@pytest.mark.parametrize("name", ODD)
def test_odd_input_gets_a_clear_answer(app: Flask, client: Visitor, name: str):
    an_event()

    answer = client.submit(FORM, {**FILLED, **ODD[name]})

    assert answer.status_code in {303, 422}
    for registration in db.session.scalars(select(Registration)):
        assert (registration.state.value, registration.number) == ("confirmed", 1)


@pytest.mark.parametrize(
    "names",
    [
        {"family": "寿", "given": "", "latin_family": "", "latin_given": ""},
        {"family": "", "given": "Sukarno", "latin_family": "", "latin_given": ""},
        {"family": "А" * 100, "given": "Б" * 100},
        {"family": "O’Neill-Łukasiewicz", "given": "Nguyễn"},
    ],
)
def test_names_are_taken_as_people_bear_them(app: Flask, client: Visitor, names: dict[str, str]):
    an_event()

    assert client.submit(FORM, FILLED | names).status_code == 303
    registration = db.session.scalars(select(Registration)).one()
    assert registration.family == names["family"]


@pytest.mark.parametrize(
    "path",
    [
        "/en/events/no-such-event",
        "/en/events/no-such-event/register",
        "/xx/events/forum",
        "/en/events/" + "a" * 3000,
        "/en/r/abc",
        "/en/r/abcdefgh-abcdefghijklmnopqrstuvwxyz234567",
        "/t/abcdefgh-abcdefghijklmnopqrstuvwxyz234567",
        "/en/events/no-such-event.ics",
    ],
)
def test_what_does_not_exist_is_a_plain_404(app: Flask, client: Visitor, path: str):
    an_event()
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/en/events/No%00Such", "/en/r/%00"])
def test_what_no_address_may_hold_is_refused(app: Flask, client: Visitor, path: str):
    assert client.get(path).status_code in {400, 404}


def test_a_draft_is_nobodys_business(app: Flask, client: Visitor):
    an_event(published=False)
    for path in ("/en/events/forum", FORM, "/en/events/forum.ics"):
        assert client.get(path).status_code == 404
    assert client.post(FORM, data={}).status_code in {400, 404}


def test_the_event_page_follows_the_opening_times(app: Flask, client: Visitor):
    soon = clock.now() + timedelta(days=1)
    an_event("soon", opens_at=soon)
    an_event("closed", closes_at=clock.now() - timedelta(minutes=1))
    an_event("over", starts_at=clock.now() - timedelta(days=2))

    assert "Registration opens" in client.get("/en/events/soon").text
    assert "Registration is closed." in client.get("/en/events/closed").text
    assert "This event is over." in client.get("/en/events/over").text
    for slug in ("soon", "closed", "over"):
        assert client.get(f"/en/events/{slug}/register").status_code == 303


def test_kept_pages_follow_every_change(app: Flask, client: Visitor, visitor):
    event = an_event(capacity=2)
    assert "2 places left" in client.get("/en/events/forum").text

    registered(event, 1)

    assert "1 place left" in visitor().get("/en/events/forum").text
    registered(event, 2)
    page = visitor().get("/en/events/forum").text
    assert "there is a waiting list" in page
    assert "Join the waiting list" in page


def test_each_visitor_gets_a_form_of_his_own(app: Flask, client: Visitor, visitor):
    an_event()
    forms = [visitor().form(FORM).values for _ in range(3)]

    assert len({form["form_key"] for form in forms}) == 3
    assert len({form["csrf_token"] for form in forms}) == 3
    assert all(re.fullmatch("[a-z0-9]{20}", form["form_key"]) for form in forms)
    assert not any(form["consent_privacy"] for form in forms if "consent_privacy" in form)


def test_a_visit_to_a_kept_page_costs_one_query(
    app: Flask, client: Visitor, visitor, count_queries
):
    an_event()
    for path in ("/en/events/forum", FORM):
        visitor().get(path)
        with count_queries() as asked:
            assert visitor().get(path).status_code == 200
        assert len(asked) == 1


def test_reading_changes_nothing(app: Flask, client: Visitor, count_queries):
    registration = registered(an_event())
    token = queries.manage_token(registration)
    paths = ["/en/events/", "/en/events/forum", FORM, "/en/events/forum.ics", "/events.ics"]
    paths += [f"/en/r/{token}{page}" for page in ("", "/change", "/cancel", "/ticket")]
    with count_queries() as asked:
        for path in paths:
            assert client.get(path).status_code == 200, path
    assert [query for query in asked if not query.lstrip().upper().startswith("SELECT")] == []


@pytest.mark.parametrize("name", ["https://evil.example/win", "Click WWW.evil.example"])
def test_a_name_that_is_a_web_address_is_refused_beside_its_field(
    app: Flask, client: Visitor, name: str
):
    an_event()

    answer = client.submit(FORM, {**FILLED, "given": name})

    assert answer.status_code == 422
    assert "A name cannot hold a web address." in answer.text
    assert name in answer.text
    assert count(Registration) == 0


TYPED = st.dictionaries(
    st.sampled_from(["family", "given", "latin_family", "position", "note", "institution"]),
    st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=30),
)


@pytest.mark.parametrize("other", ["ja", "ru"])
def test_the_language_changes_and_what_was_typed_stays(app: Flask, client: Visitor, other: str):
    an_event()

    @given(typed=TYPED)
    @settings(max_examples=15, deadline=None)
    def changes(typed: dict[str, str]) -> None:
        page = client.get(FORM)
        values = {**form_of(page).values.to_dict(), **FILLED, **typed}
        answer = client.post(
            FORM.replace("/en/", f"/{other}/"), data={**values, "language_left": "en"}
        )
        assert answer.status_code == 200
        assert f'<html lang="{other}"' in answer.text
        shown = form_of(answer).values
        for name in {"email", "country", "category", "consent_privacy", *typed}:
            meant = unicodedata.normalize("NFC", (FILLED | typed)[name])
            assert shown[name].strip() == meant, name

    changes()
    assert count(Registration) == 0


def test_mails_follow_the_language_of_the_page_unless_another_was_chosen(
    app: Flask, client: Visitor
):
    an_event()
    for chosen, then in (("en", "ru"), ("ja", "ja")):
        values = {"language": chosen, "language_left": "en", "csrf_token": token_of(client)}
        answer = client.post(FORM.replace("/en/", "/ru/"), data=values)
        assert form_of(answer).values["language"] == then


def test_enter_in_the_form_sends_it_and_changes_no_language(app: Flask, client: Visitor):
    an_event()
    page = client.get(FORM).text
    buttons = re.findall(r'<button type="submit" form="registration-form"[^>]*>', page)
    assert ["language_left" in button for button in buttons] == [False, True, True]


def form_of(answer: TestResponse) -> Form:
    reader = FormReader()
    reader.feed(answer.text)
    return next(form for form in reader.forms if form.action.endswith("/register"))


def token_of(client: Visitor) -> str:
    return form_of(client.get(FORM)).values["csrf_token"]


def test_all_empty_fields_are_named_at_once_in_words_about_them(app: Flask, client: Visitor):
    an_event(mode=Mode.HYBRID)
    page = client.submit(FORM, dict.fromkeys(FILLED, "") | {"language": "en"}).text
    for words in (
        "Please fill in “E-mail address”.",
        "Please choose: Country",
        "Please choose: How will you take part",
        "Please tick this box: it is needed.",
    ):
        assert words in page
    assert "This field is required" not in page
