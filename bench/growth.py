"""How staff pages grow with an event: a thousand registrations, ten and a hundred thousand."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench import data, pages
from bench.figures import Figure
from bench.stand import Stand

ROUNDS = 3
KILOBYTES_OF_A_LIST = 200
SECONDS_OF_CSV = 1.0


def measure(stand: Stand, sizes: tuple[int, ...]) -> Iterator[Figure]:
    """What a signed-in person waits for at an event of each size."""
    for size in sizes:
        took = _took(stand, size)
        check_in = pages.check_in_alone(stand, data.of_size(size))
        told = ", ".join(
            f"{what} {seconds * 1000:.0f}"
            for what, (seconds, _bytes) in took.items()
            if what not in {"CSV", "XLSX"}
        )
        exported = ", ".join(f"{what} {took[what][0]:.2f} s" for what in ("CSV", "XLSX"))
        yield Figure(
            f"at {size:,} registrations",
            stand.on,
            f"{told} ms; {exported}; check-in {check_in.p50:.1f} ms",
            numbers={
                "milliseconds": {what: round(one * 1000, 1) for what, (one, _size) in took.items()},
                "bytes": {what: size for what, (_seconds, size) in took.items()},
                "check_in": {"p50": check_in.p50, "p95": check_in.p95},
            },
        )
        if size == data.MANY:
            yield from _promised(stand, took)


def _promised(stand: Stand, took: dict[str, tuple[float, int]]) -> Iterator[Figure]:
    kilobytes, csv = took["list"][1] / 1000, took["CSV"][0]
    yield Figure(
        f"  desk list of {data.MANY:,}",
        stand.on,
        f"{kilobytes:.0f} kB",
        f"< {KILOBYTES_OF_A_LIST} kB",
        kilobytes < KILOBYTES_OF_A_LIST,
    )
    yield Figure(
        f"  CSV of {data.MANY:,}",
        stand.on,
        f"{csv:.2f} s",
        f"≤ {SECONDS_OF_CSV:g} s",
        csv <= SECONDS_OF_CSV,
    )


def _took(stand: Stand, size: int) -> dict[str, tuple[float, int]]:
    """{what: (least seconds, bytes)}; the first look is not counted, it warms templates."""
    event = f"/desk/events/{data.of_size(size)}"
    looked = {
        "list": f"{event}/registrations",
        "search": f"{event}/registrations?q=Family7",
        "search without hit": f"{event}/registrations?q=Nobody",
        "report": f"{event}/report",
        "door": f"{event}/attendance",
        "door search": f"{event}/attendance?q=Family7",
        "CSV": f"{event}/registrations.csv",
        "XLSX": f"{event}/registrations.xlsx",
    }
    found = {}
    for what, path in looked.items():
        large = size > data.MANY and what in {"CSV", "XLSX"}
        times, length = [], 0
        for _round in range(1 if large else ROUNDS):
            began = time.perf_counter()
            length = len(stand.staff.fetch(path))
            times.append(time.perf_counter() - began)
        found[what] = (min(times), length)
    return found
