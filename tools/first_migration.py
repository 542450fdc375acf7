"""Writes the first migration anew from the models; only until the first release.

    .venv/bin/python -m tools.first_migration

After that a change of the models is a migration of its own (`make migration`).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import flask_migrate

from config import ROOT, Settings
from harpevents.app import create_app
from harpevents.site import migration


def main() -> None:
    for old in (ROOT / "migrations" / "versions").glob("0001_*.py"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.for_tests(Path(folder)))
        migration.prepare(app)
        with app.app_context():
            directory = str(ROOT / "migrations")
            flask_migrate.revision(
                directory=directory, message="initial", autogenerate=True, rev_id="0001"
            )
            flask_migrate.upgrade(directory=directory)
            flask_migrate.check(directory=directory)


if __name__ == "__main__":
    main()
