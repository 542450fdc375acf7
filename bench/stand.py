"""What the parts measure on: the site on one kind of database, its limit beside it, and a sink."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, create_engine, make_url, text

from bench import data, limit, servers, sink
from bench.figures import Figure
from bench.load import BenchRefused, Rate, Waiting
from bench.visitor import Browser, staff_of
from config import Settings
from harpevents.app import create_app
from harpevents.core.db import db
from tools.postgresql import OwnPostgreSQL

DATABASES = ("SQLite", "PostgreSQL")
ROUNDS = 3
SECONDS_TO_SEND = 180
WAITING_MAILS = "SELECT count(*) FROM outbox_message WHERE state IN ('queued', 'sending')"
REGISTERED = (
    "SELECT count(*) FROM registration r JOIN event e ON e.id = r.event_id WHERE e.slug = :slug"
)


@dataclass(frozen=True)
class Stand:
    """The site and the limit with their process ids, both on the database kind `on`."""

    on: str
    base: str
    pid: int
    limit: str
    limit_pid: int
    sink: sink.Sink
    settings: Settings

    @cached_property
    def engine(self) -> Engine:
        return create_engine(self.settings.database_url)

    @cached_property
    def staff(self) -> Browser:
        return staff_of(self.base)

    def count(self, statement: str, **values: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(text(statement), values).scalar_one())

    def registered(self, slug: str = data.OPEN) -> int:
        return self.count(REGISTERED, slug=slug)

    def settle(self) -> None:
        """Wait until all mail is sent: what is measured next is not disturbed by it."""
        until = time.monotonic() + SECONDS_TO_SEND
        while self.count(WAITING_MAILS):
            if time.monotonic() > until:
                raise BenchRefused("the worker does not send")
            time.sleep(0.2)

    def close(self) -> None:
        self.engine.dispose()

    def share(
        self,
        name: str,
        promised: int | None,
        bare: Callable[[], Rate],
        ours: Callable[[], Rate],
        rounds: int = ROUNDS,
    ) -> Figure:
        """Rounds of the limit and the site in turn; a failed request of ours spoils the figure."""
        pairs = []
        for _round in range(rounds):
            least = costing(self.limit_pid, bare)
            pairs.append((least, costing(self.pid, ours)))
            self.settle()
        return figure_of(name, self.on, promised, [a for a, _b in pairs], [b for _a, b in pairs])


def costing(pid: int, once: Callable[[], Rate]) -> Rate:
    """The rate, with the processor time that the web processes of `pid` took for each request."""
    before = servers.web_seconds(pid)
    rate = once()
    spent = servers.web_seconds(pid) - before
    return replace(rate, cost=1000 * spent / rate.reached if rate.reached else 0.0)


def figure_of(
    name: str, on: str, promised: int | None, bare: Sequence[Rate], ours: Sequence[Rate]
) -> Figure:
    """The medians of both and the share, and the least processor time of one of ours (of a bare).

    Each step's waiting is that of the median round.
    """
    least, rate = (median(one.per_second for one in side) for side in (bare, ours))
    failed = sum(one.failed for one in ours)
    share = 100 * rate / least if least else 0.0
    usual = sorted(ours, key=lambda one: one.per_second)[len(ours) // 2]
    cost, least_cost = (min(one.cost for one in side) for side in (ours, bare))
    measured = f"{rate:.0f}/s of {least:.0f}/s = {share:.0f} %, {cost:.2g} ms ({least_cost:.2g})"
    if failed:
        measured += f", {failed} failed {next((one.example for one in ours if one.example), '')}"
    return Figure(
        name,
        on,
        measured,
        "" if promised is None else f"≥ {promised} %",
        (None if not failed else False) if promised is None else share >= promised and not failed,
        {
            "per_second": [round(one.per_second, 1) for one in ours],
            "limit_per_second": [round(one.per_second, 1) for one in bare],
            "percent": round(share, 1),
            "failed": failed,
            "processor_milliseconds": round(cost, 2),
            "limit_processor_milliseconds": round(least_cost, 2),
            "client_processors": max((one.client for one in (*bare, *ours)), default=0.0),
            "milliseconds": in_json(usual.steps),
        },
    )


def in_json(steps: dict[str, Waiting]) -> dict[str, dict[str, float]]:
    return {name or "all": asdict(waiting) for name, waiting in steps.items()}


@contextmanager
def database(on: str, name: str) -> Iterator[Callable[[str], str | None]]:
    """For PostgreSQL a server for the length of the block; gives what makes a database's URL."""
    if on == "SQLite":
        yield lambda _name: None
        return
    directory = Path(tempfile.mkdtemp(prefix=f"harpevents-bench-{name}-"))
    server = OwnPostgreSQL(directory, durable=True)
    server.start()
    try:
        address = server.url().render_as_string(hide_password=False)

        def fresh(name: str) -> str:
            engine = create_engine(address, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            engine.dispose()
            return make_url(address).set(database=name).render_as_string(hide_password=False)

        yield fresh
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def settings_for(database_url: str | None, **others: str) -> dict[str, str]:
    """The settings of a site on that database, on a SQLite file of its own where it is None."""
    return {**({"HARPEVENTS_DATABASE_URL": database_url} if database_url else {}), **others}


@contextmanager
def standing(on: str, folder: Path, fill: Callable[[], None]) -> Iterator[Stand]:
    """The site with the worker mailing into a sink, and the limit; `fill` writes what it needs."""
    folder.mkdir()
    with ExitStack() as stack:
        fresh = stack.enter_context(database(on, "stand"))
        mail = stack.enter_context(sink.running())
        given = settings_for(fresh("site"), HARPEVENTS_SMTP_URL=mail.url)
        site_folder = folder / "site"
        site_folder.mkdir()
        settings = migrated(site_folder, given, fill)
        bare, bare_pid = stack.enter_context(limit.serving_beside(folder / "limit", fresh("bare")))
        base, pid = stack.enter_context(servers.site(site_folder, settings=given))
        stand = Stand(on, base, pid, bare, bare_pid, mail, settings)
        stack.callback(stand.close)
        yield stand


def migrated(folder: Path, given: dict[str, str], fill: Callable[[], None]) -> Settings:
    """A data folder with tables, and in them what `fill` writes."""
    environment = servers.environment(folder, given)
    servers.run([str(servers.BIN / "harpevents"), "migrate"], environment)
    settings = Settings.from_environment(environment)
    with in_application(settings):
        fill()
    return settings


@contextmanager
def in_application(settings: Settings) -> Iterator[None]:
    """An application on the settings' database, in this process, for as long as the block lasts."""
    app = create_app(settings)
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()
