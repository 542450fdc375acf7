"""The entrance: whole bodies, few at work, and no kind of request in the way of another."""

from __future__ import annotations

import io
import threading
import time

import pytest

from harpevents.core.entrance import CARRIERS, IN_MEMORY, READERS, WRITERS, Entrance


def environ(body=b"", *, method="POST", content="", length=None):
    announced = str(len(body)) if length is None else length
    return {
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": content,
        "CONTENT_LENGTH": announced,
        "HTTP_TRANSFER_ENCODING": "" if announced.isdigit() else "chunked",
        "wsgi.input_terminated": True,
        "wsgi.input": io.BytesIO(body),
    }


def entrance(application, longest=10 * IN_MEMORY):
    return Entrance(application, longest)


@pytest.mark.parametrize("size", [1, IN_MEMORY, IN_MEMORY + 1, 3 * IN_MEMORY])
def test_a_body_arrives_whole_whatever_its_size(size):
    body = bytes(number % 251 for number in range(size))
    seen = entrance(lambda environ, _start: [environ["wsgi.input"].read()])(environ(body), None)
    assert b"".join(seen) == body


@pytest.mark.parametrize(
    ("method", "length"), [("POST", str(11 * IN_MEMORY)), ("GET", ""), ("GET", "many")]
)
def test_what_announces_too_much_or_only_asks_is_not_read(method, length):
    asked = environ(b"abc", method=method, length=length)
    given = asked["wsgi.input"]
    entrance(lambda environ, _start: [])(asked, None)
    assert asked["wsgi.input"] is given
    assert given.tell() == 0
    assert ("wsgi.input_terminated" in asked) == (method == "POST")


@pytest.mark.parametrize("length", ["", "-1", "many", "９"])
def test_a_body_of_no_known_length_is_read_to_its_end_before_anybody_works(length):
    asked = environ(b"abc", length=length)
    seen = entrance(lambda environ, _start: [environ["wsgi.input"].read()])(asked, None)
    assert b"".join(seen) == b"abc"
    assert (asked["CONTENT_LENGTH"], "HTTP_TRANSFER_ENCODING" in asked) == ("3", False)


def test_of_a_body_without_length_only_so_much_is_read_as_shows_that_it_is_too_long():
    asked = environ(b"x" * 1000, length="")
    entrance(lambda environ, _start: [], longest=10)(asked, None)
    assert asked["CONTENT_LENGTH"] == "11"


def test_a_body_that_ends_early_is_no_endless_wait():
    seen = entrance(lambda environ, _start: [environ["wsgi.input"].read()])(
        environ(b"half", length="4000"), None
    )
    assert b"".join(seen) == b"half"


KINDS = {
    ("GET", ""): READERS,
    ("POST", "application/x-www-form-urlencoded"): WRITERS,
    ("POST", "multipart/form-data; boundary=x"): CARRIERS,
}


def test_few_work_at_once_and_each_kind_leaves_room_for_the_others():
    at_work = dict.fromkeys(KINDS, 0)
    most = dict(at_work)
    lock, go_on = threading.Lock(), threading.Event()

    def work(environ, _start):
        kind = (environ["REQUEST_METHOD"], environ["CONTENT_TYPE"])
        with lock:
            at_work[kind] += 1
            most[kind] = max(most[kind], at_work[kind])
        go_on.wait(10)
        with lock:
            at_work[kind] -= 1
        return []

    gate = entrance(work)
    threads = [
        threading.Thread(target=gate, args=(environ(method=method, content=content), None))
        for method, content in KINDS
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 10
    while at_work != KINDS and time.monotonic() < until:
        time.sleep(0.01)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert most == KINDS


def test_what_fails_tells_whoever_asked_and_the_next_is_worked_on():
    def fail(_environ, _start):
        raise LookupError

    gate = entrance(fail)
    for _ in range(WRITERS + 1):
        with pytest.raises(LookupError):
            gate(environ(), None)
