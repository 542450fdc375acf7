"""Commands of events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from harpevents.audit.services import COMMAND_LINE
from harpevents.core import clock
from harpevents.core.console import json_option, print_json, refuses, text_options
from harpevents.core.db import db, transaction
from harpevents.core.errors import InputRefused, NotFound
from harpevents.core.languages import FALLBACK
from harpevents.core.types import in_language
from harpevents.events import queries, services
from harpevents.events.models import Event, EventKind, Mode
from harpevents.events.services import EventValues


def register(root: click.Group) -> None:
    """Add this domain's commands to the program."""
    root.add_command(commands)


@click.group("events")
def commands() -> None:
    """Events: list them, add one, copy one."""


def described(event: Event) -> dict[str, Any]:
    """The event as `events list --json` prints it; instants in the event's own zone."""
    zone = ZoneInfo(event.zone)
    return {
        "slug": event.slug,
        "kind": event.kind.value,
        "mode": event.mode.value,
        "status": event.status.value,
        "starts_at": event.starts_at.astimezone(zone).isoformat(),
        "ends_at": event.ends_at.astimezone(zone).isoformat(),
        "zone": event.zone,
        "precision": event.precision.value,
        "title": dict(event.title),
        "parent": event.parent.slug if event.parent is not None else None,
    }


@commands.command("list")
@json_option
@refuses
def list_events(as_json: bool) -> None:
    """All events in the order they begin, drafts and parts too."""
    events = db.session.scalars(queries.everything()).all()
    if as_json:
        print_json([described(event) for event in events])
        return
    for event in events:
        title = in_language(event.title, FALLBACK)
        click.echo(f"{event.day}  {event.status.value:10} {event.slug:40} {title}")


def _moment(text: str, zone: str, option: str) -> datetime:
    """An instant as typed; without an offset it is wall-clock time of `zone`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputRefused(
            f"“{text}” is no time such as 2027-05-20T10:00.", column=option
        ) from None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else clock.instant(moment, zone)
    except clock.NoSuchTime as refused:
        raise InputRefused(str(refused), column=option) from None
    except OverflowError:
        raise InputRefused(f"“{text}” is outside of every calendar here.", column=option) from None


@commands.command("add")
@click.option("--slug", required=True, help="The address of the page.")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in EventKind]))
@text_options("title", "The title")
@click.option("--starts", required=True, help="ISO 8601; without offset in --zone.")
@click.option("--ends", required=True, help="ISO 8601; without offset in --zone.")
@click.option("--zone", required=True, help="IANA name, such as Asia/Tokyo.")
@click.option("--mode", required=True, type=click.Choice([mode.value for mode in Mode]))
@click.option("--capacity", type=int, help="Places; none: as many as come.")
@click.option("--parent", help="The slug of the event this is a part of.")
@click.option("--approval", is_flag=True, help="Each registration needs approval.")
@click.option("--draft", is_flag=True, help="Do not publish and do not open registration.")
@json_option
@refuses
def add(
    slug: str, kind: str, title: dict[str, str], starts: str, ends: str, zone: str, mode: str,
    capacity: int | None, parent: str | None, approval: bool, draft: bool, as_json: bool,
) -> None:  # fmt: skip
    """Add an event; unless --draft it is published and open for registration at once."""
    if zone not in clock.zone_names():
        raise InputRefused(f"There is no time zone called “{zone[:80]}”.", column="--zone")
    values = EventValues(
        slug=slug,
        kind=EventKind(kind),
        mode=Mode(mode),
        starts_at=_moment(starts, zone, "--starts"),
        ends_at=_moment(ends, zone, "--ends"),
        zone=zone,
        title=title,
        capacity=capacity,
        parent=parent,
        takes_registrations=not draft,
        needs_approval=approval,
    )
    with transaction():
        event = services.create(values, COMMAND_LINE)
        if not draft:
            services.publish(event, COMMAND_LINE)
    _say(event, as_json)


@commands.command("clone")
@click.argument("slug")
@click.argument("new_slug")
@json_option
@refuses
def clone(slug: str, new_slug: str, as_json: bool) -> None:
    """Copy the event SLUG as a draft under NEW_SLUG, without people."""
    found = queries.find_by_slug(slug)
    if found is None:
        raise NotFound(f"There is no event “{slug}”.")
    with transaction():
        twin = services.clone(found, new_slug, COMMAND_LINE)
    _say(twin, as_json)


def _say(event: Event, as_json: bool) -> None:
    if as_json:
        print_json(described(event))
    else:
        click.echo(event.slug)
