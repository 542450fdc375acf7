"""Workers killed in the middle of sending: nothing arrives twice, nothing is lost in silence."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select, update

from config import ROOT
from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.outbox import services
from harpevents.outbox.delivery import expire_leases
from harpevents.outbox.models import Message, MessageState
from tests.outbox.letters import a_cause

MAILS, KILLS = 100, 5


def start_worker(app, smtp_url: str) -> subprocess.Popen[bytes]:
    settings = app.config["SETTINGS"]
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.outbox.storm_worker",
            str(settings.data),
            settings.database_url,
            smtp_url,
        ],
        cwd=ROOT,
    )


def wait_for(condition, worker: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while not condition() and worker.poll() is None and time.monotonic() < until:
        time.sleep(0.002)


def test_kill_9_in_the_middle_of_sending(committing_app, smtp_sink):
    app, dice = committing_app, random.Random(7)
    with app.app_context():
        letters = [
            services.Letter(
                kind="x", to_address=f"r{number}@example.org", to_name="", language="en",
                subject="s", text="t\n",
            )
            for number in range(MAILS)
        ]  # fmt: skip
        with transaction():
            services.enqueue_many(letters, a_cause())

        kills = 0
        while kills < KILLS:
            worker = start_worker(app, smtp_sink.url)
            enough = len(smtp_sink.messages) + dice.randint(5, 18)
            wait_for(lambda enough=enough: len(smtp_sink.messages) >= enough, worker)
            if worker.poll() is not None:
                break  # it was done before we struck
            time.sleep(dice.random() * 0.01)
            worker.kill()
            worker.wait()
            kills += 1
            with transaction():
                expire_leases(clock.now() + timedelta(hours=1))
        assert kills == KILLS
        assert start_worker(app, smtp_sink.url).wait(60) == 0

        by_state = dict(
            db.session.execute(select(Message.state, func.count()).group_by(Message.state)).all()
        )
        unknown = by_state.get(MessageState.UNKNOWN, 0)
        arrived = Counter(smtp_sink.recipients)
        assert max(arrived.values()) == 1  # nothing twice
        assert unknown <= kills
        assert by_state[MessageState.ACCEPTED] + unknown == MAILS  # nothing lost in silence
        accepted = select(Message.to_address).where(Message.state == MessageState.ACCEPTED)
        assert set(db.session.scalars(accepted)) <= set(arrived)


def test_a_worker_that_repeats_what_is_unfinished_would_send_twice(committing_app, smtp_sink):
    """The control: the same storm with mails put back into the queue is noticed."""
    with committing_app.app_context():
        with transaction():
            services.enqueue_many(
                [
                    services.Letter(
                        kind="x", to_address="r@example.org", to_name="", language="en",
                        subject="s", text="t\n",
                    )
                ],
                a_cause(),
            )  # fmt: skip
        for _number in range(2):
            assert start_worker(committing_app, smtp_sink.url).wait(60) == 0
            with transaction():
                db.session.execute(update(Message).values(state=MessageState.QUEUED))
    assert Counter(smtp_sink.recipients)["r@example.org"] == 2
