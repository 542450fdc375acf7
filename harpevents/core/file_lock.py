"""A lock on a file, for which the threads and processes of one machine wait."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO


@contextmanager
def file_lock(path: Path, seconds: float | None = None) -> Iterator[None]:
    """Hold the lock for the block; the kernel lets go of it when the process ends.

    Raises `TimeoutError` when it was not free within `seconds`; None waits for ever.
    """
    with path.open("ab") as file:
        if seconds is None:
            fcntl.flock(file, fcntl.LOCK_EX)
        elif not _is_free(file) and not (seconds > 0 and _granted(file, seconds)):
            raise TimeoutError
        yield  # closing the file releases it


def _is_free(file: IO[bytes]) -> bool:
    """Take the lock if nobody has it."""
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


class _Asked:
    """One wait for the lock of a file that is open already.

    The system's own waiting has no end, so a thread of ours does it on a copy of the descriptor.
    Whoever gives up closes the file; the copy is closed when the lock comes, and lets go of it.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.copy = os.dup(file.fileno())
        self.granted = threading.Event()

    def wait(self) -> None:
        with suppress(OSError):
            fcntl.flock(self.copy, fcntl.LOCK_EX)
            self.granted.set()
        os.close(self.copy)


def _granted(file: IO[bytes], seconds: float) -> bool:
    asked = _Asked(file)
    _waiting_thread().put(asked)
    return asked.granted.wait(seconds)


_idle: SimpleQueue[SimpleQueue[_Asked]] = SimpleQueue()  # threads that wait for nobody


def _waiting_thread() -> SimpleQueue[_Asked]:
    """Where a thread that has nothing to do takes its next wait from; a new one where none is."""
    if not _idle.empty():
        with suppress(Exception):
            return _idle.get_nowait()
    own: SimpleQueue[_Asked] = SimpleQueue()
    threading.Thread(target=_wait_for_others, args=(own,), name="lock", daemon=True).start()
    return own


def _wait_for_others(own: SimpleQueue[_Asked]) -> None:
    while True:
        own.get().wait()
        _idle.put(own)
