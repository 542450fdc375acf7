"""Every door of the site on the filled demo: who may open it, and that looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from harpevents.core import access
from harpevents.core.db import Base, db
from harpevents.events.models import GrantKind
from harpevents.events.policy import INCLUDED
from tests.databases import leaving_no_trace
from tests.demo_site import ELSEWHERE, EVENT, GRANTS, Site, addresses

EDIT, MODERATE, CHECK_IN = GrantKind.EDIT, GrantKind.MODERATE, GrantKind.CHECK_IN
# What an organiser must be granted at the event to open the door; None opens for every organiser.
NEEDED = {
    "desk_site.index": None,
    "desk_site.search": None,
    "desk_people.account": None,
    "desk_people.language": None,
    "desk_events.index": None,
    "desk_registrations.event": CHECK_IN,
    "desk_events.edit": EDIT,
    "desk_events.publish": EDIT,
    "desk_events.archive": EDIT,
    "desk_events.published_figure": EDIT,
    "desk_events.hosts": EDIT,
    "desk_events.remove_host": EDIT,
    "desk_registrations.index": MODERATE,
    "desk_registrations.export": MODERATE,
    "desk_registrations.show": MODERATE,
    "desk_registrations.approve": MODERATE,
    "desk_registrations.decline": MODERATE,
    "desk_registrations.cancel": MODERATE,
    "desk_registrations.resend": MODERATE,
    "desk_registrations.renew_link": MODERATE,
    "desk_registrations.note": MODERATE,
    "desk_registrations.edit": MODERATE,
    "desk_registrations.add": MODERATE,
    "desk_registrations.call_off": EDIT,
    "desk_attendance.index": CHECK_IN,
    "desk_attendance.counts": CHECK_IN,
    "desk_attendance.check_in": CHECK_IN,
    "desk_attendance.ticket": CHECK_IN,
    "desk_attendance.undo": CHECK_IN,
    "desk_attendance.walk_in": CHECK_IN,
    "desk_attendance.reports": CHECK_IN,
    "desk_attendance.report": CHECK_IN,
    "desk_attendance.queue": CHECK_IN,
    "desk_attendance.choose": CHECK_IN,
    "desk_attendance.decide": CHECK_IN,
    "desk_mailings.index": None,
    "desk_mailings.create": MODERATE,
    "desk_mailings.edit": MODERATE,
    "desk_mailings.show": MODERATE,
    "desk_mailings.progress": MODERATE,
    "desk_mailings.readers": MODERATE,
    "desk_mailings.freeze": MODERATE,
    "desk_mailings.thaw": MODERATE,
    "desk_mailings.release": MODERATE,
    "desk_mailings.pause": MODERATE,
    "desk_mailings.resume": MODERATE,
    "desk_mailings.cancel": MODERATE,
    "desk_reports.event": CHECK_IN,
    "desk_reports.event_file": CHECK_IN,
    "desk_reports.event_table": MODERATE,
}
STAFF = ("admin", "secretariat", *GRANTS, ELSEWHERE)
# An open door answers a page, a way on, or a word about what was sent; a closed one 404.
OPEN = {200, 302, 303, 409, 422}


def doors(site: Site) -> Iterator[tuple[Rule, str, str]]:
    """Each rule with each method it takes, and its address."""
    for rule, path in addresses(site):
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield rule, method, path


def roles_of(site: Site, rule: Rule) -> frozenset[str] | None:
    """The roles of staff that the door declares; None where it is no door of staff."""
    declared = access.declared(site.app.view_functions[rule.endpoint])
    return declared if isinstance(declared, frozenset) else None


def knock(site: Site, named: str | None, rule: Rule, method: str, path: str) -> TestResponse:
    """What the door answers to an account, or to a stranger; nothing of it remains."""
    query = {"event": EVENT} if rule.endpoint == "desk_mailings.create" else None
    data = {
        "desk_attendance.check_in": {"number": site.values["registration"]},
        "desk_attendance.undo": {"check_in": site.values["fact"]},
        "desk_memberships.rollover_change": {"action": "renew", "reply": "none"},
    }.get(rule.endpoint)
    with leaving_no_trace(site.app):
        visitor = site.visitor(named)
        return visitor.open(path, method=method, query_string=query, data=data, buffered=True)


def test_the_doors_of_an_organiser_are_all_known(site):
    of_organisers = {
        rule.endpoint
        for rule, _path in addresses(site)
        if access.ORGANISER in (roles_of(site, rule) or ())
    }
    assert of_organisers == set(NEEDED)


def test_a_stranger_finds_every_staff_door_closed_before_anything_is_shown(site):
    for rule, method, path in doors(site):
        if roles_of(site, rule) is not None:
            answer = knock(site, None, rule, method, path)
            assert answer.status_code == 302, f"{method} {path}"
            assert answer.location.startswith("/sign-in"), f"{method} {path}"


def test_a_stranger_finds_every_other_door_open(site):
    for rule, method, path in doors(site):
        if roles_of(site, rule) is None:
            answer = knock(site, None, rule, method, path)
            assert answer.status_code in OPEN, f"{method} {path}: {answer.status}"


@pytest.mark.parametrize("named", STAFF)
def test_each_of_the_staff_finds_exactly_her_doors_open(site, named):
    role = named if named in {access.ADMIN, access.SECRETARIAT} else access.ORGANISER
    for rule, method, path in doors(site):
        roles = roles_of(site, rule)
        if roles is None:
            continue
        answer = knock(site, named, rule, method, path)
        opens = role in roles and (role != access.ORGANISER or is_granted(named, rule.endpoint))
        found = answer.status_code in OPEN if opens else answer.status_code == 404
        assert found, f"{method} {path}: {answer.status}"


def is_granted(named: str, endpoint: str) -> bool:
    needed = NEEDED[endpoint]
    return needed is None or GRANTS.get(named) in INCLUDED[needed]


def test_the_organiser_of_another_event_finds_every_door_of_this_one_closed(site):
    closed = 0
    for rule, method, path in doors(site):
        if NEEDED.get(rule.endpoint) is not None:
            assert knock(site, ELSEWHERE, rule, method, path).status_code == 404, f"{method} {path}"
            closed += 1
    assert closed >= len([endpoint for endpoint, needed in NEEDED.items() if needed])


def test_no_form_is_taken_without_its_token(site):
    """RFC 8058's one-click unsubscribe is the one exception: it carries no cookie either."""
    site.app.config["WTF_CSRF_ENABLED"] = True
    taken = {
        rule.endpoint
        for rule, method, path in doors(site)
        if method != "GET" and knock(site, "admin", rule, method, path).status_code != 400
    }
    assert taken == {"mailings.stop"}


@pytest.mark.parametrize("named", ["admin", None])
def test_no_get_changes_anything(site, named):
    with leaving_no_trace(site.app):
        before = contents(site)
        visitor = site.visitor(named)
        for _rule, method, path in doors(site):
            if method == "GET":
                visitor.get(path, buffered=True)
                visitor.head(path, buffered=True)
        after = contents(site)
    assert {table: rows ^ before[table] for table, rows in after.items()} == dict.fromkeys(
        before, frozenset()
    )


def contents(site: Site) -> dict[str, frozenset[str]]:
    """Every row of every table; the presence of a session is noted before a page, not by it."""
    with site.app.app_context():
        return {
            table.name: frozenset(str(tuple(row)) for row in db.session.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }
