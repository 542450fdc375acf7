"""Recognising persons; making, changing and ending staff accounts and their passwords."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select, update

from harpevents.audit import services as audit
from harpevents.audit.services import Actor
from harpevents.core import addresses, clock, names, passwords, tokens
from harpevents.core.db import db, insert_rows, lock, table_of
from harpevents.core.errors import RuleBroken
from harpevents.core.languages import Script
from harpevents.people import queries
from harpevents.people.models import (
    Account,
    AccountSession,
    Affiliation,
    LinkPurpose,
    OneTimeLink,
    Person,
    PersonAddress,
    PersonName,
    Role,
)

DEMO_PASSWORD = "harpevents-demo"  # noqa: S105 -- `seed` sets it, on loopback only
LINK_PATH = "/password/"
LINK_PURPOSE = "password"
LINK_LIFETIMES = {LinkPurpose.SET: timedelta(days=7), LinkPurpose.RESET: timedelta(hours=1)}


class AccountExists(RuleBroken):
    message = _l("There is an account with this address already.")
    field = "email"


class LastAdministrator(RuleBroken):
    message = _l("Somebody must stay administrator. Please name another one first.")


class LinkSpent(RuleBroken):
    """The link was used, replaced by a newer one, or is too old."""

    message = _l("This link was used already, or is too old. Please ask for a new one.")
    status = 410


class WrongPassword(RuleBroken):
    message = _l("This is not your present password.")
    field = "present"
    status = 422


@dataclass(frozen=True, kw_only=True)
class PersonNames:
    """A person's names as a form takes them: one in her own script, one in Latin letters, kana."""

    family: str = ""
    given: str = ""
    patronymic: str = ""
    latin_family: str = ""
    latin_given: str = ""
    kana_family: str = ""
    kana_given: str = ""

    def written(self) -> list[str]:
        """Every spelling of the name, each as one text."""
        spellings = (
            (self.family, self.given, self.patronymic),
            (self.latin_family, self.latin_given),
            (self.kana_family, self.kana_given),
        )
        joined = (" ".join(filter(None, spelling)) for spelling in spellings)
        return [name for name in joined if name]

    def by_script(self) -> dict[Script, tuple[str, str, str]]:
        """{script: (family, given, patronymic)} of what is filled in."""
        found = {
            Script.KANA: (self.kana_family, self.kana_given, ""),
            Script.LATIN: (self.latin_family, self.latin_given, ""),
        }
        own = (self.family, self.given, self.patronymic)
        if self.family or self.given:
            found[script_of(self.family + self.given)] = own
        return {script: parts for script, parts in found.items() if parts[0] or parts[1]}


def script_of(text: str) -> Script:
    """The script a name is written in; with any kanji it is Japanese."""
    kinds = {unicodedata.name(sign, "").split(" ")[0] for sign in text if sign.isalpha()}
    if "CJK" in kinds:
        return Script.JA
    if kinds & {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}:
        return Script.KANA
    if "CYRILLIC" in kinds:
        return Script.CYRILLIC
    return Script.LATIN if kinds <= {"LATIN", "MODIFIER"} else Script.OTHER


def recognise(
    email: str,
    *,
    language: str,
    country: str,
    names: PersonNames,
    institution_id: int | None = None,
    position: str = "",
    on: date | None = None,
) -> int:
    """The id of the person with this mailbox, of a new one where nobody has it.

    A known person keeps the names she has: only scripts not known yet are added, because whoever
    types an address in a form has not shown that it is theirs. `institution_id` is where she is
    since `on` (today unless given), as far as whoever wrote it says: nothing rests on it.
    """
    address = addresses.normalise(email)
    person_id = queries.id_of_address(address)
    if person_id is None:
        person_id = _new_person(address, language, country, names)
        at_home = False
    else:
        _add_names(person_id, names)
        at_home = institution_id is not None and queries.is_at(person_id, institution_id)
    if institution_id is not None and not at_home:
        today = clock.today()
        place = {
            "person_id": person_id,
            "institution_id": institution_id,
            "position": position,
            "valid_from": min(on or today, today),
        }
        insert_rows(Affiliation, [place])
    return person_id


_ADD_PERSON = insert(table_of(Person)).returning(Person.id)


def _new_person(address: str, language: str, country: str, written: PersonNames) -> int:
    by_script = written.by_script()
    search = names.search_text(*(" ".join(filter(None, parts)) for parts in by_script.values()))
    person = {
        "language": language,
        "country": country,
        "search": search,
        "created_at": clock.now(),
    }
    person_id = db.session.execute(_ADD_PERSON, person).scalar_one()
    insert_rows(PersonAddress, [{"person_id": person_id, "address": address}])
    _write_names(person_id, by_script)
    return person_id


def _write_names(person_id: int, by_script: Mapping[Script, tuple[str, str, str]]) -> None:
    rows = [
        {
            "person_id": person_id,
            "script": script,
            "family": family,
            "given": given,
            "patronymic": patronymic,
        }
        for script, (family, given, patronymic) in by_script.items()
    ]
    insert_rows(PersonName, rows)


def _add_names(person_id: int, written: PersonNames) -> None:
    """Names in scripts in which the person was not known."""
    known = {name.script for name in queries.names_of([person_id])[person_id]}
    new = {script: parts for script, parts in written.by_script().items() if script not in known}
    if new:
        _write_names(person_id, new)
        refresh_search(queries.get(person_id))


def refresh_search(person: Person) -> None:
    """Write the keys by which the person is found, from all names and addresses known."""
    written = [queries.written(name) for name in queries.names_of([person.id])[person.id]]
    person.search = names.search_text(*written)


# Accounts


def create_account(
    email: str, role: Role, name: str, language: str, actor: Actor, *, is_demo: bool = False
) -> Account:
    """A staff account without a password; raises `AddressRefused` or `AccountExists`."""
    address = addresses.normalise(email)
    if queries.find_account(address) is not None:
        raise AccountExists
    account = Account(
        email=address,
        name=name or address.partition("@")[0],
        language=language,
        role=role,
        password_hash=None,
        is_demo=is_demo,
        created_at=clock.now(),
        disabled_at=None,
    )
    db.session.add(account)
    db.session.flush()
    audit.record("account.create", account, actor=actor, details={"role": role.value})
    return account


def issue_link(account: Account, purpose: LinkPurpose, actor: Actor) -> str:
    """The whole address of a new link; show it once, store it nowhere."""
    return tokens.fill_placeholders(link_placeholder(renew_link(account, purpose, actor)))


def renew_link(account: Account, purpose: LinkPurpose, actor: Actor) -> OneTimeLink:
    """A new link to set or reset the password; every earlier one of the account is void."""
    now = clock.now()
    db.session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.account_id == account.id,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.replaced_at.is_(None),
        )
        .values(replaced_at=now)
    )
    link = OneTimeLink(
        account_id=account.id,
        purpose=purpose,
        key=tokens.new_key(),
        created_at=now,
        expires_at=now + LINK_LIFETIMES[purpose],
        used_at=None,
        replaced_at=None,
    )
    db.session.add(link)
    db.session.flush()
    audit.record("account.link", account, actor=actor, details={"purpose": purpose.value})
    return link


def link_placeholder(link: OneTimeLink) -> str:
    """What stands for the link in a stored mail."""
    return tokens.placeholder(LINK_PURPOSE, link.key, LINK_PATH)


def find_link(token: str) -> OneTimeLink | None:
    """The link a token opens, while it may be used."""
    if not tokens.is_genuine(token, LINK_PURPOSE):
        return None
    return queries.find_link(tokens.key_of(token) or "")


def use_link(token: str, password: str, password_hash: str) -> Account:
    """Set the password through a link, end the account's sessions; raises `LinkSpent`.

    `password_hash` is made by the caller before the transaction: hashing takes its time.
    """
    link = find_link(token)
    if link is None:
        raise LinkSpent
    account = lock(link.account)
    if lock(link).used_at is not None or link.replaced_at is not None or account.disabled_at:
        raise LinkSpent
    passwords.refuse_weak(password, account.email)
    link.used_at = clock.now()
    _set_password(account, password_hash, Actor.of_account(account))
    return account


def change_password(account: Account, password_hash: str) -> None:
    """Give the account another password and end its sessions; the caller begins a new one."""
    _set_password(account, password_hash, Actor.of_account(account))


def set_password(account: Account, password: str, actor: Actor) -> None:
    """Set a password outright: for the demo and for tests."""
    passwords.refuse_weak(password, account.email)
    _set_password(account, passwords.hashed(password), actor)


def _set_password(account: Account, password_hash: str, actor: Actor) -> None:
    account.password_hash = password_hash
    end_sessions(account)
    audit.record("account.password", account, actor=actor)


def change_language(account: Account, language: str) -> None:
    account.language = language


def change_role(account: Account, role: Role, actor: Actor) -> None:
    """Raises `LastAdministrator` where nobody would be left to name others."""
    if account.role == role:
        return
    if role is not Role.ADMIN:
        _refuse_last(account)
    audit.record(
        "account.role", account, actor=actor, details={"role": [account.role.value, role.value]}
    )
    account.role = role


def disable(account: Account, actor: Actor) -> None:
    """Close the account; whoever is signed in with it is out at once."""
    _refuse_last(account)
    account.disabled_at = clock.now()
    end_sessions(account)
    audit.record("account.disable", account, actor=actor)


def enable(account: Account, actor: Actor) -> None:
    account.disabled_at = None
    audit.record("account.enable", account, actor=actor)


def _refuse_last(account: Account) -> None:
    query = select(Account).where(Account.role == Role.ADMIN, Account.disabled_at.is_(None))
    in_use = [row.id for row in db.session.scalars(query.with_for_update())]
    if in_use == [account.id]:
        raise LastAdministrator


def end_sessions(account: Account) -> None:
    """Sign the account out everywhere."""
    db.session.execute(
        update(AccountSession)
        .where(AccountSession.account_id == account.id, AccountSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
