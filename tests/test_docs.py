"""The documentation keeps up with the program: settings, commands, links that lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from config import ROOT
from harpevents.cli import root

DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md")], key=lambda path: path.relative_to(ROOT).as_posix()
)
SETTING = re.compile(r"HARPEVENTS_[A-Z_]*[A-Z]")
READ_BY_NAME = re.compile(r"(?:values\.get\(|_number\(values, )\"([A-Z_]+)\"")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`|^(?: {4}|\t).*$", re.DOTALL | re.MULTILINE)


def settings_read() -> set[str]:
    """The settings that config.py reads: by their whole name, or by what follows the prefix."""
    text = (ROOT / "config.py").read_text(encoding="utf-8")
    return {f"HARPEVENTS_{name}" for name in READ_BY_NAME.findall(text)} | set(
        SETTING.findall(text)
    )


def settings_listed() -> set[str]:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^#?(HARPEVENTS_[A-Z_]+)=", text, re.MULTILINE))


def table_of_settings() -> set[str]:
    text = (DOCS / "for-administrators.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `(HARPEVENTS_[A-Z_]+)` \|", text, re.MULTILINE))


def test_the_settings_are_read_where_this_test_looks():
    assert {"HARPEVENTS_DATA", "HARPEVENTS_PORT", "HARPEVENTS_SETTINGS"} <= settings_read()
    assert "HARPEVENTS_SMTP_URL" in settings_listed()


def test_every_setting_is_explained_to_administrators_and_no_other():
    assert table_of_settings() == settings_read() | settings_listed()


def test_the_example_file_lists_every_setting_but_its_own_name():
    assert settings_read() - settings_listed() == {"HARPEVENTS_SETTINGS"}


def commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name)


def command_headings() -> list[str]:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    return re.findall(r"^### (.+)$", text, re.MULTILINE)


def test_every_command_has_its_place_in_the_list_and_no_other():
    assert sorted(command_headings()) == sorted(" ".join(words) for words in commands(root))


@pytest.mark.parametrize("words", list(commands(root)), ids=" ".join)
def test_each_command_is_shown_by_an_example(words):
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    section = text.split(f"\n### {' '.join(words)}\n", 1)[1].split("\n### ", 1)[0]
    assert re.search(rf"^    (?:\$ )?harpevents {' '.join(words)}\b", section, re.MULTILINE)


def options_of(words: tuple[str, ...]) -> set[str]:
    command: click.Command = root
    for word in words:
        assert isinstance(command, click.Group)
        command = command.commands[word]
    return {
        option
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }


@pytest.mark.parametrize("words", list(commands(root)), ids=" ".join)
def test_examples_use_only_options_that_there_are(words):
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    section = text.split(f"\n### {' '.join(words)}\n", 1)[1].split("\n### ", 1)[0]
    section = re.split(r"^## ", section, flags=re.MULTILINE)[0]
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", section)) <= options_of(words)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, made as GitHub makes them."""
    headings = re.findall(r"^#{1,6} (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in kept}


def links(page: Path) -> list[str]:
    return LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_inside_leads_somewhere(page):
    lost = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _sign, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        found = target.is_file() and target.is_relative_to(ROOT)
        if not found or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_every_guide_is_reached_from_the_index():
    seen: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        targets = ((page.parent / link.partition("#")[0]).resolve() for link in links(page))
        waiting += [path for path in targets if path.suffix == ".md" and path.is_file()]
    assert {path for path in DOCS.rglob("*.md") if path not in seen} == set()


def test_the_documentation_names_no_machine():
    told = re.compile(r"/work/|/root/|(?<![\w.])/home/\w")
    named = [page for page in PAGES if told.search(page.read_text(encoding="utf-8"))]
    assert named == []
