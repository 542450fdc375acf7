"""The laws of the house, checked on the house itself: walls, doors, words, sizes."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import polib
import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from config import ROOT
from harpevents.core import access, catalogues
from harpevents.core.db import Base, db
from harpevents.core.languages import LANGUAGES
from harpevents.people.models import Role
from tests.factories import an_account, sign_in

WRITTEN = [
    ROOT / "config.py",
    *sorted((ROOT / "harpevents").rglob("templates/**/*.html")),
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "static" / "css").glob("*.css")),
    *sorted((ROOT / "static" / "js").glob("*.js")),
]
ROLES = ("admin", "secretariat", "organiser")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# Sizes and forbidden words


@pytest.mark.parametrize("path", WRITTEN, ids=name)
def test_a_file_fits_one_head(path):
    assert len(path.read_text("utf-8").splitlines()) <= 500


# Doors


def arguments(rule: Rule) -> dict[str, object]:
    """Some value for each part of the address, of nothing that exists."""
    known = {"lang": "en", "filename": "css/base.css", "code": "en"}
    return {
        argument: known.get(argument) or some_value(rule._converters[argument])
        for argument in rule.arguments
    }


def some_value(converter: BaseConverter) -> object:
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return 987654321 if isinstance(converter, IntegerConverter) else "none-such"


def doors(app: Flask) -> list[tuple[Rule, str]]:
    """Every rule of the site with every method it takes."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
    ]


def address(app: Flask, rule: Rule) -> str:
    with app.test_request_context():
        return app.url_map.bind("127.0.0.1").build(rule.endpoint, arguments(rule))


def test_every_endpoint_says_who_may_call_it(application):
    undeclared = [
        endpoint
        for endpoint, view in application.view_functions.items()
        if access.declared(view) is None
    ]
    assert undeclared == []


def test_everything_below_the_desk_is_for_staff_only(application):
    for rule in application.url_map.iter_rules():
        if rule.rule.startswith("/desk"):
            declared = access.declared(application.view_functions[rule.endpoint])
            assert isinstance(declared, frozenset), rule.rule


def test_a_stranger_finds_every_staff_door_closed(application, client):
    for rule, method in doors(application):
        if isinstance(access.declared(application.view_functions[rule.endpoint]), str):
            continue
        answer = client.open(address(application, rule), method=method)
        closed = answer.status_code == 302 and answer.location.startswith("/sign-in")
        # without its CSRF token a POST is refused before anybody asks who sends it
        assert closed or answer.status_code in {400, 404}, f"{method} {rule.rule}"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_finds_its_doors_and_no_others(app, client, role):
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        sign_in(client, an_account(Role(role)))
        for rule, method in doors(app):
            declared = access.declared(app.view_functions[rule.endpoint])
            if not isinstance(declared, frozenset) or role in declared:
                continue
            answer = client.open(address(app, rule), method=method)
            assert answer.status_code == 404, f"{role}: {method} {rule.rule}"
    finally:
        app.config["WTF_CSRF_ENABLED"] = True


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_open_never_fails(app, client, role):
    sign_in(client, an_account(Role(role)))
    for rule, method in doors(app):
        declared = access.declared(app.view_functions[rule.endpoint])
        if method == "GET" and isinstance(declared, frozenset) and role in declared:
            answer = client.get(address(app, rule))
            assert answer.status_code < 500, f"{role}: {rule.rule}"


def test_no_get_changes_anything(app, client):
    """Every public page and every page of an administrator, looked at: the tables stay equal."""
    sign_in(client, an_account(Role.ADMIN))

    def contents() -> dict[str, list[str]]:
        return {
            table.name: [str(row) for row in db.session.execute(table.select())]
            for table in Base.metadata.sorted_tables
        }

    before = contents()
    for rule, method in doors(app):
        if method == "GET" and rule.endpoint != "static":
            client.get(address(app, rule))
            client.head(address(app, rule))
    after = contents()
    assert {table: rows for table, rows in after.items() if rows != before[table]} == {}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_form_is_taken_without_its_token(app, client, method):
    """RFC 8058's one-click unsubscribe is the one exception: it carries no cookie either."""
    sign_in(client, an_account(Role.ADMIN))
    for rule, one in doors(app):
        if one == method and rule.rule not in ONE_CLICK:
            answer = client.open(address(app, rule), method=method)
            assert answer.status_code == 400, f"{method} {rule.rule}"


ONE_CLICK = {"/<lang:lang>/u/<token>"}


# Words


PACKAGES = catalogues.packages()
HOLDER = re.compile(r"%\([a-z_]+\)[a-z]|\{[a-z_]*\}")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_is_in_every_language(package):
    assert list(catalogues.missing(package)) == []


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_placeholders(package, language):
    for entry in polib.pofile(str(catalogues.path_of(package, language))):
        wanted = set(HOLDER.findall(entry.msgid_plural or entry.msgid))
        for written in entry.msgstr_plural.values() or [entry.msgstr]:
            found = set(HOLDER.findall(written))
            assert found <= wanted | set(HOLDER.findall(entry.msgid)), entry.msgid
            if not entry.msgid_plural:
                assert found == wanted, entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_words_are_translated_the_same_everywhere(language):
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for package in PACKAGES:
        for entry in polib.pofile(str(catalogues.path_of(package, language))):
            written = entry.msgstr or str(sorted(entry.msgstr_plural.items()))
            said[entry.msgid][written].append(package)
    assert {msgid: dict(ways) for msgid, ways in said.items() if len(ways) > 1} == {}
