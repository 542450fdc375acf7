"""The links of a list keep its filters, whatever words a reader writes beside them."""

from __future__ import annotations

from datetime import date

from flask import Flask

from harpevents.core.db import transaction
from harpevents.people.models import Role
from tests.factories import STAFF, an_account, an_event, registered, sign_in
from tests.memberships.arranging import a_university, founded_by, rollover, services
from tests.visitor import Visitor

ODD = "?endpoint=x&_method=PUT&_scheme=javascript&_external=1&_anchor=z&lang=xx&slug=x&number=9"


def more_than_a_page() -> None:
    """Sixty events, universities and registrations, and a term being planned."""
    for number in range(60):
        an_event(f"forum-{number}")
    event = an_event()
    for number in range(60):
        registered(event, number, quiet=True)
    with transaction():
        founded_by(*(a_university(f"University {number}") for number in range(60)))
        services.create_term(1, {"en": "Next"}, actor=STAFF, opens_on=date(2030, 4, 1))
        rollover.plan(1, actor=STAFF)


def test_no_word_in_an_address_breaks_the_links_of_a_list(app: Flask, client: Visitor):
    sign_in(client, an_account(Role.ADMIN))
    more_than_a_page()
    for path in (
        "/desk/events/",
        "/desk/events/forum/registrations",
        "/desk/institutions/",
        "/desk/terms/1/rollover",
    ):
        answer = client.get(f"{path}{ODD}&order=name")
        assert answer.status_code == 200, path
        assert "order=name&amp;page=2" in answer.text, path
        assert "javascript:" not in answer.text, path


def test_no_word_in_an_address_breaks_a_change_of_the_proposal(app: Flask, client: Visitor):
    sign_in(client, an_account(Role.ADMIN))
    more_than_a_page()
    action = "/desk/terms/1/rollover/change/university-1"
    form = client.form("/desk/terms/1/rollover", action)
    form.values["action"] = "withdraw"
    answer = client.post(f"{action}{ODD}&country=JP", data=form.values)
    assert answer.status_code == 303
    assert answer.location.startswith("/desk/terms/1/rollover?")
    assert answer.location.endswith("country=JP#i-university-1")
