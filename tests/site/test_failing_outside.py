"""What fails outside of the program is one sentence, whatever the command."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.servers import COMMAND, Installation

ADD = (
    "events", "add", "--slug", "spring", "--kind", "seminar", "--zone", "Europe/Helsinki",
    "--title-en", "Spring", "--mode", "online",
)  # fmt: skip


@pytest.fixture
def house(tmp_path):
    made = Installation(tmp_path / "house")
    made.data.mkdir()
    made.run("migrate")
    return made


def one_sentence(done, *words):
    """The only line of a refused command."""
    assert done.returncode in {1, 2}
    (line,) = done.stderr.strip().splitlines()
    assert all(word in line for word in words), line


def on_a_full_disk(house, *arguments, blocks=40):
    """The command where no file may grow beyond so many blocks of 1024 bytes."""
    return subprocess.run(
        ["/bin/bash", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", str(COMMAND), *arguments],
        env=house.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_backup_on_a_full_disk_says_so_and_leaves_nothing(house, tmp_path):
    target = tmp_path / "backups" / "backup.tar.gz"
    one_sentence(on_a_full_disk(house, "backup", str(target)), "database")
    (house.data / "large").write_bytes(b"".join(number.to_bytes(3) for number in range(2**19)))
    one_sentence(on_a_full_disk(house, "backup", str(target), blocks=1000), "too large")
    assert list(target.parent.iterdir()) == []
    assert not list(house.data.glob(".backup-*"))


def test_a_command_that_may_not_write_says_so(house):
    (house.data / "serve.lock").mkdir()
    for command in ("serve", "worker"):
        one_sentence(house.run(command, check=False), "serve.lock")


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    house = Installation(tmp_path / "file" / "house")
    house.settings["HOME"] = str(tmp_path)
    for command in (["doctor"], ["serve"], ["backup", "x.tar.gz"]):
        one_sentence(house.run(*command, check=False), "house")


@pytest.mark.parametrize("command", ["serve", "migrate", "backup"])
def test_a_damaged_database_is_named_as_such(house, tmp_path, command):
    for suffix in ("-wal", "-shm"):
        (house.data / f"harpevents.sqlite{suffix}").unlink(missing_ok=True)
    (house.data / "harpevents.sqlite").write_bytes(b"no database" * 1000)
    arguments = [command, *([str(tmp_path / "x.tar.gz")] if command == "backup" else [])]
    one_sentence(house.run(*arguments, check=False), "The database cannot be used")


def test_a_damaged_queue_of_jobs_stops_no_command(house, tmp_path):
    for harm in (b"no database" * 1000, b""):
        (house.data / "jobs.sqlite").write_bytes(harm)
        house.run("migrate")
        house.run("backup", str(tmp_path / "x.tar.gz"))
        said = house.run("doctor", check=False).stdout
    assert "BAD  jobs: jobs.sqlite.damaged: set aside as damaged" in said


def test_a_time_that_no_clock_shows_is_refused_and_one_shown_twice_is_the_first(house):
    gap = ("--starts", "2027-03-28T03:30", "--ends", "2027-03-28T04:30")
    one_sentence(house.run(*ADD, *gap, check=False), "--starts", "no such time")
    upside_down = ("--starts", "2027-10-31T03:45+02:00", "--ends", "2027-10-31T03:50+03:00")
    one_sentence(house.run(*ADD, *upside_down, check=False), "end after")
    house.run(*ADD, "--starts", "2027-10-31T03:30", "--ends", "2027-10-31T04:30")
    (event,) = house.json("events", "list")
    assert event["starts_at"] == "2027-10-31T03:30:00+03:00"


def test_the_command_is_also_a_module(house):
    done = subprocess.run(
        [sys.executable, "-m", "harpevents.cli", "doctor"],
        env=house.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "BAD  worker" in done.stdout
