"""Importing a register of institutions, their aliases or their renames from a table."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext as _l

from harpevents.audit.services import Actor
from harpevents.core import i18n
from harpevents.core.languages import FALLBACK
from harpevents.core.tables.reading import Columns, columns, read_table
from harpevents.core.types import in_language
from harpevents.institutions import services
from harpevents.institutions.cleaning import clean_domain, clean_name, clean_website
from harpevents.institutions.kinds import kind_said
from harpevents.institutions.models import Institution, InstitutionKind, NameForm
from harpevents.institutions.register_renames import take_renames
from harpevents.institutions.register_rows import HEADERS, ImportReport, KnownInstitutions, Row
from harpevents.institutions.services import InstitutionValues


def import_file(
    data: bytes, filename: str, *, actor: Actor, encoding: str | None = None
) -> ImportReport:
    """Take in a file of institutions, of aliases or of renames: its header says which.

    Writes to the open transaction. Raises `InputRefused` (row, column, reason) at the first cell
    that cannot be taken: the caller's transaction then keeps nothing. Taken twice, it changes
    nothing the second time.
    """
    table = columns(read_table(data, filename, encoding), HEADERS)
    take: Callable[[Columns, KnownInstitutions, ImportReport, Actor], None]
    if "old_name" in table.positions:
        form, take, needed = "renames", take_renames, "new_name"
    elif "alias" in table.positions:
        form, take, needed = "aliases", _take_aliases, "alias"
    else:
        form, take, needed = "institutions", _take_institutions, "country"
    columns(table.table, HEADERS, required=[needed])
    report = ImportReport(form, table.table.encoding)
    take(table, KnownInstitutions(), report, actor)
    return report


def _take_institutions(
    table: Columns, known: KnownInstitutions, report: ImportReport, actor: Actor
) -> None:
    seen: dict[str, int] = {}
    for record in table.records():
        row = Row(table, record)
        values = _values(row)
        key = values.ror_id or f"{values.country} {in_language(values.names, FALLBACK)}"
        if key in seen:
            raise row.refuse(
                "ror_id" if values.ror_id else "name_en",
                _l("This institution stands in row %(row)s already.", row=seen[key]),
            )
        seen[key] = record.number
        report.read += 1
        name = next(iter(values.names.values()))
        found = known.find(values.ror_id, name, values.country)
        if found is None:
            institution = services.create(values, actor=actor, source=row.text("ror_id"))
            report.created += 1
        else:
            institution = found
            changed = services.edit(found, _merged(found, values, known), actor=actor)
            borne = known.borne.get(found.id, set())
            others = [other for other in values.others if other[2] not in borne]
            added = services.add_names(found, others, actor=actor) if others else 0
            report.names_added += added
            report.updated += changed
            report.unchanged += not changed and not added
        known.learn(institution, values)


def _values(row: Row) -> InstitutionValues:
    names, others = {}, []
    for lang in i18n.languages():
        written = clean_name(row.text(f"name_{lang}"))
        if not written:
            continue
        names[lang] = row.name(f"name_{lang}")
        if written != names[lang]:
            others.append((lang, NameForm.NATIVE, written))  # in full, as the statute has it
    if not names:
        raise row.refuse("name_en", _l("The name is missing."))
    if acronym := clean_name(row.text("acronym")):
        others.append(("", NameForm.SHORT, acronym))
    said = kind_said(*names.values()) or InstitutionKind.UNIVERSITY  # registers are of these
    kind = row.text("kind").lower() or said.value
    if kind not in set(InstitutionKind):
        raise row.refuse("kind", _l("“%(value)s” is no kind of institution.", value=kind))
    return InstitutionValues(
        kind=InstitutionKind(kind),
        country=row.country(),
        names=names,
        city=clean_name(row.text("city")),
        ror_id=row.ror_id(),
        website=clean_website(row.text("website")),
        domain=clean_domain(row.text("domain")),
        founded_on=row.year(),
        others=others,
    )


def _merged(
    found: Institution, values: InstitutionValues, known: KnownInstitutions
) -> InstitutionValues:
    """What the file says over what we know: blanks take nothing away, old names stay old."""
    borne = known.official.get(found.id, {})
    names = {
        lang: value for lang, value in values.names.items() if value not in borne.get(lang, set())
    }
    founded = values.founded_on
    if founded and found.founded_on and founded.year == found.founded_on.year:
        founded = found.founded_on
    return InstitutionValues(
        kind=found.kind,
        level=found.level,
        country=values.country,
        names=names,
        city=values.city or found.city,
        ror_id=values.ror_id or found.ror_id,
        website=values.website or found.website,
        domain=values.domain or found.domain,
        founded_on=founded or found.founded_on,
    )


def _take_aliases(
    table: Columns, known: KnownInstitutions, report: ImportReport, actor: Actor
) -> None:
    """Rows of ror_id or name_en, alias, lang, kind (acronym: a short name)."""
    wanted: dict[int, list[tuple[str, NameForm, str]]] = {}
    for record in table.records():
        row = Row(table, record)
        alias, lang = clean_name(row.text("alias")), row.text("lang").lower()
        if not alias:
            raise row.refuse("alias", _l("The name is missing."))
        if lang not in {"", *i18n.languages()}:
            known_codes = ", ".join(i18n.languages())
            reason = _l("“%(value)s” is not one of %(known)s.", value=lang, known=known_codes)
            raise row.refuse("lang", reason)
        found = known.find(row.ror_id(), row.name("name_en"))
        if found is None:
            raise row.refuse(
                "ror_id" if "ror_id" in table.titles else "name_en",
                _l("No institution of this id or name is in the register."),
            )
        report.read += 1
        short = row.text("kind").lower() in {"acronym", "short"}
        form = NameForm.SHORT if short else NameForm.ALIAS
        if alias not in known.borne.get(found.id, set()):
            wanted.setdefault(found.id, []).append((lang, form, alias))
        else:
            report.unchanged += 1
    for key, names in wanted.items():
        added = services.add_names(known.by_id[key], names, actor=actor)
        report.names_added += added
        report.unchanged += len(names) - added
