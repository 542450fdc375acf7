"""Rate limits for what costs much or could be guessed, counted where all processes see it.

A view says `@limited("10 per minute")`; `init_app`, called when all views are registered, gives the
application its Flask-Limiter. The counters live in a small SQLite file of their own beside an
embedded database, else in an unlogged table of the same PostgreSQL.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Network, ip_address
from pathlib import Path
from typing import Any, TypeVar, cast

from flask import Flask, request
from flask_limiter import Limiter
from limits.storage import Storage
from sqlalchemy import Engine, Row, create_engine, event, text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from config import Settings
from harpevents.core import access, addresses, passing_database
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
    """Who asks: the peer, or what the trusted proxies say (ProxyFix).

    Of an IPv6 address the network of /64: whoever has one of its addresses has them all.
    """
    return network_of(request.remote_addr or "unknown")


def network_of(address: str) -> str:
    """An IPv4 address as it is, also mapped into IPv6; of an IPv6 address its /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((parsed, 64), strict=False))


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
    """The storage that `limits` asks for: one table, in a SQLite file of its own or on the server.

    Counting never waits for the association's writes, nor they for it.
    """

    STORAGE_SCHEME = ["harpevents"]
    base_exceptions = (SQLAlchemyError,)

    def __init__(self, uri: str | None = None, *, app: Flask, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=False, **options)
        self._app = app
        self._swept_at = 0.0
        self._opened: passing_database.Identity | None = None

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count `amount` more under `key` until the window, begun by the first, is over."""
        now = time.time()
        if now - self._swept_at > SWEEP_SECONDS:
            self._swept_at = now
            self._run(f"{DELETE} where expires_at <= :now", now=now)
        return int(self._run(COUNT, key=key, amount=amount, now=now, until=now + expiry)[0].hits)

    def get(self, key: str) -> int:
        return sum(int(row.hits) for row in self._run(READ, key=key, now=time.time()))

    def get_expiry(self, key: str) -> float:
        now = time.time()
        return next((float(row.expires_at) for row in self._run(READ, key=key, now=now)), now)

    def check(self) -> bool:
        try:
            self.get("check")
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        return len(self._run(DELETE + RETURNING))

    def clear(self, key: str) -> None:
        self._run(f"{DELETE} where key = :key", key=key)

    def _run(self, statement: str, **values: Any) -> Sequence[Row[Any]]:
        """Carry it out; a second time where the file with the counters was lost or damaged."""
        self._forget_lost_file()
        try:
            return self._carry_out(statement, values)
        except DatabaseError as failed:
            if not passing_database.is_damage(cast("BaseException | None", failed.orig)):
                raise
            passing_database.set_aside(self._file, passing_database.identity(self._file))
            self._forget_lost_file()
            return self._carry_out(statement, values)

    @property
    def _file(self) -> Path:
        settings: Settings = self._app.config["SETTINGS"]
        return settings.data / "limits.sqlite"

    def _forget_lost_file(self) -> None:
        """Without its file the engine counts for this process alone, where nobody sees it."""
        if "_engine" not in vars(self) or self._engine.url.database != str(self._file):
            return
        if passing_database.identity(self._file) != self._opened:
            self._engine.dispose()
            del self._engine

    def _carry_out(self, statement: str, values: dict[str, Any]) -> Sequence[Row[Any]]:
        with self._engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.all() if result.returns_rows else ()

    @cached_property
    def _engine(self) -> Engine:
        """Opened at the first request that is counted; makes the table where there is none."""
        settings: Settings = self._app.config["SETTINGS"]
        if settings.on_sqlite:
            engine = create_engine(f"sqlite:///{self._file}")
            event.listen(engine, "connect", _configure)
        else:
            with self._app.app_context():
                engine = db.engine
        unlogged = "" if settings.on_sqlite else "unlogged "
        with engine.begin() as connection:
            connection.execute(text(f"create {unlogged}table if not exists rate_limit {COLUMNS}"))
        self._opened = passing_database.identity(self._file)
        return engine


COLUMNS = "(key text primary key, hits integer not null, expires_at double precision not null)"
COUNT = """
insert into rate_limit (key, hits, expires_at) values (:key, :amount, :until)
on conflict (key) do update set
  hits = case when rate_limit.expires_at <= :now then :amount else rate_limit.hits + :amount end,
  expires_at = case when rate_limit.expires_at <= :now then :until else rate_limit.expires_at end
returning hits
"""
READ = "select hits, expires_at from rate_limit where key = :key and expires_at > :now"
DELETE, RETURNING = "delete from rate_limit", " returning key"


def _configure(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode = wal", "synchronous = off", "busy_timeout = 5000"):
        connection.execute(f"pragma {pragma}")  # a lost count of a minute is no loss
