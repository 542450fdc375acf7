"""What others wait for while somebody stalls, signs in, exports or rolls the members over."""

from __future__ import annotations

import math
import resource
import selectors
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench import data, journey, load, rollover
from bench.figures import Figure
from bench.load import BenchRefused, Rate
from bench.stand import Stand, in_json
from bench.visitor import Browser, bodies, staff_of

STALLED = 2_000  # half of them in the headers, half in the body
SECONDS_TO_CLOSE = 180  # how long the bench watches; a stall of ten minutes must end far earlier
CALM = {"at_once": 8, "pause": 80}  # as many as register at a busy hour: the server has time left
LONGEST_WAIT = 100  # milliseconds that a registration may wait for somebody else's work
SIGN_INS = 100
ROUNDS = 3
FORM = f"{journey.EVENT}/register"


def measure(stand: Stand) -> Iterator[Figure]:
    """Each disturbance beside the calm before it, on a site that is warm."""
    journey.walk(stand, at_once=journey.AT_ONCE, seconds=2)
    stand.settle()
    yield _stalled(stand)
    exports = f"/desk/events/{data.of_size(data.MANY)}/registrations"
    yield _waiting(stand, "a password is hashed", lambda: _sign_in(stand))
    yield _waiting(stand, "CSV of 10,000", lambda: stand.staff.fetch(f"{exports}.csv"))
    yield _waiting(stand, "XLSX of 10,000", lambda: stand.staff.fetch(f"{exports}.xlsx"))
    members = rollover.AtTheDesk(stand.staff)
    yield _waiting(stand, f"roll-over of {rollover.MEMBERS:,}", members.next_step)
    yield _sign_ins(stand)


def register_calmly(stand: Stand, seconds: float = 3) -> Rate:
    """People who post forms at their ease; only the POST is looked at."""
    return load.visitors(
        stand.base, journey.STEPS[1:], bodies=bodies(), seconds=seconds, again=2, **CALM
    )


# Somebody's work


def _waiting(stand: Stand, what: str, act: Callable[[], object]) -> Figure:
    """The longest wait of a registration while `act` is done over and over, less the usual one.

    Of each round the longest is taken, of the rounds the middle one: this machine's own pauses
    come and go, a wait for somebody's work is there each time.
    """
    usual = register_calmly(stand, 2).steps["POST"]
    rounds = []
    for _round in range(ROUNDS):
        with repeating(act) as done:
            rounds.append(register_calmly(stand))
        if not done:
            raise BenchRefused(f"{what}: not once done while people registered")
        stand.settle()
    longest = sorted(one.steps["POST"].longest for one in rounds)[ROUNDS // 2]
    failed = sum(one.failed for one in rounds)
    answered = all(one.reached for one in rounds) and usual.p50
    waited = max(0.0, longest - usual.p50) if answered else math.inf
    return Figure(
        f"registering while {what}" if what.startswith("a ") else f"registering during {what}",
        stand.on,
        f"longest {longest:.0f} ms, usual {usual.p50:.0f} (longest {usual.longest:.0f}): "
        f"{waited:.0f} ms more" + (f", {failed} failed" if failed else ""),
        f"≤ {LONGEST_WAIT} ms more",
        waited <= LONGEST_WAIT and not failed,
        {
            "calm": in_json({"POST": usual})["POST"],
            "rounds": [in_json(one.steps)["POST"] for one in rounds],
            "waited_milliseconds": round(waited, 1) if answered else None,
        },
    )


@contextmanager
def repeating(act: Callable[[], object]) -> Iterator[list[float]]:
    """`act` over and over in a thread for as long as the block lasts; gives the seconds of each."""
    stop, took, broken = threading.Event(), list[float](), list[BaseException]()

    def repeat() -> None:
        while not stop.is_set():
            began = time.perf_counter()
            try:
                act()
            except BaseException as error:  # told to whoever waits for us
                broken.append(error)
                return
            took.append(time.perf_counter() - began)
            stop.wait(0.05)

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join()
    if broken:
        raise broken[0]


def _sign_in(stand: Stand) -> None:
    staff_of(stand.base)


def _sign_ins(stand: Stand) -> Figure:
    """A hundred who sign in at the same moment, again and again while others register."""
    calm = register_calmly(stand)
    visitor = Browser(stand.base)
    values = {
        "csrf_token": visitor.token_on("/sign-in"),
        "email": data.EMAIL,
        "password": data.PASSWORD,
    }
    browsers = [visitor.twin() for _number in range(SIGN_INS)]

    def all_at_once() -> None:
        threads = [
            threading.Thread(target=one.status_of_post, args=("/sign-in", values))
            for one in browsers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    with repeating(all_at_once) as bursts:
        rushed = register_calmly(stand)
    stand.settle()
    before, during = calm.steps["POST"], rushed.steps["POST"]
    times = _times(during.p50, before.p50)
    return Figure(
        f"registering during {SIGN_INS} sign-ins",
        stand.on,
        f"p50 {during.p50:.0f} ms, calm {before.p50:.0f}: {times:.1f} ×; "
        f"the {SIGN_INS} took {min(bursts):.1f} s",
        "p50 < 2 ×",
        times < 2 and not rushed.failed,
        {"calm": in_json(calm.steps), "during": in_json(rushed.steps), "bursts": bursts},
    )


def _times(during: float, before: float) -> float:
    """How many times as long it takes; without end where nobody was answered."""
    return during / before if during and before else math.inf


# Somebody who sends no further


def _stalled(stand: Stand) -> Figure:
    """Two thousand connections that stop in the middle, and how long until they are closed."""
    before = journey.walk(stand, seconds=5, **CALM)
    stand.settle()
    with Stalled(stand.base) as stalled:
        during = journey.walk(stand, seconds=8, **CALM)
        closed = stalled.closed_after(SECONDS_TO_CLOSE)
    stand.settle()
    times = _times(during.steps[""].p95, before.steps[""].p95)
    ended = len(closed) == STALLED
    told = f"closed after {max(closed):.0f} s" if ended else f"{STALLED - len(closed)} never closed"
    return Figure(
        f"{STALLED:,} stalled connections",
        stand.on,
        f"p95 of others {during.steps[''].p95:.0f} ms, calm {before.steps[''].p95:.0f}: "
        f"{times:.1f} ×; {told}",
        "p95 < 2 ×, closed",
        times < 2 and ended and not during.failed,
        {
            "calm": in_json(before.steps),
            "during": in_json(during.steps),
            "failed": during.failed,
            "closed": len(closed),
            "closed_after_seconds": [min(closed), max(closed)] if closed else [],
        },
    )


class Stalled:
    """Anonymous connections that send half a request and then nothing."""

    def __init__(self, base: str) -> None:
        self.address = urllib.parse.urlsplit(base)
        self.selector = selectors.DefaultSelector()
        self.began = time.monotonic()
        self.closed: list[float] = []

    def __enter__(self) -> Stalled:
        _allow_files(STALLED + 500)
        host, port = self.address.hostname or "", self.address.port or 80
        head = f"POST {FORM} HTTP/1.1\r\nHost: {self.address.netloc}\r\n"
        body = (
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\nfamily="
        )
        for number in range(STALLED):
            connection = socket.create_connection((host, port), timeout=30)
            connection.sendall((head + (body if number % 2 else "Accept: text")).encode())
            connection.setblocking(False)
            self.selector.register(connection, selectors.EVENT_READ)
        self.watching = threading.Thread(target=self._watch)
        self.stop = threading.Event()
        self.watching.start()
        return self

    def _watch(self) -> None:
        while not self.stop.is_set() and len(self.closed) < STALLED:
            for key, _events in self.selector.select(0.2):
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                try:
                    over = connection.recv(65536) == b""
                except OSError:
                    over = True
                if over:
                    self.closed.append(time.monotonic() - self.began)
                    self.selector.unregister(connection)
                    connection.close()

    def closed_after(self, seconds: float) -> list[float]:
        """When each was closed by the server, in seconds; waits until all are, or for so long."""
        self.watching.join(max(0.0, self.began + seconds - time.monotonic()))
        return list(self.closed)

    def __exit__(self, *_error: object) -> None:
        self.stop.set()
        self.watching.join()
        for key in list(self.selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self.selector.close()


def _allow_files(number: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        if hard < number:
            raise BenchRefused(f"this needs {number} open files, and only {hard} are allowed")
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
