"""Turns at one thing that several threads of a process would change, such as one event.

Whoever waits for a row of PostgreSQL holds a connection, and there are few: so those who would
change the same thing wait here for one another, without one. SQLite has a queue of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

WAITING_BEHIND_A_SLOW_ONE = 16  # of the request threads; the others are for other things
SLOW_SECONDS = 2.0


class _Turn:
    """The lock of one thing, how many want it, and since when the present one has it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.wanted_by = 0
        self.taken_at = float("inf")


_turns: dict[str, _Turn] = {}
_guard = threading.Lock()


@contextmanager
def turn(name: str, seconds: float) -> Iterator[None]:
    """Hold the turn at the thing of this name for the block.

    Raises `TimeoutError` when it does not come within `seconds`, and at once when many wait already
    for somebody who is slow: they would keep those from being served who want something else.
    """
    with _guard:
        own = _turns.setdefault(name, _Turn())
        slow = time.monotonic() - own.taken_at > SLOW_SECONDS
        if slow and own.wanted_by > WAITING_BEHIND_A_SLOW_ONE:
            raise TimeoutError
        own.wanted_by += 1
    try:
        if not own.lock.acquire(timeout=max(0.0, seconds)):
            raise TimeoutError
        own.taken_at = time.monotonic()
        try:
            yield
        finally:
            own.taken_at = float("inf")
            own.lock.release()
    finally:
        with _guard:
            own.wanted_by -= 1
            if not own.wanted_by:
                _turns.pop(name, None)
