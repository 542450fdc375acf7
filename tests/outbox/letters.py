"""Mails to send in tests."""

from __future__ import annotations

from typing import Any

from harpevents.core.db import transaction
from harpevents.outbox import services
from harpevents.outbox.models import Message, Suppression, SuppressionReason


def a_cause() -> Suppression:
    """Any row will do as the cause of a mail."""
    return services.suppress("nobody@example.org", "some-topic", SuppressionReason.UNSUBSCRIBED)


def enqueue(**values: Any) -> Message:
    """Write a mail in a transaction of its own."""
    with transaction():
        return services.enqueue(
            **{
                "kind": "test.letter",
                "to_address": "reader@example.org",
                "to_name": "Reader",
                "language": "en",
                "subject": "Hello",
                "text": "Hello.\n",
                "cause": a_cause(),
                **values,
            }
        )
