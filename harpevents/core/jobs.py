"""Background work: a job is requested after a commit, and a worker looks what is due.

A job carries nothing but its name. What is to be done stands in rows with leases, so a job that is
lost with its worker costs a minute at most: every minute each job is run.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from select import select
from typing import Any, cast

from flask import Flask, current_app
from huey import MemoryHuey, crontab
from huey.api import Huey, PostgresHuey
from huey.serializer import SignedSerializer
from huey.storage import SqliteStorage

from config import Settings
from harpevents.core import passing_database
from harpevents.core.db import after_commit, db

Handler = Callable[[], None]
log = logging.getLogger(__name__)
QUIET_SECONDS = 1.0  # requests closer together than this become one
LOOK_SECONDS = 1.0  # a worker that nobody wakes looks whether it is to end


class JobQueue:
    """The named jobs of one application and the queue that carries the requests for them."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.app = app
        self.huey = _queue(settings)
        self.handlers: dict[str, Handler] = {}
        self._requested_at: dict[str, float] = {}
        self._lock = threading.Lock()
        self._task = self.huey.task(name="run")(self.run)
        self.huey.periodic_task(crontab(minute="*"), name="sweep")(self.run_all)

    def run(self, name: str) -> None:
        """Run the handler of `name` inside the application; its failure is logged, not lost."""
        with self.app.app_context():
            try:
                self.handlers[name]()
            except Exception:
                log.exception("job %s failed", name)
            finally:
                db.session.remove()

    def run_all(self) -> None:
        """Run every job: what was forgotten is found."""
        for name in self.handlers:
            self.run(name)

    def request(self, name: str) -> None:
        """Ask a worker to run `name`: now, or in a second when it was asked just before."""
        if self.app.config["TESTING"]:
            return
        with self._lock:
            at, now = self._requested_at.get(name, 0.0), time.monotonic()
            if at > now:
                return  # one is scheduled already and will see our rows
            delay = QUIET_SECONDS if now - at < QUIET_SECONDS else 0.0
            self._requested_at[name] = now + delay
        try:
            self._task.schedule(args=(name,), delay=delay) if delay else self._task(name)
        except Exception:
            log.exception("job %s could not be requested; the next minute finds its work", name)


class WakingStorage(SqliteStorage):
    """Huey's queue in a SQLite file, with a pipe beside it that wakes a waiting worker at once.

    Huey itself would look into the file again and again. PostgreSQL has NOTIFY for this. The file
    is opened when it is needed, and made anew when it was lost or damaged: work stands elsewhere.
    """

    blocking = True

    def __init__(self, name: str, *, filename: str, **options: Any) -> None:
        super().__init__(name, filename=filename, create_tables=False, **options)
        self._conn: sqlite3.Connection | None = None
        self._opened: passing_database.Identity | None = None

    @cached_property
    def _pipe(self) -> int:
        path = f"{self.filename}-wake"
        with suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    @property
    def conn(self) -> sqlite3.Connection:
        """The connection to the file that has the name now, with its tables."""
        file = Path(self.filename)
        if self._conn is not None and passing_database.identity(file) != self._opened:
            self._conn.close()
            self._conn = None
        if self._conn is None:
            self._conn = self._create_connection()
            self._opened = passing_database.identity(file)
            for statement in self.ddl:
                self._conn.execute(statement)
        return self._conn

    @contextmanager
    def db(self, commit: bool = False, close: bool = False) -> Iterator[sqlite3.Cursor]:
        """A cursor as Huey asks for it; what turns out to be damaged is away afterwards."""
        before = passing_database.identity(Path(self.filename))
        try:
            with super().db(commit, close) as cursor:
                yield cursor
        except sqlite3.DatabaseError as failed:
            if passing_database.is_damage(failed):
                self.close()
                passing_database.set_aside(Path(self.filename), before)
            raise

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Put a job in; a second time where the first met a damaged file."""
        try:
            super().enqueue(data, priority)
        except sqlite3.DatabaseError as failed:
            if not passing_database.is_damage(failed):
                raise
            super().enqueue(data, priority)
        with suppress(BlockingIOError):  # a pipe that is full wakes as well
            os.write(self._pipe, b"!")

    def dequeue(self, wait: float = LOOK_SECONDS) -> bytes | None:
        """The next job; waits up to so many seconds for one."""
        pipe = self._pipe
        if (found := super().dequeue()) is not None:
            return cast(bytes, found)
        select([pipe], [], [], wait)
        with suppress(BlockingIOError):
            os.read(pipe, 1)
        return cast("bytes | None", super().dequeue())


def _queue(settings: Settings) -> Huey:
    if settings.testing:
        return MemoryHuey("harpevents", immediate=False)
    serializer = SignedSerializer(secret=settings.secret_key, salt="harpevents-jobs")
    if settings.on_sqlite:
        return Huey(
            "harpevents",
            storage_class=WakingStorage,
            filename=str(settings.data / "jobs.sqlite"),
            serializer=serializer,
            results=False,
        )
    dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    return PostgresHuey("harpevents", dsn=dsn, serializer=serializer, results=False)


def init_app(app: Flask) -> None:
    app.extensions["job_queue"] = JobQueue(app, app.config["SETTINGS"])


def queue() -> JobQueue:
    jobs: JobQueue = current_app.extensions["job_queue"]
    return jobs


def run_with(app: Flask, name: str, handler: Handler) -> None:
    """Let `handler` run (in a worker, in an app context) when the job `name` is requested."""
    app.extensions["job_queue"].handlers[name] = handler


def request_after_commit(name: str) -> None:
    """Request the job once the open transaction is committed."""
    jobs = queue()
    after_commit(f"request {name}", lambda: jobs.request(name))
