"""Who may do what at which event, and which doors open for whom."""

from __future__ import annotations

import pytest

from harpevents.core import access
from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.events import policy, queries
from harpevents.events.models import GrantKind
from harpevents.people.models import Role
from tests.factories import an_account, an_event, grant, sign_in

EDIT, MODERATE, CHECK_IN = GrantKind.EDIT, GrantKind.MODERATE, GrantKind.CHECK_IN
EVERYTHING = {EDIT, MODERATE, CHECK_IN}


@pytest.mark.parametrize(
    ("role", "granted", "there", "allowed"),
    [
        (Role.ADMIN, None, "whole", EVERYTHING),
        (Role.SECRETARIAT, None, "whole", EVERYTHING),
        (Role.SECRETARIAT, None, "part", EVERYTHING),
        (Role.ORGANISER, None, "whole", set()),
        (Role.ORGANISER, EDIT, "whole", EVERYTHING),
        (Role.ORGANISER, MODERATE, "whole", {MODERATE, CHECK_IN}),
        (Role.ORGANISER, CHECK_IN, "whole", {CHECK_IN}),
        (Role.ORGANISER, EDIT, "part", EVERYTHING),
        (Role.ORGANISER, CHECK_IN, "part", {CHECK_IN}),
        (Role.ORGANISER, EDIT, "other", set()),
    ],
)
def test_what_an_account_may_do(app, role, granted, there, allowed):
    whole = an_event("whole")
    an_event("part", parent="whole"), an_event("other")
    account, colleague = an_account(role), an_account(Role.ORGANISER, "colleague@example.org")
    grant(colleague, whole, EDIT)
    grant(colleague, queries.get_by_slug("other"), EDIT)
    if granted is not None:
        grant(account, whole, granted)

    event = queries.get_by_slug(there)
    assert {kind for kind in GrantKind if policy.may(account, event, kind)} == allowed
    for needed in GrantKind:
        if needed in allowed:
            assert policy.get_for_staff(there, account, needed).slug == there
        else:
            with pytest.raises(NotFound):
                policy.get_for_staff(there, account, needed)


@pytest.mark.parametrize(
    ("role", "granted", "seen"),
    [
        (Role.ADMIN, [], {"whole", "part", "other"}),
        (Role.SECRETARIAT, [], {"whole", "part", "other"}),
        (Role.ORGANISER, [], set()),
        (Role.ORGANISER, ["whole"], {"whole", "part"}),
        (Role.ORGANISER, ["part"], {"part"}),
        (Role.ORGANISER, ["other"], {"other"}),
    ],
)
def test_what_an_account_sees_at_the_desk(app, role, granted, seen):
    events = {"whole": an_event("whole")}
    events |= {"part": an_event("part", parent="whole"), "other": an_event("other")}
    account, colleague = an_account(role), an_account(Role.ORGANISER, "colleague@example.org")
    for event in events.values():
        grant(colleague, event)
    for slug in granted:
        grant(account, events[slug])

    assert {event.slug for event in db.session.scalars(policy.visible_to(account))} == seen


@pytest.fixture
def doors(application):
    """A page of each kind of access, gone after the test."""

    def opened():
        return "opened"

    kinds = {
        "public": access.public, "token": access.by_token, "staff": access.staff(),
        "secretariat": access.staff(access.ADMIN, access.SECRETARIAT),
        "admin": access.staff(access.ADMIN), "undeclared": lambda view: view,
    }  # fmt: skip
    views = application.view_functions
    endpoint = "people.sign_in"
    before = views[endpoint]

    def hang(kind):
        def view(**_values):
            return opened()

        views[endpoint] = kinds[kind](view)

    yield hang
    views[endpoint] = before


@pytest.mark.parametrize(
    ("kind", "opened_for"),
    [
        ("public", {None, *Role}),
        ("token", {None, *Role}),
        ("staff", {*Role}),
        ("secretariat", {Role.ADMIN, Role.SECRETARIAT}),
        ("admin", {Role.ADMIN}),
        ("undeclared", set()),
    ],
)
@pytest.mark.parametrize("role", [None, *Role])
def test_a_door_opens_for_whom_it_was_declared(app, client, doors, kind, opened_for, role):
    if role is not None:
        sign_in(client, an_account(role))
    doors(kind)
    answer = client.get("/sign-in?a=b")
    if role in opened_for:
        assert (answer.status_code, answer.text) == (200, "opened")
    elif role is None and kind != "undeclared":
        assert answer.status_code == 302
        assert "next=/sign-in?a%3Db" in answer.location
    else:
        assert answer.status_code == 404


def test_a_role_that_does_not_exist_is_no_declaration():
    with pytest.raises(ValueError, match="janitor"):
        access.staff("janitor")
