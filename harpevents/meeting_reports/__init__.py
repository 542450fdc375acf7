"""Reading attendance reports of online meetings, whatever program and language they come from.

Pure functions: bytes in, people with their minutes out; no database, no web. `parse_report` asks
one reader after the other whether the file is theirs; each decides by what the columns mean, never
by one exact header.
"""

from __future__ import annotations

import datetime as dt
from pathlib import PurePath

from harpevents.core.tables.reading import TableRefused, read_table
from harpevents.meeting_reports import meet, table, teams, ticketing, webex, zoom
from harpevents.meeting_reports.inference import complete
from harpevents.meeting_reports.layout import Layout, layout_of
from harpevents.meeting_reports.parsed import (
    Ignored,
    ParsedPerson,
    ParsedReport,
    ReportRefused,
)

__all__ = ["Ignored", "ParsedPerson", "ParsedReport", "ReportRefused", "parse_report"]

_READERS = (ticketing.read, teams.read, webex.read, meet.read, zoom.read, table.read)


def parse_report(
    data: bytes,
    filename: str,
    *,
    on: dt.date | None = None,
    encoding: str | None = None,
) -> ParsedReport:
    """What the report in `data` says.

    `on` is the day of the event in the zone of the file: it dates reports that hold times of day
    only, and tells 08/12 from 12/08 where the file cannot. `encoding` overrules the detection.
    Raises `ReportRefused` with a reason, and never returns half a report.
    """
    name = PurePath(filename.replace("\\", "/")).name or "file"
    try:
        layout = complete(layout_of(read_table(data, name, encoding), name))
    except TableRefused as refused:
        raise ReportRefused.of_table(refused, name) from refused
    for read in _READERS:
        if reading := read(layout, on):
            return reading.finished(layout.encoding)
    raise _unknown(layout)


def _unknown(layout: Layout) -> ReportRefused:
    first = layout.lines[0]
    if len(first.filled) < 2:
        return ReportRefused("no_header", filename=layout.filename, row=first.number)
    columns = ", ".join(cell[:40] for cell in first.filled[:12])
    return ReportRefused(
        "not_a_report", filename=layout.filename, columns=columns, row=first.number
    )
