"""Backups: whole or none, and brought back without writing to anybody twice."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import sqlite3
import stat
import subprocess
import tarfile
import time

import pytest
from sqlalchemy import create_engine, text

from tests.servers import COMMAND, Installation


@pytest.fixture
def house(tmp_path):
    """An installation with one account and one file."""
    made = Installation(tmp_path / "house")
    made.data.mkdir()
    made.run("migrate")
    made.run("users", "add", "mika@example.org", "--role", "admin")
    (made.data / "files").mkdir()
    (made.data / "files" / "slides.txt").write_text("slides")
    return made


def rows(house, statement):
    engine = create_engine(f"sqlite:///{house.data / 'harpevents.sqlite'}")
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        found = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return found


def queue_mail(house, state="queued"):
    lease = "'2026-01-01 00:00:00'" if state == "sending" else "null"
    rows(
        house,
        "insert into outbox_message (message_id, kind, to_address, to_name, language, subject,"
        " text, headers, attachments, optional, held, cause_table, cause_key, state, attempts,"
        " next_attempt_at, lease_until, created_at)"
        f" values ('<{state}@x>', 'k', 'a@example.org', '', 'en', 's', 't', '{{}}', '{{}}', 0, 0,"
        f" 'account', '1', '{state}', 0, '2026-01-01 00:00:00', {lease}, '2026-01-01 00:00:00')",
    )


def test_what_was_backed_up_comes_back(house, tmp_path):
    queue_mail(house)
    queue_mail(house, "sending")
    archive = tmp_path / "backup.tar.gz"
    house.run("backup", str(archive))
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    house.run("users", "add", "later@example.org", "--role", "admin")
    (house.data / "files" / "slides.txt").write_text("changed")
    refused = house.run("restore", str(archive), check=False)
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    said = house.run("restore", str(archive), "--replace").stdout
    assert "Mails held: 2" in said
    assert rows(house, "select email from account") == [("mika@example.org",)]
    assert (house.data / "files" / "slides.txt").read_text() == "slides"
    assert rows(house, "select state from outbox_message order by id") == [
        ("skipped",),
        ("unknown",),
    ]
    assert rows(house, "select count(*) from one_time_link where replaced_at is null") == [(0,)]


def test_a_backup_holds_nothing_of_the_running_processes(house, tmp_path):
    for name in ("serve.lock", "passwords.lock", "harpevents.sqlite-lock", "jobs.sqlite-wake"):
        (house.data / name).touch()
    archive = tmp_path / "backup.tar.gz"
    house.run("backup", str(archive))
    with tarfile.open(archive) as made:
        names = set(made.getnames())
    assert names == {
        "manifest.json",
        "database.sqlite",
        "files/secret_key",
        "files/files/slides.txt",
    }


def test_a_backup_moves_to_an_empty_machine(house, tmp_path):
    archive = tmp_path / "backup.tar.gz"
    house.run("backup", str(archive))
    other = Installation(tmp_path / "other")
    other.data.mkdir()
    other.run("restore", str(archive))
    assert rows(other, "select email from account") == [("mika@example.org",)]
    assert (other.data / "secret_key").read_text() == (house.data / "secret_key").read_text()
    assert other.run("doctor", check=False).stdout.count("BAD") == 1, "only the worker is missing"


@pytest.mark.parametrize("damage", ["cut", "changed", "newer", "outside", "nonsense"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(house, tmp_path, damage):
    archive = tmp_path / "backup.tar.gz"
    house.run("backup", str(archive))
    broken = tmp_path / "broken.tar.gz"
    spoil(archive, broken, damage)
    before = rows(house, "select * from account")
    refused = house.run("restore", str(broken), "--replace", check=False)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert rows(house, "select * from account") == before
    assert not (tmp_path / "escaped").exists()


def spoil(archive, broken, damage):
    if damage == "cut":
        broken.write_bytes(archive.read_bytes()[:-2000])
        return
    if damage == "nonsense":
        broken.write_bytes(b"no archive at all")
        return
    with tarfile.open(archive) as whole, tarfile.open(broken, "w:gz") as made:
        for entry in whole:
            stream = whole.extractfile(entry)
            data = stream.read() if stream is not None else b""
            if damage == "changed" and entry.name == "database.sqlite":
                data = data[:5000] + b"!" + data[5001:]
            if damage == "newer" and entry.name == "manifest.json":
                data = json.dumps({**json.loads(data), "revision": "9999"}).encode()
            entry.size = len(data)
            made.addfile(entry, io.BytesIO(data))
        if damage == "outside":
            evil = tarfile.TarInfo("../../escaped")
            evil.size = 1
            made.addfile(evil, io.BytesIO(b"x"))


def test_a_running_site_is_not_restored_under_its_feet(house, tmp_path):
    archive = tmp_path / "backup.tar.gz"
    with house.serving():
        house.run("backup", str(archive))
        refused = house.run("restore", str(archive), "--replace", check=False)
    assert refused.returncode == 1
    assert "running" in refused.stderr


def test_a_running_worker_is_not_restored_under_its_feet_either(house, tmp_path):
    archive = tmp_path / "backup.tar.gz"
    house.run("backup", str(archive))
    with subprocess.Popen([str(COMMAND), "worker"], env=house.environment) as worker:
        until(lambda: is_locked(house.data / "serve.lock"))
        refused = house.run("restore", str(archive), "--replace", check=False)
        worker.terminate()
    assert refused.returncode == 1
    assert "running" in refused.stderr
    house.run("restore", str(archive), "--replace")


def until(true, seconds=30.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.05)


def is_locked(path):
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_a_database_by_another_name_is_kept_and_put_back_once(tmp_path):
    house = Installation(tmp_path / "house")
    house.data.mkdir()
    database = house.data / "association-2026.sqlite"
    house.settings["HARPEVENTS_DATABASE_URL"] = f"sqlite:///{database}"
    house.run("migrate")
    archive = tmp_path / "backup.tar.gz"
    with sqlite3.connect(database) as open_for_now:
        open_for_now.execute("select count(*) from account")
        house.run("backup", str(archive))
    open_for_now.close()
    with tarfile.open(archive) as made:
        assert made.getnames() == ["manifest.json", "database.sqlite", "files/secret_key"]
    house.run("restore", str(archive), "--replace")


@pytest.mark.parametrize("name", ["harpevents.sqlite", "jobs.sqlite", "serve.lock", "files/a/b"])
def test_a_file_that_has_no_place_is_refused_before_anything_is_touched(house, tmp_path, name):
    archive = tmp_path / "backup.tar.gz"
    house.run("backup", str(archive))
    (house.data / "files" / "a").write_text("a file, where the backup has a folder")
    broken = tmp_path / "broken.tar.gz"
    add(archive, broken, f"files/{name}", b"x")
    before = {path: path.read_bytes() for path in house.data.rglob("*") if path.is_file()}
    refused = house.run("restore", str(broken), "--replace", check=False)
    assert refused.returncode == 1
    assert "in the way" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    after = {path: path.read_bytes() for path in house.data.rglob("*") if path.is_file()}
    passing = (".sqlite-shm", ".sqlite-wal", "jobs.sqlite", "serve.lock")
    assert {path: data for path, data in after.items() if not path.name.endswith(passing)} == {
        path: data for path, data in before.items() if not path.name.endswith(passing)
    }


def add(archive, broken, name, data):
    """The archive with one more file, which its list of contents knows."""
    with tarfile.open(archive) as whole, tarfile.open(broken, "w:gz") as made:
        for entry in whole:
            content = whole.extractfile(entry).read()
            if entry.name == "manifest.json":
                told = json.loads(content)
                told["contents"][name] = {
                    "size": len(data),
                    "sha256": hashlib.sha256(data).hexdigest(),
                }
                content = json.dumps(told).encode()
                entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
        more = tarfile.TarInfo(name)
        more.size = len(data)
        made.addfile(more, io.BytesIO(data))
