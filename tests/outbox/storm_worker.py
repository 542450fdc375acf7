"""A worker for the test that kills it: sends what is due until nothing is."""

from __future__ import annotations

import sys
from pathlib import Path

from config import Settings
from harpevents.app import create_app
from harpevents.outbox.delivery import deliver_due


def main() -> None:
    """Arguments: data folder, database URL, SMTP URL."""
    data, database, smtp = sys.argv[1:]
    app = create_app(Settings.for_tests(Path(data), database, smtp_url=smtp))
    with app.app_context():
        deliver_due()


if __name__ == "__main__":
    main()
