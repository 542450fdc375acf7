"""Bringing a backup back, without writing to anybody, so that stopping half-way harms nothing.

The database that is put in place holds its mails back already: on SQLite the unpacked copy is
changed before it gets its name, on PostgreSQL the same transaction brings the tables and changes
them. From the first step to the last a mark stands, and nothing is served while it does.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    Delete,
    Dialect,
    Insert,
    NullPool,
    Update,
    create_engine,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from harpevents.core import clock, passing_database
from harpevents.core.db import db, disconnect
from harpevents.core.errors import RuleBroken
from harpevents.outbox.models import HELD, Message, MessageState, Reason
from harpevents.people.models import Account, AccountSession, OneTimeLink
from harpevents.site import archives, backup, migration, running, schema
from harpevents.site.archives import BackupRefused, Manifest
from harpevents.site.models import ServiceMark

MARK = "backup.restored"
_POSTGRESQL: Dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
WITH_LINKS_TO_ACCOUNTS = "people."  # kinds of mail whose links a restore makes void
UNPACKED = ".restore-"


class DataInTheWay(RuleBroken):
    message = _l("There is already data here. To put the backup in its place, say --replace.")


@dataclass(frozen=True)
class Restored:
    made_at: str  # ISO 8601
    held: int  # mails that will not be sent by themselves


def restore(source: Path, *, replace: bool) -> Restored:
    """Put the archive's data in place; refuses a damaged one before anything is touched.

    Every mail that waited is held, for it may have been sent since; everybody is signed out.
    """
    settings = backup.settings_in_use()
    with (
        running.nobody_running(settings),
        tempfile.TemporaryDirectory(dir=settings.data, prefix=UNPACKED) as name,
    ):
        folder = Path(name)
        _tidy(settings, folder)
        manifest = archives.unpack(source, folder)
        _refuse_foreign(manifest, source.name, settings)
        files = _places(settings, folder / archives.FILES)
        if not (replace or running.is_unfinished(settings)) and _has_data():
            raise DataInTheWay
        disconnect()
        copy = folder / manifest.database
        if settings.on_sqlite:
            _hold_in(copy, manifest)
        os.sync()
        with running.unfinished(settings, source.name):
            _put_database(settings, copy, manifest)
            for target, unpacked in files.items():
                target.parent.mkdir(parents=True, exist_ok=True)
                unpacked.replace(target)
            migration.migrate()
            held = _count_held(manifest)
            disconnect()
    return Restored(manifest.made_at, held)


def _tidy(settings: Settings, ours: Path) -> None:
    """Remove what a restore that was killed has unpacked: nobody else unpacks at this moment."""
    for left in settings.data.glob(f"{UNPACKED}*"):
        if left != ours:
            shutil.rmtree(left)


def _refuse_foreign(manifest: Manifest, name: str, settings: Settings) -> None:
    if manifest.database != backup.DATABASES[backup.kind_of(settings)]:
        raise BackupRefused(
            reason=f"{name} holds {manifest.database}; this database is of another kind."
        )
    if manifest.revision not in schema.known_revisions():
        raise BackupRefused(reason=f"{name} is of a newer version ({manifest.revision}).")


def _places(settings: Settings, folder: Path) -> dict[Path, Path]:
    """{where each file goes: where it was unpacked}; raises where one has no place there."""
    not_theirs = backup.left_out(settings)
    places = {
        settings.data / path.relative_to(folder): path
        for path in sorted(folder.rglob("*"))
        if not path.is_dir()
    }
    for target in places:
        above = target.parent
        while above != settings.data and not above.exists():
            above = above.parent
        if target in not_theirs or target.is_dir() or not above.is_dir():
            raise BackupRefused(reason=f"{target} is in the way of a file of the backup.")
    return places


def _has_data() -> bool:
    if schema.present_revision() is None:
        return False
    return db.session.scalar(select(func.count()).select_from(Account)) != 0


# The database


def _held(manifest: Manifest) -> str:
    return f"{HELD}{manifest.made_at}"


def _holding(manifest: Manifest) -> Sequence[Update | Delete | Insert]:
    """The statements after which nothing goes out by itself and nobody is signed in.

    They speak to the tables of any version there was.
    """
    now, reason = clock.now(), _held(manifest)
    waiting = Message.state.in_((MessageState.QUEUED, MessageState.DEFERRED))
    return (
        update(Message)
        .where(waiting, Message.kind.startswith(WITH_LINKS_TO_ACCOUNTS))
        .values(state=MessageState.SKIPPED, reason=Reason.LINK_VOID.value, finished_at=now),
        update(Message)
        .where(waiting)
        .values(state=MessageState.SKIPPED, reason=reason, finished_at=now),
        update(Message)
        .where(Message.state == MessageState.SENDING)
        .values(state=MessageState.UNKNOWN, reason=reason, lease_until=None, lease_owner=None),
        update(AccountSession).where(AccountSession.ended_at.is_(None)).values(ended_at=now),
        update(OneTimeLink)
        .where(OneTimeLink.used_at.is_(None), OneTimeLink.replaced_at.is_(None))
        .values(replaced_at=now),
        delete(ServiceMark).where(ServiceMark.name == MARK),
        insert(ServiceMark).values(name=MARK, at=now, detail=manifest.made_at),
    )


def _count_held(manifest: Manifest) -> int:
    return (
        db.session.scalar(
            select(func.count()).select_from(Message).where(Message.reason == _held(manifest))
        )
        or 0
    )


def _hold_in(copy: Path, manifest: Manifest) -> None:
    engine = create_engine(f"sqlite:///{copy}", poolclass=NullPool)
    try:
        with engine.begin() as connection:
            for statement in _holding(manifest):
                connection.execute(statement)
    except SQLAlchemyError as failed:
        reason = f"The database of the backup cannot be used: {failed}".splitlines()[0]
        raise BackupRefused(reason=reason) from None
    finally:
        engine.dispose()


def _put_database(settings: Settings, copy: Path, manifest: Manifest) -> None:
    if settings.on_sqlite:
        _put_file(settings, copy)
    else:
        _put_tables(settings, copy, manifest)


def _put_file(settings: Settings, copy: Path) -> None:
    """Rename the copy over the database, whose log is emptied before: no moment has two halves."""
    target = backup.database_file(settings)
    _empty_log(target)
    for suffix in ("-wal", "-shm", "-journal"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    if copy.stat().st_dev == target.parent.stat().st_dev:
        copy.replace(target)
    else:
        _replace_across(copy, target)
    running.make_last(target.parent)
    for name in passing_database.NAMES:
        for suffix in ("", "-wal", "-shm"):
            (settings.data / f"{name}{suffix}").unlink(missing_ok=True)


def _replace_across(copy: Path, target: Path) -> None:
    """The same where the database is on another disk than the data."""
    near = target.with_name(f".{target.name}.restored")
    shutil.copyfile(copy, near)
    os.sync()
    near.replace(target)


def _empty_log(database: Path) -> None:
    """Bring what the log of writes holds into the database it belongs to, where that is whole."""
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.Error:
        return  # it is no database: that is why another is put in its place


def _put_tables(settings: Settings, copy: Path, manifest: Manifest) -> None:
    """Read the dump as a script into one transaction, which ends with holding the mails.

    Whatever dies on the way, the server has seen no COMMIT and keeps what was.
    """
    address = f"--dbname={backup.plain_url(settings)}"
    telling = [backup.program("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", address]
    reading = [backup.program("pg_restore"), "--clean", "--if-exists", "--no-owner", "--file=-"]
    environment = backup.environment_of(settings)
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as told:
        psql = subprocess.Popen(  # noqa: S603 (our own command line)
            telling, env=environment, stdin=subprocess.PIPE, stdout=told, stderr=said
        )
        script = subprocess.Popen([*reading, str(copy)], stdout=subprocess.PIPE, stderr=said)  # noqa: S603
        try:
            _tell(psql, script, manifest)
        except BrokenPipeError:
            pass  # psql has said why
        finally:
            script.kill()
            script.wait()
            psql.wait()
        said.seek(0)
        if psql.returncode or script.returncode:
            raise backup.refused_by("psql", said.read().decode("utf-8", "replace"))


def _tell(
    psql: subprocess.Popen[bytes], script: subprocess.Popen[bytes], manifest: Manifest
) -> None:
    """Hand the script to psql, and the end of the transaction only when the script was whole."""
    if psql.stdin is None or script.stdout is None:
        raise RuntimeError("both were started with pipes")
    with psql.stdin as to, script.stdout as of:
        to.write(b"begin;\n")
        shutil.copyfileobj(of, to)
        if script.wait() == 0:
            to.write(b"\nreset search_path;\n")
            for statement in _holding(manifest):
                to.write(_as_text(statement).encode() + b";\n")
            to.write(b"commit;\n")


def _as_text(statement: Update | Delete | Insert) -> str:
    return str(statement.compile(dialect=_POSTGRESQL, compile_kwargs={"literal_binds": True}))
