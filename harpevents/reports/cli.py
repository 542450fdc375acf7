"""Commands: the report of an event's attendance, the figures of a fiscal year."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import click

from harpevents.core import clock, console, i18n
from harpevents.core.errors import NotFound
from harpevents.core.languages import FALLBACK
from harpevents.core.tables.writing import write_csv, write_workbook
from harpevents.core.types import in_language
from harpevents.events import queries as events
from harpevents.events.models import Event
from harpevents.reports import figures, registry, sentences, years
from harpevents.reports.registry import Report, Subject


def register(root: click.Group) -> None:
    """Add `attendance report` to its group, and the group `reports`."""
    group = root.commands.get("attendance")
    if not isinstance(group, click.Group):
        group = click.Group("attendance", help="Who came.")
        root.add_command(group)
    group.add_command(report)
    root.add_command(reports)


@click.command("report")
@click.argument("slug")
@console.language_option(default=None, help="Only this language.")
@console.json_option
@console.refuses
def report(slug: str, lang: str | None, as_json: bool) -> None:
    """Print who came to the event SLUG: sentences in each language, and the counts."""
    event = _event(slug)
    counted = figures.of_event(event)
    if as_json:
        console.print_json(event_as_json(event, counted, lang or FALLBACK))
        return
    told = figures.said(event, counted)
    for language, sentence in sentences.in_all_languages(told).items():
        if lang in {None, language}:
            click.echo(f"{sentence}\n")
    for country, its in counted.by_country.items():
        if not (its.people or its.institutions):
            continue
        kinds = ", ".join(f"{kind} {number}" for kind, number in its.institutions.items())
        click.echo(f"{country}  {its.people:5}  {kinds}")
    if counted.is_illustrative:
        click.echo("For demonstration: the people counted here are made up.")
    for number, what in (
        (counted.undecided.people, "people of meeting reports wait for a decision"),
        (counted.undecided.institutions, "people wrote an affiliation that waits for a decision"),
    ):
        if number:
            click.echo(f"Not decided: {number} {what}.")


def event_as_json(event: Event, counted: figures.EventFigures, lang: str) -> dict[str, Any]:
    """The shape of `attendance report --json`."""
    return {
        "event": event.slug,
        "registered": counted.registered,
        "present": counted.present,
        "reported": counted.reported,
        "reported_qualifier": event.reported_qualifier,
        "undecided": counted.undecided._asdict(),
        "illustrative": counted.is_illustrative,
        "by_country": {
            country: {
                "people": its.people,
                "institutions": its.institutions,
                "people_by_kind": its.people_by_kind,
                "people_of_universities": its.of_universities,
            }
            for country, its in counted.by_country.items()
            if its.people or its.institutions
        },
        "by_institution": [
            {
                "slug": row.slug,
                "name": in_language(row.names, lang),
                "names": row.names if row.slug else {},
                "country": row.country,
                "kind": row.kind,
                "registered": row.registered,
                "present": row.present,
            }
            for row in counted.by_institution
        ],
        "by_category": {name: present for name, (_all, present) in counted.by_category.items()},
        "by_mode": {name: present for name, (_all, present) in counted.by_mode.items()},
        "sentences": sentences.in_all_languages(figures.said(event, counted)),
    }


@click.group("reports")
def reports() -> None:
    """The figures of the association."""


@reports.command("year")
@click.argument("fiscal_year", type=click.IntRange(1900, 2999))
@console.language_option()
@console.json_option
@console.refuses
def year(fiscal_year: int, lang: str, as_json: bool) -> None:
    """Print the fiscal year (April to March) that begins in FISCAL_YEAR."""
    counted = years.of_year(fiscal_year)
    if as_json:
        console.print_json(year_as_json(counted))
        return
    with i18n.speaking(lang):
        for line in counted.lines:
            title = in_language(line.event.title, lang)
            click.echo(f"{line.day}  {line.attendances:6}  {_whence(line):18}  {title}")
    click.echo(
        f"{counted.fiscal_year}: {len(counted.lines)} events, {counted.attendances} attendances, "
        f"{counted.people} different people known from check-ins"
    )
    if undecided := years.count_undecided([counted]):
        click.echo(f"Not decided: {undecided} people of meeting reports wait for a decision.")


def _whence(line: years.YearLine) -> str:
    """Where the number comes from, and what a published one means."""
    qualifier = line.event.reported_qualifier
    if line.source != "reported" or qualifier is None:
        return line.source
    return f"{line.source}, {qualifier.replace('_', ' ')}"


def year_as_json(counted: years.YearFigures) -> dict[str, Any]:
    """The shape of `reports year --json`."""
    return {
        "fiscal_year": counted.fiscal_year,
        "from": counted.begins_on.isoformat(),
        "to": counted.ends_on.isoformat(),
        "events": len(counted.lines),
        "attendances": counted.attendances,
        "counted": counted.counted,
        "people": counted.people,
        "undecided": {"people": years.count_undecided([counted])},
        "by_kind": counted.by_kind,
        "by_country": counted.by_country,
        "list": [
            {
                "slug": line.event.slug,
                "date": line.day.isoformat(),
                "title": line.event.title,
                "attendances": line.attendances,
                "source": line.source,
                "reported_qualifier": line.event.reported_qualifier,
            }
            for line in counted.lines
        ],
    }


@reports.command("list")
@console.json_option
def list_reports(as_json: bool) -> None:
    """List the reports there are, each with what it tells of."""
    known = registry.REPORTS.values()
    if as_json:
        rows = [(one.name, one.subject, _in_all_languages(one)) for one in known]
        console.print_json(
            [dict(zip(("name", "subject", "title"), row, strict=True)) for row in rows]
        )
        return
    with i18n.speaking(FALLBACK):
        for one in known:
            click.echo(f"{one.name:20}  {one.subject:11}  {one.title}")


def _in_all_languages(report: Report) -> dict[str, str]:
    titles = {}
    for language in i18n.languages():
        with i18n.speaking(language):
            titles[language] = str(report.title)
    return titles


@reports.command("show")
@click.argument("name")
@click.argument("about", required=False)
@click.option("--format", "form", type=click.Choice(["csv", "xlsx"]), default="csv")
@console.language_option()
@console.json_option
@console.refuses
def show(name: str, about: str | None, form: str, lang: str, as_json: bool) -> None:
    """Write the report NAME: of the association, or of the event or fiscal year ABOUT."""
    report = registry.get(name)
    subjects, zone = _about(report, about)
    with i18n.speaking(lang):
        sheet = report.sheet(*subjects)
        if as_json:
            rows = [list(row) for row in sheet.rows]
            console.print_json({"title": sheet.name, "header": sheet.header, "rows": rows})
        elif form == "xlsx":
            click.echo(write_workbook([sheet], zone), nl=False)
        else:
            for chunk in write_csv(sheet.header, sheet.rows, zone):
                click.echo(chunk, nl=False)


def _about(report: Report, about: str | None) -> tuple[list[Event | int], ZoneInfo]:
    """What the function of the report is given, and the time zone of its instants."""
    zone = clock.association_zone()
    if report.subject is Subject.ASSOCIATION:
        return [], zone
    if about is None:
        raise click.UsageError(f"Say of which {report.subject} it is to tell.")
    if report.subject is Subject.YEAR:
        if not (about.isdecimal() and 1900 <= int(about) <= 2999):
            raise click.UsageError(f"{about} is no fiscal year.")
        return [int(about)], zone
    event = _event(about)
    return [event], ZoneInfo(event.zone)


def _event(slug: str) -> Event:
    event = events.find_by_slug(slug)
    if event is None:
        raise NotFound(f"There is no event “{slug}”.")
    return event
