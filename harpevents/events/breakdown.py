"""The form for a published figure's breakdown: people and institutions by side and kind."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from harpevents.core import i18n
from harpevents.core.forms import Form
from harpevents.institutions import words
from harpevents.institutions.models import InstitutionKind

MOST = 1_000_000
NO_COUNTRY = ""  # where the source names none
Counted = dict[str, int]  # {country: n}


class BreakdownForm(Form):
    """People of universities for each side, and institutions for each kind and side."""

    sides: tuple[str, ...] = ()

    def persons(self) -> Counted:
        return self._row("persons")

    def institutions(self) -> dict[str, Counted]:
        """{kind: {country: n}}, without what was left empty."""
        rows = {kind.value: self._row(kind.value) for kind in InstitutionKind}
        return {kind: row for kind, row in rows.items() if row}

    def rows(self) -> list[tuple[Any, list[Any]]]:
        """(title, a field for each column), as the page shows them."""
        titles = [("persons", _l("People of universities")), *words.KINDS.items()]
        return [
            (title, [self[f"{row}_{side}"] for side in self.columns()]) for row, title in titles
        ]

    def columns(self) -> tuple[str, ...]:
        return (*self.sides, NO_COUNTRY)

    def column_titles(self) -> list[str]:
        named = [i18n.country_name(side) for side in self.sides]
        return [*named, str(_l("Country not named"))]

    def _row(self, name: str) -> Counted:
        found = {side: self[f"{name}_{side}"].data for side in self.columns()}
        return {side: number for side, number in found.items() if number is not None}


@lru_cache(maxsize=8)
def _form_of(sides: tuple[str, ...]) -> type[BreakdownForm]:
    rows = ["persons", *(kind.value for kind in InstitutionKind)]
    fields: dict[str, Any] = {
        f"{row}_{side}": IntegerField(row, [Optional(), NumberRange(0, MOST)])
        for row in rows
        for side in (*sides, NO_COUNTRY)
    }
    return type("SidesBreakdownForm", (BreakdownForm,), {**fields, "sides": sides})


def form_for(sides: tuple[str, ...], reported: Mapping[str, Any]) -> BreakdownForm:
    """The form filled with what `Event.reported` holds, with a column for each country in it."""
    kinds = {"persons": reported.get("persons"), "university": reported.get("universities")}
    if isinstance(by_kind := reported.get("institutions"), dict):
        kinds |= by_kind
    held = {
        f"{row}_{side}": number
        for row, counted in kinds.items()
        if isinstance(counted, dict)
        for side, number in counted.items()
    }
    named = {side for counted in kinds.values() if isinstance(counted, dict) for side in counted}
    others = sorted(code for code in named if code not in sides and i18n.is_country(code))
    return _form_of((*sides, *others))(data=held)
