"""The rig keeps its promises: tests leave nothing behind, and stay on this machine."""

from __future__ import annotations

import smtplib
import socket
import threading
from datetime import UTC, datetime

import pytest
from flask import g
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import make_url, select

from harpevents.audit.models import AuditEntry
from harpevents.core.db import db, transaction
from tests.databases import refuse_unless_test
from tests.visitor import FormReader


def an_entry(action: str) -> AuditEntry:
    return AuditEntry(
        at=datetime(2026, 4, 1, tzinfo=UTC),
        action=action,
        actor_kind="job",
        actor_name="rig",
        target_table="rig",
        target_key="1",
        details={},
    )


def fail_after(entry: AuditEntry) -> None:
    with transaction():
        db.session.add(entry)
        db.session.flush()
        raise InterruptedError


def actions() -> list[str]:
    query = select(AuditEntry.action).order_by(AuditEntry.action)
    return list(db.session.scalars(query.where(AuditEntry.target_table == "rig")))


@pytest.mark.parametrize("_round", range(2))
def test_what_one_test_commits_the_next_does_not_see(app, _round):
    assert actions() == []
    with transaction():
        db.session.add(an_entry("a"))
    assert actions() == ["a"]


def test_a_transaction_that_fails_takes_back_its_own_rows_only(app):
    with transaction():
        db.session.add(an_entry("stays"))
    with pytest.raises(InterruptedError):
        fail_after(an_entry("goes"))
    assert actions() == ["stays"]


def test_a_request_sees_what_the_test_arranged_and_nothing_of_its_context(app, client):
    g.mine = True
    db.session.add(an_entry("arranged"))
    seen = []

    def look() -> None:
        seen.append(("mine" in g, actions()))

    app.before_request_funcs.setdefault(None, []).insert(0, look)
    try:
        client.get("/healthz")
    finally:
        app.before_request_funcs[None].remove(look)
    assert seen == [(False, ["arranged"])]


def test_an_application_that_commits_is_shared_by_threads(committing_app):
    def write(number: int) -> None:
        with committing_app.app_context(), transaction():
            db.session.add(an_entry(str(number)))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committing_app.app_context():
        assert actions() == list("012345")


@pytest.mark.sqlite_only
def test_sqlite_is_set_up_for_many_writers(committing_app):
    with committing_app.app_context():
        said = {
            name: db.session.connection().exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.postgresql_only
def test_the_other_database_is_a_real_postgresql(app):
    version = db.session.connection().exec_driver_sql("show server_version_num").scalar()
    assert int(version or 0) >= 150000


def test_counting_leaves_bookkeeping_out(app, count_queries):
    with count_queries() as queries:
        actions()
        with transaction():
            pass
    assert len(queries) == 1


def test_the_mail_server_speaks_smtp_and_refuses_when_told(smtp_sink):
    smtp_sink.answers["gone@example.org"] = "550 5.1.1 no such mailbox"
    url = make_url(smtp_sink.url)
    assert url.host is not None
    with smtplib.SMTP(url.host, url.port or 25) as server:
        server.sendmail("a@example.org", ["b@example.org"], "Subject: hello\n\nHello.")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            server.sendmail("a@example.org", ["gone@example.org"], "Subject: hello\n\nHello.")
    assert [message["Subject"] for message in smtp_sink.to("b@example.org")] == ["hello"]
    assert smtp_sink.to("gone@example.org") == []


def test_nothing_reaches_the_world():
    with (
        socket.socket() as one,
        pytest.warns(UserWarning, match="tried to use"),
        pytest.raises(SocketConnectBlockedError),
    ):
        one.connect(("192.0.2.1", 80))


@pytest.mark.parametrize("url", ["postgresql://localhost/members", "sqlite:///var/test.sqlite"])
def test_a_database_that_is_not_for_tests_is_refused(url):
    with pytest.raises(pytest.UsageError, match="_test"):
        refuse_unless_test(make_url(url))


def test_a_form_is_read_as_a_browser_reads_it():
    reader = FormReader()
    reader.feed(
        """<form method="post" action="/there">
          <input type="hidden" name="key" value="k"><input name="name" value="Ада">
          <input type="checkbox" name="yes" checked><input type="checkbox" name="no">
          <input type="radio" name="side" value="a">
          <input type="radio" name="side" value="b" checked>
          <select name="one"><option value="1"><option value="2" selected></select>
          <select name="many" multiple><option value="x" selected></option></select>
          <textarea name="note">a &amp; b</textarea><button name="send" value="1"></button>
        </form>"""
    )
    (form,) = reader.forms
    assert (form.action, form.method) == ("/there", "post")
    assert form.values.to_dict() == {
        "key": "k",
        "name": "Ада",
        "yes": "on",
        "side": "b",
        "one": "2",
        "many": "x",
        "note": "a & b",
    }


def test_the_browser_clicks(page):
    page.set_content("<button onclick=\"document.title = 'pressed'\">押す Нажать</button>")
    page.get_by_role("button").click()
    assert page.title() == "pressed"
