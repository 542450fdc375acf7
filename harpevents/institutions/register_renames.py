"""Taking in what became of institutions: mergers with their day, renames, records withdrawn."""

from __future__ import annotations

import re
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from harpevents.audit.services import Actor
from harpevents.core.languages import FALLBACK, LANGUAGES
from harpevents.core.tables.reading import Columns
from harpevents.institutions import queries, services
from harpevents.institutions.models import ChangeKind, Institution, InstitutionKind, NameForm
from harpevents.institutions.register_rows import ImportReport, KnownInstitutions, Row
from harpevents.institutions.services import InstitutionValues

_ABBREVIATION = re.compile(r"^(.+?)\s*[(（]([^()（）]{2,20})[)）]$")
_MERGERS = {"merger", "absorption"}
_RENAMES = {"rename", "renaming", "renamed", "reorganised"}


def take_renames(
    table: Columns, known: KnownInstitutions, report: ImportReport, actor: Actor
) -> None:
    """Rows of an old and a new institution with kind and date.

    A merger with a day is a change with parties; a rename with a day dates the names. Whatever has
    no day only teaches the old name, for nobody knows on which days it was right.
    """
    mergers: dict[tuple[int, date], list[tuple[Row, Institution]]] = {}
    for record in table.records():
        row = Row(table, record)
        old, kind, day = row.name("old_name"), row.text("kind").lower(), row.day()
        if not old:
            raise row.refuse("old_name", _l("The name is missing."))
        report.read += 1
        new = known.find(row.ror_id("new_ror_id"), row.name("new_name"))
        renamed_here = kind in _RENAMES and day is not None
        former = known.find(row.ror_id("old_ror_id"), old)
        if renamed_here and day and former and new in (None, former):
            _rename(row, former, day, report, actor)
        elif new is None:
            reason = _("The institution it became is not in the register.")
            report.skipped.append({"row": record.number, "reason": reason})
        elif kind in _MERGERS and day is not None:
            gone = former if former and former is not new else _former(row, new, known, report,
                                                                       actor)  # fmt: skip
            mergers.setdefault((new.id, day), []).append((row, gone))
        elif renamed_here and day and _dates_earlier_name(row, new, day, actor):
            report.changes_recorded += 1
        else:
            _teach_old_names(row, new, report, actor)
    for (new_id, day), rows in mergers.items():
        _merge(known.by_id[new_id], day, rows, report, actor)


def _names(row: Row) -> tuple[dict[str, str], list[tuple[str, NameForm, str]]]:
    """Official names by language, and abbreviations that stood in brackets behind them."""
    names: dict[str, str] = {}
    others: list[tuple[str, NameForm, str]] = []
    for key in ("old_name", "old_name_local"):
        if value := row.name(key):
            if bracketed := _ABBREVIATION.match(value):
                value = bracketed[1]
                others.append(("", NameForm.SHORT, bracketed[2]))
            names.setdefault(_language_of(value), value)
    return names, others


def _language_of(name: str) -> str:
    written = (code for code, one in LANGUAGES.items() if one.letters)
    return next((code for code in written if re.search(LANGUAGES[code].letters, name)), FALLBACK)


def _former(
    row: Row, new: Institution, known: KnownInstitutions, report: ImportReport, actor: Actor
) -> Institution:
    """The institution that ended, made where the register has none of its name."""
    names, others = _names(row)
    english = names.get(FALLBACK, "")
    if english and (found := known.find(None, english, new.country)) and found is not new:
        return found
    values = InstitutionValues(
        kind=InstitutionKind.UNIVERSITY,
        country=new.country,
        names=names,
        ror_id=row.ror_id("old_ror_id"),
        others=others,
    )
    institution = services.create(values, actor=actor, source=row.text("date_source"))
    known.learn(institution, values)
    report.created += 1
    return institution


def _merge(
    new: Institution,
    day: date,
    rows: list[tuple[Row, Institution]],
    report: ImportReport,
    actor: Actor,
) -> None:
    before = list(dict.fromkeys(institution for _row, institution in rows))
    recorded = {
        party.id
        for lineage in queries.changes_of([new.id])
        if lineage.change.effective_on == day and new in lineage.after
        for party in lineage.before
    }
    missing = [institution for institution in before if institution.id not in recorded]
    report.unchanged += len(rows) - len(missing)
    if not missing:
        return
    kind = ChangeKind.MERGER if len(missing) > 1 else ChangeKind.ABSORPTION
    services.record_change(
        kind, missing, [new], on=day, actor=actor, source=rows[0][0].text("date_source")
    )
    report.changes_recorded += 1


def _rename(
    row: Row, institution: Institution, day: date, report: ImportReport, actor: Actor
) -> None:
    names: dict[str, str] = {}
    for key in ("new_name", "new_name_local"):
        if value := row.name(key):
            names.setdefault(_language_of(value), value)
    try:
        services.rename(institution, names, on=day, actor=actor, source=row.text("date_source"))
    except services.NothingRenamed:
        report.unchanged += 1
    except services.RenameBeforeEarlierName as refused:
        raise row.refuse("date", str(refused)) from refused
    else:
        report.changes_recorded += 1


def _dates_earlier_name(row: Row, institution: Institution, day: date, actor: Actor) -> bool:
    names, _others = _names(row)
    source = row.text("date_source")
    dated = [
        services.record_earlier_name(
            institution, lang, value, until=day, actor=actor, source=source
        )
        for lang, value in names.items()
    ]
    return any(dated)  # all of them are written, whichever was new


def _teach_old_names(row: Row, new: Institution, report: ImportReport, actor: Actor) -> None:
    names, others = _names(row)
    aliases = [(lang, NameForm.ALIAS, value) for lang, value in names.items()]
    added = services.add_names(new, [*aliases, *others], actor=actor, source=row.text("kind"))
    report.names_added += added
    report.unchanged += not added
