"""Background work of registrations: places that came free by a raised capacity are given on."""

from __future__ import annotations

from flask import Flask

from harpevents.audit.services import WORKER
from harpevents.core import clock, jobs
from harpevents.core.db import db, transaction
from harpevents.registrations import queries, services


def give_free_places() -> None:
    """Look through the waiting lists; writes nothing where nobody waits."""
    somebody = queries.events_with_somebody_waiting(clock.now())
    db.session.rollback()
    if somebody:
        with transaction():
            services.give_free_places(WORKER)


def init_app(app: Flask) -> None:
    jobs.run_with(app, services.PROMOTE, give_free_places)
