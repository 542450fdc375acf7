"""Commands of people."""

from __future__ import annotations

from typing import Any

import click

from harpevents.core.console import json_option, print_json, refuses
from harpevents.core.db import db
from harpevents.people import queries

AT_MOST = 50


@click.group()
def people() -> None:
    """Persons we know."""


@people.command()
@click.argument("text")
@json_option
@refuses
def find(text: str, as_json: bool) -> None:
    """Find persons by a name in any script, or by the beginning of an address."""
    persons = db.session.scalars(queries.search(text).limit(AT_MOST)).all()
    ids = [person.id for person in persons]
    names, addresses = queries.names_of(ids), queries.addresses_of(ids)
    places = queries.affiliations_of(ids)
    found: list[dict[str, Any]] = [
        {
            "id": person.id,
            "names": [
                queries.written(name)
                for name in queries.in_order(names[person.id], person.language)
            ],
            "emails": addresses[person.id],
            "institution": next((row.institution.slug for row in places[person.id]), None),
            "country": person.country,
        }
        for person in persons
    ]
    if as_json:
        print_json(found)
        return
    for one in found:
        parts = [" / ".join(one["names"]), ", ".join(one["emails"]), one["institution"] or ""]
        click.echo("  ".join(part for part in (*parts, one["country"]) if part))
    if not found:
        click.echo("Nobody was found.", err=True)


def register(root: click.Group) -> None:
    """Add this domain's commands to the program."""
    root.add_command(people)
