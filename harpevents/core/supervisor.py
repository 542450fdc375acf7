"""Keeps a few processes running: starts them, starts them again, ends them together."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

log = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds between a death and the next start
STEADY_AFTER = 30.0  # seconds of life after which a death counts as the first again
SECONDS_TO_STOP = 15.0
BEAT = 0.2
PR_SET_PDEATHSIG = 1


def die_with_parent(with_signal: int = signal.SIGKILL) -> None:
    """Have the kernel end this process when its parent is gone, even by kill -9 (Linux only)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
    if os.getppid() == 1:  # it died before we asked
        sys.exit(1)


@dataclass
class Child:
    """One process to keep; SIGTERM asks it to finish what it has in hand and go.

    `start_again_at` (monotonic seconds) holds its first start back as well.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = FIRST_PAUSE

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 (our own command line)
            self.command,
            env=dict(self.environment),
            preexec_fn=_child_begins,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone
        )

    def look_after(self) -> None:
        """Notice a death and start again after a pause that doubles."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        if now - self.started_at > STEADY_AFTER:
            self.pause = FIRST_PAUSE
        log.warning("%s ended (%s); starting it again in %.1f s", self.name, code, self.pause)
        self.process = None
        self.start_again_at = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)


def _child_begins() -> None:
    die_with_parent(signal.SIGTERM)


@dataclass
class Supervisor:
    """Runs its children until it is told to stop by SIGTERM, SIGINT or SIGHUP."""

    children: list[Child]
    each_beat: Callable[[], None] = field(default=lambda: None)
    stopping: bool = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        while not self.stopping:
            for child in self.children:
                child.look_after()
            self.each_beat()
            time.sleep(BEAT)
        self._end()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _end(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        until = time.monotonic() + SECONDS_TO_STOP
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _kill_group(process.pid)
                process.wait()


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
