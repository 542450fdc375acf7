"""Accounts: who may name others, and what is never left without an owner."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from harpevents.audit.models import AuditEntry
from harpevents.audit.services import COMMAND_LINE
from harpevents.core.db import db, transaction
from harpevents.people import queries, services
from harpevents.people.models import Role
from tests.factories import an_account, sign_in


def test_an_administrator_adds_an_account_and_sees_its_link_once(app, client):
    sign_in(client, an_account(Role.ADMIN))
    values = {"email": "new@example.org", "name": "Иванов Иван", "role": "organiser"}
    page = client.submit("/desk/accounts", values)
    assert page.status_code == 200
    assert re.search(r"http://127\.0\.0\.1:8000/password/[a-z0-9]+-[a-z2-7]{32}", page.text)
    assert "/password/" not in client.get("/desk/accounts").text
    added = queries.find_account("new@example.org")
    assert added is not None
    assert added.role is Role.ORGANISER


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.ORGANISER])
def test_nobody_else_sees_accounts(app, client, role):
    sign_in(client, an_account(role))
    assert client.get("/desk/accounts").status_code == 404


def test_an_address_has_one_account(app):
    an_account()
    with pytest.raises(services.AccountExists), transaction():
        services.create_account("MIKA@example.org", Role.ADMIN, "", "en", COMMAND_LINE)


def test_the_last_administrator_stays(app):
    boss = an_account(Role.ADMIN)
    with pytest.raises(services.LastAdministrator), transaction():
        services.disable(boss, COMMAND_LINE)
    with pytest.raises(services.LastAdministrator), transaction():
        services.change_role(boss, Role.ORGANISER, COMMAND_LINE)
    an_account(Role.ADMIN, "second@example.org")
    with transaction():
        services.disable(boss, COMMAND_LINE)
    assert boss.disabled_at is not None


def test_a_role_taken_away_is_gone_with_the_next_request(app, client):
    account = an_account(Role.ADMIN)
    an_account(Role.ADMIN, "second@example.org")
    sign_in(client, account)
    assert client.get("/desk/accounts").status_code == 200
    with transaction():
        services.change_role(account, Role.SECRETARIAT, COMMAND_LINE)
    assert client.get("/desk/accounts").status_code == 404


def test_what_happens_to_accounts_is_written_down(app):
    account = an_account(Role.ADMIN)
    an_account(Role.ADMIN, "second@example.org")
    with transaction():
        services.change_role(account, Role.SECRETARIAT, COMMAND_LINE)
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions[-1] == "account.role"
    assert "account.create" in actions
