"""A PostgreSQL of one's own, for as long as one lives: for the tests and for the bench."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import URL, make_url

from config import ROOT

SECONDS_TO_ANSWER = 60


class NotStarted(Exception):
    """The server does not answer; the text is what it wrote into its log."""


class OwnPostgreSQL:
    """A server with its data below `directory`; see tools/postgresql_server.py."""

    def __init__(self, directory: Path, *, durable: bool = False) -> None:
        self.directory = directory
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to start the server, without waiting."""
        if self.process is None:
            command = [sys.executable, "-m", "tools.postgresql_server", str(self.directory)]
            self.process = subprocess.Popen(
                [*command, *(["durable"] if self.durable else [])], cwd=ROOT, stdin=subprocess.PIPE
            )

    def url(self) -> URL:
        """The address of a database one may connect to; waits until the server answers.

        Another process may have started it: then only the directory is looked at.
        """
        answer = self.directory / "url"
        until = time.monotonic() + SECONDS_TO_ANSWER
        while not answer.exists():
            if time.monotonic() > until or (self.process and self.process.poll() is not None):
                log = self.directory / "log"
                raise NotStarted(log.read_text() if log.exists() else "(it wrote no log)")
            time.sleep(0.05)
        return make_url(answer.read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.communicate(timeout=30)
            self.process = None
