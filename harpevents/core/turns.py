"""Who writes next to a SQLite file: one at a time, in this process and among all of the machine.

SQLite's own waiting is a sleep that grows to 100 ms, with no queue: under load the lock lies idle
and the unlucky starve. A lock on a file beside the database wakes the next writer at once.
Correctness does not rest on it: BEGIN IMMEDIATE stands below.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_turn = threading.Lock()  # one writer of this process waits for the file, the others for this


@contextmanager
def turn_to_write(database: str) -> Iterator[None]:
    """Wait for the turn to write the file `database`, and keep it for the block."""
    with _turn, open(f"{database}-turn", "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file gives the turn away
