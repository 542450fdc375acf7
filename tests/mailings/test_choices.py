"""The reader's choice: a look changes nothing, one click stops the mail, and it is honoured."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from harpevents.core import tokens
from harpevents.core.db import db
from harpevents.mailings.models import DispatchRecipient
from harpevents.outbox import queries as outbox
from harpevents.outbox.delivery import deliver_due
from harpevents.outbox.models import Message, Suppression
from tests.factories import an_account, an_event, registered
from tests.mailings.arranging import sent, three_members, to_members, to_people_at

ADDRESS = "inter@msu.example.ru"


def path_for(address: str = ADDRESS, language: str = "ru") -> str:
    query = select(DispatchRecipient).where(DispatchRecipient.address == address)
    key = db.session.scalars(query.order_by(DispatchRecipient.id)).first().key
    return f"/{language}/u/{tokens.make('unsubscribe', key)}"


def suppressed() -> list[tuple[str, str]]:
    found = select(Suppression).where(Suppression.lifted_at.is_(None))
    return sorted((row.address, row.topic) for row in db.session.scalars(found))


@pytest.fixture
def newsletter(app):
    three_members()
    return sent(to_members(topic="newsletter"))


def test_the_link_in_the_header_is_the_one_that_works(newsletter, client, app):
    deliver_due()
    mail = db.session.scalars(select(Message).where(Message.to_address == ADDRESS)).one()
    content = (app.config["SETTINGS"].data / "outbox" / f"{mail.id:08}.eml").read_bytes()
    found = re.search(rb"(?m)^List-Unsubscribe: <http://127\.0\.0\.1:8000(.*)>\r$", content)
    assert found
    assert client.get(found[1].decode()).status_code == 200
    assert b"\r\nList-Id: <newsletter.association.example>\r\n" in content


def test_looking_changes_nothing(newsletter, client):
    for _number in range(2):
        page = client.get(path_for())
        assert page.status_code == 200
        assert '<html lang="ru">' in page.text
    assert suppressed() == []


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_one_click_needs_no_cookie_and_no_token_of_a_form(newsletter, client, content_type):
    client.application.config["WTF_CSRF_ENABLED"] = True
    for _number in range(2):
        answer = client.post(
            path_for() + "?email=somebody@else.example",
            data={"List-Unsubscribe": "One-Click", "email": "somebody@else.example"},
            content_type=content_type,
        )
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "Location" not in answer.headers
    assert suppressed() == [(ADDRESS, "newsletter")]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "token",
    ["x", "abcdefgh2345-" + "a" * 32, "sample-" + "a" * 32, "ü-" + "a" * 32],
)
def test_a_link_we_did_not_make_is_no_page(client, token, method):
    assert getattr(client, method)(f"/en/u/{token}").status_code == 404


def test_a_link_of_another_purpose_is_no_page(newsletter, client):
    key = db.session.scalars(select(DispatchRecipient.key)).first()
    assert client.get(f"/en/u/{tokens.make('manage', key or '')}").status_code == 404
    assert client.get(f"/en/u/{tokens.make('unsubscribe', 'sample')}").status_code == 404


def test_the_button_of_the_page_stops_this_kind_alone(newsletter, client):
    answer = client.submit(path_for(), {"stop": "1"}, follow_redirects=True)
    assert "Вы больше не получаете писем этого вида" in answer.text
    assert suppressed() == [(ADDRESS, "newsletter")]


def test_the_choices_can_be_changed_both_ways(newsletter, client):
    path = path_for()
    body = {"choices": "1", "none": "1"}
    assert client.post(path, data=body).status_code == 303
    assert suppressed() == [(ADDRESS, ""), (ADDRESS, "newsletter")]
    client.post(path, data={"choices": "1", "want": ["newsletter"]})
    assert suppressed() == []
    assert outbox.suppressions("newsletter", optional=True) == {}


def test_unsubscribing_from_duties_tells_the_secretariat_once(app, client):
    an_account(language="ja", name="佐藤")
    three_members()
    sent(to_members())
    for _number in range(2):
        assert client.post(path_for()).status_code == 200
    query = select(Message).where(Message.kind == "mailings.opted_out")
    (note,) = db.session.scalars(query).all()
    assert note.to_address == "mika@example.org"
    assert ADDRESS in note.text
    assert "別の連絡担当者" in note.text
    assert suppressed() == [(ADDRESS, "general")]


def test_all_optional_mail_does_not_include_duties(app, client):
    three_members()
    sent(to_members())
    client.post(path_for(), data={"choices": "1", "want": ["general", "newsletter"], "none": "1"})
    assert suppressed() == [(ADDRESS, "")]
    assert outbox.suppressions("general", optional=False) == {}
    assert outbox.suppressions("newsletter", optional=True) == {ADDRESS: "unsubscribed"}


def test_one_event_is_one_scope(app, client):
    first, second = an_event("first"), an_event("second")
    for event in (first, second):
        registered(event, email="ada@example.org", quiet=True)
        sent(to_people_at(event))
    client.post(path_for("ada@example.org", "en"))
    assert suppressed() == [("ada@example.org", "event.first")]
    assert outbox.suppressions("event.first", optional=True) == {"ada@example.org": "unsubscribed"}
    assert outbox.suppressions("event.second", optional=True) == {}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", "メール配信の設定"),
        ("en", "Which mail would you like?"),
        ("ru", "Какие письма вы хотите получать?"),
    ],
)
def test_the_page_speaks_the_reader_s_language(newsletter, client, language, words):
    assert words in client.get(path_for(language=language)).text
