"""Fifty people post for the last place at once, to two processes, on both databases."""

from __future__ import annotations

import http.client
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from bench import data, servers
from bench.figures import Figure
from bench.stand import database, in_application, migrated, settings_for
from bench.visitor import Browser, registration_values
from config import Settings

PEOPLE = 50
ROUNDS = 20
CONTROL_ROUNDS = 10


def measure(folder: Path, on: str) -> Iterator[Figure]:
    """The rounds on one database, and those of the control without its protection."""
    folder.mkdir()
    with database(on, "race") as fresh:
        settings = settings_for(fresh("ours"))
        right = _rounds_of_ours(folder / "ours", settings)
        yield Figure(
            f"{PEOPLE} for the last place",
            on,
            f"1 confirmed, {PEOPLE - 1} waiting in {right} of {ROUNDS}",
            f"{ROUNDS} of {ROUNDS}",
            right == ROUNDS,
            {"right": right, "rounds": ROUNDS},
        )
        settings = settings_for(fresh("control"))
        wrong = CONTROL_ROUNDS - _rounds_of_control(folder / "control", settings)
        yield Figure(
            "  the same without its protection",
            on,
            f"overbooked in {wrong} of {CONTROL_ROUNDS}",
            "overbooks",
            wrong > 0,
            {"overbooked": wrong, "rounds": CONTROL_ROUNDS},
        )


def _rounds_of_ours(folder: Path, given: dict[str, str]) -> int:
    folder.mkdir()
    slugs = _slugs(ROUNDS)
    settings = migrated(folder, given, lambda: _write(slugs))
    with servers.site(folder, "--no-worker", settings=given) as (base, _pid):
        return _right(base, slugs, settings)


def _rounds_of_control(folder: Path, given: dict[str, str]) -> int:
    folder.mkdir()
    slugs = _slugs(CONTROL_ROUNDS)
    environment = servers.environment(folder, given)
    settings = Settings.from_environment(environment)
    command = [sys.executable, "-m", "bench.control"]  # its tables lack a constraint
    servers.run(command, environment)
    with in_application(settings):
        _write(slugs)
    with servers.bare("bench.control:serve", "/healthz", environment) as (base, _pid):
        return _right(base, slugs, settings)


def _slugs(rounds: int) -> list[str]:
    return [f"{data.LAST_PLACE}-{number}" for number in range(rounds)]


def _write(slugs: list[str]) -> None:
    for slug in slugs:
        data.add_last_place(slug)


def _right(base: str, slugs: list[str], settings: Settings) -> int:
    """How many rounds ended with one confirmed and all others waiting."""
    engine = create_engine(settings.database_url)
    right = sum(_race(base, slug, engine) for slug in slugs)
    engine.dispose()
    return right


def _race(base: str, slug: str, engine: Engine) -> bool:
    """Whether fifty posts at once left one confirmed and forty-nine waiting."""
    visitor = Browser(base)
    page = f"/ru/events/{slug}/register"
    values = registration_values(visitor.token_on(page))
    start = threading.Barrier(PEOPLE)
    threads = [
        threading.Thread(target=_post, args=(base, page, values, visitor.cookie, number, start))
        for number in range(PEOPLE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT r.state, count(*) AS number FROM registration r "
                "JOIN event e ON e.id = r.event_id WHERE e.slug = :slug GROUP BY r.state"
            ),
            {"slug": slug},
        )
        counted: dict[str, int] = {row.state: row.number for row in rows}
    return counted == {"confirmed": 1, "waitlisted": PEOPLE - 1}


def _post(
    base: str,
    page: str,
    values: dict[str, str],
    cookie: str,
    number: int,
    start: threading.Barrier,
) -> None:
    body = urllib.parse.urlencode(
        {
            **values,
            "email": f"person{number}@example.org",
            "form_key": f"lastplace{number:04}{time.monotonic_ns()}",
        }
    )
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=60)
    connection.connect()
    start.wait()
    connection.request(
        "POST",
        page,
        body,
        {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie},
    )
    connection.getresponse().read()
    connection.close()
