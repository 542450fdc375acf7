"""Signing in and out: one answer for every mistake, and sessions that end at the server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from harpevents.audit.services import COMMAND_LINE
from harpevents.core import clock, tokens
from harpevents.core.db import db, transaction
from harpevents.outbox.models import Message
from harpevents.people import services, sessions
from harpevents.people.models import AccountSession, LinkPurpose, OneTimeLink, Role
from tests.factories import PASSWORD, an_account

COOKIE = "harpevents"


def sign_in(visitor):
    """The visitor after Mika filled in the page of sign-in."""
    answer = visitor.submit("/sign-in", {"email": "mika@example.org", "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return visitor


def is_in(visitor) -> bool:
    answer = visitor.get("/desk/account")
    assert answer.status_code in {200, 302}
    return bool(answer.status_code == 200)


def test_the_right_password_opens_the_desk(app, client):
    an_account(password=PASSWORD)
    answer = client.submit("/sign-in", {"email": " Mika@Example.org", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert is_in(client)


def test_every_mistake_gets_the_same_answer(app, client):
    an_account(password=PASSWORD)
    disabled = an_account(email="gone@example.org", password=PASSWORD)
    an_account(Role.ADMIN, "boss@example.org")
    with transaction():
        services.disable(disabled, COMMAND_LINE)
    tries = [
        ("mika@example.org", "not her password"),
        ("nobody@example.org", PASSWORD),
        ("gone@example.org", PASSWORD),
        ("no address", PASSWORD),
    ]
    said = set()
    for email, password in tries:
        answer = client.submit("/sign-in", {"email": email, "password": password})
        assert answer.status_code == 422
        assert "The e-mail address or password is incorrect." in answer.text
        said.add(answer.text.replace(email, "").split("csrf_token")[0])
    assert len(said) == 1
    assert not is_in(client)


def test_a_cookie_copied_before_sign_out_opens_nothing_after_it(app, client, visitor):
    an_account(password=PASSWORD)
    sign_in(client)
    stolen = client.get_cookie(COOKIE)
    client.submit("/desk/account", action="/sign-out")
    other = visitor()
    other.set_cookie(COOKIE, stolen.value)
    assert not is_in(other)


def test_sign_in_keeps_nothing_of_the_session_before(app, client, visitor):
    an_account(password=PASSWORD)
    client.get("/sign-in")
    fixed = client.get_cookie(COOKIE).value
    sign_in(client)
    assert client.get_cookie(COOKIE).value != fixed
    planted = visitor()
    planted.set_cookie(COOKIE, fixed)
    assert not is_in(planted)


def test_the_database_holds_no_secret_of_a_session(app, client):
    an_account(password=PASSWORD)
    sign_in(client)
    row = db.session.scalars(select(AccountSession)).one()
    assert len(row.secret_digest) == 64
    assert row.secret_digest not in client.get_cookie(COOKIE).value


@pytest.mark.parametrize(
    ("column", "age"), [("seen_at", sessions.IDLE), ("created_at", sessions.LONGEST)]
)
def test_a_session_ends_by_itself(app, client, column, age):
    an_account(password=PASSWORD)
    sign_in(client)
    with transaction():
        db.session.execute(
            update(AccountSession).values({column: clock.now() - age - timedelta(seconds=1)})
        )
    assert not is_in(client)


def test_presence_is_noted_now_and_then(app, client):
    an_account(password=PASSWORD)
    sign_in(client)
    long_ago = clock.now() - timedelta(hours=1)
    with transaction():
        db.session.execute(update(AccountSession).values(seen_at=long_ago))
    assert is_in(client)
    assert db.session.scalars(select(AccountSession.seen_at)).one() > long_ago


def test_a_disabled_account_is_out_at_once(app, client):
    account = an_account(password=PASSWORD)
    an_account(Role.ADMIN, "boss@example.org")
    sign_in(client)
    with transaction():
        services.disable(account, COMMAND_LINE)
    assert not is_in(client)


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "/\t/evil.example",
        "javascript:x",
    ],
)
def test_next_never_leaves_the_site(app, client, wanted):
    an_account(password=PASSWORD)
    fields = {**client.form("/sign-in").values, "email": "mika@example.org", "password": PASSWORD}
    answer = client.post("/sign-in", query_string={"next": wanted}, data=fields)
    assert (answer.status_code, answer.location) == (303, "/desk/")


def test_next_leads_back_to_the_page_that_asked(app, client):
    an_account(password=PASSWORD)
    asked = client.get("/desk/people/?q=kato")
    assert asked.status_code == 302
    answer = client.submit(asked.location, {"email": "mika@example.org", "password": PASSWORD})
    assert answer.location == "/desk/people/?q=kato"


def test_sign_in_speaks_the_language_of_the_account(app, client):
    an_account(language="ru", password=PASSWORD)
    sign_in(client)
    assert '<html lang="ru">' in client.get("/desk/account").text


# Links


def the_link(account, purpose=LinkPurpose.RESET) -> str:
    with transaction():
        return services.issue_link(account, purpose, COMMAND_LINE).split("127.0.0.1:8000")[1]


def choose(client, link, password=PASSWORD + "r"):
    return client.submit(link, {"password": password, "again": password})


def test_a_link_sets_the_password_once(app, client, visitor):
    account = an_account(password=PASSWORD)
    link = the_link(account)
    for _look in range(3):
        assert client.get(link).status_code == 200, "looking uses nothing up"
    assert choose(client, link).location == "/desk/"
    assert is_in(client)
    assert visitor().get(link).status_code == 410


def test_only_the_newest_link_works(app, client):
    account = an_account(password=PASSWORD)
    older, newer = the_link(account), the_link(account)
    assert client.get(older).status_code == 410
    assert client.get(newer).status_code == 200


def test_a_link_of_yesterday_is_spent(app, client):
    link = the_link(an_account(password=PASSWORD))
    with transaction():
        db.session.execute(update(OneTimeLink).values(expires_at=clock.now()))
    assert client.get(link).status_code == 410


def test_a_changed_letter_makes_a_stranger_of_a_link(app, client):
    link = the_link(an_account(password=PASSWORD))
    for other in (link[:-1] + ("a" if link[-1] != "a" else "b"), link[:-1], link.upper()):
        assert client.get(other).status_code in {404, 410}


def test_a_link_posted_twice_from_two_tabs_counts_once(app, client, visitor):
    link = the_link(an_account(password=PASSWORD))
    other = visitor()
    late = other.form(link)
    assert choose(client, link).status_code == 303
    fields = {**late.values, "password": "another password", "again": "another password"}
    assert other.post(link, data=fields).status_code == 410


def test_a_new_password_ends_every_session(app, client, visitor):
    account = an_account(password=PASSWORD)
    before = sign_in(visitor())
    choose(client, the_link(account))
    assert not is_in(before)


def test_a_link_leaves_no_trace_elsewhere(app, client):
    link = the_link(an_account(password=PASSWORD))
    answer = client.get(link)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    secret = link.rsplit("-", 1)[1]
    rows = [str(vars(row)) for row in db.session.scalars(select(OneTimeLink))]
    assert rows
    assert not any(secret in row for row in rows)


@pytest.mark.parametrize(
    "password",
    ["short", "aaaaaaaaaaaaaaaa", "password1234", "mika at the desk", "12345678901234", "x" * 400],
)
def test_a_weak_password_is_refused_and_the_link_stays(app, client, password):
    link = the_link(an_account(password=PASSWORD))
    assert choose(client, link, password).status_code == 422
    assert choose(client, link).status_code == 303


def test_forgetting_says_the_same_and_writes_only_to_accounts(app, client):
    account = an_account(password=PASSWORD)
    answers = set()
    for email in ("mika@example.org", "nobody@example.org"):
        answer = client.submit("/forgot", {"email": email})
        assert answer.status_code == 200
        answers.add(answer.text)
    assert len(answers) == 1
    message = db.session.scalars(select(Message)).one()
    assert message.to_address == account.email
    link = tokens.fill_placeholders(message.text)
    assert "http://127.0.0.1:8000/password/" in link
    assert "[[link:password:" in message.text, "a dump of the table opens no door"


def test_the_mail_of_a_link_never_follows_the_host_asked_for(app, client):
    an_account(password=PASSWORD)
    form = client.form("/forgot")
    form.values["email"] = "mika@example.org"
    answer = client.post("/forgot", data=form.values, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert db.session.scalars(select(Message)).all() == []


# One's own account


def test_the_password_changes_with_the_present_one_only(app, client, visitor):
    an_account(password=PASSWORD)
    sign_in(client)
    other = sign_in(visitor())
    new = {"password": "quite another thing", "again": "quite another thing"}
    wrong = client.submit("/desk/account", {"present": "not it", **new})
    assert wrong.status_code == 422
    assert client.submit("/desk/account", {"present": PASSWORD, **new}).status_code == 303
    assert is_in(client)
    assert not is_in(other)


def test_the_language_changes(app, client):
    account = an_account(password=PASSWORD)
    sign_in(client)
    client.submit("/desk/account", {"language": "ja"}, action="/account/language")
    assert account.language == "ja"
    assert '<html lang="ja">' in client.get("/desk/account").text
