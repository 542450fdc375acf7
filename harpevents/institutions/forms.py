"""Forms of the desk: facts and names of an institution, renames, changes, undecided texts."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, IntegerField, SelectField
from wtforms.validators import URL, NumberRange, Optional

from harpevents.core import association, i18n
from harpevents.core.forms import (
    NOTHING_CHOSEN,
    Form,
    InLanguages,
    Line,
    LongSelect,
    Needed,
    worded,
)
from harpevents.institutions import words
from harpevents.institutions.models import (
    ChangeKind,
    NameForm,
)


class NamesForm(Form):
    """The same name in the languages of the association."""

    name = InLanguages(Line(_l("Name of the institution")))


class InstitutionForm(NamesForm):
    """What is known of an institution."""

    kind = SelectField(_l("Kind"), [Needed(_l("Please choose what kind of institution it is."))])
    level = SelectField(_l("Level"))
    country = SelectField(
        _l("Country"),
        [Needed(_l("Please choose the country of the institution."))],
        widget=LongSelect(),
    )
    city = Line(_l("City"))
    website = Line(_l("Website"), validators=[Optional(), URL()])
    founded = IntegerField(_l("Founded in"), [Optional(), NumberRange(500, 2200)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [NOTHING_CHOSEN, *worded(words.KINDS)]
        levels = [(level.value, word) for level, word in words.LEVELS.items()]
        self.level.choices = [("", "–"), *levels]
        self.country.choices = [("", str(NOTHING_CHOSEN.label)), *association.country_choices()]


class RenameForm(NamesForm):
    """New official names from a day on."""

    on = DateField(_l("From"), [Needed()])
    source = Line(_l("Source"))


class ChangeForm(Form):
    """A merger, an absorption or a split; institutions by suggestion, one to a field."""

    kind = SelectField(_l("What happened"))
    on = DateField(_l("On"), [Needed()])
    first = Line(_l("With (institution)"))
    first_slug = HiddenField()
    second = Line(_l("And with (institution)"))
    second_slug = HiddenField()
    result = Line(_l("Became (institution)"), required=True)
    result_slug = HiddenField()
    other_result = Line(_l("And became (institution)"))
    other_result_slug = HiddenField()
    source = Line(_l("Source"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [
            (kind.value, word)
            for kind, word in words.CHANGES.items()
            if kind is not ChangeKind.RENAME
        ]


class FurtherNameForm(Form):
    """One more name by which it is known."""

    value = Line(_l("Name of the institution"), required=True)
    lang = SelectField(_l("Language"))
    form = SelectField(_l("Kind of name"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lang.choices = [("", _l("no language")), *i18n.native_names().items()]
        self.form.choices = [
            (form.value, word)
            for form, word in words.FORMS.items()
            if form is not NameForm.OFFICIAL
        ]


class DecideForm(Form):
    """What a typed affiliation means."""

    institution = Line(_l("Institution"))
    institution_slug = HiddenField()
