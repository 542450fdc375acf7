"""Which tables the program knows: read without Alembic, and as Alembic reads it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic.script import ScriptDirectory

from harpevents.site import schema


def as_alembic_reads(folder):
    scripts = ScriptDirectory(str(folder)).walk_revisions()
    return tuple(script.revision for script in scripts)


def test_the_revisions_are_those_of_alembic():
    assert schema.known_revisions() == as_alembic_reads(schema.FOLDER)


@pytest.mark.parametrize("typed", ["", ": str | None"])
def test_a_chain_of_revisions_is_read_newest_first_whatever_its_files_are_called(tmp_path, typed):
    versions = tmp_path / "versions"
    versions.mkdir()
    (tmp_path / "env.py").touch()
    for revision, before in (("c3", "'b2'"), ("a1", "None"), ("b2", "'a1'")):
        (versions / f"{revision}.py").write_text(
            f"revision{typed} = '{revision}'\ndown_revision{typed} = {before}\n"
        )
    assert schema.known_revisions(tmp_path) == as_alembic_reads(tmp_path) == ("c3", "b2", "a1")


@pytest.mark.parametrize("before", ["'a1'", "('a1', 'b2')", "'lost'"])
def test_what_is_no_plain_chain_is_refused_with_its_folder(tmp_path, before):
    for name, told in {"a1": "None", "b2": "'a1'", "c3": before}.items():
        path = tmp_path / "versions" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"revision = '{name}'\ndown_revision = {told}\n")
    with pytest.raises(ValueError, match="one plain chain"):
        schema.known_revisions(tmp_path)


def test_a_web_process_does_without_alembic():
    asked = "import sys, harpevents.app; print('alembic' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"
