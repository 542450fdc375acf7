"""Bodies on their way in: whole whatever their size, within limits of time and place."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from harpevents.core import asgi
from harpevents.core.asgi import Site

LONGEST = 200_000


def echo(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["CONTENT_LENGTH"].encode() + b" " + environ["wsgi.input"].read()]


def scope(length=None, *, chunked=False):
    headers = [(b"host", b"127.0.0.1")]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    if chunked:
        headers.append((b"transfer-encoding", b"chunked"))
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/",
        "query_string": b"",
        "headers": headers,
    }


def in_a_loop_of_its_own(work) -> None:
    """Run it in a thread: a browser of another test may have its loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def answer(site: Site, scope, *pieces: bytes, then_wait=False):
    """(status, body) of what the site answers to these pieces of a body."""
    sent: list[dict[str, Any]] = []
    coming = list(pieces)

    async def receive():
        if not coming:
            await asyncio.sleep(60)
        piece = coming.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(coming) or then_wait}

    async def send(message):
        sent.append(message)

    in_a_loop_of_its_own(site(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


@pytest.fixture
def site():
    made = Site(echo, LONGEST)
    yield made
    assert made.coming_in == 0  # whatever came of a request, its place is free again


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, LONGEST])
def test_a_body_arrives_whole_whatever_its_size(site, size):
    body = bytes(number % 251 for number in range(size))
    pieces = [body[at : at + 50_000] for at in range(0, size, 50_000)] or [b""]
    assert answer(site, scope(size), *pieces) == (200, b"%d " % size + body)


def test_a_body_without_a_length_has_one_when_it_is_there(site):
    assert answer(site, scope(chunked=True), b"ab", b"cde") == (200, b"5 abcde")


def test_of_a_body_that_announces_too_much_nothing_is_read(site):
    assert answer(site, scope(LONGEST + 1)) == (200, b"%d " % (LONGEST + 1))


def test_a_body_that_grows_too_long_is_refused(site):
    pieces = [b"x" * LONGEST, b"x"]
    assert answer(site, scope(chunked=True), *pieces) == (413, b"")


def test_a_sender_that_pauses_too_long_is_not_waited_for(site, monkeypatch):
    monkeypatch.setattr(asgi, "PAUSE_SECONDS", 0.05)
    assert answer(site, scope(5000), b"email=", then_wait=True) == (408, b"")


def test_a_sender_that_never_ends_is_not_waited_for(site, monkeypatch):
    monkeypatch.setattr(asgi, "BODY_SECONDS", 0.05)
    assert answer(site, scope(5000), b"email=", then_wait=True) == (408, b"")


def test_all_bodies_together_have_a_limit(site, monkeypatch):
    monkeypatch.setattr(asgi, "BYTES_AT_ONCE", 1000)
    site.coming_in = 995
    assert answer(site, scope(6), b"123456") == (503, b"")
    site.coming_in -= 995


def test_a_sender_that_is_gone_is_answered_nothing(site):
    sent: list[dict[str, Any]] = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    in_a_loop_of_its_own(site(scope(10), receive, send))
    assert sent == []
