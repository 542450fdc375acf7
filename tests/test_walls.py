"""The floors and rooms of the house hold, and what a law forbids stands nowhere in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from config import ROOT

CODE = sorted((ROOT / "harpevents").rglob("*.py"))
TEMPLATES = sorted((ROOT / "harpevents").rglob("templates/**/*.html"))
FRONT_ROOMS = ("views", "desk", "forms")


def lines_matching(pattern: str, files: list[Path], *, besides: tuple[str, ...] = ()) -> list[str]:
    """`file:line: text` of every line that `pattern` finds, so that a failure says where."""
    found = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        if str(path.relative_to(ROOT)) not in besides
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if found.search(line)
    ]


def test_each_floor_and_room_stands_on_lower_ones_only(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename="pyproject.toml", cache_dir=None, no_logo=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def front_room_imports() -> Iterator[tuple[str, str]]:
    graph = grimp.build_graph("harpevents", cache_dir=None)
    for importer in graph.modules - {"harpevents.app"}:
        for imported in graph.find_modules_directly_imported_by(importer):
            _root, domain, *rooms = f"{imported}.".split(".")
            own = importer.startswith(f"harpevents.{domain}.")
            if rooms and rooms[0] in FRONT_ROOMS and domain != "core" and not own:
                yield importer, imported


def test_pages_and_forms_of_a_domain_are_used_by_no_other():
    assert sorted(front_room_imports()) == []


def test_only_the_settings_file_reads_the_environment():
    assert lines_matching(r"\bos\.(environ|getenv|putenv)\b|\bgetenv\(", CODE) == []


def test_only_the_transaction_commits():
    assert lines_matching(r"\.commit\(\)", CODE, besides=("harpevents/core/db.py",)) == []


@pytest.mark.parametrize(
    ("law", "pattern"),
    [
        ("user text is data", r"\|\s*safe\b|\bautoescape\s+false"),
        ("no style of its own", r"<style\b|\sstyle\s*="),
        (
            "no script in the page",  # JSON-LD is data: no browser runs it
            r"<script(?! type=\"application/ld\+json\">)(?![^>]*\bsrc=)"
            r"|\son[a-z]+\s*=\s*[\"']|javascript:",
        ),
        (
            "nothing from elsewhere",
            r"(?:src|href)=[\"']https?://(?!www\.w3\.org)[^\"']*\.(?:js|css)",
        ),
    ],
)
def test_templates_keep_the_law(law, pattern):
    assert lines_matching(pattern, TEMPLATES) == [], law


def test_a_file_can_be_read_in_one_sitting():
    lengths = {str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in CODE}
    assert {path: length for path, length in lengths.items() if length > 500} == {}
    assert lengths


def test_each_file_says_first_what_it_is_for():
    opening = ('"""', "#!")
    files = [path for path in CODE if path.stat().st_size]
    silent = [path for path in files if not path.read_text(encoding="utf-8").startswith(opening)]
    assert [str(path.relative_to(ROOT)) for path in silent] == []


def test_no_class_name_stands_twice():
    stands: dict[str, list[str]] = {}
    for path in CODE:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                stands.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: places for name, places in stands.items() if len(places) > 1} == {}


def test_a_function_says_what_it_does_in_forty_lines():
    """Counted below the docstring."""
    lengths = {}
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = node.body[1] if ast.get_docstring(node) and node.body[1:] else node.body[0]
                lengths[f"{path.relative_to(ROOT)}:{node.name}"] = (
                    (node.end_lineno or 0) - first.lineno + 1
                )
    assert {name: length for name, length in lengths.items() if length > 40} == {}
    assert lengths
