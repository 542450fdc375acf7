"""Measures the site against the limit of this machine: `make bench`.

    make bench ARGS="--only journey --only pages --database SQLite"

Rounds of a bare application and the site follow each other in turn, behind the same server on the
same kind of database; a figure is the median of its rounds. Everything lives in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import (
    data,
    disturbance,
    figures,
    growth,
    journey,
    last_place,
    load,
    mail,
    pages,
    rollover,
    stand,
    start,
    visit,
)
from bench.figures import Figure
from bench.load import BenchRefused
from bench.stand import Stand

RESULTS = Path(__file__).parent / "results.json"
ON_A_STAND = ("journey", "pages", "mail", "growth", "disturbance")  # on each database
ALONE = ("race", "roll-over", "start", "visit")
PARTS = (*ON_A_STAND, *ALONE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each figure as it is measured; return 1 when a promise is not kept."""
    asked = _asked(arguments)
    parts = [part for part in PARTS if part in (asked.only or PARTS)]
    databases = [one for one in stand.DATABASES if one in (asked.database or stand.DATABASES)]
    before, began = os.getloadavg()[0], time.monotonic()
    measured: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="harpevents-bench-") as folder:
        try:
            load.require_wrk()
            for figure in measure(Path(folder), parts, databases, large=asked.large):
                measured.append(figure)
                sys.stdout.write(f"{figure.line()}\n")
                sys.stdout.flush()
        except BenchRefused as refused:
            sys.stderr.write(f"{refused}\n")
            return 2
    whole = parts == list(PARTS) and databases == list(stand.DATABASES)
    if asked.json or whole:
        path = asked.json or RESULTS
        figures.write(path, measured, parts, time.monotonic() - began, before)
    return 1 if any(figure.kept is False for figure in measured) else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measures the site.")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part, more than once")
    parser.add_argument("--database", action="append", choices=stand.DATABASES)
    parser.add_argument("--large", action="store_true", help="growth up to 100,000 as well")
    parser.add_argument("--json", type=Path, help=f"else {RESULTS.name} here, of a whole run")
    return parser.parse_args(arguments)


def measure(
    folder: Path, parts: Sequence[str], databases: Sequence[str], *, large: bool
) -> Iterator[Figure]:
    """Every figure of the parts asked for."""
    sizes = (*data.SIZES, data.LARGE) if large else data.SIZES
    on_a_stand = [part for part in ON_A_STAND if part in parts]
    if on_a_stand:
        for on in databases:
            with stand.standing(on, folder / on, _filling(on_a_stand, sizes)) as site:
                for part in on_a_stand:
                    yield from _or_why_not(part, on, _on_a_stand(part, site, sizes))
    if "race" in parts:
        for on in databases:
            yield from _or_why_not("race", on, last_place.measure(folder / f"race-{on}", on))
    for part, once in (("roll-over", rollover), ("start", start), ("visit", visit)):
        if part in parts:
            yield from _or_why_not(part, "", once.measure(folder / part))


def _or_why_not(part: str, on: str, measured: Iterator[Figure]) -> Iterator[Figure]:
    """The figures of a part; where it cannot be measured that is one, and the others follow."""
    try:
        yield from measured
    except (BenchRefused, OSError) as refused:
        yield Figure(part, on, f"not measured: {str(refused)[-300:]}", "measured", False)


def _on_a_stand(part: str, site: Stand, sizes: tuple[int, ...]) -> Iterator[Figure]:
    measures: dict[str, Callable[[Stand], Iterator[Figure]]] = {
        "journey": journey.measure,
        "pages": pages.measure,
        "mail": mail.measure,
        "growth": lambda site: growth.measure(site, sizes),
        "disturbance": disturbance.measure,
    }
    return measures[part](site)


def _filling(parts: Sequence[str], sizes: tuple[int, ...]) -> Callable[[], None]:
    """What writes as much as these parts are measured on."""

    def fill() -> None:
        data.begin()
        if "pages" in parts:
            data.add_registered(data.DOOR, data.AT_THE_DOOR)
        wanted = sizes if "growth" in parts else (data.MANY,)
        if {"growth", "mail", "disturbance"} & set(parts):
            for size in wanted:
                data.add_registered(data.of_size(size), size)
        if "disturbance" in parts:
            rollover.found()

    return fill


if __name__ == "__main__":
    sys.exit(main())
