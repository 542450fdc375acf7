"""The rig: an application on both databases, a visitor, a mail server, a real site, a browser."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy import Engine, event, make_url

from harpevents.core.db import db
from tests.databases import (
    GIVEN,
    Database,
    PostgreSQL,
    database_of,
    empty_database,
    leaving_no_trace,
    refuse_unless_test,
)
from tests.demo_site import Site, copy, fill
from tests.servers import Installation
from tests.smtp_sink import SMTPSink, start_sink
from tests.visitor import Visitor

DATABASES = ("sqlite", "postgresql")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
ON_A_REAL_SITE = {"live_server", "demo_server", "page", "browser", "browser_context"}
BOOKKEEPING = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=DATABASES,
        help="run the tests of both databases on this one only",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Have one PostgreSQL for all workers; start it now when there will be workers to wait."""
    if worker := getattr(config, "workerinput", None):
        config.stash[POSTGRESQL] = PostgreSQL(Path(worker["postgresql"]))
        return
    if given := os.environ.get(GIVEN):
        refuse_unless_test(make_url(given))
    directory = Path(tempfile.mkdtemp(prefix="harpevents-"))
    config.stash[POSTGRESQL] = PostgreSQL(directory)
    if config.getoption("numprocesses", None) and config.getoption("database") != "sqlite":
        config.stash[POSTGRESQL].start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or POSTGRESQL not in config.stash:
        return
    postgresql = config.stash[POSTGRESQL]
    postgresql.stop()
    shutil.rmtree(postgresql.directory, ignore_errors=True)


class Workers:
    """Tells each worker of pytest-xdist where the one PostgreSQL is."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["postgresql"] = str(node.config.stash[POSTGRESQL].directory)


POSTGRESQL: pytest.StashKey[PostgreSQL] = pytest.StashKey()
pytest_configure_node = Workers().pytest_configure_node


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a database marker rules out; keep what needs the one real site together."""
    wanted: list[pytest.Item] = []
    unwanted: list[pytest.Item] = []
    for item in items:
        called = getattr(getattr(item, "callspec", None), "params", {}).get("database")
        (wanted if _runs_on(item, called, config.getoption("database")) else unwanted).append(item)
        if ON_A_REAL_SITE & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group("journey"))
        if "site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(f"site-{called}"))
    items[:] = wanted
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)


def _runs_on(item: pytest.Item, database: str | None, only: str | None) -> bool:
    if database is None:
        return True
    if item.get_closest_marker("sqlite_only") and database != "sqlite":
        return False
    if item.get_closest_marker("postgresql_only") and database != "postgresql":
        return False
    return only in {None, database}


# Databases and applications


@pytest.fixture(scope="session")
def worker_label(request: pytest.FixtureRequest) -> str:
    """Sets apart what several workers, or several runs at once, make on one server."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    return f"{worker}_{os.getpid()}"


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    worker_label: str,
) -> Iterator[Callable[[str], Database]]:
    """Each kind of database, made when first asked for and kept for the session."""
    made: dict[str, Database] = {}
    postgresql = request.config.stash[POSTGRESQL]
    with ExitStack() as stack:

        def get(name: str) -> Database:
            if name not in made:
                if name == "postgresql" and not hasattr(request.config, "workerinput"):
                    postgresql.start()
                data = tmp_path_factory.mktemp(name)
                made[name] = stack.enter_context(database_of(name, postgresql, data, worker_label))
            return made[name]

        yield get


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, databases: Callable[[str], Database]) -> Database:
    """The database of this test; whoever asks for it, or for `app`, runs once on each kind."""
    return databases(request.param)


@pytest.fixture
def application(database: Database) -> Iterator[Flask]:
    """The application, without a context, and with nothing of this test left when it ends."""
    with leaving_no_trace(database.app) as app:
        yield app
    shutil.rmtree(app.config["SETTINGS"].data / "outbox", ignore_errors=True)


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    """The application with a context of its own, so that a test may call services and queries."""
    with application.app_context():
        yield application
        db.session.rollback()


@pytest.fixture
def client(application: Flask) -> Visitor:
    """A stranger with an empty cookie jar; `visitor()` makes more of them."""
    return Visitor(application, application.response_class, use_cookies=True)


@pytest.fixture
def visitor(application: Flask) -> Callable[[], Visitor]:
    """Makes strangers, each with a cookie jar of their own."""
    return lambda: Visitor(application, application.response_class, use_cookies=True)


@pytest.fixture(scope="session")
def sites(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_label: str
) -> Iterator[Callable[[str], Site]]:
    """The demo on each kind of database: written once for SQLite, and copied for the other."""
    made: dict[str, Site] = {}
    postgresql = request.config.stash[POSTGRESQL]
    with ExitStack() as stack:

        def get(name: str) -> Site:
            if name not in made:
                data = tmp_path_factory.mktemp("site")
                label = f"site_{worker_label}"
                own = stack.enter_context(database_of(name, postgresql, data, label)).app
                made[name] = fill(own) if name == "sqlite" else copy(get("sqlite"), own)
            return made[name]

        yield get


@pytest.fixture
def site(database: Database, sites: Callable[[str], Site]) -> Iterator[Site]:
    """The demo with something behind every door, and no form asks for its CSRF token.

    A test walks inside `leaving_no_trace(site.app)`, and as often as it likes.
    """
    site = sites(database.name)
    site.app.config["WTF_CSRF_ENABLED"] = False
    yield site
    site.app.config["WTF_CSRF_ENABLED"] = True


@pytest.fixture
def committing_app(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path, worker_label: str
) -> Iterator[Flask]:
    """An application on a fresh database that really commits, for races and several threads."""
    postgresql = request.config.stash[POSTGRESQL]
    label = f"own_{worker_label}"
    with database_of(database.name, postgresql, tmp_path, label) as own:
        yield own.app


@pytest.fixture
def fresh_database(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path, worker_label: str
) -> Iterator[str]:
    """The address of a database without tables, of each kind."""
    postgresql = request.config.stash[POSTGRESQL]
    with empty_database(database.name, postgresql, tmp_path, f"bare_{worker_label}") as url:
        yield url


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[list[str]]]:
    """`with count_queries() as queries:` lists the statements sent meanwhile, bookkeeping aside."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.lstrip().upper().startswith(BOOKKEEPING):
                statements.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return counting


# Mail


@pytest.fixture
def smtp_sink() -> Iterator[SMTPSink]:
    """A mail server at `smtp_sink.url`; what it got is in `smtp_sink.messages`."""
    sink, controller = start_sink()
    yield sink
    controller.stop()


# The real site and the browser


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running site with empty tables, for the whole session."""
    installation = Installation(tmp_path_factory.mktemp("site"))
    installation.run("migrate")
    with installation.serving():
        yield installation


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running site with the demo in it, for the whole session."""
    installation = Installation(tmp_path_factory.mktemp("demo"))
    installation.run("migrate")
    installation.run("seed")
    with installation.serving():
        yield installation


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one HARPEVENTS_CHROMIUM names; without one the test fails."""
    names = (os.environ.get("HARPEVENTS_CHROMIUM"), *CHROMIUMS)
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("no Chromium: apt-get install chromium fonts-noto-cjk, or make test")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def browser_context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of this test: no cookies, Japanese clock."""
    context = browser.new_context(timezone_id="Asia/Tokyo", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(browser_context: BrowserContext) -> Iterator[Page]:
    """A tab; the test fails when a script threw or the content policy had to stop something."""
    complaints: list[str] = []

    def heed(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    page = browser_context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", heed)
    yield page
    assert complaints == []
