"""Fills an empty installation with the association's own history, all of it or nothing."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from harpevents.audit.models import ActorKind
from harpevents.audit.services import Actor
from harpevents.core.db import db
from harpevents.core.errors import RuleBroken
from harpevents.demo import association, participants, programme
from harpevents.demo.people import Population
from harpevents.events import queries as events
from harpevents.events import services as event_services
from harpevents.events.models import GrantKind
from harpevents.institutions.models import Institution
from harpevents.people import services as people
from harpevents.people.models import Account, Role

SEED = Actor(ActorKind.COMMAND, "seed")
PASSWORD = people.DEMO_PASSWORD
ACCOUNTS = (
    ("admin@association.example", Role.ADMIN, "Demo Administrator", "en"),
    ("secretariat@association.example", Role.SECRETARIAT, "事務局 デモ", "ja"),
    ("organiser@association.example", Role.ORGANISER, "Организатор (демо)", "ru"),
)


class NotInProduction(RuleBroken):
    """The demo has accounts with a known password."""

    message = _l("Demo data has accounts with a known password; it is refused in production.")


class NotEmpty(RuleBroken):
    """There is something already that the demo would mix with."""

    message = _l("There is data already. Demo data goes into an empty installation only.")


def fill(today: date, *, production: bool) -> None:
    """Write the demo into the open transaction, as seen from `today`."""
    if production:
        raise NotInProduction
    for table in (Institution, Account):
        if db.session.scalar(select(table.id).limit(1)) is not None:
            raise NotEmpty
    population = Population()
    _add_accounts()
    association.add_institutions(SEED)
    association.carry_over_the_terms(SEED)
    association.mark_what_is_assumed()
    programme.add_held_events(SEED)
    participants.bring_history_in(population, SEED)
    association.record_succession(SEED)
    association.pass_the_place_on(SEED)
    association.add_contacts(today, population, SEED)
    programme.add_events_to_come(today, SEED)
    participants.register_first_people(population, today, SEED)
    programme.put_held_events_away(SEED)
    assembly = events.get_by_slug(programme.ASSEMBLY)
    association.plan_the_next_term(assembly.day, assembly.slug, SEED)
    _name_an_organiser()


def _add_accounts() -> None:
    for email, role, name, language in ACCOUNTS:
        account = people.create_account(email, role, name, language, SEED, is_demo=True)
        people.set_password(account, PASSWORD, SEED)


def _name_an_organiser() -> None:
    organiser = db.session.scalars(select(Account).where(Account.role == Role.ORGANISER)).one()
    for slug in (programme.ASSEMBLY, programme.SEMINAR):
        event_services.grant(events.get_by_slug(slug), organiser, GrantKind.MODERATE, SEED)
