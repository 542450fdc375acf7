"""Load from a compiled client (wrk), and the sites it is sent to."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
CONNECTIONS = 32  # enough for the kernel to share them evenly between two processes
LIMIT_THREADS = 4  # of each process of the limit; with one it is some 4 % faster at writing


class BenchRefused(Exception):
    """The measurement cannot be made here; the text says why."""


@dataclass(frozen=True)
class Rate:
    """Requests per second, and how many answers were not what they should be."""

    per_second: float
    failed: int
    requests: int


def require_wrk() -> str:
    found = shutil.which("wrk", path=f"{os.environ.get('PATH', '')}:/usr/bin")
    if found is None:
        raise BenchRefused("wrk is missing: apt-get install wrk")
    return found


def wrk(url: str, script: Path | None = None, seconds: float = 4) -> Rate:
    """Load `url` with 32 connections; a Lua script makes and checks the requests, if given."""
    command = [require_wrk(), "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--timeout", "30s"]
    if script:
        command += ["-s", str(script)]
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    total = re.search(r"(\d+) requests in", said)
    failed = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", said))
    errors = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said
    )
    failed += sum(map(int, errors.groups())) if errors else 0
    failed += sum(int(number) for number in re.findall(r"unexpected answers: (\d+)", said))
    if rate is None or total is None:
        raise BenchRefused(said)
    return Rate(float(rate[1]), failed, int(total[1]))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], url: str, environment: dict[str, str]) -> Iterator[int]:
    """A server for as long as the block lasts, once `url` answers; gives its process id."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        wait_for(url, process)
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Return when `url` answers 200; raise when the process ends or the time is up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            said = process.stderr.read().decode() if process.stderr else ""
            raise BenchRefused(f"the server ended: {said[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise BenchRefused(f"{url} does not answer")


@contextmanager
def limit_server(folder: Path) -> Iterator[str]:
    """The bare application, with as many processes as the site."""
    port = free_port()
    command = [
        str(BIN / "granian"), "bench.limit:create", "--factory", "--interface", "wsgi",
        "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
        "--blocking-threads", str(LIMIT_THREADS),
        "--backpressure", "256", "--no-ws", "--log-level", "warning",
    ]  # fmt: skip
    environment = {**os.environ, "BENCH_LIMIT": str(folder / "limit.sqlite")}
    url = f"http://127.0.0.1:{port}/"
    subprocess.run([sys.executable, "-m", "bench.limit"], env=environment, check=True)
    with running(command, url, environment):
        yield url


def site_environment(folder: Path, port: int, **settings: str) -> dict[str, str]:
    return {
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
        "HARPEVENTS_DATA": str(folder),
        "HARPEVENTS_BASE_URL": f"http://127.0.0.1:{port}",
        "HARPEVENTS_RATE_LIMITS": "off",
        "HARPEVENTS_WORKERS": "2",
        **settings,
    }


@contextmanager
def site(folder: Path, *options: str, **settings: str) -> Iterator[tuple[str, int]]:
    """`harpevents serve` on a migrated data folder: (its address, its process id)."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(BIN / "harpevents"), "serve", "--port", str(port), *options]
    with running(command, f"{url}/healthz", site_environment(folder, port, **settings)) as pid:
        yield url, pid


def web_memory(pid: int) -> list[float]:
    """Resident megabytes of each web process below the supervisor `pid`."""
    sizes = []
    for process in _descendants(pid):
        command = Path(f"/proc/{process}/cmdline").read_bytes()
        status = Path(f"/proc/{process}/status").read_text()
        resident = re.search(r"VmRSS:\s+(\d+) kB", status)
        if b"granian" in command and resident:
            sizes.append(int(resident[1]) / 1024)
    return sizes


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    below = [int(child) for child in children]
    return below + [grand for child in below for grand in _descendants(child)]
