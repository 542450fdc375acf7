"""A select of many choices looks as any other, though most of it was written before."""

from __future__ import annotations

import pytest
from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from harpevents.core.forms import Form, LongSelect

CHOICES = [("", "Please choose"), ("JP", "Japan"), ("RU", "Russia & <more>"), ("<", "\"'")]


@pytest.mark.parametrize("rule", [InputRequired, Optional])
@pytest.mark.parametrize("chosen", ["JP", "RU", "", "XX", None, "<"])
def test_a_long_select_is_written_as_any_other(app, chosen, rule):
    class Usual(Form):
        country = SelectField("Country", [rule()])

    class Long(Form):
        country = SelectField("Country", [rule()], widget=LongSelect())

    written = []
    for kind in (Usual, Long):
        form = kind(formdata=None, country=chosen)
        form.country.choices = CHOICES
        written.append(form.country(class_="form-select", data_x='"'))
    assert written[1] == written[0]
