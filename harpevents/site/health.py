"""Is everything well? The checks of `harpevents doctor`, of /desk/health and of /readyz."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, make_url, select, text

from config import MINIMUM_SECRET_LENGTH, Settings
from harpevents.core import clock, i18n, jobs, passing_database
from harpevents.core.db import db
from harpevents.outbox.models import Message, MessageState
from harpevents.site import schema
from harpevents.site.models import ServiceMark

WORKER_SEEN = "worker.seen"
WORKER_LATE = timedelta(minutes=5)
MAIL_LATE = timedelta(minutes=30)
BACKUP_LATE = timedelta(days=7)  # one a day is advised
CLOCKS_DIFFER = timedelta(minutes=2)  # between machines that keep time
BACKUP_MADE = "backup.made"
OLDEST_SQLITE = (3, 38, 0)  # RETURNING and partial indexes as we use them
COPYING = 60.0  # seconds: a tree that is copied gets the times of its files in any order
LONGEST_LOG = 256  # megabytes; beyond its usual 64 somebody keeps an old snapshot


@dataclass(frozen=True)
class Check:
    """One question with its answer, in English: it is read in terminals and by programs."""

    name: str
    ok: bool
    detail: str
    never: bool = False  # nothing was done yet that could be judged


def mark(name: str, detail: str = "", at: datetime | None = None) -> None:
    """Write that something happened, in the open transaction."""
    db.session.merge(ServiceMark(name=name, at=at or clock.now(), detail=detail))


def find_mark(name: str) -> ServiceMark | None:
    return db.session.get(ServiceMark, name)


def checks() -> list[Check]:
    """Every check; one that fails to answer is not well, and says why."""
    return [_answer(name, ask) for name, ask in _questions()]


def is_ready() -> bool:
    """Whether pages can be served: the database answers and has our tables."""
    return all(
        _answer(name, ask).ok for name, ask in _questions() if name in {"database", "schema"}
    )


def report() -> dict[str, Any]:
    """{"ok", "checks": [{"name", "ok", "detail"}]}."""
    found = checks()
    return {"ok": all(check.ok for check in found), "checks": [asdict(check) for check in found]}


Answer = tuple[bool | None, str]  # None: nothing to judge yet, which is no fault


def _answer(name: str, ask: Callable[[], Answer]) -> Check:
    try:
        ok, detail = ask()
    except Exception as failure:
        db.session.rollback()
        return Check(name, False, f"{type(failure).__name__}: {failure}".splitlines()[0])
    return Check(name, ok is not False, detail, never=ok is None)


def _questions() -> Iterator[tuple[str, Callable[[], Answer]]]:
    yield "database", _database
    yield "schema", _schema
    if _settings().on_sqlite:
        yield "sqlite", _sqlite
    yield "disk", _disk
    yield "secret_key", _secret_key
    yield "catalogues", _catalogues
    yield "jobs", _jobs
    yield "worker", _worker
    yield "outbox", _outbox
    yield "backup", _backup


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _database() -> Answer:
    db.session.execute(text("select 1"))
    return True, make_url(_settings().database_url).render_as_string(hide_password=True)


def _schema() -> Answer:
    found, revision = schema.state()
    return found is schema.Schema.CURRENT, f"{found.value} {revision}".strip()


def _sqlite() -> Answer:
    mode = db.session.scalar(text("pragma journal_mode"))
    log = Path(f"{make_url(_settings().database_url).database}-wal")
    size = log.stat().st_size // 1_000_000 if log.exists() else 0
    well = sqlite3.sqlite_version_info >= OLDEST_SQLITE and mode == "wal" and size < LONGEST_LOG
    return well, f"{sqlite3.sqlite_version}, {mode}, {size} MB log of writes"


def _disk() -> Answer:
    probe = _settings().data / f".probe-{secrets.token_hex(4)}"
    probe.write_bytes(b"x" * 4096)
    probe.unlink()
    return True, f"{_settings().data} can be written"


def _secret_key() -> Answer:
    length = len(_settings().secret_key)
    return length >= MINIMUM_SECRET_LENGTH, f"{length} characters"


def uncompiled() -> list[str]:
    """The catalogues, as "ja/site", that lack a compiled file as new as themselves."""
    late = []
    for source in sorted(i18n.TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or source.stat().st_mtime - compiled.stat().st_mtime > COPYING:
            late.append(f"{source.parts[-3]}/{source.stem}")
    return late


def _catalogues() -> Answer:
    late = uncompiled()
    return not late, f"not compiled: {', '.join(late)}" if late else "compiled"


def _jobs() -> Answer:
    waiting = jobs.queue().huey.pending_count()
    aside = passing_database.set_aside_in(_settings().data)
    if aside:
        names = ", ".join(aside)
        return False, f"{names}: set aside as damaged; look at the disk, then remove it"
    return True, f"{waiting} waiting"


def _worker() -> Answer:
    seen = find_mark(WORKER_SEEN)
    if seen is None:
        return False, "no worker was ever seen; start one: harpevents worker"
    since = clock.now() - seen.at
    if since < -CLOCKS_DIFFER:
        return False, f"last seen {seen.at.isoformat()}, which is still to come: look at the clock"
    return since < WORKER_LATE, f"last seen {seen.at.isoformat()}"


def _outbox() -> Answer:
    waiting = (MessageState.QUEUED, MessageState.DEFERRED, MessageState.SENDING)
    query = select(func.count(), func.min(Message.created_at)).where(
        Message.state.in_(waiting), Message.next_attempt_at < clock.now() - MAIL_LATE
    )
    late, oldest = db.session.execute(query).one()
    unknown = db.session.scalar(
        select(func.count()).select_from(Message).where(Message.state == MessageState.UNKNOWN)
    )
    early = db.session.scalar(
        select(func.count()).where(Message.created_at > clock.now() + CLOCKS_DIFFER)
    )
    detail = f"{late} late, {unknown} of unknown outcome"
    detail += f", oldest of {oldest.isoformat()}" if oldest else ""
    detail += f", {early} written at a time still to come: look at the clock" if early else ""
    return not late and not early, detail


def _backup() -> Answer:
    made = find_mark(BACKUP_MADE)
    in_production = _settings().production
    if made is None:
        return False if in_production else None, "none made yet"
    late = in_production and clock.now() - made.at > BACKUP_LATE
    return not late, f"last made {made.at.isoformat()}"
