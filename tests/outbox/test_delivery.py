"""Delivery: each mail at most once, whatever servers, workers and power cuts do."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from harpevents.audit.models import ActorKind, AuditEntry
from harpevents.audit.services import Actor
from harpevents.core import clock, tokens
from harpevents.core.db import db, transaction
from harpevents.outbox import delivery, queries, services
from harpevents.outbox.delivery import deliver_due, expire_leases
from harpevents.outbox.models import (
    DeliveryAttempt,
    DeliveryOutcome,
    Message,
    MessageState,
    SuppressionReason,
)
from harpevents.outbox.transports import Outcome
from tests.outbox.letters import a_cause, enqueue

SATO = Actor(ActorKind.STAFF, "Sato", "1")


@pytest.fixture
def by_smtp(app, smtp_sink):
    """The application with the test's mail server."""
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = dataclasses.replace(before, smtp_url=smtp_sink.url)
    yield smtp_sink
    app.config["SETTINGS"] = before


class Scripted:
    """A way out that answers as told and remembers what it was given."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.given: list[bytes] = []

    def send(self, number: int, to_address: str, sender: str, content: bytes) -> Outcome:
        self.given.append(content)
        return self.outcomes.pop(0) if self.outcomes else Outcome(DeliveryOutcome.ACCEPTED, 250)

    def close(self) -> None:
        """Nothing is open."""


def state_of(mail: Message) -> tuple[str, str | None]:
    db.session.refresh(mail)
    return mail.state.value, mail.reason


def outcomes_of(mail: Message) -> list[str]:
    return [attempt.outcome for attempt in queries.attempts_of(mail)]


def later(mail: Message) -> None:
    """Let the next try be due now."""
    with transaction():
        mail.next_attempt_at = clock.now()


def test_without_a_server_mail_is_kept_as_files(app):
    mail = enqueue(subject="こんにちは")
    assert deliver_due() == 1
    folder: Path = app.config["SETTINGS"].data / "outbox"
    assert [file.name for file in folder.iterdir()] == [f"{mail.id:08}.eml"]
    assert state_of(mail) == ("accepted", None)
    assert outcomes_of(mail) == ["caught"]
    assert deliver_due() == 0


def test_a_mail_goes_out_by_smtp(by_smtp):
    mail = enqueue(text=".a line with a dot\n\n.\nend\n")
    assert deliver_due() == 1
    (received,) = by_smtp.to("reader@example.org")
    assert received["Message-ID"] == mail.message_id
    assert received.get_content().replace("\r\n", "\n") == ".a line with a dot\n\n.\nend\n"
    assert state_of(mail) == ("accepted", None)


def test_one_bad_recipient_does_not_harm_the_next_mail(by_smtp):
    by_smtp.answers["gone@example.org"] = "550 5.1.1 no such mailbox"
    by_smtp.answers["full@example.org"] = "452 4.2.2 mailbox full"
    gone, full, fine = (
        enqueue(to_address=f"{name}@example.org") for name in ("gone", "full", "fine")
    )
    assert deliver_due() == 3
    assert state_of(gone) == ("refused", "5.1.1 no such mailbox")
    assert state_of(full) == ("deferred", "4.2.2 mailbox full")
    assert state_of(fine) == ("accepted", None)
    assert len(by_smtp.messages) == 1


@pytest.mark.parametrize(
    ("answer", "state"),
    [("554 5.7.1 looks like spam", "refused"), ("451 4.7.1 greylisted", "deferred")],
)
def test_an_answer_to_the_content_counts(by_smtp, answer, state):
    by_smtp.answer_to_data = answer
    mail = enqueue()
    deliver_due()
    assert state_of(mail) == (state, answer[4:])


class AnswersTheText(threading.Thread):
    """A mail server that takes everything and says `answer` after the final dot, then hangs up."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(daemon=True)
        self.answer, self.copies = answer, 0
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.listening.getsockname()[1]}"
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection, _address = self.listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"220 here\r\n")
                self._serve(connection, lines)

    def _serve(self, connection: socket.socket, lines: Iterable[bytes]) -> None:
        in_text = False
        for line in lines:
            if in_text and line == b".\r\n":
                self.copies += 1
                connection.sendall(self.answer)
                return
            if line.upper().startswith(b"DATA"):
                in_text = True
                connection.sendall(b"354 go on\r\n")
            elif not in_text:
                connection.sendall(b"250 ok\r\n")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b"250 ok\r\n", "accepted"),
        (b"251 will forward\r\n", "accepted"),
        (b"200 fine\r\n", "accepted"),
        (b"xyzzy\r\n", "unknown"),
        (b"\r\n", "unknown"),
        (b"25", "unknown"),
        (b"2", "unknown"),
        (b"", "unknown"),
        (b"354 go on\r\n", "unknown"),
        (b"250-more\r\n", "unknown"),
        (b"999 odd\r\n", "unknown"),
        (b"450 later\r\n", "deferred"),
        (b"550 no\r\n", "refused"),
    ],
)
def test_only_a_refusal_for_now_is_a_reason_to_send_a_text_again(app, answer, state):
    before, server = app.config["SETTINGS"], AnswersTheText(answer)
    app.config["SETTINGS"] = dataclasses.replace(before, smtp_url=server.url)
    mail = enqueue()
    try:
        for _time in range(3):
            deliver_due()
            later(mail)
    finally:
        app.config["SETTINGS"] = before
        server.listening.close()
    assert state_of(mail)[0] == state
    assert server.copies == (3 if state == "deferred" else 1)


def test_a_mail_whose_links_are_of_another_key_is_not_sent(app):
    text = f"Your link: {tokens.placeholder('manage', 'abc234', '/en/r/')}"
    lost, typed, ours = enqueue(text=text), enqueue(text="Hello"), enqueue(text=text)
    with transaction():
        lost.text = lost.text.replace("/en/r/", "/ja/r/")
        typed.attachments = {}
        ours.text += " and [[link:manage:abc234:1:/en/r/:aaaaaaaaaaaaaaaa]]"
    transport = Scripted()
    deliver_due(transport=transport)
    assert state_of(lost) == ("refused", "other_key")
    assert (state_of(typed)[0], state_of(ours)[0]) == ("accepted", "accepted")
    assert not any(b"[[link:manage:abc234:1:/ja" in content for content in transport.given)


def test_a_deferred_mail_is_tried_at_growing_intervals_then_given_up(app):
    mail = enqueue()
    minutes = []
    for _number in delivery.BACKOFF_MINUTES:
        deliver_due(transport=Scripted(Outcome(DeliveryOutcome.DEFERRED, 451, "later")))
        db.session.refresh(mail)
        minutes.append(round((mail.next_attempt_at - clock.now()).total_seconds() / 60))
        assert deliver_due(transport=Scripted()) == 0
        later(mail)
    assert minutes == list(delivery.BACKOFF_MINUTES)
    assert sum(minutes) >= 48 * 60
    deliver_due(transport=Scripted(Outcome(DeliveryOutcome.DEFERRED, 451, "later")))
    assert state_of(mail) == ("refused", "gave_up")


def test_a_server_that_is_away_leaves_the_other_mails_alone(app):
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = dataclasses.replace(before, smtp_url="smtp://127.0.0.1:9")
    first, second = enqueue(), enqueue()
    try:
        assert deliver_due() == 1
    finally:
        app.config["SETTINGS"] = before
    assert state_of(first)[0] == "deferred"
    assert state_of(second) == ("queued", None)


def test_a_connection_lost_after_the_content_is_never_repeated(by_smtp):
    by_smtp.hang_up_after_data = True
    mail = enqueue()
    deliver_due()
    assert state_of(mail) == ("unknown", "connection_lost")
    assert outcomes_of(mail) == ["unknown"]
    by_smtp.hang_up_after_data = False
    assert deliver_due() == 0


def test_an_expired_lease_is_unknown_and_only_a_person_sends_again(app):
    mail = enqueue()
    with transaction():
        delivery._claim("a worker that dies")
    assert state_of(mail)[0] == "sending"
    assert deliver_due() == 0

    with transaction():
        assert expire_leases(clock.now() + timedelta(hours=1)) == 1
    assert state_of(mail) == ("unknown", "lease_expired")
    assert deliver_due() == 0

    with transaction():
        services.resend(mail, SATO)
    assert deliver_due() == 1
    assert state_of(mail) == ("accepted", None)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "outbox.resend")).one()
    assert (entry.actor_name, entry.target_key) == ("Sato", str(mail.id))


def test_a_late_answer_settles_what_others_called_unknown(app):
    class Slow(Scripted):
        def send(self, *arguments: object) -> Outcome:
            with transaction():
                expire_leases(clock.now() + timedelta(hours=1))
            return Outcome(DeliveryOutcome.ACCEPTED, 250)

    mail = enqueue()
    deliver_due(transport=Slow())
    assert state_of(mail)[0] == "accepted"
    assert outcomes_of(mail) == ["unknown", "accepted"]


def test_what_was_delivered_is_not_sent_again(app):
    mail = enqueue()
    deliver_due()
    with pytest.raises(services.NotResendable), transaction():
        services.resend(mail, SATO)


def test_a_resent_mail_has_the_same_bytes(app):
    mail = enqueue(text="日本語\n", attachments={"t.png": {"qr": "x"}})
    way_out = Scripted(Outcome(DeliveryOutcome.REFUSED, 550, "no"))
    deliver_due(transport=way_out)
    with transaction():
        services.resend(mail, SATO)
    deliver_due(transport=way_out)
    assert len(way_out.given) == 2
    assert way_out.given[0] == way_out.given[1]


@pytest.mark.parametrize(
    ("topic", "optional", "suppressed", "stopped"),
    [
        ("newsletter", True, "newsletter", True),
        ("newsletter", True, "", True),
        ("newsletter", True, "event.x", False),
        ("newsletter", True, "lifted newsletter", False),
        ("newsletter", True, "lifted ", False),
        ("general", False, "general", True),
        ("general", False, "", False),
        ("general", False, "newsletter", False),
        (None, False, "", False),
        (None, True, "", False),
        (None, False, "newsletter", False),
    ],
)
def test_who_opted_out_is_left_alone(app, topic, optional, suppressed, stopped):
    lifted, topic_of_hers = suppressed.startswith("lifted "), suppressed.removeprefix("lifted ")
    mail = enqueue(topic=topic, optional=optional)
    other = enqueue(topic=topic, optional=optional, to_address="other@example.org")
    with transaction():
        services.suppress("reader@example.org", topic_of_hers, SuppressionReason.UNSUBSCRIBED)
        services.suppress("reader@example.org", topic_of_hers, SuppressionReason.UNSUBSCRIBED)
        if lifted:
            services.lift("reader@example.org", topic_of_hers)
    deliver_due()

    assert state_of(mail) == (("skipped", "opted_out") if stopped else ("accepted", None))
    assert state_of(other) == ("accepted", None)
    if topic is not None:
        told = {"reader@example.org": "unsubscribed"} if stopped else {}
        assert queries.suppressions(topic, optional=optional) == told
        assert queries.suppressions(topic, optional=optional, address="reader@example.org") == told
        assert queries.suppressions(topic, optional=optional, address="other@example.org") == {}


def test_a_mail_that_cannot_be_written_does_not_stop_the_others(app):
    broken = enqueue(attachments={"x.png": {}})
    fine = enqueue()
    assert deliver_due() == 2
    assert state_of(broken)[0] == "refused"
    assert state_of(fine)[0] == "accepted"


def test_many_mails_are_enqueued_in_the_order_given(app):
    letters = [
        services.Letter(
            kind="x", to_address=f"r{number}@example.org", to_name="", language="en",
            subject="s", text="t\n",
        )
        for number in range(1200)
    ]  # fmt: skip
    with transaction():
        ids = services.enqueue_many(letters, a_cause())
    assert [queries.get(ids[number]).to_address for number in (0, 700, 1199)] == [
        "r0@example.org",
        "r700@example.org",
        "r1199@example.org",
    ]


def send_with_workers(app, count: int, claim=None) -> Counter[str]:
    """How often each of 60 mails was handed over by `count` workers at once."""
    handed: Counter[str] = Counter()
    lock = threading.Lock()

    class Counting(Scripted):
        def send(self, number: int, to_address: str, sender: str, content: bytes) -> Outcome:
            with lock:
                handed[to_address] += 1
            time.sleep(0.005)  # a server takes a moment, in which the other worker is served
            return Outcome(DeliveryOutcome.ACCEPTED, 250)

    with app.app_context():
        letters = [
            services.Letter(
                kind="x", to_address=f"r{number}@example.org", to_name="", language="en",
                subject="s", text="t\n",
            )
            for number in range(60)
        ]  # fmt: skip
        with transaction():
            services.enqueue_many(letters, a_cause())
    start = threading.Barrier(count)

    def work() -> None:
        with app.app_context():
            start.wait()
            deliver_due(transport=Counting()) if claim is None else claim(Counting())
            db.session.remove()

    threads = [threading.Thread(target=work) for _number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return handed


def test_two_workers_never_send_one_mail_twice(committing_app):
    handed = send_with_workers(committing_app, 2)
    assert len(handed) == 60
    assert set(handed.values()) == {1}
    with committing_app.app_context():
        attempts = db.session.scalars(select(DeliveryAttempt.worker)).all()
    assert len(attempts) == 60
    assert len(set(attempts)) == 2  # both really worked


def test_workers_that_look_without_claiming_do_send_twice(committing_app):
    """The control: the test above would notice."""

    def careless(way_out: Scripted) -> None:
        query = select(Message).where(Message.state == MessageState.QUEUED)
        for mail in db.session.scalars(query).all():
            way_out.send(mail.id, mail.to_address, "", b"")

    assert 2 in send_with_workers(committing_app, 2, careless).values()
