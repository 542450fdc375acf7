"""The words of the mails, letter by letter, in three languages.

`UPDATE_GOLDEN=1 pytest tests/registrations/test_mails.py` writes them anew; read what changed.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from harpevents.core.db import db, transaction
from harpevents.events.models import Mode
from harpevents.outbox.models import Message
from harpevents.registrations import emails
from tests.factories import an_event, registered

GOLDEN = Path(__file__).parent / "golden"
KINDS = (
    "confirmed", "pending", "waitlisted", "promoted", "approved", "declined", "cancelled",
    "changed", "moved", "link", "called_off",
)  # fmt: skip
NAMES = {
    "ja": {"family": "田中", "given": "太郎", "country": "JP"},
    "en": {"family": "Smith", "given": "Anna", "country": "GB"},
    "ru": {"family": "Иванов", "given": "Иван", "patronymic": "Петрович", "country": "RU"},
}


@pytest.mark.parametrize("language", NAMES)
def test_each_mail_says_what_it_should(app: Flask, language: str):
    event = an_event(
        starts_at=datetime(2030, 5, 20, 1, tzinfo=UTC),
        mode=Mode.HYBRID,
        venue={"ja": "札幌", "en": "Sapporo", "ru": "Саппоро"},
        join_url="https://meeting.example.org/forum",
    )
    person = registered(event, 1, language=language, quiet=True, **NAMES[language])
    person_code = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")
    with transaction():
        for kind in KINDS:
            emails.send(kind, person, reason="")

    whole = []
    for message in db.session.scalars(select(Message).order_by(Message.id)):
        text = re.sub(
            r"\[\[link:manage:[a-z0-9]+:(.*?):[a-z2-7]{16}\]\]",
            r"[[link:manage:KEY:\1]]",
            message.text,
        )
        text = person_code.sub("CODE-CODE-CODE", text)
        files = ", ".join(sorted(message.attachments))
        whole.append(f"=== {message.kind} ({files})\n{message.subject}\n\n{text}")
    written, file = "\n".join(whole), GOLDEN / f"{language}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(written, encoding="utf-8")
    assert written == file.read_text(encoding="utf-8")
