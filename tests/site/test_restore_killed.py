"""A restore stopped at any of its steps: old data or new, and nothing goes out by itself."""

from __future__ import annotations

import gzip
import shutil

import pytest
from sqlalchemy import create_engine, text

from harpevents.site import archives
from harpevents.site.archives import Manifest
from tests.migrating import STORED
from tests.servers import Installation
from tests.site import killed_restore
from tools.postgresql_server import installed

OLD, NEW = "yesterday@example.org", "zoe@example.org"


class House(Installation):
    """An installation whose database may be looked at past the program."""

    @property
    def address(self) -> str:
        return self.settings["HARPEVENTS_DATABASE_URL"]

    def rows(self, statement):
        engine = create_engine(self.address)
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            found = [tuple(row) for row in result] if result.returns_rows else []
        engine.dispose()
        return found

    def queue_mail(self, number):
        self.rows(
            "insert into outbox_message (message_id, kind, to_address, to_name, language, subject,"
            " text, headers, attachments, cause_table, cause_key, next_attempt_at, created_at)"
            f" values ('<{number}@x>', 'k', 'a@example.org', '', 'en', 's', 't', '{{}}', '{{}}',"
            " 'account', '1', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        )

    def state(self):
        """Which data there is, how many mails would go out, which file, and whether it serves."""
        ((account,),) = self.rows("select max(email) from account")
        ((queued,),) = self.rows("select count(*) from outbox_message where state = 'queued'")
        file = (self.data / "files" / "slides.txt").read_text()
        return account, queued, file, not (self.data / "restore.unfinished").exists()


BEFORE = (OLD, 2, "old", True)
AFTER = (NEW, 0, "new", True)
# Stands in for the program of PostgreSQL's client, which no package brings along: its dump is the
# script itself. Everything else is the real thing: psql, the server, and our own part.
PG_RESTORE = """#!/bin/sh
for dump; do :; done
echo 'drop schema public cascade; create schema public;'
{reading}
"""


@pytest.fixture
def house(fresh_database, tmp_path):
    """An installation of today, with two mails that wait, beside a backup of another with one."""
    data = tmp_path / "house"
    (data / "files").mkdir(parents=True)
    on_sqlite = fresh_database.startswith("sqlite")
    address = f"sqlite:///{data / 'association.sqlite'}" if on_sqlite else fresh_database
    settings = {"HARPEVENTS_DATABASE_URL": address, "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    made = House(data, settings=settings)
    made.run("migrate")
    made.run("users", "add", NEW, "--role", "admin")
    made.queue_mail(1)
    (data / "files" / "slides.txt").write_text("new")
    if on_sqlite:
        made.run("backup", str(tmp_path / "backup.tar.gz"))
    else:
        stand_in(tmp_path / "bin", 'cat "$dump"')
        write_backup_of_0_1_0(data, tmp_path / "backup.tar.gz")
    made.rows(f"update account set email = '{OLD}'")
    made.queue_mail(2)
    (data / "files" / "slides.txt").write_text("old")
    return made


def stand_in(folder, reading):
    """Have `pg_restore` and the `psql` of the test's own server in `folder`."""
    folder.mkdir(exist_ok=True)
    program = folder / "pg_restore"
    program.write_text(PG_RESTORE.format(reading=reading))
    program.chmod(0o755)
    psql = folder / "psql"
    psql.unlink(missing_ok=True)
    psql.symlink_to(installed() / "bin" / "psql")


def write_backup_of_0_1_0(data, target):
    """A backup of the database of the first release, with a mail that waits."""
    dump = data.parent / "database.dump"
    script = gzip.decompress((STORED / "0.1.0.postgresql.sql.gz").read_bytes()).decode()
    dump.write_text(
        f"{script}\nupdate public.account set email = '{NEW}' where id = 1;\n"
        "update public.outbox_message set state = 'queued' where id = 2;\n"
    )
    files = {"database.dump": dump, "files/files/slides.txt": data / "files" / "slides.txt"}
    manifest = Manifest(
        made_at="2026-11-30T03:00:00+00:00",
        revision="0001",
        database="database.dump",
        contents={name: archives.content_of(path) for name, path in files.items()},
    )
    archives.write(target, manifest, files)


def test_killed_at_any_step_a_restore_leaves_old_data_or_new_and_sends_nothing(house, tmp_path):
    archive = tmp_path / "backup.tar.gz"
    if house.address.startswith("sqlite"):
        kept = tmp_path / "kept"
        shutil.copytree(house.data, kept, ignore=shutil.ignore_patterns("jobs.sqlite*"))
    seen, ended, step = [], False, 0
    while not ended:
        ended = killed_restore.run(house.environment, archive, at=step)
        seen.append(house.state())
        step += 1
        if house.address.startswith("sqlite") and not ended:
            assert house.rows("pragma integrity_check") == [("ok",)]
            shutil.rmtree(house.data)
            shutil.copytree(kept, house.data)
    assert seen[0] == BEFORE
    assert seen[-1] == AFTER
    assert step > 10
    for account, queued, file, served in seen:
        assert (account, queued) in {(OLD, 2), (NEW, 0)}
        assert not served or (account, queued, file, served) in {BEFORE, AFTER}


def test_what_a_killed_restore_left_is_not_served_until_one_came_to_its_end(house, tmp_path):
    archive = tmp_path / "backup.tar.gz"
    step = 0
    while house.state()[3]:
        assert not killed_restore.run(house.environment, archive, at=step)
        step += 1
    for command in ("serve", "worker", "migrate"):
        refused = house.run(command, check=False)
        assert refused.returncode == 1
        assert refused.stderr.strip().startswith("A restore stopped half-way")
        assert len(refused.stderr.strip().splitlines()) == 1
    house.run("restore", str(archive))
    assert house.state() == AFTER
    assert not list(house.data.glob(".restore-*"))


@pytest.mark.postgresql_only
@pytest.mark.parametrize("reading", ['head -c 300000 "$dump"; exit 1', "echo 'nonsense;'"])
def test_a_dump_that_breaks_off_leaves_the_old_tables(house, tmp_path, reading):
    stand_in(tmp_path / "bin", reading)
    refused = house.run("restore", str(tmp_path / "backup.tar.gz"), "--replace", check=False)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert house.state() == (OLD, 2, "old", False)
    stand_in(tmp_path / "bin", 'cat "$dump"')
    house.run("restore", str(tmp_path / "backup.tar.gz"), "--replace")
    assert house.state() == AFTER
