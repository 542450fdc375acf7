"""The job that sends what is due."""

from __future__ import annotations

from flask import Flask

from harpevents.core import clock, jobs
from harpevents.core.db import db
from harpevents.outbox import queries
from harpevents.outbox.delivery import JOB, deliver_due

SECONDS_AT_ONCE = 45.0  # then other jobs get their turn


def deliver() -> None:
    """Send for a while; what is left is rung for again."""
    tried = deliver_due(SECONDS_AT_ONCE)
    if tried and queries.is_any_due(clock.now()):
        jobs.queue().request(JOB)
    db.session.rollback()


def init_app(app: Flask) -> None:
    """Run the job in the workers of `app`."""
    jobs.run_with(app, JOB, deliver)
