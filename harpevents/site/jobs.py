"""The worker's sign of life."""

from __future__ import annotations

from flask import Flask

from harpevents.core import jobs
from harpevents.core.db import transaction
from harpevents.site import health

JOB = "site.heartbeat"


def beat() -> None:
    with transaction():
        health.mark(health.WORKER_SEEN)


def init_app(app: Flask) -> None:
    jobs.run_with(app, JOB, beat)
