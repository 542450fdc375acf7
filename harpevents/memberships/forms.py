"""Forms of the desk: terms, decisions, successions and contacts of members."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField
from wtforms.validators import Optional

from harpevents.core import clock
from harpevents.core.forms import Address, Form, InLanguages, LanguageField, Line, Needed
from harpevents.memberships import words


def asked_day(text: str | None) -> tuple[date, bool]:
    """The day a reader asked for (today when none), and whether what was asked is a day."""
    if not text:
        return clock.today(), True
    try:
        if len(text) == len("2018-06-01"):
            return date.fromisoformat(text), True
    except ValueError:
        pass
    return clock.today(), False


class TermForm(Form):
    """A planned term; its number follows from the terms there are."""

    name = InLanguages(Line(_l("Name of the term")))
    opens_on = DateField(_l("Expected to open on"), [Optional()])
    assembly_slug = Line(_l("Assembly (short name of the event)"))


class ApproveForm(Form):
    """The assembly's decision on the proposal that was seen."""

    decision = Line(_l("Decision"), required=True)
    effective_on = DateField(_l("Takes effect on"), [Needed()])
    seen = HiddenField()


class AdmitForm(Form):
    """An institution to admit, typed or taken from the suggestions."""

    institution = Line(_l("Institution"), required=True)
    institution_slug = HiddenField()


class SuccessionForm(Form):
    """Passing a member's place on within the term."""

    institution = Line(_l("Successor"), required=True)
    institution_slug = HiddenField()
    on = DateField(_l("From"), [Needed()])
    decision = Line(_l("Decision"), required=True)


class ContactForm(Form):
    """Whom we write to at a member."""

    name = Line(_l("Name"), required=True)
    address = Address(_l("E-mail address"))
    language = LanguageField(_l("Language"))
    capacity = SelectField(_l("Capacity"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.capacity.choices = [(kind.value, word) for kind, word in words.CAPACITIES.items()]
