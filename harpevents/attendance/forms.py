"""Forms of the door and of meeting reports."""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from harpevents.core import association, clock, i18n
from harpevents.core.addresses import AddressRefused, normalise
from harpevents.core.forms import (
    NOTHING_CHOSEN,
    Address,
    Form,
    Line,
    LongSelect,
    Needed,
    ValidationError,
    worded,
)
from harpevents.core.slugs import is_slug
from harpevents.core.tables import encodings
from harpevents.events.models import Event
from harpevents.institutions import queries as institutions
from harpevents.institutions.models import InstitutionKind
from harpevents.registrations import entries, refusals, words
from harpevents.registrations.entries import Entry
from harpevents.registrations.models import Category, ConsentPurpose


class WalkInForm(Form):
    """Somebody who stands at the door without a registration: what is needed to count her."""

    family = Line(_l("Family name"), longest=entries.LONGEST_NAME)
    given = Line(_l("Given name"), longest=entries.LONGEST_NAME)
    latin_family = Line(_l("Family name in Latin letters"), longest=entries.LONGEST_NAME)
    latin_given = Line(_l("Given name in Latin letters"), longest=entries.LONGEST_NAME)
    email = Address(_l("E-mail address"))
    institution = Line(_l("University or organisation"), longest=300)
    institution_slug = HiddenField()
    country = SelectField(_l("Country"), [Needed()], validate_choice=False, widget=LongSelect())
    institution_kind = SelectField(
        _l("Kind of organisation"),
        choices=[NOTHING_CHOSEN, *worded(words.INSTITUTION_KINDS)],
    )
    category = SelectField(
        _l("Takes part as"),
        [InputRequired(_l("Please choose as what the person takes part."))],
        choices=[NOTHING_CHOSEN, *worded(words.CATEGORIES)],
    )
    language = SelectField(_l("Language of our e-mails"))
    consent_privacy = BooleanField(_l("The person has agreed to the privacy notice."))
    id = HiddenField()  # of the check-in: the form sent twice is one person

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.country.choices = [("", str(_l("Please choose"))), *association.country_choices()]
        self.language.choices = [("", _l("By the country")), *i18n.native_names().items()]
        if uuid_of(self.id.data) is None:
            self.id.data = str(uuid.uuid4())

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field by itself, and one name at least: an empty field asks no validator."""
        valid: bool = super().validate(extra_validators)
        names = (self.family, self.given, self.latin_family, self.latin_given)
        if any(name.data for name in names):
            return valid
        self.family.errors = [str(refusals.NameMissing.message)]
        return False

    def validate_email(self, field: Address) -> None:
        try:
            normalise(field.data or "")
        except AddressRefused as refused:
            raise ValidationError(str(refused)) from None

    def validate_institution_kind(self, field: SelectField) -> None:
        field.data = field.data or institutions.kind_of(self.institution_slug.data or "")
        if not field.data:
            raise ValidationError(_("Please choose the kind of organisation."))

    def validate_country(self, field: SelectField) -> None:
        if not i18n.is_country(field.data or ""):
            raise ValidationError(str(refusals.CountryUnknown.message))

    def entry(self) -> Entry:
        """The valid form as `attendance.services.walk_in` takes it."""
        names: dict[str, Any] = {
            name: self[name].data or ""
            for name in ("family", "given", "latin_family", "latin_given")
        }
        slug = self.institution_slug.data or ""
        agreed = {ConsentPurpose.PRIVACY} if self.consent_privacy.data else set()
        return Entry(
            **names,
            email=self.email.data or "",
            language=self.language.data or i18n.spoken(country=self.country.data),
            country=self.country.data,
            institution_text=self.institution.data or "",
            institution=slug if is_slug(slug) else None,
            institution_kind=InstitutionKind(self.institution_kind.data),
            category=Category(self.category.data),
            consents=frozenset(agreed),
        )


class ReportForm(Form):
    """The report of an online meeting, and the zone in which its clock was running."""

    file = FileField(_l("File"), [FileRequired(_l("Please choose a file."))])
    zone = Line(_l("Time zone of the times in the file"), required=True)
    encoding = SelectField(
        _l("Encoding of the file"),
        choices=[
            SelectChoice(value="", label=_l("is found out")),
            *worded(encodings.NAMED),
        ],
    )
    all_came = BooleanField(_l("Everybody in this file was there"))
    dry_run = BooleanField(_l("Only look: read and match, but store nothing"))

    def __init__(self, event: Event, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not self.zone.data:
            self.zone.data = event.zone

    def validate_zone(self, field: Line) -> None:
        if field.data not in clock.zone_names():
            raise ValidationError(str(_l("There is no time zone of this name.")))


def uuid_of(text: str | None) -> uuid.UUID | None:
    """The id a form carries, or None for what is none."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None
