"""Whoever waits for others waits for so long and no longer, and is told what to do then."""

from __future__ import annotations

import fcntl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from harpevents.core import clock, turns
from harpevents.core.db import PATIENCE_SECONDS, db, transaction
from harpevents.core.errors import SiteBusy
from harpevents.core.file_lock import file_lock
from harpevents.core.sqlite_write_lock import write_lock
from harpevents.people.models import AccountSession
from harpevents.registrations.models import Registration
from tests.databases import one
from tests.factories import an_account, an_event, sign_in
from tests.visitor import FormReader, Visitor

SAID = {
    "en": "Others are writing at this moment",
    "ja": "ほかの書き込み",
    "ru": "Сейчас идёт запись других данных",
}


@contextmanager
def held(path):
    """The lock of the file in somebody else's hands: flock asks which opening it was."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def at_most(seconds):
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


@pytest.mark.parametrize("seconds", [0, 0.2])
def test_a_lock_on_a_file_is_waited_for_no_longer_than_that(tmp_path, seconds):
    path = tmp_path / "lock"
    with held(path), at_most(seconds + 2), pytest.raises(TimeoutError), file_lock(path, seconds):
        pass
    with at_most(2), file_lock(path, 1):
        pass


def test_who_gave_up_waiting_keeps_the_lock_from_nobody(tmp_path):
    path = tmp_path / "lock"
    with held(path):
        for _time in range(5):
            with pytest.raises(TimeoutError), file_lock(path, 0.05):
                pass
    for _time in range(5):
        with at_most(2), file_lock(path, 1):
            pass


def test_a_lock_that_comes_free_in_time_is_had(tmp_path):
    path, got = tmp_path / "lock", []

    def wait():
        with file_lock(path, 20):
            got.append(time.monotonic())

    waiting = [threading.Thread(target=wait) for _ in range(4)]
    with held(path):
        for one in waiting:
            one.start()
        time.sleep(0.3)
        assert got == []
    for one in waiting:
        one.join(20)
    assert len(got) == 4


def test_waiting_in_the_process_and_for_the_file_is_one_wait(tmp_path):
    database = str(tmp_path / "x.sqlite")

    def wait():
        begun = time.monotonic()
        try:
            with write_lock(database, 0.5):
                return None
        except TimeoutError:
            return time.monotonic() - begun

    with held(tmp_path / "x.sqlite-lock"), ThreadPoolExecutor(6) as pool:
        waited = [one.result() for one in [pool.submit(wait) for _ in range(6)]]
    assert all(seconds is not None and seconds < 1.5 for seconds in waited)


def test_behind_somebody_slow_only_so_many_wait(monkeypatch):
    slow, others = threading.Event(), turns.WAITING_BEHIND_A_SLOW_ONE + 20
    ended = []

    def want(name):
        begun = time.monotonic()
        try:
            with turns.turn(name, 20):
                slow.wait(20)
        except TimeoutError:
            ended.append(time.monotonic() - begun)

    with ThreadPoolExecutor(others) as pool:
        pool.submit(want, "event 1")
        time.sleep(turns.SLOW_SECONDS + 0.1)
        waiting = [pool.submit(want, "event 1") for _ in range(others - 1)]
        until = time.monotonic() + 5
        while len(ended) < 19 and time.monotonic() < until:
            time.sleep(0.01)
        assert len(ended) == 19
        assert max(ended) < 1
        with at_most(1), turns.turn("event 2", 20):
            pass
        slow.set()
    assert all(one.done() for one in waiting)
    assert not turns._turns, "nothing is kept of turns that are over"


# Pages


@contextmanager
def somebody_writes(app, row="select 1"):
    """Another process has the write lock of SQLite, or on PostgreSQL the rows of this statement."""
    with app.app_context():
        engine = db.engine
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("commit")
            connection.exec_driver_sql("begin immediate")
        else:
            connection.execute(text(f"{row} for update"))
        yield
        connection.rollback()


def a_visitor(app):
    return Visitor(app, app.response_class, use_cookies=True)


def test_a_page_for_staff_waits_for_nobody_who_writes(committing_app):
    app = committing_app
    with app.app_context():
        visitor = sign_in(a_visitor(app), an_account())
        long_ago = clock.now() - timedelta(hours=1)
        with transaction():
            db.session.execute(update(AccountSession).values(seen_at=long_ago))
        db.session.remove()
    with somebody_writes(app, "select id from account_session"), at_most(3):
        assert visitor.get("/desk/").status_code == 200
    with app.app_context():
        assert db.session.scalar(select(AccountSession.seen_at)) == long_ago
        db.session.remove()
    assert visitor.get("/desk/").status_code == 200
    with app.app_context():
        assert one(select(AccountSession.seen_at)) > long_ago
        db.session.remove()


FILLED = {
    "country": "JP",
    "family": "Tanaka",
    "given": "Taro",
    "institution": "Some institute of which nobody heard",
    "institution_kind": "research_institute",
    "category": "faculty",
    "consent_privacy": "y",
}


def form_for(visitor, language, number=1, slug="forum"):
    path = f"/{language}/events/{slug}/register"
    form = visitor.form(path, "register")
    filled = FILLED | {"email": f"person{number}@uni.example.org", "language": language}
    for name, value in filled.items():
        form.values.setlist(name, [value])
    return path, form


def forms_of(page):
    reader = FormReader()
    reader.feed(page.text)
    return reader.forms


def test_who_cannot_write_in_time_gets_the_form_back_with_all_that_was_typed(committing_app):
    app = committing_app
    with app.app_context():
        an_event(takes_registrations=True)
        staff = sign_in(a_visitor(app), an_account())
        institution = staff.form("/desk/institutions/new")
        institution.values.setlist("name_en", ["University of Waiting"])
        institution.values.setlist("country", ["JP"])
        institution.values.setlist("kind", ["university"])
        db.session.remove()
    forms = {}
    for language in SAID:
        visitor = a_visitor(app)
        forms[language] = (visitor, *form_for(visitor, language))
    row = "select event.id from event, account"

    def send(language):
        visitor, path, form = forms[language]
        return visitor.post(path, data=form.values)

    def at_the_desk():
        return staff.post("/desk/institutions/new", data=institution.values)

    with (
        somebody_writes(app, row),
        at_most(PATIENCE_SECONDS + 5),
        ThreadPoolExecutor(4) as pool,
    ):
        desk = pool.submit(at_the_desk) if "sqlite" in app.config["SETTINGS"].database_url else None
        sent = {language: pool.submit(send, language) for language in SAID}
        answers = {language: answer.result() for language, answer in sent.items()}
    for language, answer in answers.items():
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "60"
        assert SAID[language] in answer.text
        assert "person1@uni.example.org" in answer.text
        assert 'name="email"' in answer.text
    if desk is not None:
        page = desk.result()
        assert (page.status_code, page.headers["Retry-After"]) == (503, "60")
        assert SAID["en"] in page.text
        once_more = next(form for form in forms_of(page) if form.action == "/desk/institutions/new")
        assert staff.post(once_more.action, data=once_more.values).status_code == 303
        assert "University of Waiting" in staff.get("/desk/institutions/").text
    assert send("en").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Registration.email)).all() == ["person1@uni.example.org"]
        db.session.remove()


@pytest.mark.postgresql_only
def test_posts_to_a_locked_event_hold_nobody_who_writes_to_another(committing_app):
    app = committing_app
    with app.app_context():
        an_event("locked")
        an_event("other")
        db.session.remove()
    posts = 24  # more than there are connections
    prepared = []
    for number in range(posts):
        visitor = a_visitor(app)
        prepared.append((visitor, *form_for(visitor, "en", number, "locked")))
    other = a_visitor(app)
    path_of_other, form_of_other = form_for(other, "en", slug="other")
    with (
        somebody_writes(app, "select id from event where slug = 'locked'"),
        ThreadPoolExecutor(posts) as pool,
    ):
        answers = [
            pool.submit(visitor.post, path, data=form.values) for visitor, path, form in prepared
        ]
        time.sleep(1)
        with at_most(3):
            assert other.post(path_of_other, data=form_of_other.values).status_code == 303
        with at_most(PATIENCE_SECONDS + 5):
            assert {answer.result().status_code for answer in answers} == {503}


def test_the_wait_of_a_transaction_has_an_end(committing_app):
    app = committing_app
    with app.app_context():
        an_event()
        with (
            somebody_writes(app, "select id from event"),
            at_most(3),
            pytest.raises(SiteBusy),
            transaction(patience=1, turn="event 1"),
        ):
            db.session.execute(text("update event set revision = revision + 1"))
        with transaction():
            db.session.execute(text("update event set revision = revision + 1"))
        db.session.remove()
