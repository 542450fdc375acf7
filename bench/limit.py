"""The limit: the least a Flask-SQLAlchemy page can do, on the same server and database as the site.

`GET /` loads one row into a template, compiled once as Flask does it; `POST /` commits one row that
reaches the disk. Whatever the site does beyond that is what its pages are worth, and what the
ratios in `bench` measure. A bare journey is two such pages and one such commit.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench import servers
from bench.load import Step
from harpevents.core import asgi, supervisor

JOURNEY = (
    Step("page", "/"),
    Step("second page", "/"),
    Step("commit", "/", 201, "POST"),
)


class Base(DeclarativeBase):
    """The bare model's base."""


class Row(Base):
    """One row with two texts."""

    __tablename__ = "bench_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]


database = SQLAlchemy(model_class=Base)


@contextmanager
def serving_beside(folder: Path, database_url: str | None) -> Iterator[tuple[str, int]]:
    """The limit on a SQLite file in `folder` or on `database_url`: (address, process id)."""
    folder.mkdir()
    url = database_url or f"sqlite:///{folder / 'limit.sqlite'}"
    given = servers.environment(folder, {"BENCH_LIMIT": url})
    _prepare(create(url))
    with servers.bare("bench.limit:serve", "/", given) as serving:
        yield serving


def serve() -> asgi.Site:
    """The bare application in the web server, in the threads that the site has there."""
    supervisor.die_with_parent()
    return asgi.of(create(os.environ["BENCH_LIMIT"]))


def create(url: str) -> Flask:
    """The bare application over the database at `url`."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    database.init_app(app)
    if url.startswith("sqlite"):
        with app.app_context():
            event.listen(database.engine, "connect", _configure)

    @app.get("/")
    def page() -> str:
        return render_template("page.html", row=database.session.get(Row, 1))

    @app.post("/")
    def write() -> tuple[str, int]:
        database.session.add(Row(title="Somebody", text="Something that is kept."))
        database.session.commit()
        return "", 201

    return app


def _prepare(app: Flask) -> None:
    """Create the table with the row of the page, before two processes serve it."""
    with app.app_context():
        database.create_all()
        database.session.add(Row(title="A seminar", text="What it is about. " * 20))
        database.session.commit()
        database.engine.dispose()


def _configure(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 20000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
