"""Secret links: bound to one purpose, one object, one version."""

from __future__ import annotations

import pytest

from harpevents.core import tokens


@pytest.fixture(autouse=True)
def _in_context(databases):
    with databases("sqlite").app.app_context():
        yield


def test_a_token_opens_what_it_was_made_for_and_nothing_else():
    token = tokens.make("manage", "abc", 2)
    assert tokens.key_of(token) == "abc"
    assert tokens.is_genuine(token, "manage", 2)
    assert not tokens.is_genuine(token, "ticket", 2)
    assert not tokens.is_genuine(token, "manage", 3)
    assert not tokens.is_genuine(token.replace("abc", "abd"), "manage", 2)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "-", "ABC-" + "a" * 32, "abc-" + "a" * 31, "abc-" + "é" * 32, "\0", "a" * 9999],
)
def test_what_has_no_shape_of_a_token_is_none(text):
    assert tokens.key_of(text) is None
    assert not tokens.is_genuine(text, "manage")


def test_a_token_is_160_bits_and_survives_no_cut_or_case():
    token = tokens.make("manage", "abc")
    assert len(token.split("-")[1]) == 32
    for other in (token[:-1], token.upper(), token + "a", f" {token}"):
        assert not tokens.is_genuine(other, "manage")


def test_a_placeholder_becomes_the_link_only_when_filled():
    text = f"Open {tokens.placeholder('manage', 'abc', '/en/r/')} now"
    assert tokens.make("manage", "abc") not in text
    filled = tokens.fill_placeholders(text)
    assert filled == f"Open http://127.0.0.1:8000/en/r/{tokens.make('manage', 'abc')} now"


def test_secrets_are_stored_as_digests():
    secret = tokens.new_secret()
    assert len(secret) >= 43
    assert secret != tokens.new_secret()
    assert len(tokens.digest(secret)) == 64
    tokens.digest("\udcff")


def test_a_placeholder_that_somebody_typed_is_left_as_it_is(app):
    ours = tokens.placeholder("manage", "abc", "/en/r/")
    typed = [
        "[[link:manage:abc:1:/en/r/]]",
        ours.replace(":abc:", ":abd:"),
        ours.replace(":/en/r/:", ":@evil.example/:"),
    ]
    assert [tokens.fill_placeholders(text) for text in typed] == typed
