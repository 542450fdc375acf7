"""Forms share what their class says, and nothing of what somebody typed."""

from __future__ import annotations

import pytest
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import html_params

from harpevents.core.forms import Form, Line, attributes


class Visit(Form):
    name = Line("Name", required=True, longest=5)
    place = SelectField("Place", validate_choice=True)


@pytest.fixture
def posted(app):
    def post(**values):
        with app.test_request_context(method="POST", data=values):
            visit = Visit(meta={"csrf": False})
            visit.place.choices = [SelectChoice(value=one) for one in values.get("places", ())]
            visit.validate()
            return visit

    return post


def test_two_forms_of_a_class_share_nothing_that_was_typed(posted):
    long, short = posted(name="far too long"), posted(name=" Ada ")
    assert (long.name.data, short.name.data) == ("far too long", "Ada")
    assert long.name.errors
    assert not short.name.errors
    assert (long.name._form, short.name._form) == (long, short)


def test_choices_and_flags_of_one_form_are_not_those_of_the_next(posted):
    first, second = posted(places=["a", "b"]), posted(places=["c"])
    first.name.flags.required = False
    third = posted(places=[])
    assert [choice.value for choice in second.place.choices] == ["c"]
    assert third.place.choices == []
    assert second.name.flags.required
    assert third.name.flags.required


def test_a_prefix_gives_the_fields_other_names(app):
    with app.test_request_context():
        plain, marked = Visit(), Visit(prefix="b")
        assert (plain.name.name, marked.name.name) == ("name", "b-name")
        assert Visit().name.name == "name"


def test_a_page_with_a_form_carries_the_token_of_its_reader(app):
    with app.test_request_context():
        assert Visit().csrf_token._value() == generate_csrf()


@pytest.mark.parametrize(
    "given",
    [
        {"id": "family", "name": "family", "class_": "form-control", "value": "Ада"},
        {"value": "<b>\"quoted\" & 'single'</b>", "data_suggest_url": "/a?b=1&c=2"},
        {"value": Markup('&lt;ready "HTML"&gt;'), "aria_describedby": "a b"},
        {"required": True, "readonly": False, "checked": True, "maxlength": 200},
        {"value": None, "for_": "x", "data_a_b_": ""},
        {},
    ],
)
def test_attributes_are_written_as_wtforms_writes_them(given):
    assert attributes(**given) == html_params(**given)
