"""The limit: the least a Flask-SQLAlchemy page can do, on the same server as the site.

`GET /` loads one row into a template; `POST /` commits one row with synchronous=FULL. Whatever the
site does beyond that is what its pages are worth, and what the ratios in `bench` measure.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PAGE = """<!doctype html><html lang="en"><head><title>{{ row.title }}</title></head>
<body><h1>{{ row.title }}</h1><p>{{ row.text }}</p></body></html>"""


class Base(DeclarativeBase):
    """The bare model's base."""


class Row(Base):
    """One row with two texts."""

    __tablename__ = "row"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]


database = SQLAlchemy(model_class=Base)


def create() -> Flask:
    """The bare application over the SQLite file that BENCH_LIMIT names."""
    app = Flask(__name__)
    file = Path(os.environ["BENCH_LIMIT"])
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{file}"
    database.init_app(app)
    with app.app_context():
        event.listen(database.engine, "connect", _configure)

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE, row=database.session.get(Row, 1))

    @app.post("/")
    def write() -> tuple[str, int]:
        database.session.add(Row(title="Somebody", text="Something that is kept."))
        database.session.commit()
        return "", 201

    return app


def prepare() -> None:
    """Create the table with the row of the page, before two processes serve it."""
    with create().app_context():
        database.create_all()
        database.session.add(Row(id=1, title="A seminar", text="What it is about. " * 20))
        database.session.commit()


def _configure(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 20000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


if __name__ == "__main__":
    prepare()
