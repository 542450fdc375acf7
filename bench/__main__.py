"""Measures the site against the limit of this machine: `make bench`.

Pages and writes are rounds of a bare application and the site in turn, on the same server with two
web processes; a figure is the median of its rounds. Everything lives in a temporary folder.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import data, desk, last_place, load, scripts
from bench.load import BenchRefused, Rate

ROUNDS = 3


@dataclass(frozen=True)
class Figure:
    """One measured number beside what was promised."""

    name: str
    measured: str
    promised: str
    kept: bool


def main() -> int:
    """Print each figure as it is measured; return 1 when a promise is not kept."""
    kept = True
    with tempfile.TemporaryDirectory(prefix="harpevents-bench-") as folder:
        try:
            for figure in measure(Path(folder)):
                sign = "kept  " if figure.kept else "MISSED"
                sys.stdout.write(
                    f"{sign}  {figure.name:38} {figure.measured:36} {figure.promised}\n"
                )
                sys.stdout.flush()
                kept = kept and figure.kept
        except BenchRefused as refused:
            sys.stderr.write(f"{refused}\n")
            return 2
    return 0 if kept else 1


def measure(folder: Path) -> Iterator[Figure]:
    """Every figure; the memory is read after all the load, the export included."""
    load.require_wrk()
    site_folder, limit_folder = folder / "site", folder / "limit"
    for made in (site_folder, limit_folder):
        made.mkdir()
    desk.prepare(site_folder)
    with (
        load.limit_server(limit_folder) as limit,
        load.site(site_folder, "--no-worker") as (base, process),
    ):
        yield from _pages(limit, base)
        yield from _writes(limit, base, folder)
        for row in desk.over_http(base):
            yield Figure(*row)
        memory = max(load.web_memory(process))
        yield Figure(
            "memory of a web process", f"{memory:.0f} MB resident", "≤ 150 MB", memory <= 150
        )
    for row in desk.in_process(site_folder):
        yield Figure(*row)
    for row in desk.second_start(site_folder):
        yield Figure(*row)
    for row in last_place.measure(folder):
        yield Figure(*row)


def _pages(limit: str, base: str) -> Iterator[Figure]:
    event = f"{base}/en/events/{data.OPEN}"
    for url in (limit, event, f"{event}/register"):
        load.wrk(url, seconds=1)
    form = f"{event}/register"
    yield _ratio("public event page", 40, lambda: load.wrk(limit), lambda: load.wrk(event))
    yield _ratio("registration form", 30, lambda: load.wrk(limit), lambda: load.wrk(form))


def _writes(limit: str, base: str, folder: Path) -> Iterator[Figure]:
    bare = folder / "bare.lua"
    bare.write_text('wrk.method = "POST"\n')

    def registered() -> Rate:
        return load.wrk(base, scripts.registration(base, folder))

    def checked_in() -> Rate:
        return load.wrk(base, scripts.check_in(base, folder))

    yield _ratio("complete registration", 25, lambda: load.wrk(limit, bare), registered)
    yield _ratio("check-in", 40, lambda: load.wrk(limit, bare), checked_in)


def _ratio(name: str, percent: int, limit: Callable[[], Rate], ours: Callable[[], Rate]) -> Figure:
    """Rounds of limit and ours in turn; a failed request of ours spoils the figure."""
    pairs = [(limit(), ours()) for _round in range(ROUNDS)]
    bare = median(pair[0].per_second for pair in pairs)
    rate = median(pair[1].per_second for pair in pairs)
    failed = sum(pair[1].failed for pair in pairs)
    share = 100 * rate / bare
    measured = f"{rate:.0f}/s of {bare:.0f}/s = {share:.0f} %"
    if failed:
        measured += f", {failed} failed"
    return Figure(name, measured, f"≥ {percent} %", share >= percent and not failed)


if __name__ == "__main__":
    sys.exit(main())
