"""Backups: database and files as of one moment in one archive, while others go on writing."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from sqlalchemy import make_url

from config import Settings, client_environment
from harpevents.core import clock, passing_database, passwords
from harpevents.site import archives, running, schema
from harpevents.site.archives import BackupRefused, Manifest

DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal", "-lock", "-wake", passing_database.DAMAGED)


@dataclass(frozen=True)
class Made:
    size: int  # bytes
    revision: str
    files: int


def settings_in_use() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def kind_of(settings: Settings) -> str:
    """The key of `DATABASES` for this installation."""
    return "sqlite" if settings.on_sqlite else "postgresql"


def database_file(settings: Settings) -> Path:
    """Where the SQLite database is, whatever it is called."""
    return Path(make_url(settings.database_url).database or "").resolve()


def left_out(settings: Settings) -> frozenset[Path]:
    """The files that belong to the running processes and not to the association, by full path."""
    databases = [settings.data / name for name in passing_database.NAMES]
    databases.append(settings.data / "harpevents.sqlite")
    if settings.on_sqlite:
        databases.append(database_file(settings))
    beside = {Path(f"{one}{suffix}") for one in databases for suffix in BESIDE_A_DATABASE}
    others = (running.LOCK, running.UNFINISHED, passwords.LOCK)
    return frozenset(beside | {settings.data / name for name in others})


def make(target: Path) -> Made:
    """Write the archive: there is a whole one or none, readable by its owner only.

    It holds personal data, and the key that signs links.
    """
    settings = settings_in_use()
    revision = schema.present_revision() or ""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data, prefix=".backup-") as folder:
        database = Path(folder) / DATABASES[kind_of(settings)]
        _copy_database(settings, database)
        files = {database.name: database} | _files_of(settings)
        manifest = Manifest(
            made_at=clock.now().isoformat(),
            revision=revision,
            database=database.name,
            contents={name: archives.content_of(path) for name, path in files.items()},
        )
        archives.write(target, manifest, files)
    return Made(target.stat().st_size, revision, len(files) - 1)


def _files_of(settings: Settings) -> dict[str, Path]:
    """{name in the archive: file} of all that belongs to the association beside the database."""
    not_ours = left_out(settings)
    return {
        archives.FILES + path.relative_to(settings.data).as_posix(): path
        for path in sorted(settings.data.rglob("*"))
        if path not in not_ours and _belongs(path, settings)
    }


def _belongs(path: Path, settings: Settings) -> bool:
    if path.relative_to(settings.data).parts[0].startswith(".") or path.suffix == ".gz":
        return False
    return path.is_file() and not path.is_symlink()


def _copy_database(settings: Settings, target: Path) -> None:
    if settings.on_sqlite:
        with closing(sqlite3.connect(database_file(settings))) as connection:
            connection.execute("vacuum into ?", (str(target),))
        return
    run([program("pg_dump"), "--format=custom", "--no-owner", f"--file={target}"], settings)


def program(name: str) -> str:
    """Where a program of PostgreSQL's client is; raises `BackupRefused` where it is missing."""
    found = shutil.which(name)
    if found is None:
        raise BackupRefused(reason=f"{name} was not found; it comes with the PostgreSQL client.")
    return found


def run(command: list[str], settings: Settings) -> None:
    """Let a program of PostgreSQL work on our database; raises `BackupRefused` with its words."""
    done = subprocess.run(  # noqa: S603 (our own command line)
        [*command, f"--dbname={plain_url(settings)}"],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise refused_by(command[0], done.stderr)


def refused_by(command: str, said: str) -> BackupRefused:
    """What a program that failed said last."""
    lines = [line for line in said.strip().splitlines() if line] or ["no reason given"]
    return BackupRefused(reason=f"{Path(command).name}: {lines[-1]}")


def plain_url(settings: Settings) -> str:
    """The address of the database as PostgreSQL's own programs read it, without the password."""
    url = make_url(settings.database_url).set(drivername="postgresql", password=None)
    return url.render_as_string(hide_password=False)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment for those programs, with the password."""
    return client_environment(make_url(settings.database_url).password)
