"""The lock that writers of a SQLite file wait for, in this process and among all of the machine.

SQLite's own waiting is a sleep that grows to 100 ms, with no queue: under load the lock lies idle
and the unlucky starve. A lock on a file beside the database wakes the next writer at once.
Correctness does not rest on it: BEGIN IMMEDIATE stands below.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harpevents.core.file_lock import file_lock

_in_process = threading.Lock()  # one thread waits for the file, the others wait for that thread


@contextmanager
def write_lock(database: str, seconds: float) -> Iterator[None]:
    """Hold the lock beside the file `database` for the block.

    Raises `TimeoutError` when it does not come within `seconds` in all; 0 waits for nobody.
    """
    until = time.monotonic() + seconds
    if not _in_process.acquire(timeout=max(0.0, seconds)):
        raise TimeoutError
    try:
        with file_lock(Path(f"{database}-lock"), max(0.0, until - time.monotonic())):
            yield
    finally:
        _in_process.release()
