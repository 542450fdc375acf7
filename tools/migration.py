"""Writes the next migration: what the models have and the migrations do not make yet.

`make migration MESSAGE="what changes"` compares both on an empty SQLite of its own, so the
developer's data is neither needed nor touched, and brings the new file into the house style.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from flask_migrate import revision, upgrade

from config import ROOT, Settings
from harpevents.app import create_app
from harpevents.site import migration

VERSIONS = ROOT / "migrations" / "versions"


def write(message: str) -> None:
    number = 1 + max((int(path.name[:4]) for path in VERSIONS.glob("[0-9]*.py")), default=0)
    before = set(VERSIONS.glob("*.py"))
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.for_tests(data=Path(folder)))
        migration.prepare(app)
        with app.app_context():
            upgrade()
            revision(message=message, autogenerate=True, rev_id=f"{number:04}")
    new = sorted(str(path) for path in set(VERSIONS.glob("*.py")) - before)
    ruff = str(Path(sys.executable).parent / "ruff")
    subprocess.run([ruff, "check", "--quiet", "--fix", *new], check=False)
    subprocess.run([ruff, "format", "--quiet", *new], check=True)
    print("\n".join(new) + "\nRead it, and say in its first line why.")


if __name__ == "__main__":
    write(sys.argv[1])
