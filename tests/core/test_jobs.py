"""The queue of background jobs: a worker that waits is woken, not left to look now and then."""

from __future__ import annotations

import dataclasses
import sqlite3
import threading

import pytest

from harpevents.app import create_app
from harpevents.core import passing_database
from harpevents.core.jobs import WakingStorage
from tests.visitor import Visitor


@pytest.fixture
def queue(tmp_path):
    def opened() -> WakingStorage:
        return WakingStorage("test", filename=str(tmp_path / "jobs.sqlite"))

    return opened


def test_a_job_wakes_a_worker_that_waits_for_one(queue):
    found: list[bytes | None] = []
    worker = threading.Thread(target=lambda: found.append(queue().dequeue(wait=120)))
    worker.start()
    queue().enqueue(b"ring")
    worker.join(60)
    assert found == [b"ring"]


def test_who_waits_in_vain_may_look_whether_it_is_to_end(queue):
    assert queue().dequeue(wait=0) is None


def test_a_worker_that_was_woken_too_often_finds_nothing_and_waits_on(queue):
    jobs = queue()
    for _ in range(3):
        jobs.enqueue(b"ring")
    assert [jobs.dequeue(wait=0) for _ in range(4)] == [b"ring"] * 3 + [None]


@pytest.mark.parametrize("harm", ["deleted", "nonsense", "middle", "empty", "another"])
def test_a_queue_that_is_lost_or_damaged_while_it_is_used_is_made_anew(queue, tmp_path, harm):
    file = tmp_path / "jobs.sqlite"
    asking, working = queue(), queue()
    for number in range(200):
        asking.enqueue(b"before %d" % number + b"." * 100)
    assert working.dequeue(wait=0) is not None
    working.close()
    asking.close()
    do_harm(file, harm)
    asking.enqueue(b"after")
    found: list[bytes | None] = []
    while len(found) < 300:
        try:
            found.append(working.dequeue(wait=0))
        except sqlite3.DatabaseError:
            continue  # the worker says so in its log and looks again
        if found[-1] is None:
            break
    assert (b"after" in found) or harm == "middle"
    asking.enqueue(b"later")
    assert working.dequeue(wait=0) == b"later"


def do_harm(file, harm):
    whole = file.read_bytes()
    match harm:
        case "deleted":
            file.unlink()
        case "nonsense":
            file.write_bytes(b"no database at all" * 100)
        case "middle":
            file.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
        case "empty":
            file.write_bytes(b"")
        case "another":
            file.unlink()
            sqlite3.connect(file).close()


def test_a_queue_deleted_under_an_open_connection_is_seen_by_both_sides(queue, tmp_path):
    asking, working = queue(), queue()
    asking.enqueue(b"one")
    assert working.dequeue(wait=0) == b"one"
    (tmp_path / "jobs.sqlite").unlink()
    asking.enqueue(b"two")
    assert working.dequeue(wait=0) == b"two"


def test_two_who_meet_a_damaged_file_keep_the_new_one(tmp_path):
    file = tmp_path / "jobs.sqlite"
    file.write_bytes(b"damaged")
    damaged = passing_database.identity(file)
    passing_database.set_aside(file, damaged)
    file.write_bytes(b"new")
    passing_database.set_aside(file, damaged)
    assert file.read_bytes() == b"new"
    assert passing_database.set_aside_in(tmp_path) == ["jobs.sqlite.damaged"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("harm", ["deleted", "nonsense"])
def test_limits_hold_also_when_their_counters_were_lost(committing_app, harm):
    settings = dataclasses.replace(committing_app.config["SETTINGS"], rate_limits=True)
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    visitor = Visitor(app, app.response_class, use_cookies=True)

    def until_refused():
        for tried in range(100):
            answer = visitor.post("/sign-in", data={"email": "a@example.org", "password": "x"})
            if answer.status_code == 429:
                return tried
        return None

    first = until_refused()
    assert first is not None
    do_harm(settings.data / "limits.sqlite", harm)
    assert until_refused() is not None
