"""The `harpevents` command: one group per domain, each adding its own."""

from __future__ import annotations

import sqlite3
import sys
from typing import NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

from config import Settings, SettingsRefused
from harpevents.app import create_app
from harpevents.attendance import cli as attendance_cli
from harpevents.core.console import fail, outside_reason
from harpevents.demo import cli as demo_cli
from harpevents.events import cli as events_cli
from harpevents.institutions import cli as institutions_cli
from harpevents.mailings import cli as mailings_cli
from harpevents.memberships import cli as memberships_cli
from harpevents.outbox import cli as outbox_cli
from harpevents.people import cli as people_cli
from harpevents.registrations import cli as registrations_cli
from harpevents.reports import cli as reports_cli
from harpevents.site import cli as site_cli
from harpevents.site import running

MENDING = frozenset({"restore", "doctor"})  # what still works while a restore is unfinished


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="harpevents")
@click.pass_context
def root(context: click.Context) -> None:
    """Events and membership of an association of universities."""
    if "--help" in sys.argv or "-h" in sys.argv:
        return
    app = context.obj or create_app(Settings.from_environment())
    context.obj = app
    context.with_resource(app.app_context())
    settings = app.config["SETTINGS"]
    if context.invoked_subcommand not in MENDING and running.is_unfinished(settings):
        fail({"error": str(running.RestoreUnfinished())}, as_json=False)


for domain in (
    institutions_cli,
    people_cli,
    memberships_cli,
    events_cli,
    registrations_cli,
    attendance_cli,
    outbox_cli,
    mailings_cli,
    reports_cli,
    site_cli,
    demo_cli,
):
    domain.register(root)


def _run_for_programs() -> NoReturn:
    """The same, only that wrong usage is one JSON document, as every other refusal is."""
    try:
        sys.exit(root(standalone_mode=False))
    except click.UsageError as wrong:
        fail({"error": wrong.format_message()}, as_json=True, code=wrong.exit_code)
    except click.ClickException as failed:
        fail({"error": failed.format_message()}, as_json=True, code=failed.exit_code)
    except click.Abort:
        sys.exit(1)


def main() -> None:
    """Run the command line; what it refuses is one plain sentence, or with --json one document."""
    try:
        if "--json" in sys.argv[1:]:
            _run_for_programs()
        else:
            root()
    except SettingsRefused as refused:
        click.echo(str(refused), err=True)
        sys.exit(2)
    except (SQLAlchemyError, sqlite3.Error, OSError) as failed:
        reason = outside_reason(failed)
        if reason is None:
            raise
        click.echo(reason, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
