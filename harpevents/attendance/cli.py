"""Commands: taking in the report of an online meeting."""

from __future__ import annotations

from pathlib import Path

import click

from harpevents.attendance import report_import
from harpevents.audit.services import COMMAND_LINE
from harpevents.core import console
from harpevents.core.db import transaction
from harpevents.core.errors import NotFound
from harpevents.events import queries as events


def register(root: click.Group) -> None:
    """Add the group `attendance`."""
    root.add_command(attendance)


@click.group()
def attendance() -> None:
    """Who came."""


@attendance.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--zone", help="The zone of the times in the file; the event's own unless given.")
@click.option("--encoding", help="What the file is written in, where that cannot be seen.")
@click.option("--all-came", is_flag=True, help="The file lists only people who were there.")
@click.option("--dry-run", is_flag=True, help="Read and match, but write nothing.")
@console.json_option
@console.refuses
def import_(
    slug: str,
    file: Path,
    zone: str | None,
    encoding: str | None,
    all_came: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take in the attendance report FILE of an online meeting for the event SLUG."""
    event = events.find_by_slug(slug)
    if event is None:
        raise NotFound(f"There is no event “{slug}”.")
    planned = report_import.plan(event, file.read_bytes(), file.name, zone, encoding)
    taken = report_import.find_taken(event, planned.digest) is not None
    if not dry_run:
        with transaction():
            report_import.take(planned, actor=COMMAND_LINE, all_came=all_came)
    if as_json:
        console.print_json(planned.as_json())
        return
    report = planned.report
    click.echo(
        f"{report.format}, {report.encoding}: {report.rows} rows, {len(planned.people)} people, "
        f"{planned.matched} matched, {planned.unmatched} to be matched by hand"
        + (" (taken in before: nothing was changed)" if taken else "")
        + (" (nothing was written)" if dry_run else "")
    )
    for ignored in report.ignored:
        click.echo(f"row {ignored.row}: {ignored.reason}")
