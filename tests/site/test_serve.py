"""`harpevents serve`: web and worker together, started again when they die, ended together."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest

from harpevents.site.cli import WORKER_NICENESS
from tests.servers import COMMAND, Installation


@pytest.fixture
def house(tmp_path):
    made = Installation(tmp_path)
    made.run("migrate")
    return made


@pytest.fixture
def served(house):
    """The site with the process that keeps it; ended hard if the test has not ended it."""
    process = subprocess.Popen(
        [str(COMMAND), "serve", "--port", str(house.port)],
        env=house.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    until(lambda: answers(house))
    yield house, process
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def answers(house) -> bool:
    try:
        with urllib.request.urlopen(f"{house.url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(true, seconds=30.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.05)


def family(pid: int) -> dict[int, str]:
    """{pid: command line} of all processes below `pid`."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                command = (entry / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(entry.name)] = (int(parent), command)
    found: dict[int, str] = {}
    wave = {pid}
    while wave:
        wave = {one for one, (parent, _command) in parents.items() if parent in wave}
        found |= {one: parents[one][1] for one in wave}
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_it_says_where_it_is_and_where_mail_goes(served):
    house, process = served
    process.terminate()
    said, _nothing = process.communicate(timeout=20)
    assert house.url in said
    assert f"{house.data / 'outbox'}" in said
    assert process.returncode == 0


def test_what_is_killed_comes_back(served):
    house, process = served
    until(lambda: any("worker" in command for command in family(process.pid).values()))
    before = family(process.pid)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not any(alive(pid) for pid in before))
    until(lambda: answers(house))
    until(lambda: any("worker" in command for command in family(process.pid).values()))


def test_a_web_process_that_dies_is_replaced(served):
    house, process = served
    web = next(pid for pid, command in family(process.pid).items() if "granian" in command)
    workers = list(family(web))
    assert workers
    os.kill(workers[0], signal.SIGKILL)
    until(lambda: len(family(web)) == len(workers) and workers[0] not in family(web))
    until(lambda: answers(house))


def test_a_web_process_that_dies_twice_takes_no_other_with_it(served):
    house, process = served
    web = next(pid for pid, command in family(process.pid).items() if "granian" in command)
    until(lambda: len(family(web)) == 2)
    dying, healthy = list(family(web))
    for _time in range(3):
        os.kill(dying, signal.SIGKILL)
        gone = dying
        until(lambda gone=gone: len(set(family(web)) - {healthy, gone}) == 1)
        (dying,) = set(family(web)) - {healthy, gone}
    assert alive(web)
    assert alive(healthy)
    assert answers(house)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nobody_is_left_behind(served, how):
    _house, process = served
    below = family(process.pid)
    assert len(below) >= 3
    os.kill(process.pid, how)
    process.wait(20)
    until(lambda: not any(alive(pid) for pid in below), 20)


def test_the_worker_gives_way_to_the_web_processes(served):
    _house, process = served

    def niceness(name):
        of_name = [pid for pid, command in family(process.pid).items() if name in command]
        return {os.getpriority(os.PRIO_PROCESS, pid) for pid in of_name}

    until(lambda: niceness("harpevents worker") == {WORKER_NICENESS})
    assert niceness("granian") == {os.getpriority(os.PRIO_PROCESS, 0)}


def test_nobody_keeps_the_log_of_writes_from_ending(served):
    house, process = served
    until(lambda: any("worker" in command for command in family(process.pid).values()))
    house.run("users", "add", "mika@example.org", "--role", "admin")  # younger than any snapshot

    def ended():
        with sqlite3.connect(house.data / "harpevents.sqlite") as database:
            return database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)

    until(ended)


@pytest.mark.parametrize("length", ["Content-Length: 5000", "Transfer-Encoding: chunked"])
def test_telephones_that_send_slowly_keep_nobody_waiting(served, length):
    house, _process = served
    half = (
        f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n{length}\r\n\r\n"
    )
    with ExitStack() as open_for_now:
        for _telephone in range(200):
            telephone = socket.create_connection(("127.0.0.1", house.port))
            open_for_now.enter_context(telephone)
            telephone.sendall(half.encode() + b"6\r\nemail=")
        time.sleep(1)
        assert all(answers(house) for _ in range(5))
        assert [posted(house) for _ in range(5)] == [400] * 5


def posted(house) -> int:
    """What a form without a token is answered, which is soon."""
    try:
        urllib.request.urlopen(f"{house.url}/sign-in", data=b"email=", timeout=2)
    except urllib.error.HTTPError as refused:
        return refused.code
    return 200


def test_a_database_of_another_version_is_not_served(tmp_path):
    house = Installation(tmp_path)
    refused = house.run("serve", check=False)
    assert refused.returncode == 1
    assert refused.stderr.strip().splitlines() == [
        "The database has no tables yet. Please run: harpevents migrate"
    ]


def test_a_taken_port_is_one_plain_sentence(served):
    house, _process = served
    refused = house.run("serve", "--port", str(house.port), check=False)
    assert refused.returncode == 1
    assert str(house.port) in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_doctor_finds_a_served_house_well(served):
    house, _process = served
    until(lambda: house.run("doctor", check=False).returncode == 0)
    report = house.json("doctor")
    assert report["ok"]
    assert {"name", "ok", "detail", "never"} == set(report["checks"][0])
    (backup,) = (one for one in report["checks"] if one["name"] == "backup")
    assert backup == {"name": "backup", "ok": True, "detail": "none made yet", "never": True}
    assert "--   backup: none made yet" in house.run("doctor").stdout
    assert {"database", "schema", "worker", "outbox"} <= {one["name"] for one in report["checks"]}


def test_unsafe_settings_are_one_plain_sentence(tmp_path):
    house = Installation(tmp_path, settings={"HARPEVENTS_BASE_URL": "https://events.example.org"})
    refused = house.run("serve", check=False)
    assert refused.returncode == 2
    assert "HARPEVENTS_SECRET_KEY is missing" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_users_are_added_with_a_link_and_for_an_event(house):
    link = house.run("users", "add", "mika@example.org", "--role", "admin").stdout.strip()
    assert link.startswith(f"{house.url}/password/")
    again = house.run("users", "add", "MIKA@example.org", "--role", "admin", check=False)
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    nowhere = house.run(
        "users", "add", "o@example.org", "--role", "organiser", "--event", "none", check=False
    )
    assert nowhere.returncode == 1
    assert house.run("users", "add", "x", "--role", "king", check=False).returncode == 2
