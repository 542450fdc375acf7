"""Lists of participants from ticketing services: connpass, Eventbrite and Peatix.

They say who registered, and who came only where the organiser ticked people off. So where any row
is marked as present, only marked rows count; where none is, all valid registrations are taken
with the flag `attendance_not_recorded`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from harpevents.core.tables.reading import folded
from harpevents.meeting_reports.clock_times import Clock
from harpevents.meeting_reports.layout import Layout, ReportLine
from harpevents.meeting_reports.names import read_name, whole_name
from harpevents.meeting_reports.people import Stay, address_in
from harpevents.meeting_reports.reading import Reading
from harpevents.meeting_reports.words import says_absent, says_came

_CONNPASS = {
    "ticket": {"参加枠名"},
    "user": {"ユーザー名"},
    "name": {"表示名"},
    "email": {"メールアドレス", "メール", "email"},
    "status": {"参加ステータス"},
    "attendance": {"出欠ステータス", "出席ステータス"},
    "came_at": {"出席日時"},
}
_EVENTBRITE = {
    "order": {"order #", "order", "order id", "order number", "注文番号", "номер заказа"},
    "attendee": {"attendee #", "attendee number", "barcode", "barcode #"},
    "first": {"first name", "attendee first name"},
    "last": {"last name", "surname", "attendee surname", "attendee last name"},
    "name": {"name", "attendee name", "full name"},
    "email": {"email", "email address", "attendee email"},
    "ticket": {"ticket type"},
    "status": {"attendee status"},
    "company": {"company", "organisation", "organization", "work company"},
    "came_at": {"check-in date", "checked in at", "check in date"},
}
_PEATIX = {
    "order": {"注文番号", "注文id", "order id"},
    "ticket": {"チケット名", "チケット種別", "ticket name"},
    "last": {"姓", "last name"},
    "first": {"名", "first name"},
    "name": {"氏名", "名前", "参加者名"},
    "email": {"メールアドレス", "email"},
    "came_at": {"入場日時", "チェックイン日時", "entry time"},
    "status": {"ステータス", "入場ステータス", "入場状況"},
}
_CANCELLED = re.compile(r"キャンセル|辞退|cancel|refund|deleted|transferred", re.IGNORECASE)
_WAITING = re.compile(r"補欠|waiting ?list|wait ?listed|抽選待ち|落選", re.IGNORECASE)


def read(layout: Layout, on: dt.date | None) -> Reading | None:
    """Read the file if it is a list of one of these services, else None."""
    for line_number, line in enumerate(layout.lines[:10]):
        below = layout.lines[line_number + 1 :]
        found = _columns(line, _CONNPASS)
        if "status" in found and ("ticket" in found or "attendance" in found):
            return _read("connpass", found, below, on)
        found = _columns(line, _PEATIX)
        if "came_at" in found and found.keys() & {"order", "ticket", "status"}:
            return _read("peatix", found, below, on)
        found = _columns(line, _EVENTBRITE)
        if "order" in found and found.keys() & {"attendee", "ticket", "status"}:
            return _read("eventbrite", found, below, on)
    return None


def _columns(line: ReportLine, words: dict[str, set[str]]) -> dict[str, int]:
    meanings = {folded(word): key for key, group in words.items() for word in group}
    found: dict[str, int] = {}
    for position, cell in enumerate(line.cells):
        if key := meanings.get(folded(cell)):
            found.setdefault(key, position)
    return found


def _read(
    name: str, columns: dict[str, int], lines: list[ReportLine], on: dt.date | None
) -> Reading:
    times = [_cell(line, columns, "came_at") for line in lines]
    reading = Reading(name, Clock([text for text in times if text], on))
    came: set[int] = set()
    for line in lines:
        reading.rows += 1
        status = _cell(line, columns, "status")
        attendance = _cell(line, columns, "attendance") or status
        reading.statuses[status or attendance] += 1
        if reason := _reason(status, attendance):
            reading.ignore(line, reason)
        elif stay := _stay(reading, line, columns):
            reading.stays.append(stay)
            if says_came(attendance) or _cell(line, columns, "came_at"):
                came.add(line.number)
    _keep_those_who_came(reading, lines, came)
    return reading


def _reason(status: str, attendance: str) -> str | None:
    if _CANCELLED.search(status):
        return "cancelled"
    if _WAITING.search(status):
        return "waitlisted"
    return "absent" if says_absent(attendance) else None


def _stay(reading: Reading, line: ReportLine, columns: dict[str, int]) -> Stay | None:
    name = whole_name(_cell(line, columns, "first"), _cell(line, columns, "last"))
    name = name or _cell(line, columns, "name")
    name = name or _cell(line, columns, "user")
    email = address_in(_cell(line, columns, "email"))
    if not name and not email:
        reading.ignore(line, "no_name")
        return None
    joined = reading.clock.read(_cell(line, columns, "came_at"))
    return Stay(
        row=line.number,
        name=read_name(name or email or ""),
        email=email,
        joined=joined,
        organisation=_cell(line, columns, "company"),
    )


def _keep_those_who_came(reading: Reading, lines: list[ReportLine], came: set[int]) -> None:
    if not came:
        reading.stays = [
            replace(stay, flags=("attendance_not_recorded",)) for stay in reading.stays
        ]
        return
    by_number = {line.number: line for line in lines}
    for stay in reading.stays:
        if stay.row not in came:
            reading.ignore(by_number[stay.row], "not_marked_present")
    reading.stays = [stay for stay in reading.stays if stay.row in came]


def _cell(line: ReportLine, columns: dict[str, int], key: str) -> str:
    position = columns.get(key)
    return line.cells[position] if position is not None and position < len(line.cells) else ""
