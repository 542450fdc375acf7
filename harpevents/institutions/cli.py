"""Commands of institutions: importing registers and matching what people typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from harpevents.audit.services import COMMAND_LINE
from harpevents.core.console import fail, json_option, print_json, refuses
from harpevents.core.db import transaction
from harpevents.core.errors import InputRefused
from harpevents.core.tables.reading import TableRefused, columns, read_table
from harpevents.institutions import matching
from harpevents.institutions.register_import import import_file
from harpevents.institutions.register_rows import ImportReport

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
ENCODING = click.option(
    "--encoding", help="What the file is written in, where that cannot be seen."
)
ORDER = {"institutions": 0, "aliases": 1, "renames": 2}


class Rehearsed(Exception):
    """A dry run ends its transaction with this, so that nothing is kept."""


@click.group("institutions")
def institutions() -> None:
    """Universities and other bodies: import registers, match what people typed."""


@institutions.command("import")
@click.argument("file", type=FILE)
@click.option("--aliases", type=FILE, help="A table of other names, taken after FILE.")
@click.option("--renames", type=FILE, help="A table of renames and mergers, taken last.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@ENCODING
@json_option
@refuses
def import_command(
    file: Path,
    aliases: Path | None,
    renames: Path | None,
    dry_run: bool,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Take in a table of institutions, of aliases or of renames: its header says which.

    CSV in any usual encoding, or Excel. Importing the same file again changes nothing. A refused
    cell is named by row and column, and then nothing of the files is kept.
    """
    reports: list[tuple[Path, ImportReport]] = []
    try:
        with transaction():
            for path in filter(None, (file, aliases, renames)):
                reports.append((path, _imported(path, encoding)))
            if dry_run:
                raise Rehearsed
    except Rehearsed:
        pass
    if as_json:
        whole = [{"file": path.name, **report.as_json()} for path, report in reports]
        print_json({**(whole[0] if len(whole) == 1 else {"files": whole}), "dry_run": dry_run})
        return
    for path, report in reports:
        click.echo(_sentence(path, report, dry_run))
        for skipped in report.skipped:
            click.echo(f"  row {skipped['row']}: {skipped['reason']}", err=True)


def _imported(path: Path, encoding: str | None) -> ImportReport:
    try:
        return import_file(path.read_bytes(), path.name, actor=COMMAND_LINE, encoding=encoding)
    except TableRefused:
        raise
    except InputRefused as refused:
        refused.reason = f"{path.name}: {refused.reason}"
        raise


def _sentence(path: Path, report: ImportReport, dry_run: bool) -> str:
    figures = (
        (report.created, "created"),
        (report.updated, "updated"),
        (report.names_added, "names added"),
        (report.changes_recorded, "changes recorded"),
        (report.unchanged, "unchanged"),
        (len(report.skipped), "skipped"),
    )
    said = ", ".join(f"{number} {word}" for number, word in figures if number)
    would = " (dry run: nothing was kept)" if dry_run else ""
    return f"{path.name}: {report.read} rows read as {report.format}: {said}{would}"


@institutions.command("match")
@click.argument("text", required=False)
@click.option("--file", "file", type=FILE, help="One text a line, or a table with “affiliation”.")
@ENCODING
@json_option
@refuses
def match_command(text: str | None, file: Path | None, encoding: str | None, as_json: bool) -> None:
    """Say which institution TEXT means: a match, candidates to ask about, or none.

    With --file one JSON object a line, in the order of the file.
    """
    if (text is None) == (file is None):
        raise click.UsageError("Give either TEXT or --file FILE.")
    if file is not None:
        for line in _texts(file, encoding):
            click.echo(json.dumps(_matched(line), ensure_ascii=False))
        return
    if not (text or "").strip():
        fail({"error": "The text is empty."}, as_json=as_json)
    answer = _matched(text or "")
    if as_json:
        print_json(answer)
        return
    click.echo(answer["decision"])
    for candidate in answer["candidates"]:
        click.echo(f"  {candidate['score']:.2f}  {candidate['slug']}  {candidate['name']}")


def _matched(text: str) -> dict[str, Any]:
    return matching.match(text).as_json()


def _texts(path: Path, encoding: str | None) -> list[str]:
    """The texts of a file: its column "affiliation" where it has one, else its lines."""
    data = path.read_bytes()
    table = read_table(data, path.name, encoding)
    try:
        found = columns(table, {"affiliation": ["所属", "организация"]}, required=["affiliation"])
    except TableRefused:
        lines = data.decode(table.encoding).splitlines()
        return [line.strip() for line in lines if line.strip()]
    return [record.values["affiliation"] for record in found.records()]


def register(root: click.Group) -> None:
    """Add this domain's commands to the program."""
    root.add_command(institutions)
