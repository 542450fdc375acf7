"""The command that fills an installation with demo data."""

from __future__ import annotations

import time

import click
from flask import current_app

from harpevents.core import clock
from harpevents.core.console import refuses
from harpevents.core.db import transaction
from harpevents.demo import seed as demo


def register(root: click.Group) -> None:
    """Add `seed`."""
    root.add_command(seed)


@click.command()
@refuses
def seed() -> None:
    """Fill an empty installation with the association's history and two events to come."""
    began = time.monotonic()
    with transaction():
        demo.fill(clock.today(), production=current_app.config["SETTINGS"].production)
    click.echo(f"Demo data written in {time.monotonic() - began:.1f} s. Accounts:")
    for email, role, _name, _language in demo.ACCOUNTS:
        click.echo(f"  {email:34} {role.value}")
    click.echo(f"  password of all three: {demo.PASSWORD}")
