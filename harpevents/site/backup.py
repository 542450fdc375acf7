"""Backups: database and files in one archive, and bringing them back without writing to anybody."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, make_url, select, update

from config import Settings
from harpevents.core import clock, passwords
from harpevents.core.db import db, disconnect, transaction
from harpevents.core.errors import RuleBroken
from harpevents.outbox.models import Message, MessageState
from harpevents.people.models import Account, AccountSession, OneTimeLink
from harpevents.site import health, migration, schema

FORMAT = 1
DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
MANIFEST = "manifest.json"
FILES = "files/"
# What belongs to the running processes and not to the association.
LEFT_OUT = frozenset(
    {"harpevents.sqlite", "jobs.sqlite", "limits.sqlite", "serve.lock", passwords.LOCK}
)


class BackupRefused(RuleBroken):
    """The archive cannot be made or taken; said at the command line, in English."""

    def __init__(self, *, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class ServerRunning(RuleBroken):
    message = _l("The program is running on this data. Please stop it first.")


class DataInTheWay(RuleBroken):
    message = _l("There is data already. To put the backup in its place, say --replace.")


@dataclass(frozen=True)
class Made:
    size: int  # bytes
    revision: str
    files: int


@dataclass(frozen=True)
class Restored:
    made_at: str  # ISO 8601
    held: int  # mails that will not be sent by themselves


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@contextmanager
def running(settings: Settings) -> Iterator[None]:
    """Hold the mark of a running server; the kernel lets go of it when the process ends."""
    with (settings.data / "serve.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            raise ServerRunning from None
        yield


@contextmanager
def _nobody_running(settings: Settings) -> Iterator[None]:
    with (settings.data / "serve.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ServerRunning from None
        yield


# Making one


def make(target: Path) -> Made:
    """Write the archive beside `target` and rename it: there is a whole one or none.

    The database is copied as of one moment while others go on writing. The archive is readable by
    its owner only: it holds personal data, and the key that signs links.
    """
    settings = _settings()
    revision = schema.present_revision() or ""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data, prefix=".backup-") as folder:
        database = Path(folder) / DATABASES[_kind(settings)]
        _copy_database(settings, database)
        names = [path for path in sorted(settings.data.rglob("*")) if _belongs(path, settings)]
        manifest = {
            "format": FORMAT,
            "made_at": clock.now().isoformat(),
            "revision": revision,
            "database": database.name,
            "sha256": _digest(database),
        }
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                _write(file, manifest, database, names, settings.data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(target)
        finally:
            unfinished.unlink(missing_ok=True)
    return Made(target.stat().st_size, revision, len(names))


def _write(
    file: Any, manifest: dict[str, Any], database: Path, names: list[Path], data: Path
) -> None:
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
        text = json.dumps(manifest, indent=2).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
        archive.add(database, database.name)
        for path in names:
            archive.add(path, FILES + path.relative_to(data).as_posix(), recursive=False)


def _belongs(path: Path, settings: Settings) -> bool:
    inside = path.relative_to(settings.data)
    first = inside.parts[0]
    if first.startswith(".") or first.partition("-")[0] in LEFT_OUT or path.suffix == ".gz":
        return False
    return path.is_file() and not path.is_symlink()


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.on_sqlite else "postgresql"


def _database_file(settings: Settings) -> Path:
    return Path(make_url(settings.database_url).database or "")


def _copy_database(settings: Settings, target: Path) -> None:
    if settings.on_sqlite:
        with sqlite3.connect(_database_file(settings)) as connection:
            connection.execute("vacuum into ?", (str(target),))
        connection.close()
        return
    program = _program("pg_dump")
    _run([program, "--format=custom", "--no-owner", f"--file={target}", _plain_url(settings)])


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupRefused(reason=f"{name} was not found; it comes with the PostgreSQL client.")
    return found


def _plain_url(settings: Settings) -> str:
    url = make_url(settings.database_url).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BackupRefused(reason=f"{Path(command[0]).name}: {said}")


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# Bringing one back


def restore(source: Path, *, replace: bool) -> Restored:
    """Put the archive's data in place; refuses a damaged one before anything is touched.

    Every mail that waited is held, for it may have been sent since; everybody is signed out.
    """
    settings = _settings()
    with (
        _nobody_running(settings),
        tempfile.TemporaryDirectory(dir=settings.data, prefix=".restore-") as name,
    ):
        folder = Path(name)
        manifest = _unpack(source, folder)
        if not replace and _has_data():
            raise DataInTheWay
        disconnect()
        _put_database(settings, folder / manifest["database"])
        _put_files(settings, folder / FILES)
        migration.migrate()
        held = _hold(manifest["made_at"])
    return Restored(manifest["made_at"], held)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack into `folder` and check; returns the manifest. Raises `BackupRefused`."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            for entry in archive:
                _unpack_entry(archive, entry, folder)
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        whole = _digest(folder / Path(manifest["database"]).name) == manifest["sha256"]
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as broken:
        raise BackupRefused(reason=f"{source.name} is no whole backup: {broken}") from None
    if not whole or manifest["format"] != FORMAT:
        raise BackupRefused(reason=f"{source.name} is damaged, or of another format.")
    if manifest["database"] != DATABASES[_kind(_settings())]:
        raise BackupRefused(
            reason=f"{source.name} holds {manifest['database']}; this database is of another kind."
        )
    if manifest["revision"] not in schema.known_revisions():
        raise BackupRefused(reason=f"{source.name} is of a newer version ({manifest['revision']}).")
    return manifest


def _unpack_entry(archive: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> None:
    """Write one plain file below `folder`; a link, a device or a way out of it spoils the whole."""
    target = folder / entry.name
    stream = archive.extractfile(entry) if entry.isreg() else None
    if stream is None or not target.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{entry.name} has no place in it")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(stream, file)


def _has_data() -> bool:
    if schema.present_revision() is None:
        return False
    return db.session.scalar(select(func.count()).select_from(Account)) != 0


def _put_database(settings: Settings, copy: Path) -> None:
    if not settings.on_sqlite:
        _run(
            [
                _program("pg_restore"),
                *("--clean", "--if-exists", "--no-owner", "--single-transaction"),
                *("--dbname", _plain_url(settings)),
                str(copy),
            ]
        )
        return
    target = _database_file(settings)
    for suffix in ("-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    copy.replace(target)
    for name in ("jobs.sqlite", "limits.sqlite"):
        for suffix in ("", "-wal", "-shm"):
            (settings.data / f"{name}{suffix}").unlink(missing_ok=True)


def _put_files(settings: Settings, folder: Path) -> None:
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        target = settings.data / path.relative_to(folder)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            path.replace(target)


def _hold(made_at: str) -> int:
    """Nothing that waited in the backup is sent again by itself; returns how many mails."""
    now = clock.now()
    reason = f"held: restored from the backup of {made_at}"
    with transaction():
        waiting = db.session.execute(
            update(Message)
            .where(Message.state.in_((MessageState.QUEUED, MessageState.DEFERRED)))
            .values(state=MessageState.SKIPPED, reason=reason, finished_at=now)
            .returning(Message.id)
        )
        under_way = db.session.execute(
            update(Message)
            .where(Message.state == MessageState.SENDING)
            .values(state=MessageState.UNKNOWN, reason=reason, lease_until=None, lease_owner=None)
            .returning(Message.id)
        )
        db.session.execute(
            update(AccountSession).where(AccountSession.ended_at.is_(None)).values(ended_at=now)
        )
        db.session.execute(
            update(OneTimeLink)
            .where(OneTimeLink.used_at.is_(None), OneTimeLink.replaced_at.is_(None))
            .values(replaced_at=now)
        )
        health.mark("backup.restored", made_at)
        return len(waiting.all()) + len(under_way.all())
