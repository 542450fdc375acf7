"""The program as people run it: the installed command, a folder of its own, real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.smtp_sink import free_port

COMMAND = Path(sys.executable).parent / "harpevents"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 20


@dataclass
class Installation:
    """One installation: a data folder, an environment, and the command in it."""

    data: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Only what a bare machine gives, and our settings: nothing leaks in from outside."""
        return {
            "HOME": str(self.data),
            "PATH": "/usr/bin:/bin",
            "HARPEVENTS_DATA": str(self.data),
            "HARPEVENTS_BASE_URL": self.url,
            "HARPEVENTS_RATE_LIMITS": "off",
            **self.settings,
        }

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`harpevents ARGUMENTS…`; fails the test with what it said when it exits non-zero."""
        done = subprocess.run(
            [str(COMMAND), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=150,
            check=False,
        )
        if check and done.returncode:
            said = done.stdout + done.stderr
            raise AssertionError(f"harpevents {' '.join(arguments)}: {done.returncode}\n{said}")
        return done

    def json(self, *arguments: str) -> Any:
        """What `harpevents ARGUMENTS… --json` prints, read."""
        return json.loads(self.run(*arguments, "--json").stdout)

    @property
    def caught_mail(self) -> list[Path]:
        """The files of mail that would have left, oldest first."""
        return sorted((self.data / "outbox").glob("*.eml"))

    @contextmanager
    def serving(self) -> Iterator[Installation]:
        """`harpevents serve` for as long as the block lasts, with its worker."""
        log = self.data / "serve.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [str(COMMAND), "serve", "--port", str(self.port)],
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            self._wait(process, log)
            yield self
        finally:
            self._end(process)

    def _wait(self, process: subprocess.Popen[bytes], log: Path) -> None:
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until:
            if process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except urllib.error.HTTPError as answer:
                answer.close()
                said = log.read_text()
                raise AssertionError(f"/healthz answered {answer.code}\n{said}") from None
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"harpevents serve did not answer\n{log.read_text()}")

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise AssertionError(f"harpevents serve did not stop in {SECONDS_TO_STOP} s") from None
