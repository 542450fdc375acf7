"""Commands of registrations."""

from __future__ import annotations

from pathlib import Path

import click

from harpevents.audit.services import COMMAND_LINE
from harpevents.core.console import fail, json_option, language_option, print_json, refuses
from harpevents.core.db import transaction, turn_at
from harpevents.core.errors import NotFound
from harpevents.events import queries as event_queries
from harpevents.events.models import Event
from harpevents.registrations import exports, imports
from harpevents.registrations.imports import FileRefused, ImportOutcome


def register(root: click.Group) -> None:
    """Add this domain's commands to the program."""
    root.add_command(commands)


@click.group("registrations")
def commands() -> None:
    """Registrations: take lists in, give tables out."""


def _event(slug: str) -> Event:
    event = event_queries.find_by_slug(slug)
    if event is None:
        raise NotFound(f"There is no event “{slug}”.")
    return event


class _OnlyTried(Exception):
    """A dry run came to its end; everything is rolled back."""


@commands.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--history", is_flag=True, help="Record what happened: no mail, no waiting list.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and store nothing.")
@click.option("--encoding", help="What the file is written in, where that cannot be seen.")
@click.option("--country", default="", help="Of rows that name none: JP, RU, …")
@json_option
@refuses
def import_file(
    slug: str,
    file: Path,
    history: bool,
    dry_run: bool,
    encoding: str | None,
    country: str,
    as_json: bool,
) -> None:
    """Register everybody in FILE (CSV or Excel) for the event SLUG: the whole file or nothing."""
    event, data = _event(slug), file.read_bytes()
    listed = imports.read(event, data, file.name, encoding=encoding, country=country.upper())
    outcome: ImportOutcome | None = None
    try:
        with transaction(turn=turn_at(event)):
            outcome = imports.take_in(event, listed, actor=COMMAND_LINE, history=history)
            if dry_run:
                raise _OnlyTried
    except FileRefused as refused:
        _refuse(refused.outcome, as_json)
    except _OnlyTried:
        pass
    if outcome is not None:
        _say(outcome, as_json)


def _refuse(outcome: ImportOutcome, as_json: bool) -> None:
    if as_json:
        print_json(outcome.as_json())
    else:
        for one in outcome.refused[1:]:
            click.echo(f"row {one.row}, column {one.column}: {one}", err=True)
    fail(outcome.refused[0].as_json(), as_json=as_json)


def _say(outcome: ImportOutcome, as_json: bool) -> None:
    if outcome.damaged_rows:
        rows = ", ".join(map(str, outcome.damaged_rows[:20]))
        click.echo(f"Names with a lost letter (“?”) in rows {rows}.", err=True)
    if as_json:
        print_json(outcome.as_json())
        return
    click.echo(
        f"{outcome.event}: {outcome.read} read, {outcome.created} created, "
        f"{outcome.updated} updated, {outcome.skipped} skipped ({outcome.encoding})"
    )
    for text in outcome.unmatched:
        click.echo(f"  not recognised: {text}")
    if outcome.hidden_rows:
        click.echo(f"  rows hidden by a filter, read as well: {len(outcome.hidden_rows)}")
    for title in outcome.ignored_columns:
        click.echo(f"  column not understood, left out: {title}")


@commands.command("export")
@click.argument("slug")
@click.option("--format", "form", type=click.Choice(["csv", "xlsx", "json"]), default="csv")
@language_option()
@refuses
def export(slug: str, form: str, lang: str) -> None:
    """Write the registrations of the event SLUG to standard output."""
    event = _event(slug)
    if form == "json":
        print_json(exports.as_objects(event, lang))
        return
    chunks = exports.as_csv(event, lang) if form == "csv" else [exports.as_xlsx(event, lang)]
    for chunk in chunks:
        click.echo(chunk, nl=False)
