"""What is asked of persons and accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import joinedload

from harpevents.core import clock, names
from harpevents.core.dates import covers
from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.core.languages import FALLBACK, LANGUAGES, of_script
from harpevents.people.models import (
    Account,
    Affiliation,
    OneTimeLink,
    Person,
    PersonAddress,
    PersonName,
)


def find_account(address: str) -> Account | None:
    """The account of a normalised address, disabled or not."""
    return db.session.scalar(select(Account).where(Account.email == address))


def get_account(number: int) -> Account:
    account = db.session.get(Account, number)
    if account is None:
        raise NotFound(number)
    return account


def accounts() -> Sequence[Account]:
    """Every account, those in use first."""
    query = select(Account).order_by(Account.disabled_at.is_not(None), Account.name, Account.id)
    return db.session.scalars(query).all()


def find_link(key: str) -> OneTimeLink | None:
    """The link of `key` while it may be used: newest, unused, in time, its account in use."""
    query = (
        select(OneTimeLink)
        .join(OneTimeLink.account)
        .where(
            OneTimeLink.key == key,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.replaced_at.is_(None),
            OneTimeLink.expires_at > clock.now(),
            Account.disabled_at.is_(None),
        )
    )
    return db.session.scalar(query)


_BY_ADDRESS = select(PersonAddress.person_id).where(PersonAddress.address == bindparam("address"))


def id_of_address(address: str) -> int | None:
    """The id of the person whose mailbox this is; `address` is normalised."""
    return db.session.scalar(_BY_ADDRESS, {"address": address})


def get(person_id: int) -> Person:
    """The person of this key; raises `NotFound`."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound(person_id)
    return person


def search(text: str) -> Select[Person]:
    """Persons whom `text` may mean, in whatever script it and they are written; "" is everybody."""
    query = select(Person).order_by(Person.search, Person.id)
    if "@" in text:
        held = select(PersonAddress.person_id).where(
            PersonAddress.address.startswith(text.strip().lower(), autoescape=True)
        )
        return query.where(Person.id.in_(held))
    groups = names.query_keys(text)
    if text.strip() and not groups:
        return query.where(Person.id < 0)
    return query.where(
        and_(
            True,
            *(
                or_(*(Person.search.contains(f" {key}", autoescape=True) for key in group))
                for group in groups
            ),
        )
    )


def names_of(ids: Iterable[int]) -> dict[int, list[PersonName]]:
    """All written names of these persons, by person."""
    found: dict[int, list[PersonName]] = defaultdict(list)
    query = select(PersonName).where(PersonName.person_id.in_(list(ids))).order_by(PersonName.id)
    for name in db.session.scalars(query):
        found[name.person_id].append(name)
    return found


def addresses_of(ids: Iterable[int]) -> dict[int, list[str]]:
    """All addresses of these persons, by person."""
    found: dict[int, list[str]] = defaultdict(list)
    query = (
        select(PersonAddress)
        .where(PersonAddress.person_id.in_(list(ids)))
        .order_by(PersonAddress.id)
    )
    for row in db.session.scalars(query):
        found[row.person_id].append(row.address)
    return found


def affiliations_of(ids: Iterable[int]) -> dict[int, list[Affiliation]]:
    """Where these persons are today, by person, the latest first, with the institutions loaded."""
    today = clock.today()
    found: dict[int, list[Affiliation]] = defaultdict(list)
    query = (
        select(Affiliation)
        .where(
            Affiliation.person_id.in_(list(ids)),
            covers(Affiliation.valid_from, Affiliation.valid_to, today),
        )
        .options(joinedload(Affiliation.institution))
        .order_by(Affiliation.valid_from.desc().nulls_last(), Affiliation.id.desc())
    )
    for row in db.session.scalars(query):
        found[row.person_id].append(row)
    return found


def is_at(person_id: int, institution_id: int) -> bool:
    """Whether the person is at the institution, as far as we know."""
    return any(
        place.institution_id == institution_id for place in affiliations_of([person_id])[person_id]
    )


def written(name: PersonName) -> str:
    """One written name in the order of its script."""
    language = of_script(name.script) or FALLBACK
    return names.display(name.family, name.given, name.patronymic, lang=language)


def in_order(written_names: Sequence[PersonName], language: str) -> list[PersonName]:
    """The written names, the one a reader of `language` knows best first."""
    reader = LANGUAGES[language]
    return sorted(written_names, key=lambda name: reader.reads_best(name.script))
