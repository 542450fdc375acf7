"""The laws of the house, checked on the house itself: walls, doors, words, sizes."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import polib
import pytest

from config import ROOT
from harpevents.core import access
from harpevents.core.languages import LANGUAGES
from tools import catalogues

WRITTEN = [
    ROOT / "config.py",
    *sorted((ROOT / "harpevents").rglob("templates/**/*.html")),
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "static" / "css").glob("*.css")),
    *sorted((ROOT / "static" / "js").glob("*.js")),
]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# Sizes and forbidden words


@pytest.mark.parametrize("path", WRITTEN, ids=name)
def test_a_file_fits_one_head(path):
    assert len(path.read_text("utf-8").splitlines()) <= 500


# Doors


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
