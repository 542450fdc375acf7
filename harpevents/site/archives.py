"""The file of a backup: a manifest that names each file with its size and hash, then the files."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from harpevents.core.errors import RuleBroken

FORMAT = 2
OLDEST_FORMAT = 1  # hashed the database only
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 256 * 1024 * 1024  # bytes: a million files
FILES = "files/"
AT_ONCE = 1024 * 1024


class BackupRefused(RuleBroken):
    """The archive cannot be made or taken; said at the command line, in English."""

    def __init__(self, *, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True)
class Content:
    """What one file of the archive must be."""

    size: int  # bytes
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What the archive holds, in its first entry. Names are those of its entries."""

    made_at: str  # ISO 8601
    revision: str
    database: str
    contents: Mapping[str, Content] = field(default_factory=dict)
    format: int = FORMAT

    def as_bytes(self) -> bytes:
        values = asdict(self) | {"sha256": self.contents[self.database].sha256}
        return json.dumps(values, indent=1).encode()

    @classmethod
    def read(cls, text: bytes) -> Manifest:
        """Raises `ValueError` where the text is no manifest of a format we know."""
        values = json.loads(text)
        known = isinstance(values, dict) and values.get("format") in (OLDEST_FORMAT, FORMAT)
        if not known or not all(_is_text(values, name) for name in ("made_at", "revision")):
            raise ValueError("it is of another format")
        datetime.fromisoformat(values["made_at"])
        if not _is_text(values, "database") or Path(values["database"]).name != values["database"]:
            raise ValueError("it names no database")
        try:
            contents = {name: Content(**told) for name, told in values.get("contents", {}).items()}
        except (TypeError, AttributeError):
            raise ValueError("its list of files cannot be read") from None
        if values["format"] == FORMAT and values["database"] not in contents:
            raise ValueError("its list of files names no database")
        if values["format"] == OLDEST_FORMAT and not _is_text(values, "sha256"):
            raise ValueError("it does not say what the database must be")
        if values["format"] == OLDEST_FORMAT:
            contents = {values["database"]: Content(-1, values["sha256"])}
        return cls(
            made_at=values["made_at"],
            revision=values["revision"],
            database=values["database"],
            contents=contents,
            format=values["format"],
        )


def _is_text(values: dict[str, Any], name: str) -> bool:
    return isinstance(values.get(name), str)


def digest_of(file: Path) -> str:
    """The SHA-256 of what is in the file, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content_of(file: Path) -> Content:
    return Content(file.stat().st_size, digest_of(file))


def write(target: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """Write the archive beside `target` and rename it: there is a whole one or none.

    `files` are those the manifest names; raises `BackupRefused` when one has changed since.
    """
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
                text = manifest.as_bytes()
                archive.addfile(_entry(MANIFEST, len(text)), io.BytesIO(text))
                for name, content in manifest.contents.items():
                    _add(archive, name, files[name], content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry


def _add(archive: tarfile.TarFile, name: str, path: Path, content: Content) -> None:
    with path.open("rb") as file:
        reading = _Hashing(file)
        try:
            archive.addfile(_entry(name, content.size), reading)
        except OSError as failed:
            if failed.errno is not None:
                raise
            reading.digest.update(b"cut short")
    if reading.digest.hexdigest() != content.sha256:
        raise BackupRefused(reason=f"{path} changed while it was read. Please try once more.")


class _Hashing(io.RawIOBase):
    """A file that hashes what is read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def unpack(source: Path, folder: Path) -> Manifest:
    """Unpack the archive into the empty `folder`, whole as it was made.

    Raises `BackupRefused` when it was cut, when a bit of it is another, when a file is missing or
    too many, and for whatever else no backup of ours is.
    """
    try:
        with gzip.open(source) as whole:
            with tarfile.open(fileobj=whole, mode="r|") as archive:
                manifest = _unpack_all(archive, folder)
            while whole.read(AT_ONCE):
                pass  # to the end, where the checksum of the whole stands
    except (tarfile.TarError, zlib.error, OSError, EOFError, ValueError, RecursionError) as broken:
        if isinstance(broken, OSError) and broken.errno is not None:
            raise  # it is our own disk that failed
        raise BackupRefused(reason=f"{source.name} is no whole backup: {broken}") from None
    return manifest


def _unpack_all(archive: tarfile.TarFile, folder: Path) -> Manifest:
    first = archive.next()
    if first is None or first.name != MANIFEST or first.size > LARGEST_MANIFEST:
        raise ValueError("it does not begin with a list of what it holds")
    stream = archive.extractfile(first)
    manifest = Manifest.read(stream.read() if stream is not None else b"")
    missing = set(manifest.contents)
    while (entry := archive.next()) is not None:
        expected = manifest.contents.get(entry.name)
        if expected is None and manifest.format != OLDEST_FORMAT:
            raise ValueError(f"{entry.name} is not in its list")
        found = _unpack_entry(archive, entry, folder)
        if expected is not None and expected not in (found, Content(-1, found.sha256)):
            raise ValueError(f"{entry.name} is damaged")
        missing.discard(entry.name)
    if missing:
        raise ValueError(f"{min(missing)} is missing")
    return manifest


def _unpack_entry(archive: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> Content:
    """Write one plain file below `folder`; a link, a device or a way out of it spoils the whole."""
    target = folder / entry.name
    stream = archive.extractfile(entry) if entry.isreg() else None
    if stream is None or not target.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{entry.name} has no place in it")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            reading = _Hashing(stream)
            while piece := reading.read(AT_ONCE):
                file.write(piece)
    except (FileExistsError, NotADirectoryError):
        raise ValueError(f"{entry.name} has no place in it") from None
    return Content(target.stat().st_size, reading.digest.hexdigest())
