"""The worker's sign of life."""

from __future__ import annotations

from flask import Flask

from harpevents.core import jobs
from harpevents.core.db import transaction
from harpevents.site import health

BELL = "site.heartbeat"


def beat() -> None:
    with transaction():
        health.mark(health.WORKER_SEEN)


def init_app(app: Flask) -> None:
    jobs.answer_with(app, BELL, beat)
