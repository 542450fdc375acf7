"""Mails to send in tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from harpevents.core.db import db, transaction
from harpevents.outbox import services
from harpevents.outbox.models import Message, Suppression, SuppressionReason


def a_cause() -> Suppression:
    """Any row will do as the cause of a mail."""
    return services.suppress("nobody@example.org", "some-topic", SuppressionReason.UNSUBSCRIBED)


def enqueue(**values: Any) -> Message:
    """Write a mail in a transaction of its own."""
    usual = {
        "kind": "test.letter",
        "to_address": "reader@example.org",
        "to_name": "Reader",
        "language": "en",
        "subject": "Hello",
        "text": "Hello.\n",
    }
    with transaction():
        services.enqueue(services.Letter(**{**usual, **values}), a_cause())
    return db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
