"""The journey: people who see the event, open the form and register, each as herself."""

from __future__ import annotations

from collections.abc import Iterator

from bench import data, limit, load
from bench.figures import Figure
from bench.load import Rate, Step
from bench.stand import Stand, in_json
from bench.visitor import bodies

EVENT = f"/ru/events/{data.OPEN}"
STEPS = (
    Step("event page", EVENT, reads=True),
    Step("form", f"{EVENT}/register", form_page=True),
    Step("POST", f"{EVENT}/register", 303, "POST", form=True),
)
# One who registers has looked around before, and looks at her own page afterwards.
MIXED = (
    Step("home", "/ru/", reads=True),
    Step("events", "/ru/events/", reads=True),
    Step("event page", EVENT, reads=True),
    Step("event page, Japanese", f"/ja/events/{data.OPEN}", reads=True),
    Step("event page, English", f"/en/events/{data.OPEN}", reads=True),
    *STEPS[1:],
    Step("own page", "", follow=True),
)
PROMISED = {"SQLite": 20, "PostgreSQL": 12}
AT_ONCE, MANY_AT_ONCE = 8, 50


def measure(stand: Stand) -> Iterator[Figure]:
    """Eight at once against the bare journey, fifty at once, and eight who read more than write."""
    walk(stand, at_once=AT_ONCE, seconds=1)
    before, made = stand.registered(), 0

    def journeys() -> Rate:
        nonlocal made
        walked = walk(stand, at_once=AT_ONCE)
        made += walked.reached
        return walked

    figure = stand.share(
        "journey, 8 at once", PROMISED[stand.on], lambda: bare(stand, AT_ONCE), journeys
    )
    yield figure
    yield _steps("  its steps", stand, figure.numbers["milliseconds"])
    yield stored("  registrations that are stored", stand, before, made)

    many = stand.share(
        "journey, 50 at once",
        None,
        lambda: bare(stand, MANY_AT_ONCE),
        lambda: walk(stand, at_once=MANY_AT_ONCE),
        rounds=1,
    )
    yield many
    yield _steps("  its steps", stand, many.numbers["milliseconds"])

    mixed = load.visitors(stand.base, MIXED, at_once=AT_ONCE, bodies=bodies())
    stand.settle()
    requests = mixed.per_second * len(MIXED)
    yield Figure(
        "seven pages and one POST, 8 at once",
        stand.on,
        f"{mixed.per_second:.0f}/s ({requests:.0f} requests/s)" + _failed(mixed),
        kept=False if mixed.failed else None,
        numbers={"per_second": mixed.per_second, "milliseconds": in_json(mixed.steps)},
    )
    yield _steps("  its steps", stand, in_json(mixed.steps))


def walk(stand: Stand, *, at_once: int, seconds: float = 4, pause: int | None = None) -> Rate:
    """People on their journeys through the site."""
    return load.visitors(
        stand.base, STEPS, at_once=at_once, bodies=bodies(), seconds=seconds, pause=pause
    )


def bare(stand: Stand, at_once: int) -> Rate:
    """The bare journey: two bare pages and one bare commit."""
    return load.visitors(stand.limit, limit.JOURNEY, at_once=at_once, seconds=3)


def stored(name: str, stand: Stand, before: int, made: int) -> Figure:
    """Whether everybody who was told that she is registered is so."""
    found = stand.registered() - before
    return Figure(name, stand.on, f"{found} of {made} answered", "all", found >= made)


def _steps(name: str, stand: Stand, milliseconds: dict[str, dict[str, float]]) -> Figure:
    told = [
        f"{step} {took['p50']:.0f}/{took['p95']:.0f}/{took['p99']:.0f}"
        for step, took in milliseconds.items()
        if step != "all"
    ]
    return Figure(name, stand.on, f"ms p50/p95/p99: {', '.join(told)}")


def _failed(rate: Rate) -> str:
    return f", {rate.failed} failed {rate.example}" if rate.failed else ""
