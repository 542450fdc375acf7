"""The servers of a measurement: the site, the limit beside it, and the memory they take."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from bench.load import BenchRefused
from config import ROOT, Settings
from harpevents.site import cli

BIN = Path(sys.executable).parent
NOTHING: Mapping[str, str] = MappingProxyType({})
APPLICATION = "harpevents.app:serving"  # what `harpevents serve` has the web server serve


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(
    folder: Path, settings: Mapping[str, str] = NOTHING, port: int | None = None
) -> dict[str, str]:
    """What a site in `folder` is started with."""
    return {
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "HARPEVENTS_DATA": str(folder),
        "HARPEVENTS_BASE_URL": f"http://127.0.0.1:{port or free_port()}",
        "HARPEVENTS_RATE_LIMITS": "off",
        "HARPEVENTS_WORKERS": "2",
        **settings,
    }


def run(command: list[str], given: Mapping[str, str]) -> None:
    """A command that ends by itself; what it says is shown where it fails."""
    done = subprocess.run(command, cwd=ROOT, env=dict(given), capture_output=True, text=True)
    if done.returncode:
        raise BenchRefused(f"{command!r} failed: {done.stderr[-2000:]}")


@contextmanager
def site(
    folder: Path, *options: str, settings: Mapping[str, str] = NOTHING
) -> Iterator[tuple[str, int]]:
    """`harpevents serve` on a migrated data folder: (its address, its process id)."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(BIN / "harpevents"), "serve", "--port", str(port), *options]
    with running(command, answers(f"{url}/healthz"), environment(folder, settings, port)) as pid:
        yield url, pid


@contextmanager
def bare(application: str, path: str, given: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Another application behind the site's server command: (its address, its process id)."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = Settings.from_environment({**given, "HARPEVENTS_BASE_URL": url})
    command = cli._web_command(settings, port)
    command[command.index(APPLICATION)] = application
    with running(command, answers(f"{url}{path}"), {**given, "HARPEVENTS_BASE_URL": url}) as pid:
        yield url, pid


@contextmanager
def running(
    command: list[str], ready: Callable[[], object], given: Mapping[str, str]
) -> Iterator[int]:
    """A server for as long as the block lasts, once `ready` raises no more; its process id."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(given),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        wait_for(ready, process)
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(
    ready: Callable[[], object], process: subprocess.Popen[bytes], seconds: float = 60
) -> None:
    """Return when `ready` raises no more; refuse when the process ends or the time is up."""
    until = time.monotonic() + seconds
    while True:
        if process.poll() is not None:
            said = process.stderr.read().decode() if process.stderr else ""
            raise BenchRefused(f"{process.args!r} ended: {said[-2000:]}")
        try:
            ready()
        except OSError as refused:  # what urllib and smtplib raise is an OSError as well
            if time.monotonic() > until:
                raise BenchRefused(f"{process.args!r} does not answer") from refused
            time.sleep(0.05)
        else:
            return


def answers(url: str) -> Callable[[], object]:
    """What raises until `url` answers."""

    def ask() -> None:
        with urllib.request.urlopen(url, timeout=5) as answer:
            answer.read()

    return ask


def web_memory(pid: int) -> list[float]:
    """Resident megabytes of each web process of the server `pid`."""
    return [_resident(process) for process in _called(pid, b"granian")]


def worker_memory(pid: int) -> list[float]:
    """The same of the worker."""
    return [_resident(process) for process in _called(pid, b"\0worker")]


def web_seconds(pid: int) -> float:
    """Processor seconds that the web processes of the server `pid` have taken so far."""
    ticks = 0
    for process in _called(pid, b"granian"):
        after_name = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _called(pid: int, name: bytes) -> list[int]:
    """`pid` and the processes below it whose command line says `name`."""
    return [
        process
        for process in (pid, *_descendants(pid))
        if name in Path(f"/proc/{process}/cmdline").read_bytes()
    ]


def _resident(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    below = [int(child) for child in children]
    return below + [grand for child in below for grand in _descendants(child)]
