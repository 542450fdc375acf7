"""Commands of the whole house: serve, worker, migrate, doctor, backup, restore, users."""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import select

from config import Settings, child_environment
from harpevents.audit.services import COMMAND_LINE
from harpevents.core import jobs
from harpevents.core.console import fail, json_option, language_option, print_json, refuses
from harpevents.core.db import db, disconnect, transaction
from harpevents.core.supervisor import Child, Supervisor
from harpevents.events import queries as events
from harpevents.events import services as event_services
from harpevents.events.models import GrantKind
from harpevents.people import services as people
from harpevents.people.models import Account, LinkPurpose, Role
from harpevents.site import backup as backups
from harpevents.site import health, migration, running, schema
from harpevents.site import restore as restoring
from harpevents.site.jobs import JOB

HEAD_START = 2.5  # seconds: the first page is waited for, the first mail is not
WORKER_NICENESS = 10  # whoever waits for a page goes before mail that nobody watches leave


def register(root: click.Group) -> None:
    """Add this domain's commands to the program."""
    for command in (serve, worker, migrate, doctor, backup, restore, users):
        root.add_command(command)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Else HARPEVENTS_PORT.")
@click.option("--no-worker", is_flag=True, help="Web processes only; run workers elsewhere.")
@refuses
def serve(port: int | None, no_worker: bool) -> None:
    """Serve the site, with the worker beside it, until it is told to stop."""
    settings = _settings()
    port = port or settings.port
    _refuse_taken(settings.bind, port)
    schema.require_current()
    environment = child_environment(port)
    children = [Child("web", _web_command(settings, port), environment)]
    if not no_worker:
        begins = time.monotonic() + HEAD_START
        worker = Child("worker", [_program(), "worker"], environment, start_again_at=begins)
        children.append(worker)
    _logging()
    _greet(settings, port)
    if late := health.uncompiled():
        click.echo(
            f"Translations are not compiled ({', '.join(late)}), so pages may be in English. "
            "Run: make catalogues",
            err=True,
        )
    disconnect()
    with running.running(settings) as presence:
        Supervisor(children, each_beat=presence.keep).run()


def _program() -> str:
    """The installed `harpevents`, beside the Python that runs us."""
    return str(Path(sys.executable).parent / "harpevents")


def _web_command(settings: Settings, port: int) -> list[str]:
    server = [sys.executable, "-m", "harpevents.site.granian_server", "harpevents.app:serving"]
    return [*server, settings.bind, str(port), str(max(1, settings.workers))]


def _refuse_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as refused:
            fail({"error": f"{host}:{port} cannot be used: {refused.strerror}"}, as_json=False)


def _greet(settings: Settings, port: int) -> None:
    """Say where the site is, who may sign in to a demo, and where caught mail is read."""
    address = settings.base_url if settings.production else f"http://127.0.0.1:{port}"
    lines = [f"harpevents is at {address}"]
    demo = db.session.scalars(
        select(Account).where(Account.is_demo, Account.disabled_at.is_(None)).order_by(Account.id)
    ).all()
    if demo and not settings.production:
        lines.append(f"Sign in at {address}/sign-in, password {people.DEMO_PASSWORD}, as:")
        lines += [f"  {account.email} ({account.role.value})" for account in demo]
    if settings.smtp_url is None:
        lines.append(
            f"Mail is caught, nothing leaves this machine: {address}/desk/outbox and "
            f"{settings.data / 'outbox'}"
        )
    click.echo("\n".join(lines))
    sys.stdout.flush()


def _logging() -> None:
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    for noisy in ("huey", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


@click.command()
@click.option("--threads", type=click.IntRange(1, 32), default=2, show_default=True)
@click.option("--no-sweep", is_flag=True, help="Leave the sweep of every minute to another worker.")
@refuses
def worker(threads: int, no_sweep: bool) -> None:
    """Do the background work: send mail, and what else waits. SIGTERM lets it finish."""
    schema.require_current()
    _logging()
    os.nice(WORKER_NICENESS)
    disconnect()
    with running.running(_settings()) as presence:
        presence.keep_in_background()
        queue = jobs.queue()
        queue.request(JOB)
        consumer = queue.huey.create_consumer(
            workers=threads, periodic=not no_sweep, graceful_signal="TERM"
        )
        consumer.run()


@click.command()
@refuses
def migrate() -> None:
    """Bring the database to the tables this version needs."""
    before, after = migration.migrate()
    same = "The database is current" if before == after else "The database was brought"
    click.echo(
        f"{same} at {after}."
        if before == after
        else f"{same} from {before or 'nothing'} to {after}."
    )


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Ask whether everything is well; exit code 1 when it is not."""
    report = health.report()
    if as_json:
        print_json(report)
    else:
        for check in report["checks"]:
            said = "--  " if check["never"] else "ok  " if check["ok"] else "BAD "
            click.echo(f"{said} {check['name']}: {check['detail']}")
    if not report["ok"]:
        sys.exit(1)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@refuses
def backup(file: Path) -> None:
    """Write database and files as they are at this moment into FILE (.tar.gz)."""
    made = backups.make(file)
    with transaction():
        health.mark(health.BACKUP_MADE, file.name)
    click.echo(f"{file}: {made.size} bytes, database at {made.revision}, {made.files} files.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put the backup in the place of what is there.")
@refuses
def restore(file: Path, replace: bool) -> None:
    """Bring back what a backup holds. Mail that waited then is held, not sent."""
    restored = restoring.restore(file, replace=replace)
    click.echo(
        f"The data is from {restored.made_at}. Mails held: {restored.held}. "
        "Everybody at the desk has to sign in again."
    )


@click.group()
def users() -> None:
    """Staff accounts."""


@users.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--event", "slug", help="The event an organiser is named for.")
@click.option("--name", default="", help="As shown at the desk; else the part before the @.")
@language_option("--language")
@refuses
def add_user(email: str, role: str, slug: str | None, name: str, language: str) -> None:
    """Add an account and print the link with which its owner sets the password (7 days, once)."""
    with transaction():
        account = people.create_account(email, Role(role), name, language, COMMAND_LINE)
        if slug is not None:
            event_services.grant(events.get_by_slug(slug), account, GrantKind.EDIT, COMMAND_LINE)
        link = people.issue_link(account, LinkPurpose.SET, COMMAND_LINE)
    click.echo(link)
