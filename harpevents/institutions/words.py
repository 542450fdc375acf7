"""The words of institutions for pages: kinds, levels, forms of names, changes."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from harpevents.institutions.models import ChangeKind, GovernmentLevel, InstitutionKind, NameForm

KINDS: dict[InstitutionKind, LazyString] = {
    InstitutionKind.UNIVERSITY: _l("University"),
    InstitutionKind.RESEARCH_INSTITUTE: _l("Research institute"),
    InstitutionKind.SCHOOL: _l("School"),
    InstitutionKind.COMPANY: _l("Company"),
    InstitutionKind.THINK_TANK: _l("Think tank"),
    InstitutionKind.GOVERNMENT: _l("National or local government"),
    InstitutionKind.NGO: _l("Non-governmental organisation"),
    InstitutionKind.OTHER: _l("Other"),
}
LEVELS: dict[GovernmentLevel, LazyString] = {
    GovernmentLevel.NATIONAL: _l("National"),
    GovernmentLevel.REGIONAL: _l("Regional"),
    GovernmentLevel.MUNICIPAL: _l("Municipal"),
}
FORMS: dict[NameForm, LazyString] = {
    NameForm.OFFICIAL: _l("Official name"),
    NameForm.SHORT: _l("Short name"),
    NameForm.ALIAS: _l("Other name"),
    NameForm.NATIVE: _l("Name in full"),
}
CHANGES: dict[ChangeKind, LazyString] = {
    ChangeKind.RENAME: _l("Renamed"),
    ChangeKind.MERGER: _l("Merger"),
    ChangeKind.ABSORPTION: _l("Absorbed by another"),
    ChangeKind.SPLIT: _l("Split"),
}
