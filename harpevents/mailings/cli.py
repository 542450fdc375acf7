"""Commands of mailings: how dispatches stand, and sending one."""

from __future__ import annotations

from typing import Any

import click

from harpevents.audit.services import COMMAND_LINE
from harpevents.core.console import json_option, print_json, refuses
from harpevents.core.db import db, transaction
from harpevents.core.languages import FALLBACK
from harpevents.mailings import queries, services
from harpevents.mailings.models import DispatchState
from harpevents.outbox.delivery import deliver_due
from harpevents.outbox.models import MessageState


@click.group("mail")
def mail() -> None:
    """Dispatches and their delivery."""


def register(root: click.Group) -> None:
    """Add this domain's commands to the program."""
    root.add_command(mail)


@mail.command("status")
@json_option
@refuses
def status(as_json: bool) -> None:
    """Show each dispatch with what became of its mails."""
    described = _described()
    if as_json:
        print_json({"dispatches": described})
        return
    for one in described:
        figures = ", ".join(
            f"{state} {count}" for state, count in one["recipients"].items() if count
        )
        click.echo(f"{one['number']:5}  {one['state']:9}  {one['subject']}  {figures}".rstrip())


def _described() -> list[dict[str, Any]]:
    dispatches = db.session.scalars(queries.newest_first()).all()
    ids = [dispatch.id for dispatch in dispatches]
    states, excluded = queries.count_states(dispatches), queries.count_excluded(ids)
    subjects = queries.subjects_of(ids, FALLBACK)
    return [
        {
            "number": dispatch.number,
            "subject": subjects.get(dispatch.id, ""),
            "state": queries.state_of(dispatch, states[dispatch.id]).value,
            "recipients": {
                state.value: states[dispatch.id].get(state, 0) for state in MessageState
            },
            "excluded": excluded[dispatch.id],
        }
        for dispatch in dispatches
    ]


@mail.command("send")
@click.argument("number", type=int)
@refuses
def send(number: int) -> None:
    """Send dispatch NUMBER: fix its readers where that is not done, and deliver."""
    with transaction():
        dispatch = queries.get_by_number(number)
        if dispatch.state is DispatchState.DRAFT:
            services.freeze(dispatch, COMMAND_LINE)
        count = services.release(dispatch, COMMAND_LINE)
    deliver_due()
    click.echo(f"Dispatch {number}: {count} mails.")
