"""The demo's events: 25 that were held, and two to come that anybody may try to register for."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from harpevents.audit.services import Actor
from harpevents.demo.history import BREAKDOWNS
from harpevents.events import queries, services
from harpevents.events.models import Event, EventKind, HostRole, Mode, Precision, Qualifier
from harpevents.events.services import EventValues, Host
from harpevents.institutions import queries as institutions

DATA = Path(__file__).parent / "data"
TOKYO = "Asia/Tokyo"
ASSEMBLY = "assembly-4"
SEMINAR = "seminar-northern-cooperation"


def add_held_events(actor: Actor) -> None:
    """The association's events from 2017 to 2022, published with what was reported of them."""
    for fact in json.loads((DATA / "events.json").read_text(encoding="utf-8")):
        _add_held(fact, actor)


def _add_held(fact: dict[str, Any], actor: Actor) -> None:
    zone = ZoneInfo(fact["zone"])
    precision = Precision(fact["precision"])
    first, last = date.fromisoformat(fact["starts_on"]), date.fromisoformat(fact["ends_on"])
    if precision is Precision.MONTH:
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    event = services.create(
        EventValues(
            slug=fact["slug"],
            kind=EventKind(fact["kind"]),
            mode=Mode(fact["mode"]),
            starts_at=datetime.combine(first, time(9), zone),
            ends_at=datetime.combine(last, time(18), zone),
            zone=fact["zone"],
            title=fact["title"],
            venue=fact["venue"],
            description=_texts()["illustrative"] if fact["slug"] in BREAKDOWNS else {},
            precision=precision,
            parent=fact["parent"],
            reported_participants=fact["reported_participants"],
            reported_qualifier=Qualifier(fact["reported_qualifier"])
            if fact["reported_qualifier"]
            else None,
            reported_note=fact["reported_note"],
            reported=fact["reported"]
            | ({"illustrative": True} if fact["slug"] in BREAKDOWNS else {}),
        ),
        actor,
    )
    services.set_hosts(event, [_host(host) for host in fact["hosts"]], actor)
    services.publish(event, actor)


def _texts() -> dict[str, Any]:
    return dict(json.loads((DATA / "texts.json").read_text(encoding="utf-8")))


def _host(fact: dict[str, Any]) -> Host:
    role = HostRole(fact["role"])
    if "institution" in fact:
        return Host(institutions.get_by_slug(fact["institution"]).id, role=role)
    return Host(None, fact["name"], role)


def add_events_to_come(today: date, actor: Actor) -> None:
    """A hybrid assembly with two parts some four months ahead, an online seminar in five weeks."""
    _add_assembly(_weekday_after(today + timedelta(days=120), 4), today, actor)
    tuesday = _weekday_after(today + timedelta(days=35), 1)
    _add_coming(
        SEMINAR,
        EventKind.SEMINAR,
        Mode.ONLINE,
        (tuesday, 16, tuesday, 18),
        "niigata-university",
        today,
        actor,
        co_host="north-eastern-federal-university",
        join_url="https://meeting.example.com/northern-cooperation",
    )


def _add_assembly(friday: date, today: date, actor: Actor) -> None:
    assembly = _add_coming(
        ASSEMBLY,
        EventKind.GENERAL_ASSEMBLY,
        Mode.HYBRID,
        (friday, 10, friday, 17),
        "hokkaido-university",
        today,
        actor,
        capacity=240,
        series="assembly",
        edition=4,
    )
    _add_coming(
        "academic-forum-4",
        EventKind.ACADEMIC_FORUM,
        Mode.HYBRID,
        (friday - timedelta(days=1), 13, friday - timedelta(days=1), 17),
        "hokkaido-university",
        today,
        actor,
        capacity=120,
        parent=assembly.slug,
    )
    _add_coming(
        "student-forum-4",
        EventKind.STUDENT_FORUM,
        Mode.HYBRID,
        (friday + timedelta(days=1), 10, friday + timedelta(days=1), 15),
        "hokkaido-university",
        today,
        actor,
        capacity=60,
        parent=assembly.slug,
    )


def _weekday_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _add_coming(
    slug: str,
    kind: EventKind,
    mode: Mode,
    hours: tuple[date, int, date, int],
    host: str,
    today: date,
    actor: Actor,
    *,
    co_host: str | None = None,
    **others: Any,
) -> Event:
    zone = ZoneInfo(TOKYO)
    texts = _texts()[slug]
    event = services.create(
        EventValues(
            slug=slug,
            kind=kind,
            mode=mode,
            starts_at=datetime.combine(hours[0], time(hours[1]), zone),
            ends_at=datetime.combine(hours[2], time(hours[3]), zone),
            zone=TOKYO,
            title=texts["title"],
            summary=texts.get("summary", {}),
            description=texts.get("description", {}),
            venue=texts.get("venue", {}),
            takes_registrations="parent" not in others,
            opens_at=datetime.combine(today - timedelta(days=14), time(9), zone),
            closes_at=datetime.combine(hours[0] - timedelta(days=1), time(12), zone),
            **others,
        ),
        actor,
    )
    hosts = [Host(institutions.get_by_slug(host).id)]
    if co_host:
        hosts.append(Host(institutions.get_by_slug(co_host).id, role=HostRole.CO_HOST))
    services.set_hosts(event, hosts, actor)
    services.publish(event, actor)
    return event


def put_held_events_away(actor: Actor) -> None:
    """The work on what was held is done; the pages stay."""
    for fact in json.loads((DATA / "events.json").read_text(encoding="utf-8")):
        services.archive(queries.get_by_slug(fact["slug"]), actor)
