"""When an event is held, in words: no day, hour or month that nobody said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from harpevents.cli import root
from harpevents.core import i18n
from harpevents.events import dates
from harpevents.events.models import Precision
from tests.factories import an_event
from tests.visitor import text_of

BEGINS = datetime(2018, 5, 17, 15, tzinfo=UTC)  # midnight in Tokyo

SAID = {
    (Precision.DAY, 1): ("2018年5月18日", "18 May 2018", "18 мая 2018\u202fг."),
    (Precision.DAY, 3): ("2018年5月18日～20日", "18–20 May 2018", "18–20 мая 2018\u202fг."),
    (Precision.MINUTE, 3): ("2018年5月18日～20日", "18–20 May 2018", "18–20 мая 2018\u202fг."),
    (Precision.MONTH, 14): ("2018年5月", "May 2018", "май 2018\u202fг."),
}


def held(precision, days):
    ends = BEGINS + timedelta(days=days)
    return an_event(starts_at=BEGINS, ends_at=ends, precision=precision)


@pytest.mark.parametrize("known", SAID, ids=lambda known: f"{known[0].value}-{known[1]}")
def test_days_are_said_as_each_language_does(app, known):
    event = held(*known)
    for language, said in zip(("ja", "en", "ru"), SAID[known], strict=True):
        with i18n.speaking(language):
            assert dates.days(event) == dates.days(event, language)
        assert dates.days(event, language).replace("\xa0", "\u202f") == said
    assert dates.has_days(event) == (known[1] == 3)


@pytest.mark.parametrize(
    ("precision", "days", "said", "never"),
    [
        (Precision.DAY, 3, "18–20 May 2018", "00:00"),
        (Precision.MONTH, 14, "May 2018", "18 May"),
    ],
)
def test_pages_and_lists_show_all_that_is_known_and_no_more(
    app, client, precision, days, said, never
):
    held(precision, days)
    page = text_of(client.get("/en/events/forum").text)
    assert f"When {said}" in page
    assert never not in page
    for path in ("/en/events/", "/en/"):
        text = text_of(client.get(path).text)
        assert said in text
        assert never not in text


def test_the_command_says_how_exactly_a_date_is_known(app):
    held(Precision.MONTH, 14)
    answer = app.test_cli_runner().invoke(root, ["events", "list", "--json"], obj=app)
    assert [one["precision"] for one in json.loads(answer.stdout)] == ["month"]
