"""The demo with something behind every door, and the address of each door with real values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from flask_migrate import stamp
from sqlalchemy import func, insert, select, text
from werkzeug.routing import Rule

from harpevents.attendance import report_import
from harpevents.attendance import services as attendance
from harpevents.attendance.models import AttendanceReport, CheckIn, CheckInSource, ReportedPerson
from harpevents.core import clock, tokens
from harpevents.core.db import Base, db, transaction
from harpevents.demo import programme, seed
from harpevents.events import queries as events
from harpevents.events import services as event_services
from harpevents.events.models import Event, EventGrant, GrantKind
from harpevents.institutions import queries as institutions
from harpevents.institutions import services as institution_services
from harpevents.institutions.models import InstitutionMatchDecision, InstitutionName
from harpevents.mailings import emails as mailings
from harpevents.mailings.models import DispatchRecipient
from harpevents.memberships.models import MemberContact, Term
from harpevents.outbox.models import Message
from harpevents.people import services as people
from harpevents.people import sessions
from harpevents.people.models import Account, LinkPurpose, Role
from harpevents.registrations import queries as registrations
from harpevents.registrations.models import Registration, RegistrationState
from harpevents.registrations.places import taken
from harpevents.site import migration
from tests.databases import one
from tests.factories import STAFF, an_account, grant, registered
from tests.mailings.arranging import sent, to_people_at
from tests.visitor import Visitor

EVENT, OTHER = programme.ASSEMBLY, programme.SEMINAR
MEMBER = "hokkaido-university"
GRANTS = {kind.value: kind for kind in GrantKind}  # organisers of the event, each named so
ELSEWHERE = "elsewhere"  # organiser of the other event
REPORT = (
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,In Waiting Room"
    "\r\niPhone,,09/25/2020 04:10:00 PM,09/25/2020 04:20:00 PM,10,Yes,No\r\n"
)


@dataclass(frozen=True)
class Site:
    """An application on a filled database; `secrets` are those of a session of each account."""

    app: Flask
    secrets: dict[str, str]
    values: dict[str, Any]

    def visitor(self, named: str | None = None) -> Visitor:
        """A stranger, or who is signed in with the account of that name."""
        visitor = Visitor(self.app, self.app.response_class, use_cookies=True)
        if named is not None:
            with visitor.session_transaction() as cookie:
                cookie["_user_id"], cookie["_fresh"] = self.secrets[named], True
        return visitor


def fill(app: Flask) -> Site:
    """Write the demo into the empty database of `app`, with all the rows that pages are about."""
    with app.app_context():
        with transaction():
            seed.fill(clock.today(), production=False)
        event = events.get_by_slug(EVENT)
        _somebody_waits_though_there_is_room(event)
        _report_and_check_in(event)
        for named, kind in GRANTS.items():
            grant(an_account(Role.ORGANISER, f"{named}@association.example"), event, kind)
        elsewhere = an_account(Role.ORGANISER, f"{ELSEWHERE}@association.example")
        grant(elsewhere, events.get_by_slug(OTHER), GrantKind.EDIT)
        sent(to_people_at(event))
        to_people_at(event)
        with transaction():
            institution_services.ask("An institute of nowhere")
            link = people.issue_link(elsewhere, LinkPurpose.RESET, STAFF)
            secrets = {
                account.email.partition("@")[0]: sessions.begin(account).secret
                for account in db.session.scalars(select(Account))
            }
        values = _values(event) | {"people.token": link.rpartition("/")[2]}
        db.session.remove()
        _say_it_is_of_this_version(app)
    return Site(app, secrets, values)


def copy(site: Site, app: Flask) -> Site:
    """The same rows in the empty database of `app`."""
    with site.app.app_context(), db.engine.connect() as source:
        rows = {
            table: [dict(row) for row in source.execute(select(table)).mappings()]
            for table in Base.metadata.sorted_tables
        }
    with app.app_context():
        with db.engine.begin() as target:
            for table, written in rows.items():
                if written:
                    target.execute(insert(table), written)
                if table.autoincrement_column is not None:
                    name, key = table.name, table.autoincrement_column.name
                    sequence = f"pg_get_serial_sequence('{name}', '{key}')"
                    most = f"(select coalesce(max({key}), 0) + 1 from {name})"
                    target.execute(text(f"select setval({sequence}, {most}, false)"))
        _say_it_is_of_this_version(app)
    return replace(site, app=app)


def _say_it_is_of_this_version(app: Flask) -> None:
    """The tables come from the models, so no migration has written down which they are."""
    migration.prepare(app)
    stamp()


def _somebody_waits_though_there_is_room(event: Event) -> None:
    """A place became free, and no job has given it to the first of the waiting list yet."""
    capacity = event.capacity
    for places in (taken(event.id).held, capacity):
        with transaction():
            values = replace(event_services.values_of(event), capacity=places)
            event_services.edit(event, values, STAFF)
        if places != capacity:
            assert registered(event).state is RegistrationState.WAITLISTED


def _report_and_check_in(event: Event) -> None:
    with transaction():
        report_import.take(report_import.plan(event, REPORT.encode(), "zoom.csv"), actor=STAFF)
        attendance.check_in(event, _of_event(event), source=CheckInSource.NAME, actor=STAFF)


def _of_event(event: Event) -> Registration:
    query = registrations.of_event(event).where(Registration.state == RegistrationState.CONFIRMED)
    found: Registration = one(query)
    return found


def _values(event: Event) -> dict[str, Any]:
    """{name of a part of an address, of a rule, an endpoint, a room or all: what exists there}"""
    member = institutions.get_by_slug(MEMBER)
    person = _of_event(event)
    recipient = one(select(DispatchRecipient))
    return {
        "lang": "en",
        "form": "csv",
        "static.filename": "css/base.css",
        "site.code": "en",
        "memberships.slug": MEMBER,
        "events.slug": EVENT,
        "registrations.slug": EVENT,
        "registrations.token": registrations.manage_token(person),
        "registrations.scanned.token": registrations.ticket_token(person),
        "registrations.purpose": "newsletter",
        "mailings.token": tokens.make(mailings.UNSUBSCRIBE, recipient.key),
        "desk_people.number": one(select(Account.id).where(Account.role == Role.SECRETARIAT)),
        "desk_institutions.slug": MEMBER,
        "desk_institutions.name_id": one(
            select(InstitutionName.id).where(InstitutionName.institution_id == member.id)
        ),
        "desk_institutions.decision_id": one(select(InstitutionMatchDecision.id)),
        "desk_memberships.number": one(select(func.max(Term.number))),
        "desk_memberships.slug": MEMBER,
        "desk_memberships.contact_id": one(
            select(MemberContact.id).where(MemberContact.institution_id == member.id)
        ),
        "desk_events.slug": EVENT,
        "desk_events.position": 1,
        "desk_events.number": one(select(EventGrant.id).where(EventGrant.event_id == event.id)),
        "desk_registrations.slug": EVENT,
        "desk_registrations.number": person.number,
        "desk_attendance.slug": EVENT,
        "desk_attendance.report.number": one(select(AttendanceReport.id)),
        "desk_attendance.number": one(select(ReportedPerson.id)),
        "desk_outbox.number": one(
            select(Message.id).where(Message.kind == "registration.waitlisted")
        ),
        "desk_mailings.number": 2,  # the draft
        "desk_reports.fiscal_year": 2020,
        "desk_reports.slug": EVENT,
        "desk_reports.name": "year-events",
        "desk_reports.event_table.name": "registrations",
        "/desk/reports/<name>.name": "members",
        "/desk/reports/<name>.<any(csv, xlsx):form>.name": "members",
        "fact": one(select(CheckIn.id).where(CheckIn.event_id == event.id)),
        "registration": person.number,
    }


def addresses(site: Site) -> list[tuple[Rule, str]]:
    """Every rule of the site with an address of real values."""
    adapter = site.app.url_map.bind("127.0.0.1")
    return [
        (rule, adapter.build(rule.endpoint, real(site, rule)))
        for rule in site.app.url_map.iter_rules()
    ]


def real(site: Site, rule: Rule) -> dict[str, Any]:
    """What exists for each part of the rule's address; a new room must give its own."""
    room, values = rule.endpoint.partition(".")[0], {}
    for name in rule.arguments:
        names = (*(f"{part}.{name}" for part in (rule.rule, rule.endpoint, room)), name)
        known = [site.values[one] for one in names if site.values.get(one) is not None]
        assert known, f"tests/demo_site.py has no real {name!r} for {rule.rule}"
        values[name] = known[0]
    return values
