"""What staff wait for: the list and the export of 10,000, a large roll-over, the second start."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from bench import data, load
from bench.scripts import Browser
from config import ROOT, Settings
from harpevents.app import create_app
from harpevents.audit.services import COMMAND_LINE
from harpevents.core import driver
from harpevents.core.db import db, transaction
from harpevents.institutions import services as institutions
from harpevents.institutions.models import Institution, InstitutionKind
from harpevents.institutions.services import InstitutionValues
from harpevents.memberships import proposal, rollover
from harpevents.memberships import services as memberships

Row = tuple[str, str, str, bool]
LIST = f"/desk/events/{data.FULL}/registrations"
MEMBERS = 1_000


def prepare(folder: Path) -> None:
    """A migrated data folder with the events and people that are measured on."""
    environment = load.site_environment(folder, load.free_port())
    subprocess.run([str(load.BIN / "harpevents"), "migrate"], env=environment, check=True)
    with _application(folder):
        data.fill()


@contextmanager
def _application(folder: Path) -> Iterator[None]:
    settings = Settings.from_environment(load.site_environment(folder, load.free_port()))
    with create_app(settings).app_context():
        yield


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def over_http(base: str) -> list[Row]:
    """The list's size and the export's time, as a signed-in person gets them."""
    staff = Browser(base)
    staff.sign_in()
    staff.get(LIST)
    seconds = min(_timed(lambda: staff.get(LIST)) for _ in range(3))
    size = len(staff.get(LIST).encode()) / 1000
    csv = min(_timed(lambda: staff.get(f"{LIST}.csv")) for _ in range(3))
    lines = staff.get(f"{LIST}.csv").count("\n") - 1
    whole = lines >= data.MANY
    return [
        (
            "desk list of 10,000",
            f"{size:.0f} kB in {seconds * 1000:.0f} ms",
            "< 200 kB",
            size < 200,
        ),
        ("CSV of 10,000", f"{csv:.2f} s, {lines} rows", "≤ 1 s", csv <= 1 and whole),
    ]


def in_process(folder: Path) -> list[Row]:
    """Statements of the desk list; a roll-over of 1,000 institutions."""
    with _application(folder):
        _add_institutions()
        with transaction():
            memberships.create_term(0, {"en": "Foundation"}, actor=COMMAND_LINE)
            proposal.plan(0, actor=COMMAND_LINE, on=date(2020, 1, 1))
            for institution in db.session.scalars(select(Institution).limit(MEMBERS)).all():
                proposal.admit(0, institution, actor=COMMAND_LINE)
            rollover.approve(0, "Foundation", date(2020, 1, 1), actor=COMMAND_LINE)
            rollover.apply(0, actor=COMMAND_LINE)
            memberships.create_term(1, {"en": "First"}, actor=COMMAND_LINE)
        seconds = _timed(_roll_over)
    statements = _statements_of_list(folder)
    return [
        ("statements of the desk list", str(statements), "≤ 20", statements <= 20),
        (f"roll-over of {MEMBERS:,} institutions", f"{seconds:.2f} s", "≤ 2 s", seconds <= 2),
    ]


def _add_institutions() -> None:
    known = db.session.scalar(select(func.count(Institution.id))) or 0
    with transaction():
        for number in range(known, MEMBERS):
            values = InstitutionValues(
                kind=InstitutionKind.UNIVERSITY,
                country="JP" if number % 2 else "RU",
                names={"en": f"Member University {number}"},
            )
            institutions.create(values, actor=COMMAND_LINE)


def _roll_over() -> None:
    with transaction():
        proposal.plan(1, actor=COMMAND_LINE, on=date(2022, 1, 1))
    with transaction():
        rollover.approve(1, "First assembly", date(2022, 1, 1), actor=COMMAND_LINE)
    with transaction():
        rollover.apply(1, actor=COMMAND_LINE)


def _statements_of_list(folder: Path) -> int:
    settings = Settings.from_environment(load.site_environment(folder, load.free_port()))
    app = create_app(settings)
    counted: list[str] = []
    client = app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    client.post(
        "/sign-in", data={"csrf_token": token, "email": data.EMAIL, "password": data.PASSWORD}
    )

    def count(statement: str) -> None:
        if statement.split()[0] not in {"BEGIN", "COMMIT", "ROLLBACK", "PRAGMA"}:
            counted.append(statement)

    with driver.watching(count):
        answer = client.get(LIST)
    if answer.status_code != 200:
        raise load.BenchRefused(f"{LIST} answered {answer.status_code}")
    return len(counted)


def second_start(folder: Path) -> list[Row]:
    """`make run` on a folder that has run before: until the first page answers."""
    seconds = 0.0
    for turn in (1, 2):
        port = load.free_port()
        environment = {
            **os.environ,
            "HARPEVENTS_DATA": str(folder.parent / "run"),
            "HARPEVENTS_RATE_LIMITS": "off",
        }
        began = time.perf_counter()
        process = subprocess.Popen(
            ["make", "--no-print-directory", "run", f"PORT={port}"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            load.wait_for(f"http://127.0.0.1:{port}/en/", process, 120)
            seconds = time.perf_counter() - began
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(30)
        if turn == 1:
            first = seconds
    return [("second `make run`", f"{seconds:.1f} s (first {first:.1f} s)", "≤ 5 s", seconds <= 5)]
