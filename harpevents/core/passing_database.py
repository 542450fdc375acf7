"""SQLite files that may be lost, such as the queue of jobs: a damaged one makes room for a new."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

log = logging.getLogger(__name__)
NAMES = ("jobs.sqlite", "limits.sqlite")  # beside the data
DAMAGED = ".damaged"  # what a file is called further that was set aside

Identity = tuple[int, int]


def identity(file: Path) -> Identity | None:
    """Which file has this name now; another one, put in its place, is told from it."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def is_damage(failed: BaseException | None) -> bool:
    """Whether SQLite says that the file is none of its own, rather than locked or out of reach."""
    if not isinstance(failed, sqlite3.DatabaseError):
        return False
    code = getattr(failed, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}


def set_aside(file: Path, damaged: Identity | None) -> None:
    """Give the damaged file another name, unless another process has done so already."""
    if damaged is None or identity(file) != damaged:
        return
    log.error("%s is damaged; it is set aside as %s%s", file, file.name, DAMAGED)
    file.replace(f"{file}{DAMAGED}")
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)


def set_aside_in(data: Path) -> list[str]:
    """The names of those that were set aside and are there still."""
    return [f"{name}{DAMAGED}" for name in NAMES if (data / f"{name}{DAMAGED}").exists()]
