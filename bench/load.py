"""Load from a compiled client, wrk: one request over and over, or visitors who walk in steps."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONNECTIONS = 32  # enough for the kernel to share them evenly between two processes
UNKNOWN_EVERY = 8  # of so many people one writes an institution that nobody knows
AS_BROWSERS_DO = 'wrk.headers["Accept-Encoding"] = "gzip, br"\n'
SAY_LATENCY = """
function done(summary, latency, requests)
  print(string.format("latency %d %d %d %d", latency:percentile(50), latency:percentile(95),
    latency:percentile(99), latency.max))
  if SAY then SAY() end
end
"""
VISITORS = (Path(__file__).parent / "visitors.lua").read_text()


class BenchRefused(Exception):
    """The measurement cannot be made here; the text says why."""


@dataclass(frozen=True)
class Waiting:
    """How long answers took: the middle one, the 95th and 99th of a hundred, the longest; in ms."""

    p50: float
    p95: float
    p99: float
    longest: float

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> Waiting:
        ordered = sorted(milliseconds) or [0.0]

        def at(share: float) -> float:
            return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

        return cls(at(0.5), at(0.95), at(0.99), round(ordered[-1], 2))

    def __str__(self) -> str:
        return f"{self.p50:.1f}/{self.p95:.1f}/{self.p99:.1f} ms"


@dataclass(frozen=True)
class Rate:
    """Requests (or whole journeys) per second, and what was not answered as it should be."""

    per_second: float
    failed: int
    steps: dict[str, Waiting] = field(default_factory=dict)  # "" is all of them
    client: float = 0.0  # share of one processor that the client itself took
    example: str = ""  # one of the failed
    reached: int = 0  # how many requests were answered, or journeys came to their end
    cost: float = 0.0  # milliseconds of processor that the web processes took for each of them


@dataclass(frozen=True)
class Step:
    """One request of a visitor, and the status it must be answered with."""

    name: str
    path: str
    status: int = 200
    method: str = "GET"
    form_page: bool = False  # cookie, token and form key are read from the answer
    form: bool = False  # the filled-in form is sent
    follow: bool = False  # the path is where the step before redirected to
    reads: bool = False  # the answer may come compressed, as browsers take it

    def in_lua(self) -> str:
        said = {"name": self.name, "path": self.path, "method": self.method}
        flags = {"form_page", "form", "follow", "reads"}
        fields = [f"{name} = {json.dumps(value)}" for name, value in said.items()]
        fields += [f"{name} = true" for name in sorted(flags) if getattr(self, name)]
        return "{ " + ", ".join([*fields, f"status = {self.status}"]) + " }"


def require_wrk() -> str:
    """The path of wrk."""
    found = shutil.which("wrk", path=f"{os.environ.get('PATH', '')}:/usr/bin")
    if found is None:
        raise BenchRefused("wrk is missing: apt-get install wrk")
    return found


def requests(url: str, script: str = "", seconds: float = 3, at_once: int = CONNECTIONS) -> Rate:
    """The same request over and over, or those of a Lua script, from one thread."""
    said, client = _wrk(
        url, AS_BROWSERS_DO + script + SAY_LATENCY, seconds, threads=1, connections=at_once
    )
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if rate is None:
        raise BenchRefused(said)
    answered = re.search(r"(\d+) requests in", said)
    reached = int(answered[1]) if answered else 0
    waited = {"": _latency(said)}
    return Rate(float(rate[1]), _failed(said), waited, client, _example(said), reached)


def visitors(
    base: str,
    steps: Sequence[Step],
    *,
    at_once: int,
    bodies: Sequence[str] = (),
    seconds: float = 5,
    again: int = 1,
    pause: int | None = None,
) -> Rate:
    """`at_once` visitors who walk through `steps`; counted are those who reached the last one.

    The next person begins at step `again`; `pause` is in milliseconds before each request.
    """
    settings = {
        "STEPS": "{ " + ", ".join(step.in_lua() for step in steps) + " }",
        "BODIES": "{ " + ", ".join(map(json.dumps, bodies)) + " }",
        "AGAIN": again,
        "VISITORS": at_once,
        "UNKNOWN_EVERY": UNKNOWN_EVERY,
        "STARTED": time.time_ns() // 1_000_000 % 2**31,
        "PAUSE": pause or "nil",
    }
    script = "".join(f"{name} = {value}\n" for name, value in settings.items()) + VISITORS
    said, client = _wrk(base, script, seconds, threads=at_once, connections=at_once)
    took: list[list[float]] = [[] for _step in steps]
    for number, microseconds in re.findall(r"^took (\d+) (\d+)$", said, re.MULTILINE):
        took[int(number) - 1].append(int(microseconds) / 1000)
    lasted = re.search(r"requests in ([\d.]+)(m?)s", said)
    length = float(lasted[1]) * (60 if lasted[2] else 1) if lasted else seconds
    every = {"": Waiting.of([one for times in took for one in times])}
    named = {step.name: Waiting.of(times) for step, times in zip(steps, took, strict=True)}
    reached = len(took[-1])
    return Rate(reached / length, _failed(said), every | named, client, _example(said), reached)


def _wrk(
    url: str, script: str, seconds: float, *, threads: int, connections: int
) -> tuple[str, float]:
    """What wrk printed, and the share of a processor that it took."""
    command = [require_wrk(), f"-t{threads}", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
    command += ["--timeout", "30s"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="harpevents-wrk-") as folder:
        if script:
            file = Path(folder) / "script.lua"
            file.write_text(script)
            command += ["-s", str(file)]
        done = subprocess.run([*command, url], capture_output=True, text=True, check=False)
    if done.returncode or "PANIC" in done.stderr or "Requests/sec" not in done.stdout:
        raise BenchRefused(f"wrk failed: {done.stderr[-800:]}{done.stdout[-800:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout + done.stderr, round(spent / (time.monotonic() - began), 2)


def _failed(said: str) -> int:
    """Answers that were not what they should be, and connections that broke or waited in vain."""
    failed = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", said))
    errors = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said
    )
    failed += sum(map(int, errors.groups())) if errors else 0
    return failed + sum(int(one) for one in re.findall(r"unexpected answers: (\d+)", said))


def _example(said: str) -> str:
    found = re.search(r"unexpected answers: \d+ (.+)", said)
    return found[1] if found else ""


def _latency(said: str) -> Waiting:
    found: Any = re.search(r"latency (\d+) (\d+) (\d+) (\d+)", said)
    return Waiting(*(int(one) / 1000 for one in found.groups()))
