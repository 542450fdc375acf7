"""How often an address may do what is dear or guessable: limits kept where all processes see them.

A view says `@limited("10 per minute")`; `init_app`, called when all views are registered, gives the
application its Flask-Limiter. The counters live in a small SQLite file of their own beside an
embedded database, else in an unlogged table of the same PostgreSQL.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import Flask, request
from flask_limiter import Limiter
from limits.storage import Storage

from config import Settings
from harpevents.core import access, addresses
from harpevents.core.db import db
from harpevents.core.errors import RuleBroken

View = TypeVar("View", bound=Callable[..., Any])
SWEEP_SECONDS = 300
TOKEN_PAGES = "120 per minute; 1200 per hour"  # noqa: S105 (a limit: a whole office has one address)


@dataclass(frozen=True)
class Limit:
    """`text` as Flask-Limiter reads it, for these methods, counted by what `key` says."""

    text: str
    methods: tuple[str, ...]
    key: Callable[[], str]


def remote_address() -> str:
    """Who asks: the peer, or what the trusted proxies say (ProxyFix)."""
    return request.remote_addr or "unknown"


def by_form_value(name: str) -> Callable[[], str]:
    """Count by a posted address, so that one account cannot be tried from a thousand places."""

    def key() -> str:
        typed = request.form.get(name, "")[:254]
        try:
            typed = addresses.normalise(typed)
        except RuleBroken:
            typed = typed.casefold()
        return f"{name}:{hashlib.blake2b(typed.encode('utf-8', 'replace')).hexdigest()[:32]}"

    return key


def limited(
    text: str,
    *,
    methods: tuple[str, ...] = ("POST",),
    key: Callable[[], str] = remote_address,
) -> Callable[[View], View]:
    """Declare a limit of a view, as in "20 per minute; 200 per hour"; beyond it: 429."""

    def mark(view: View) -> View:
        view._limits = (*getattr(view, "_limits", ()), Limit(text, methods, key))  # type: ignore[attr-defined]
        return view

    return mark


def declared(view: Callable[..., Any]) -> tuple[Limit, ...]:
    """The limits a view declares, and those that every page behind a secret link has."""
    limits = cast("tuple[Limit, ...]", getattr(view, "_limits", ()))
    if access.declared(view) == "token":
        limits += (Limit(TOKEN_PAGES, ("GET", "POST"), remote_address),)
    return limits


def init_app(app: Flask) -> None:
    """Hold every view of `app` to its limits; call it when all blueprints are registered."""
    settings: Settings = app.config["SETTINGS"]
    limiter = Limiter(
        remote_address,
        app=app,
        enabled=settings.rate_limits,
        storage_uri="harpevents://",
        storage_options=cast("dict[str, str | int]", {"app": app}),
        strategy="fixed-window",
        headers_enabled=False,
        swallow_errors=True,  # a broken counter must not shut the door
        key_prefix="harpevents",
    )
    app.extensions["harpevents-limiter"] = limiter
    if not settings.rate_limits:
        return
    for endpoint, view in list(app.view_functions.items()):
        held: Callable[..., Any] = view
        for limit in declared(view):
            held = limiter.limit(limit.text, key_func=limit.key, methods=list(limit.methods))(held)
        app.view_functions[endpoint] = held


class Counters(Storage):
    """The storage that `limits` asks for, on the application's own database or beside it."""

    STORAGE_SCHEME = ["harpevents"]

    def __init__(self, uri: str | None = None, *, app: Flask, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=False, **options)
        settings: Settings = app.config["SETTINGS"]
        self.table: _Table = (
            _FileTable(settings.data / "limits.sqlite") if settings.on_sqlite else _ServerTable(app)
        )

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return (sqlite3.Error, sa.exc.SQLAlchemyError)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count `amount` more under `key` until the window, begun by the first, is over."""
        now = time.time()
        return self.table.count(key, amount, now, now + expiry)

    def get(self, key: str) -> int:
        return self.table.read(key, time.time())[0]

    def get_expiry(self, key: str) -> float:
        return self.table.read(key, time.time())[1]

    def check(self) -> bool:
        try:
            self.table.read("check", time.time())
        except self.base_exceptions:
            return False
        return True

    def reset(self) -> int | None:
        return self.table.delete("", None)

    def clear(self, key: str) -> None:
        self.table.delete(" where key = :key", {"key": key})


COUNT = """
insert into rate_limit (key, hits, expires_at) values (:key, :amount, :until)
on conflict (key) do update set
  hits = case when rate_limit.expires_at <= :now then :amount else rate_limit.hits + :amount end,
  expires_at = case when rate_limit.expires_at <= :now then :until else rate_limit.expires_at end
returning hits
"""
READ = "select hits, expires_at from rate_limit where key = :key and expires_at > :now"
COLUMNS = "(key text primary key, hits integer not null, expires_at double precision not null)"


class _Table:
    """The table `rate_limit`, wherever it is."""

    def __init__(self) -> None:
        self._swept_at = 0.0

    def run(self, statement: str, values: dict[str, Any] | None) -> list[Any]:
        raise NotImplementedError

    def count(self, key: str, amount: int, now: float, until: float) -> int:
        if now - self._swept_at > SWEEP_SECONDS:
            self._swept_at = now
            self.delete(" where expires_at <= :now", {"now": now})
        rows = self.run(COUNT, {"key": key, "amount": amount, "now": now, "until": until})
        return int(rows[0][0])

    def read(self, key: str, now: float) -> tuple[int, float]:
        rows = self.run(READ, {"key": key, "now": now})
        return (int(rows[0][0]), float(rows[0][1])) if rows else (0, now)

    def delete(self, where: str, values: dict[str, Any] | None) -> int:
        return len(self.run(f"delete from rate_limit{where} returning key", values))  # noqa: S608


class _FileTable(_Table):
    """In a file of its own: counting never waits for the association's writes, nor they for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._local = threading.local()

    def run(self, statement: str, values: dict[str, Any] | None) -> list[Any]:
        return self._connection().execute(statement, values or {}).fetchall()

    def _connection(self) -> sqlite3.Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=5, isolation_level=None)
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = off")  # a lost count of a minute is no loss
            connection.execute(f"create table if not exists rate_limit {COLUMNS}")
            self._local.connection = connection
        return cast(sqlite3.Connection, connection)


class _ServerTable(_Table):
    """In the same PostgreSQL, apart from the request's own transaction."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app
        self._made = False

    def run(self, statement: str, values: dict[str, Any] | None) -> list[Any]:
        with self.app.app_context():
            engine = db.engine
        with engine.begin() as connection:
            if not self._made:
                connection.execute(
                    sa.text(f"create unlogged table if not exists rate_limit {COLUMNS}")
                )
                self._made = True
            return list(connection.execute(sa.text(statement), values or {}).fetchall())
