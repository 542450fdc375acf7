"""Fifty people post for the last place at once, to two processes, on both databases."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from bench import data, load
from bench.scripts import Browser, registration_values
from config import Settings
from harpevents.app import create_app
from harpevents.site.cli import THREADS
from tools.postgresql import OwnPostgreSQL

PEOPLE = 50
ROUNDS = 20
CONTROL_ROUNDS = 10
Row = tuple[str, str, str, bool]


def measure(folder: Path) -> Iterator[Row]:
    """The rounds on SQLite and on PostgreSQL, each with its control."""
    with _postgresql() as address:
        for name in ("SQLite", "PostgreSQL"):
            ours = _database(address, "ours") if name == "PostgreSQL" else None
            right = _rounds(folder / f"{name}-ours", ours, ROUNDS, protected=True)
            yield (
                f"50 for the last place, {name}",
                f"1 confirmed, 49 waiting in {right} of {ROUNDS}",
                f"{ROUNDS} of {ROUNDS}",
                right == ROUNDS,
            )
            bare = _database(address, "control") if name == "PostgreSQL" else None
            calm = _rounds(folder / f"{name}-control", bare, CONTROL_ROUNDS, protected=False)
            wrong = CONTROL_ROUNDS - calm
            yield (
                f"  the same without the lock, {name}",
                f"overbooked in {wrong} of {CONTROL_ROUNDS}",
                "overbooks",
                wrong > 0,
            )


@contextmanager
def _postgresql() -> Iterator[str]:
    """A PostgreSQL for the length of the block: its address."""
    directory = Path(tempfile.mkdtemp(prefix="harpevents-bench-pg-"))
    server = OwnPostgreSQL(directory, durable=True)
    server.start()
    try:
        yield server.url().render_as_string(hide_password=False)
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _database(address: str, name: str) -> str:
    """A fresh database on the PostgreSQL server; its URL."""
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}_test"))
    engine.dispose()
    return make_url(address).set(database=f"{name}_test").render_as_string(hide_password=False)


def _rounds(folder: Path, database: str | None, rounds: int, *, protected: bool) -> int:
    """How many rounds ended with one confirmed and all others waiting."""
    folder.mkdir()
    settings = {"HARPEVENTS_DATABASE_URL": database} if database else {}
    environment = load.site_environment(folder, load.free_port(), **settings)
    migrate = (
        [str(load.BIN / "harpevents"), "migrate"]
        if protected
        else [sys.executable, "-m", "bench.control"]
    )
    subprocess.run(migrate, env={**environment, "PYTHONPATH": "."}, check=True, capture_output=True)
    slugs = [f"{data.LAST_PLACE}-{number}" for number in range(rounds)]
    app = create_app(Settings.from_environment(environment))
    with app.app_context():
        for slug in slugs:
            data.add_last_place(slug)
    serving = (
        load.site(folder, "--no-worker", **settings) if protected else _control(folder, settings)
    )
    engine = create_engine(app.config["SETTINGS"].database_url)
    with serving as (base, _process):
        right = sum(_race(base, slug, engine) for slug in slugs)
    engine.dispose()
    return right


@contextmanager
def _control(folder: Path, settings: dict[str, str]) -> Iterator[tuple[str, int]]:
    port = load.free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        str(load.BIN / "granian"), "bench.control:create", "--factory", "--interface", "wsgi",
        "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
        "--blocking-threads", str(THREADS),
        "--backpressure", "256", "--no-ws", "--log-level", "critical",
    ]  # fmt: skip
    environment = {**load.site_environment(folder, port, **settings), "PYTHONPATH": "."}
    with load.running(command, f"{url}/healthz", environment) as process:
        yield url, process


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
