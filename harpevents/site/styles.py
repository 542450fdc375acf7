"""What the living page of components shows: a form with its mistakes, a list, an instant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice
from wtforms.validators import InputRequired

from harpevents.core.forms import Address, Form, InLanguages, LanguageField, Line, LocalMoment, Text
from harpevents.core.paging import Page

MOMENT = datetime(2027, 1, 30, 23, 30, tzinfo=UTC)
QR_SHAPE = (
    "M1 1h7v7H1zM21 1h7v7h-7zM1 21h7v7H1zM11 2h2v3h-2zM15 4h3v2h-3zM10 9h4v4h-4zM17 10h2v6h-2z"
)
QR_EYES = "M3 3h3v3H3zM23 3h3v3h-3zM3 23h3v3H3z"


class SampleForm(Form):
    """One field of each kind."""

    family = Line(_l("Family name"), required=True)
    address = Address(_l("E-mail"))
    institution = Line(_l("Institution"))
    institution_slug = HiddenField()
    mode = RadioField(
        _l("How will you take part?"),
        [InputRequired()],
        choices=[SelectChoice("room", _l("In the hall")), SelectChoice("online", _l("Online"))],
    )
    language = LanguageField(_l("Language"))
    starts_at = LocalMoment(_l("Begins at"))
    note = Text(_l("Anything we should know?"))
    share = BooleanField(_l("Share my address with the other participants"))
    title = InLanguages(Line(_l("Title")))


def sample_form() -> SampleForm:
    """The form as somebody left it: two things are wrong and everything typed is still there."""
    typed = {
        "address": "ivanov@",
        "institution": "北海道大",
        "language": "ru",
        "starts_at": "2027-01-31T08:30",
        "note": "Прошу указать в справке отчество.",
        "title_ja": "北極圏における地域協力",
        "title_en": "Regional cooperation in the Arctic and the North",
        "title_ru": "Региональное сотрудничество в Арктике и на Севере",
    }
    form = SampleForm(formdata=MultiDict(typed), meta={"csrf": False})
    form.validate()
    form.address.errors = [*form.address.errors, str(_l("This is not an e-mail address."))]
    return form


def context() -> dict[str, Any]:
    """Everything `site/styles.html` needs; no database is asked."""
    return {
        "form": sample_form(),
        "moment": MOMENT,
        "page": Page(list(range(50)), 3, 50, 640),
        "page_url": lambda number: url_for("desk_site.styles", page=number),
        "qr_eyes": QR_EYES,
        "qr_shape": QR_SHAPE,
    }
