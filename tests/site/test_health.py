"""What the doctor says of backups: never made, made, and made too long ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harpevents.core import clock
from harpevents.core.db import transaction
from harpevents.people.models import Role
from harpevents.site import health
from tests.factories import an_account, sign_in
from tests.visitor import text_of

TODAY = datetime(2026, 11, 22, 3, tzinfo=UTC)


def of_backup():
    (check,) = (one for one in health.checks() if one.name == "backup")
    return check.ok, check.never


@pytest.mark.parametrize(
    ("days_ago", "here", "in_public"),
    [(None, (True, True), (False, False)), (7, (True, False), (True, False)),
     (8, (True, False), (False, False))],
)  # fmt: skip
def test_a_backup_that_was_never_made_is_not_well(app, monkeypatch, days_ago, here, in_public):
    monkeypatch.setattr(clock, "now", lambda: TODAY)
    if days_ago is not None:
        with transaction():
            health.mark("backup.made", at=TODAY - timedelta(days=days_ago))
    assert of_backup() == here
    monkeypatch.setattr(type(health._settings()), "production", property(lambda _self: True))
    assert of_backup() == in_public


def test_the_health_page_does_not_call_never_well(app, client):
    page = text_of(sign_in(client, an_account(Role.ADMIN)).get("/desk/health").text)
    assert "Backup Not yet none made yet" in page
    assert "Everything is well" not in page
