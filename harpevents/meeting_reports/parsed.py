"""What a report of an online meeting says once it is read: people, minutes and what was left out.

All times are the wall clock of the file, as ISO 8601 text without offset. Whoever imports the
report knows the zone; the file does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harpevents.core.tables.refusals import TableRefused
from harpevents.meeting_reports.reasons import REFUSALS


class ReportRefused(Exception):
    """The file cannot be taken as an attendance report. Nothing of it was used.

    `code` is a key of `REFUSALS` here or of `REASONS` in core/tables; `params` fill its words.
    `format` is the kind of report where it was recognised and "unknown" otherwise; `row` and
    `column` tell the place where there is one.
    """

    def __init__(
        self,
        code: str,
        *,
        format: str = "unknown",
        row: int | None = None,
        column: str | None = None,
        words: str | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code)
        self.code, self.format, self.params = code, format, params
        self.row, self.column = row, column
        self.words = words

    @classmethod
    def of_table(cls, refused: TableRefused, filename: str) -> ReportRefused:
        """The file was not even a table; the reason and its place stay as they are."""
        return cls(
            refused.code,
            row=refused.row,
            column=refused.column,
            words=f"{filename}: {refused}",
            filename=filename,
            **refused.params,
        )

    def __str__(self) -> str:
        return self.words if self.words is not None else REFUSALS[self.code] % self.params

    def as_json(self) -> dict[str, Any]:
        """{"error", "reason", "format", "row"?, "column"?} as commands print it with --json."""
        whole = {
            "error": str(self),
            "reason": self.code,
            "format": self.format,
            "row": self.row,
            "column": self.column,
        }
        return {name: value for name, value in whole.items() if value is not None}


@dataclass(frozen=True)
class Ignored:
    """A row that does not count, by its line in the file and a key of `reasons.IGNORED`."""

    row: int
    reason: str

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "reason": self.reason}


@dataclass(frozen=True)
class ParsedPerson:
    """One person, put together from all rows that are about them.

    `key` is the address in lower case, else "name:" and the shown name in lower case. `names` are
    all names shown, original names after them. `total_minutes` adds up what the file states,
    `union_seconds` is time really present, overlaps counted once. `intervals` do not overlap and
    are in order; where the file gives one line a person (flag `presence_summed`) they reach from
    the first join to the last leave and may hold absences.
    """

    key: str
    names: list[str]
    email: str | None
    total_minutes: int
    union_seconds: int
    first_join: str | None
    last_leave: str | None
    organisation: str
    country: str
    is_host: bool
    flags: list[str]
    rows: list[int]
    intervals: list[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "names": self.names,
            "total_minutes": self.total_minutes,
            "union_seconds": self.union_seconds,
            "first_join": self.first_join,
            "last_leave": self.last_leave,
            "is_host": self.is_host,
            "flags": self.flags,
        }


@dataclass(frozen=True)
class ParsedReport:
    """A whole report. `rows` counts its rows about people, those left out included.

    `zone` is the offset or "UTC" where the times carry one, `statuses` counts the words of lists
    of registrations (connpass, Eventbrite) as they stand there.
    """

    format: str
    encoding: str
    title: str | None
    meeting_start: str | None
    meeting_end: str | None
    rows: int
    ignored: list[Ignored]
    people: list[ParsedPerson]
    zone: str | None = None
    statuses: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The parts of `attendance import --json` that the file alone decides."""
        return {
            "format": self.format,
            "encoding": self.encoding,
            "meeting_start": self.meeting_start,
            "rows": self.rows,
            "ignored": [ignored.as_json() for ignored in self.ignored],
            "people": [person.as_json() for person in self.people],
        }
