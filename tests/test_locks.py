"""What is fetched and what is carried along is fixed by hash and names no address."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest

from config import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt", "package-lock.json")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def pins(name: str) -> set[tuple[str, str]]:
    return set(PIN.findall((ROOT / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address_and_no_place(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    options = r"^\s*(?:--index-url|--extra-index-url|--find-links|-f|-e)\b.*"
    assert re.findall(options, text, re.MULTILINE) == []
    assert re.findall(r"(?:^|\s)/\w+/.*", text) == []


@pytest.mark.parametrize("name", LOCKS[:2])
def test_each_python_package_has_hashes(name):
    entries = re.split(r"^(?=[a-z0-9])", (ROOT / name).read_text(encoding="utf-8"), flags=re.M)[1:]
    assert len(entries) > 50
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_each_npm_package_has_a_hash_and_an_exact_version():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {path: about for path, about in lock["packages"].items() if path}
    assert packages
    assert [path for path, about in packages.items() if "integrity" not in about] == []
    asked = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked


def test_tests_run_on_the_versions_that_are_served():
    assert pins("requirements.txt") - pins("requirements-dev.txt") == set()


def test_the_locks_know_each_package_that_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["postgresql"]]
    names = {re.split(r"[\[<>=!~; ]", line)[0] for line in asked}
    assert names - {name for name, _version in pins("requirements.txt")} == set()


def test_vendored_files_are_those_that_were_vendored():
    record = json.loads((ROOT / "static/vendor/vendored.json").read_text(encoding="utf-8"))
    found = {
        path: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for path in record["sha256"]
    }
    assert found == record["sha256"]
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert record["packages"] == {
        path.removeprefix("node_modules/"): about["version"] for path, about in lock.items() if path
    }


def test_nothing_is_vendored_that_no_licence_text_stands_beside():
    record = json.loads((ROOT / "static/vendor/vendored.json").read_text(encoding="utf-8"))
    carried = {
        str(path.relative_to(ROOT))
        for folder in ("static/vendor", "tests/vendor")
        for path in Path(ROOT / folder).rglob("*")
        if path.is_file() and path.name != "vendored.json"
    }
    assert carried == set(record["sha256"])
