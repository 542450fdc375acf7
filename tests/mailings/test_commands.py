"""The commands: a dispatch is sent and its figures are printed for programs."""

from __future__ import annotations

import json

from click.testing import CliRunner

from harpevents.cli import root
from harpevents.core.db import db, transaction
from harpevents.outbox.models import SuppressionReason
from harpevents.outbox.services import suppress
from tests.mailings.arranging import three_members, to_members


def run(app, *arguments: str):
    db.session.commit()
    return CliRunner().invoke(root, ["mail", *arguments], obj=app)


def test_sending_and_the_figures(app):
    with transaction():
        suppress("office@tromso.example.no", "general", SuppressionReason.UNSUBSCRIBED)
    three_members()
    to_members()
    done = run(app, "send", "1")
    assert (done.exit_code, done.output) == (0, "Dispatch 1: 2 mails.\n")

    printed = json.loads(run(app, "status", "--json").output)
    (one,) = printed["dispatches"]
    assert one["number"] == 1
    assert one["subject"] == "News for {institution}"
    assert one["state"] == "done"
    assert one["recipients"] == {
        "queued": 0, "sending": 0, "accepted": 2, "deferred": 0, "refused": 0, "bounced": 0,
        "unknown": 0, "skipped": 0,
    }  # fmt: skip
    assert one["excluded"] == {"opted_out": 1}
    assert "accepted 2" in run(app, "status").output


def test_what_cannot_be_sent_is_said(app):
    assert run(app, "send", "99").exit_code == 1
    to_members()
    refused = run(app, "send", "1")
    assert refused.exit_code == 1
    assert "Nobody would get this e-mail" in refused.output
