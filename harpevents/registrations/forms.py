"""The registration form, as participants and the desk fill it in."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from harpevents.core import association, clock, i18n, tokens
from harpevents.core.addresses import AddressRefused, normalise
from harpevents.core.forms import (
    NOTHING_CHOSEN,
    Address,
    Form,
    LanguageField,
    Line,
    LongSelect,
    Needed,
    Text,
    ValidationError,
    worded,
)
from harpevents.core.slugs import is_slug
from harpevents.core.types import in_language
from harpevents.events import policy
from harpevents.events.models import Event
from harpevents.institutions import queries as institutions
from harpevents.institutions.models import InstitutionKind
from harpevents.registrations import entries, places, refusals, words
from harpevents.registrations.entries import Entry
from harpevents.registrations.models import AttendanceMode, Category, ConsentPurpose, Registration

FORM_KEY = re.compile(r"[a-z0-9]{8,40}", re.ASCII)


class PartsField(SelectMultipleField):
    """One box for each way to take part in each part: "slug:room", "slug:online"."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class RegistrationForm(Form):
    """What a person writes to take part. `event` and its parts decide which fields there are.

    Parts that are over or called off are offered no more; who had chosen one keeps it.
    """

    family = Line(_l("Family name"), longest=entries.LONGEST_NAME)
    given = Line(_l("Given name"), longest=entries.LONGEST_NAME)
    patronymic = Line(_l("Patronymic"), longest=entries.LONGEST_NAME)
    kana_family = Line(_l("Family name in kana"), longest=entries.LONGEST_NAME)
    kana_given = Line(_l("Given name in kana"), longest=entries.LONGEST_NAME)
    latin_family = Line(_l("Family name in Latin letters"), longest=entries.LONGEST_NAME)
    latin_given = Line(_l("Given name in Latin letters"), longest=entries.LONGEST_NAME)
    email = Address(_l("E-mail address"))
    country = SelectField(_l("Country"), [Needed()], validate_choice=False, widget=LongSelect())
    institution = Line(_l("University or organisation"), longest=300)
    institution_slug = HiddenField()
    institution_kind = SelectField(
        _l("Kind of organisation"), choices=[NOTHING_CHOSEN, *worded(words.INSTITUTION_KINDS)]
    )
    position = Line(_l("Position"), longest=200)
    category = SelectField(
        _l("You take part as"),
        [InputRequired(_l("Please choose as what you take part."))],
        choices=[NOTHING_CHOSEN, *worded(words.CATEGORIES)],
    )
    language = LanguageField(_l("Language of our e-mails to you"))
    mode = RadioField(_l("How will you take part?"), [Needed()])
    parts = PartsField(_l("Parts you want to take part in"), [Optional()])
    note = Text(_l("Anything we should know?"), longest=2_000)
    consent_privacy = BooleanField(words.CONSENTS[ConsentPurpose.PRIVACY], [Needed()])
    consent_contact_sharing = BooleanField(words.CONSENTS[ConsentPurpose.CONTACT_SHARING])
    consent_newsletter = BooleanField(words.CONSENTS[ConsentPurpose.NEWSLETTER])
    consent_photographs = BooleanField(words.CONSENTS[ConsentPurpose.PHOTOGRAPHS])
    form_key = HiddenField()

    def __init__(self, event: Event, parts: Sequence[Event], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        language = i18n.current_language()
        self.country.choices = [("", _("Please choose")), *association.country_choices()]
        modes = places.ways(event)
        if len(modes) == 1:
            del self.mode
        else:
            self.mode.choices = worded({mode: words.MODES[mode] for mode in modes})
        self.parts.choices = list(_part_choices(parts, language))
        offered = {str(choice.value).partition(":")[0] for choice in self.parts.choices}
        self.former_parts = [
            choice
            for choice in (kwargs.get("data") or {}).get("parts", ())
            if choice.partition(":")[0] not in offered
        ]
        if not self.parts.choices:
            del self.parts
        if not self.language.data or self.language.data == "None":
            self.language.data = language
        if not FORM_KEY.fullmatch(self.form_key.data or ""):
            self.form_key.data = tokens.new_key(20)

    def follow_the_reader(self, left: str) -> None:
        """The page is read in another language than `left`: mails follow, unless chosen apart."""
        if self.language.data == left:
            self.language.data = i18n.current_language()

    @property
    def wants_kana(self) -> bool:
        """Kana is asked of whoever reads Japanese or comes from Japan."""
        return i18n.asks("kana", self.country.data) or bool(
            self.kana_family.data or self.kana_given.data
        )

    @property
    def wants_patronymic(self) -> bool:
        return i18n.asks("patronymic") or bool(self.patronymic.data)

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

    def validate_country(self, field: SelectField) -> None:
        if not i18n.is_country(field.data or ""):
            raise ValidationError(str(refusals.CountryUnknown.message))

    def validate_institution_kind(self, field: SelectField) -> None:
        field.data = field.data or institutions.kind_of(self.institution_slug.data or "")
        if not field.data:
            raise ValidationError(_("Please choose the kind of organisation."))

    def validate_parts(self, field: PartsField) -> None:
        slugs = [choice.partition(":")[0] for choice in field.data or ()]
        if len(slugs) != len(set(slugs)):
            raise ValidationError(_("Please choose one way to take part in each part."))

    def entry(self) -> Entry:
        """The valid form as the service takes it; Latin names stand in for themselves."""
        written: dict[str, Any] = {name: self[name].data or "" for name in entries.NAMES}
        for own, latin in (("family", "latin_family"), ("given", "latin_given")):
            if written[own] and written[own].isascii() and not (written[latin]):
                written[latin] = written[own]
        slug = self.institution_slug.data or ""
        chosen = self.parts.data if "parts" in self else []
        parts = (choice.partition(":") for choice in (*self.former_parts, *chosen))
        return Entry(
            **written,
            email=self.email.data or "",
            language=self.language.data,
            country=self.country.data,
            institution_text=self.institution.data or "",
            institution=slug if is_slug(slug) else None,
            institution_kind=InstitutionKind(self.institution_kind.data),
            category=Category(self.category.data),
            position=self.position.data or "",
            mode=AttendanceMode(self.mode.data) if "mode" in self else None,
            note=self.note.data or "",
            parts={slug: AttendanceMode(mode) for slug, _sign, mode in parts},
            consents=frozenset(
                purpose for purpose in ConsentPurpose if self[f"consent_{purpose}"].data
            ),
        )

    def digest(self) -> str:
        """What tells two posts of one form apart: SHA-256 of all values but the CSRF token."""
        posted = sorted(
            (name, values) for name, values in request.form.lists() if name != "csrf_token"
        )
        content = json.dumps(posted, ensure_ascii=True).encode()
        return hashlib.sha256(content).hexdigest()


def _part_choices(parts: Sequence[Event], language: str) -> list[SelectChoice]:
    now = clock.now()
    choices = []
    for part in parts:
        if not policy.takes_place(part, now):
            continue
        title = in_language(part.title, language)
        modes = places.ways(part)
        for mode in modes:
            how = str(words.MODES[mode])
            label = title if len(modes) == 1 else i18n.noted(title, how, language)
            choices.append(SelectChoice(value=f"{part.slug}:{mode.value}", label=label))
    return choices


def values_of(
    registration: Registration,
    parts: Sequence[tuple[str, AttendanceMode]],
    consents: frozenset[ConsentPurpose],
    institution_slug: str,
) -> dict[str, Any]:
    """A registration as the values that fill the form."""
    return {
        **{name: getattr(registration, name) for name in entries.NAMES},
        "email": registration.email,
        "country": registration.country,
        "institution": registration.institution_text,
        "institution_slug": institution_slug,
        "institution_kind": registration.institution_kind.value,
        "position": registration.position,
        "category": registration.category.value,
        "language": registration.language,
        "mode": registration.mode.value,
        "parts": [f"{slug}:{mode.value}" for slug, mode in parts],
        "note": registration.note,
        **{f"consent_{purpose}": purpose in consents for purpose in ConsentPurpose},
    }


class AtTheDesk(RegistrationForm):
    """The same form for staff: consent is noted where it was given, and no box is needed."""

    consent_privacy = BooleanField(_l("The person has agreed to the privacy notice."))
    desk_note = Text(_l("Remark for staff only"), longest=2_000)
    beyond_capacity = BooleanField(_l("Add even if all places are taken"))
    quiet = BooleanField(_l("Send no mail about this"))


class ReasonForm(Form):
    """A reason that is passed on to the people concerned."""

    reason = Text(_l("Reason, in the words that go into the mail"), longest=2_000)


class NoteForm(Form):
    """A remark that only staff see."""

    desk_note = Text(_l("Remark for staff only"), longest=2_000)
