"""What people type: cleaned in one way, and refused where no database keeps it."""

from __future__ import annotations

import pytest

from harpevents.core.texts import clean_words, is_storable
from tests.factories import an_account, an_event, sign_in


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (None, ""),
        ("", ""),
        ("  Kato \t Taro\n", "Kato Taro"),
        ("加藤\u3000太郎", "加藤 太郎"),
        ("か\u3099", "が"),
        ("Ka\0to\x1b\u200b\ud800", "Kato"),
        ("Ivan\xa0Petrov", "Ivan Petrov"),
        ("x" * 300, "x" * 200),
        ("x" * 199 + " y", "x" * 199),
    ],
)
def test_the_words_of_a_search(typed, words):
    assert clean_words(typed) == words


@pytest.mark.parametrize(
    ("text", "storable"),
    [
        ("", True),
        ("two\nlines\tof text", True),
        ("zero\u200bwidth", True),
        ("ends with \r\n", False),
        ("NUL \0", False),
        ("escape \x1b", False),
        ("delete \x7f", False),
        ("next line \x85", False),
        ("half a pair \ud83d", False),
        ("a whole pair \U0001f600", True),
    ],
)
def test_what_every_database_keeps(text, storable):
    assert is_storable(text) is storable


@pytest.mark.parametrize(
    "page",
    [
        "/desk/people/?q=",
        "/desk/events/?q=",
        "/desk/events/forum/registrations?q=",
        "/desk/institutions/?q=",
        "/desk/outbox?q=",
        "/desk/search?q=",
        "/desk/audit?actor=",
        "/desk/events/forum/attendance?q=",
    ],
)
def test_every_box_cleans_what_is_looked_for(app, client, page):
    an_event()
    sign_in(client, an_account())
    answer = client.get(f"{page}+加藤　太郎%09%1B")
    assert answer.status_code == 200
    assert 'value="加藤 太郎"' in answer.text
