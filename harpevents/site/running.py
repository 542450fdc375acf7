"""Who uses the data at this moment, so that a restore and a running program never meet.

A lock on a file tells the processes of one machine; on PostgreSQL, which several machines may use,
an advisory lock of the database tells all of them. Both end with the process that holds them.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection, NullPool, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from harpevents.core.errors import RuleBroken

log = logging.getLogger(__name__)
LOCK = "serve.lock"
UNFINISHED = "restore.unfinished"
KEY = 0x6861727065767473  # of the advisory lock: "harpevts"
SECONDS_BETWEEN_LOOKS = 5.0


class ServerRunning(RuleBroken):
    message = _l("The program is running on this data. Please stop it first.")


class RestoreUnderWay(RuleBroken):
    message = _l("A backup is being restored. Please wait until it is done.")


class RestoreUnfinished(RuleBroken):
    message = _l(
        "A restore stopped half-way, so the data here is not whole. "
        "Please run harpevents restore once more."
    )


def is_unfinished(settings: Settings) -> bool:
    """Whether a restore began to put its data in place and did not come to its end."""
    return (settings.data / UNFINISHED).exists()


@contextmanager
def running(settings: Settings) -> Iterator[Presence]:
    """Be known as running for the block; raises when a restore is under way or unfinished."""
    if is_unfinished(settings):
        raise RestoreUnfinished
    with _file_lock(settings, fcntl.LOCK_SH, RestoreUnderWay):
        presence = Presence(settings)
        try:
            if not presence.take():
                raise RestoreUnderWay
            yield presence
        finally:
            presence.leave()


@contextmanager
def nobody_running(settings: Settings) -> Iterator[None]:
    """Keep everybody from beginning; raises `ServerRunning` while somebody runs, anywhere."""
    with _file_lock(settings, fcntl.LOCK_EX, ServerRunning):
        presence = Presence(settings, alone=True)
        try:
            if not presence.take():
                raise ServerRunning
            yield
        finally:
            presence.leave()


@contextmanager
def _file_lock(settings: Settings, how: int, refused: type[RuleBroken]) -> Iterator[None]:
    with (settings.data / LOCK).open("w") as file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refused from None
        yield


class Presence:
    """The advisory lock of one process in a PostgreSQL database; nothing on SQLite.

    It lasts as long as its connection, so whoever runs for long calls `keep` now and then.
    """

    def __init__(self, settings: Settings, *, alone: bool = False) -> None:
        self._url = None if settings.on_sqlite else settings.database_url
        self._take = func.pg_try_advisory_lock if alone else func.pg_try_advisory_lock_shared
        self._connection: Connection | None = None
        self._looked_at = 0.0

    def take(self) -> bool:
        """Whether the lock is ours now; does not wait for it."""
        if self._url is None:
            return True
        engine = create_engine(self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection = engine.connect()
        self._looked_at = time.monotonic()
        return bool(self._connection.scalar(select(self._take(KEY))))

    def keep(self) -> None:
        """Take the lock again when the connection was lost; end when others took the database."""
        now = time.monotonic()
        if self._url is None or now - self._looked_at < SECONDS_BETWEEN_LOOKS:
            return
        self._looked_at = now
        try:
            if self._connection is not None:
                self._connection.scalar(select(1))
                return
            taken = self.take()
        except SQLAlchemyError:
            self.leave()  # the server is away; the next look tries again
            return
        if not taken:
            log.error("a backup is being restored into this database; this program ends")
            os.kill(os.getpid(), signal.SIGTERM)

    def keep_in_background(self) -> None:
        """Have a thread call `keep` for as long as the process lives."""
        if self._url is not None:
            threading.Thread(target=self._keep_on, name="presence", daemon=True).start()

    def _keep_on(self) -> None:
        while True:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            self.keep()

    def leave(self) -> None:
        """Give the lock up with its connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.invalidate()
                connection.close()


@contextmanager
def unfinished(settings: Settings, what: str) -> Iterator[None]:
    """Leave a mark for the block, which stays where the block does not come to its end."""
    mark = settings.data / UNFINISHED
    with mark.open("w", encoding="utf-8") as file:
        file.write(f"{what}\n")
        file.flush()
        os.fsync(file.fileno())
    make_last(settings.data)
    yield
    make_last(settings.data)
    mark.unlink()
    make_last(settings.data)


def make_last(folder: Path) -> None:
    """Bring the names in a folder to the disk, that a power cut takes none of them back."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
