"""A restore that is killed at one of its steps, for the tests that look at what is left."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from config import Settings
from harpevents.app import create_app
from harpevents.core.db import db
from harpevents.site import restore

STEPS = {"os.rename", "os.remove", "os.mkdir", "sqlite3.connect", "subprocess.Popen"}
_started = multiprocessing.get_context("forkserver")
_started.set_forkserver_preload(["tests.site.killed_restore"])


def run(environment: Mapping[str, str], archive: Path, at: int | None = None) -> bool:
    """Restore in a process that kills itself before its step `at`; whether it came to the end."""
    process = _started.Process(target=_restore, args=(dict(environment), archive, at))
    process.start()
    process.join()
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode == 0


def _restore(environment: dict[str, str], archive: Path, at: int | None) -> None:
    os.environ.update(environment)  # other programs are looked for in PATH
    settings = Settings.from_environment(environment)
    app = create_app(settings)
    with app.app_context():
        if at is not None:
            _die_at(at, settings.data)
        restore.restore(archive, replace=True)
        db.session.remove()
        db.engine.dispose()


def _die_at(number: int, data: Path) -> None:
    """Have the process killed before the `number`-th change of the file system, from 0."""
    passed = 0

    def heed(event: str, values: tuple[object, ...]) -> None:
        nonlocal passed
        writes = event == "open" and str(data) in str(values[0]) and "r" not in str(values[1])
        if event in STEPS or writes:
            if passed == number:
                os.kill(os.getpid(), signal.SIGKILL)
            passed += 1

    sys.addaudithook(heed)
