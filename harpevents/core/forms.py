"""Forms: what arrives as text and leaves as values, with the cleaning that every field needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import UTC
from functools import lru_cache
from typing import Any, ClassVar

import wtforms
from babel.support import NullTranslations, Translations
from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.exceptions import UnsupportedMediaType
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    EmailField,
    Field,
    FileField,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.csrf.core import CSRFTokenField
from wtforms.fields.choices import Choice, SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.i18n import messages_path
from wtforms.meta import DefaultMeta
from wtforms.validators import InputRequired, Length, Optional, StopValidation
from wtforms.widgets import Select
from wtforms.widgets.core import clean_key

from harpevents.core import clock, i18n
from harpevents.core.errors import SeveralBroken
from harpevents.core.texts import clean_line, clean_text, is_storable

LONGEST_LINE = 200
LONGEST_TEXT = 20_000


def writable(_form: object, field: Field) -> None:
    """Refuse what no database stores the same way: NUL, lone surrogates, control characters."""
    text = field.data
    if isinstance(text, str) and not is_storable(text):
        raise StopValidation(str(_l("This contains characters that cannot be stored.")))


class Needed(InputRequired):
    """An empty field is refused in words about it: which one, and what to do there."""

    def __call__(self, form: Any, field: Field) -> None:
        if self.message is not None:
            super().__call__(form, field)
            return
        if not (field.raw_data and field.raw_data[0]):
            field.errors = []
            raise StopValidation(_needed(field))


def _needed(field: Field) -> str:
    if isinstance(field, BooleanField):
        return str(_l("Please tick this box: it is needed."))
    label = str(field.label.text).rstrip("?？")
    if isinstance(field, SelectField):  # radio buttons too
        return str(_("Please choose: %(label)s", label=label))
    return str(_("Please fill in “%(label)s”.", label=label))


@lru_cache(maxsize=8)
def _messages(language: str) -> NullTranslations:
    """What WTForms says of itself; Flask-WTF would read the file again for each request."""
    return Translations.load(messages_path(), [language], domain="wtforms")


class Token(CSRFTokenField):
    """The proof that the page was ours, made when it is written into one and not at each post."""

    def process(self, *args: Any, **kwargs: Any) -> None:
        HiddenField.process(self, *args, **kwargs)

    def _value(self) -> str:
        return str(self.csrf_impl.generate_csrf_token(self))


class Guard(FlaskForm.Meta.csrf_class):
    field_class = Token


def attributes(**given: Any) -> str:
    """The same as WTForms' `html_params`, which formats each attribute by a template of its own.

    A form has a hundred of them, and they took a quarter of its time.
    """
    written = []
    for name, value in sorted(given.items()):
        name = clean_key(name)
        if value is True:
            written.append(name)
        elif value is not False:
            text = str(escape(value)).replace('"', "&quot;")  # ready HTML may have them still
            written.append(f'{name}="{text}"')
    return " ".join(written)


@lru_cache(maxsize=256)
def _lean(widget: Any) -> Any:
    """This widget with its attributes written by `attributes`, where it writes any itself."""
    own = copy(widget)
    if hasattr(own, "html_params"):
        own.html_params = attributes
    return own


class Form(FlaskForm):
    """The base of every form of the site: CSRF, clean text, errors addressed to fields."""

    class Meta(FlaskForm.Meta):
        csrf_class = Guard

        def get_translations(self, form: object) -> NullTranslations:
            return _messages(i18n.current_language())

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Markup:
            """A control as its widget writes it, only with the attributes put together at once."""
            written: Markup = _lean(field.widget)(field, **(field.render_kw or {}), **render_kw)
            return written

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What arrived, as a page sends it: JSON is no form, and only a file field has files.

            Flask-WTF would hand a field of text whatever stands under its name in either.
            """
            if formdata is not None and request.is_json:
                raise UnsupportedMediaType
            arrived = super().wrap_formdata(form, formdata)
            if not isinstance(arrived, CombinedMultiDict):
                return arrived
            asked = {field.name for field in form if isinstance(field, FileField)}
            files = [(name, file) for name, file in request.files.items(True) if name in asked]
            return CombinedMultiDict((MultiDict(files), request.form))

    def refuse(self, broken: Exception) -> None:
        """Show a broken rule beside its field, or above the form when it names none."""
        if isinstance(broken, SeveralBroken):
            for one in broken.each:
                self.refuse(one)
            return
        field = self._called(getattr(broken, "field", None) or "")
        if field is None:
            self.form_errors.append(str(broken))
        else:
            field.errors = [*field.errors, str(broken)]

    def _called(self, name: str) -> Field | None:
        """The field of this name; of a text in several languages the one named, or the first."""
        if name in self:
            field = self[name]
            return next(iter(field)) if isinstance(field, InLanguages) else field
        whole, _sign, language = name.rpartition("_")
        texts: Any = self._fields.get(whole)
        known = isinstance(texts, InLanguages) and language in texts.form
        return texts.form[language] if known else None


class Line(StringField):
    """One line of text, cleaned; at most `longest` characters."""

    def __init__(
        self,
        label: Any = None,
        *,
        required: bool = False,
        longest: int = LONGEST_LINE,
        validators: Sequence[Any] = (),
        **kwargs: Any,
    ) -> None:
        presence = Needed() if required else Optional()
        kwargs.setdefault("filters", [clean_line])
        super().__init__(label, [presence, writable, Length(max=longest), *validators], **kwargs)


class LanguageField(SelectField):
    """One of this installation's languages, under its own name."""

    def process(self, *args: Any, **kwargs: Any) -> None:
        self.choices = list(i18n.native_names().items())
        super().process(*args, **kwargs)


class Text(TextAreaField):
    """Several lines of text, cleaned; at most `longest` characters."""

    def __init__(
        self,
        label: Any = None,
        *,
        required: bool = False,
        longest: int = LONGEST_TEXT,
        validators: Sequence[Any] = (),
        **kwargs: Any,
    ) -> None:
        presence = Needed() if required else Optional()
        kwargs.setdefault("filters", [clean_text])
        super().__init__(label, [presence, writable, Length(max=longest), *validators], **kwargs)


class _Texts(wtforms.Form):
    """The same text once for each language."""

    class Meta(DefaultMeta):
        def get_translations(self, form: object) -> NullTranslations:
            return _messages(i18n.current_language())


@lru_cache(maxsize=64)
def _texts(field: UnboundField, languages: tuple[str, ...]) -> type[_Texts]:
    """A form of one such field for each language; each needs a place of its own in the order."""
    fields = {
        code: UnboundField(field.field_class, *field.args, **field.kwargs) for code in languages
    }
    return type("Texts", (_Texts,), fields)


class InLanguages(FormField):
    """The same text in every language of this installation: fields `title_ja`, `title_en`…

    It is filled with {language: text}, as the models keep it.
    """

    def __init__(self, field: UnboundField, **kwargs: Any) -> None:
        def made(**given: Any) -> _Texts:
            return _texts(field, i18n.languages())(**given)

        super().__init__(made, field.args[0], separator="_", **kwargs)

    def texts(self) -> dict[str, str]:
        """{language: text} as typed, "" where nothing is, and what stood in other languages."""
        stood = self.object_data or {}
        others = {code: text for code, text in stood.items() if code not in self.form}
        return {**others, **{one.short_name: one.data or "" for one in self.form}}

    def filled(self) -> dict[str, str]:
        """The same without the empty ones."""
        return {code: text for code, text in self.texts().items() if text}


class Address(EmailField):
    """An e-mail address; the form checks its shape, `core.addresses.normalise` its meaning."""

    def __init__(self, label: Any = None, *, required: bool = True, **kwargs: Any) -> None:
        presence = Needed() if required else Optional()
        kwargs.setdefault("filters", [clean_line])
        super().__init__(label, [presence, writable, Length(max=254)], **kwargs)


NOTHING_CHOSEN = SelectChoice(value="", label=_l("Please choose"))  # before the real choices


def worded(choices: Mapping[Any, Any]) -> list[SelectChoice]:
    """The members of an enum with their words, to choose from."""
    return [
        SelectChoice(value=getattr(key, "value", key), label=text) for key, text in choices.items()
    ]


class LongSelect(Select):
    """A select of many choices that are the same for everybody, such as countries.

    Its options are written once for each list of choices; only the chosen one is written anew.
    """

    def __call__(self, field: SelectField, **kwargs: Any) -> Markup:
        choices = tuple(field.choices)
        options = dict(_options(choices))
        if field.data in options:
            options[field.data] = _option(field.data, dict(choices)[field.data], chosen=True)
        given = {"id": field.id, "required": field.flags.required or False, **kwargs}
        start = attributes(name=field.name, **given)
        return Markup(f"<select {start}>{''.join(options.values())}</select>")  # noqa: S704


@lru_cache(maxsize=16)
def _options(choices: tuple[tuple[str, str], ...]) -> dict[str, Markup]:
    return {value: _option(value, label) for value, label in choices}


def _option(value: str, label: str, *, chosen: bool = False) -> Markup:
    option: Markup = Select.render_option(Choice(value, label, chosen, {}))
    return option


class LocalMoment(DateTimeLocalField):
    """Date and time of day in a zone that the form names; `in_zone` makes the instant."""

    formats: ClassVar[list[str]] = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, format=self.formats, **kwargs)

    def in_zone(self, zone: str) -> Any:
        """The aware instant in UTC, or None when the field is empty.

        The first and the last day of the calendar have no instant in every zone: they stay as
        typed, for the rule about sensible years to refuse them beside their field.
        """
        if self.data is None:
            return None
        try:
            return clock.instant(self.data, zone, field=self.name)
        except OverflowError:
            return self.data.replace(tzinfo=UTC)


class EmptyForm(Form):
    """Only the proof that the page was ours."""


__all__ = [
    "Address",
    "EmptyForm",
    "Form",
    "InLanguages",
    "LanguageField",
    "Line",
    "LocalMoment",
    "LongSelect",
    "Needed",
    "Text",
    "ValidationError",
    "attributes",
    "writable",
]
