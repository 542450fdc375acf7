"""The queue of background jobs: a worker that waits is woken, not left to look now and then."""

from __future__ import annotations

import threading

import pytest

from harpevents.core.jobs import WakingStorage


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
