"""The reports there are. Page, files, command, index and documentation follow from each entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import LazyString

from harpevents.core.errors import NotFound
from harpevents.core.tables.writing import Sheet
from harpevents.events.models import Event, GrantKind

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]  # the header, and the rows under it
Function = Callable[..., Table]


class Subject(StrEnum):
    """What a report tells of, which its function is given: an `Event`, a year's number, nothing."""

    EVENT = "event"
    YEAR = "year"
    ASSOCIATION = "association"


@dataclass(frozen=True)
class Report:
    """A table one may ask for, in the language of the reader.

    `name` stands in addresses, file names and commands. A report of an event is for the secretariat
    and for the organisers with `grant`, every other for the secretariat alone.
    """

    name: str
    title: LazyString
    subject: Subject
    table: Function
    grant: GrantKind = GrantKind.CHECK_IN

    def sheet(self, *about: Event | int) -> Sheet:
        """The table of this event, or of this fiscal year, or of the association."""
        return Sheet(str(self.title), *self.table(*about))


REPORTS: dict[str, Report] = {}


def report(
    name: str, title: LazyString, subject: Subject, grant: GrantKind = GrantKind.CHECK_IN
) -> Callable[[Function], Function]:
    """Enter the function below as a report; see `Report`."""

    def entered(table: Function) -> Function:
        REPORTS[name] = Report(name, title, subject, table, grant)
        return table

    return entered


def of(subject: Subject) -> list[Report]:
    """The reports of this subject, in the order they are shown."""
    return [report for report in REPORTS.values() if report.subject is subject]


def get(name: str, subject: Subject | None = None) -> Report:
    """The report of this name; raises `NotFound`, also where it tells of something else."""
    found = REPORTS.get(name)
    if found is None or subject not in {None, found.subject}:
        raise NotFound(f"There is no report “{name}”.")
    return found
