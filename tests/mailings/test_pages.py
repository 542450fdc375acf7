"""The pages of dispatches: written, checked, sent and watched, by whom it may be."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.events.models import EventGrant, GrantKind
from harpevents.mailings.models import Dispatch, DispatchState
from harpevents.outbox.delivery import deliver_due
from harpevents.outbox.models import Message
from harpevents.people.models import Role
from tests.factories import an_account, an_event, registered, sign_in
from tests.mailings.arranging import TEXTS, sent, three_members, to_members, to_people_at

FORM = {
    "topic": "general",
    "audience": "members-3",
    **{f"subject_{code}": text.subject for code, text in TEXTS.items()},
    **{f"text_{code}": text.text for code, text in TEXTS.items()},
}


@pytest.fixture
def desk(app, client):
    """The secretariat at its desk."""
    return sign_in(client, an_account())


def the_dispatch() -> Dispatch:
    return db.session.scalars(select(Dispatch)).one()


def test_from_the_empty_form_to_the_last_mail(desk):
    three_members()
    answer = desk.submit("/desk/mailings/new", FORM)
    assert (answer.status_code, answer.location) == (303, "/desk/mailings/1")

    page = desk.get("/desk/mailings/1").text
    assert "田中 太郎 様" in page
    assert "http://127.0.0.1:8000/ja/u/sample-" in page
    desk.submit("/desk/mailings/1", action="/freeze")
    assert the_dispatch().state is DispatchState.FROZEN
    assert "Send 3 e-mails now" in desk.get("/desk/mailings/1").text
    desk.submit("/desk/mailings/1", action="/release")
    assert "Waiting" in desk.get("/desk/mailings/1/progress").text
    deliver_due()

    page = desk.get("/desk/mailings/1").text
    assert "3 / 3" in page
    assert "hx-get" not in page  # nothing to watch any more
    page = desk.get("/desk/mailings/1/readers").text
    assert "inter@msu.example.ru" in page
    assert "inter@msu.example.ru" not in desk.get("/desk/mailings/1/readers?state=refused").text


def test_a_wrong_placeholder_is_explained_beside_its_field(desk):
    three_members()
    answer = desk.submit("/desk/mailings/new", {**FORM, "text_ru": "Привет, {nmae}"})
    assert answer.status_code == 422
    assert "There is no placeholder {nmae} here." in answer.text
    assert "Привет, {nmae}" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Dispatch)) == 0


def test_missing_text_is_said_with_numbers_and_cannot_be_passed(desk):
    three_members()
    to_members(texts={"en": TEXTS["en"]})
    page = desk.get("/desk/mailings/1").text
    assert "日本語: 1, English: 1, Русский: 1." in page
    assert "/freeze" not in page
    token = desk.form("/desk/mailings/1", "/cancel").values["csrf_token"]
    answer = desk.post("/desk/mailings/1/freeze", data={"csrf_token": token}, follow_redirects=True)
    assert "Text is missing in: 日本語, Русский." in answer.text
    assert the_dispatch().state is DispatchState.DRAFT


def test_a_draft_can_be_changed_and_a_fixed_one_cannot(desk):
    three_members()
    to_members()
    desk.submit("/desk/mailings/1/edit", {"subject_en": "Other words"})
    assert "Other words" in desk.get("/desk/mailings/1").text
    desk.submit("/desk/mailings/1", action="/freeze")
    answer = desk.submit("/desk/mailings/1/edit", {"subject_en": "Too late"})
    assert "can no longer be changed" in answer.text
    desk.submit("/desk/mailings/1", action="/thaw")
    assert the_dispatch().state is DispatchState.DRAFT


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "送信先を確定する"), ("ru", "Зафиксировать получателей")]
)
def test_the_pages_speak_the_language_of_the_person(app, client, language, words):
    desk = sign_in(client, an_account(language=language))
    three_members()
    to_members()
    assert words in desk.get("/desk/mailings/1").text
    for path in ("/desk/mailings/", "/desk/mailings/new", "/desk/outbox"):
        page = desk.get(path)
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text


def test_an_organiser_writes_to_the_people_of_her_events_alone(app, client):
    event, other = an_event(), an_event("other")
    organiser = an_account(Role.ORGANISER)
    with transaction():
        db.session.add(
            EventGrant(
                account_id=organiser.id,
                event_id=event.id,
                kind=GrantKind.MODERATE,
                created_at=clock.now(),
            )
        )
    registered(event, email="ada@example.org", quiet=True)
    hers, theirs = to_people_at(event), to_people_at(other)
    desk = sign_in(client, organiser)

    assert desk.get(f"/desk/mailings/{hers.number}").status_code == 200
    assert desk.get(f"/desk/mailings/?event={event.slug}").status_code == 200
    assert desk.get(f"/desk/mailings/new?event={event.slug}").status_code == 200
    listed = desk.get("/desk/mailings/").text
    assert f"/desk/mailings/{hers.number}" in listed
    assert f'"/desk/mailings/{theirs.number}"' not in listed
    for path in (
        f"/desk/mailings/{theirs.number}",
        f"/desk/mailings/{theirs.number}/readers",
        f"/desk/mailings/?event={other.slug}",
        f"/desk/mailings/new?event={other.slug}",
        "/desk/mailings/new",
        "/desk/outbox",
    ):
        assert desk.get(path).status_code == 404, path


def test_a_dispatch_to_an_event_by_its_form(desk):
    event = an_event()
    registered(event, email="ada@example.org", quiet=True)
    desk.submit(
        f"/desk/mailings/new?event={event.slug}",
        {"audience": "registered", "subject_en": "About {event}", "text_en": "{link}"},
    )
    dispatch = the_dispatch()
    assert dispatch.audience == {"kind": "event", "slug": event.slug, "who": "registered"}
    assert dispatch.event_key == str(event.id)
    assert "About Forum of the North" in desk.get("/desk/mailings/1").text


def test_strangers_are_asked_to_sign_in(client):
    for path in ("/desk/mailings/", "/desk/mailings/1", "/desk/outbox", "/desk/outbox/1"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert "next=" in answer.location


def test_the_number_of_queries_does_not_grow_with_rows(desk, count_queries):
    event = an_event()
    for number in range(3):
        registered(event, email=f"r{number}@example.org", quiet=True)
    sent(to_people_at(event))
    paths = [
        "/desk/mailings/", "/desk/mailings/1", "/desk/mailings/1/readers", "/desk/outbox",
    ]  # fmt: skip

    def measured() -> list[int]:
        counts = []
        for path in paths:
            desk.get(path)
            with count_queries() as queries:
                assert desk.get(path).status_code == 200
            counts.append(len(queries))
        return counts

    before = measured()
    for number in range(3, 40):
        registered(event, email=f"r{number}@example.org", quiet=True)
    for _number in range(5):
        sent(to_people_at(event))
    assert measured() == before
    assert max(before) <= 20


def test_the_outbox_shows_each_mail_as_its_reader_sees_it(desk):
    three_members()
    sent(to_members())
    deliver_due()
    mail = db.session.scalars(select(Message).where(Message.language == "ja")).one()

    listed = desk.get("/desk/outbox?state=accepted&kind=mailings.dispatch&q=北海道").text
    assert "北海道大学の皆様へ" in listed
    assert "МГУ" not in listed
    page = desk.get(f"/desk/outbox/{mail.id}").text
    assert "田中 太郎 様" in page
    assert "/ja/u/" in page
    source = desk.get(f"/desk/outbox/{mail.id}.eml")
    assert source.data.startswith(b"Date: ")
    odd = "/desk/outbox?state=x&event=-1&page=999999999&q=%0A%F0%9F%98%80%25"
    assert desk.get(odd).status_code == 200


def test_letters_about_accounts_are_for_administrators(app, client, visitor):
    three_members()
    sent(to_members())
    with transaction():
        mail = db.session.scalars(select(Message)).all()[0]
        mail.kind = "people.reset"
    secretariat = sign_in(client, an_account())
    assert secretariat.get(f"/desk/outbox/{mail.id}").status_code == 404
    assert secretariat.get(f"/desk/outbox/{mail.id}.eml").status_code == 404
    admin = sign_in(visitor(), an_account(Role.ADMIN, "boss@example.org"))
    assert admin.get(f"/desk/outbox/{mail.id}").status_code == 200
