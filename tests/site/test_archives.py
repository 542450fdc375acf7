"""The file of a backup is taken whole as it was made, or refused."""

from __future__ import annotations

import gzip
import io
import json
import random
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harpevents.site import archives
from harpevents.site.archives import BackupRefused, Manifest

PLAIN = {
    "database.sqlite": random.Random(8).randbytes(300),
    "files/secret_key": b"0123456789abcdef" * 4,
    "files/outbox/00000001.eml": "Subject: 加藤\r\n\r\n".encode() * 20,
}


def write(folder: Path, contents=PLAIN) -> Path:
    """An archive of these files."""
    files = {}
    for name, data in contents.items():
        files[name] = folder / "made" / name
        files[name].parent.mkdir(parents=True, exist_ok=True)
        files[name].write_bytes(data)
    manifest = Manifest(
        made_at="2026-12-01T09:00:00+00:00",
        revision="0001",
        database="database.sqlite",
        contents={name: archives.content_of(path) for name, path in files.items()},
    )
    archives.write(folder / "whole.tar.gz", manifest, files)
    return folder / "whole.tar.gz"


def unpacked(data: bytes) -> dict[str, bytes]:
    """{name: content} of what is taken of an archive; raises `BackupRefused`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        (folder / "it.tar.gz").write_bytes(data)
        archives.unpack(folder / "it.tar.gz", folder / "in")
        return {
            path.relative_to(folder / "in").as_posix(): path.read_bytes()
            for path in (folder / "in").rglob("*")
            if path.is_file()
        }


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    return write(tmp_path_factory.mktemp("archive")).read_bytes()


def test_a_whole_archive_is_taken_as_it_was_made(whole):
    assert unpacked(whole) == PLAIN


@given(st.data())
def test_one_bit_that_is_another_is_noticed(whole, data):
    at = data.draw(st.integers(0, len(whole) * 8 - 1))
    spoilt = bytearray(whole)
    spoilt[at // 8] ^= 1 << at % 8
    try:
        assert unpacked(bytes(spoilt)) == PLAIN, "a date or a name in the head of the file"
    except BackupRefused:
        return
    # Only the head says things that nobody needs; the last byte before the sums may be half empty.
    assert at < 8 * 32 or at // 8 == len(whole) - 9


@given(st.data())
def test_an_archive_cut_anywhere_is_refused(whole, data):
    with pytest.raises(BackupRefused):
        unpacked(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.binary(max_size=200))
def test_nonsense_is_refused(nonsense):
    for data in (nonsense, gzip.compress(nonsense)):
        with pytest.raises(BackupRefused):
            unpacked(data)


def repacked(entries: dict[str, bytes]) -> bytes:
    """A sound archive of these entries, whatever they are."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, data in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def entries_of(whole: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}


@pytest.mark.parametrize("name", PLAIN)
def test_each_file_is_as_its_hash_says_there_and_the_only_one(whole, name):
    entries = entries_of(whole)
    other = {**entries, name: entries[name][:-1] + b"!"}
    fewer = {one: data for one, data in entries.items() if one != name}
    more = {**entries, f"{name}.more": b""}
    for changed in (other, fewer, more):
        with pytest.raises(BackupRefused):
            unpacked(repacked(changed))


@pytest.mark.parametrize("change", [
    {"format": 3}, {"format": "2"}, {"made_at": "yesterday"}, {"made_at": None}, {"revision": 1},
    {"database": "../database.sqlite"}, {"database": "files/secret_key"}, {"database": 1},
    {"contents": {}}, {"contents": []}, {"contents": {"database.sqlite": {"size": 1}}},
    {"contents": {"database.sqlite": 5}},
])  # fmt: skip
def test_a_list_of_contents_that_makes_no_sense_is_refused(whole, change):
    entries = entries_of(whole)
    entries["manifest.json"] = json.dumps(
        {**json.loads(entries["manifest.json"]), **change}
    ).encode()
    with pytest.raises(BackupRefused):
        unpacked(repacked(entries))


def test_an_archive_of_the_first_format_is_taken(whole):
    entries = entries_of(whole)
    told = json.loads(entries["manifest.json"])
    first = {name: told[name] for name in ("made_at", "revision", "database", "sha256")}
    entries["manifest.json"] = json.dumps({"format": 1, **first}).encode()
    assert unpacked(repacked(entries)) == PLAIN
    entries["database.sqlite"] += b"!"
    with pytest.raises(BackupRefused):
        unpacked(repacked(entries))


@pytest.mark.parametrize("data", [b"shorter", b"changed" * 43])
def test_a_file_that_changes_while_it_is_read_makes_no_backup(tmp_path, data):
    write(tmp_path)
    database = tmp_path / "made" / "database.sqlite"
    before = Manifest(
        made_at="2026-12-01T09:00:00+00:00",
        revision="0001",
        database="database.sqlite",
        contents={"database.sqlite": archives.content_of(database)},
    )
    database.write_bytes(data)
    with pytest.raises(BackupRefused, match="changed"):
        archives.write(tmp_path / "next.tar.gz", before, {"database.sqlite": database})
    assert not (tmp_path / "next.tar.gz").exists()
