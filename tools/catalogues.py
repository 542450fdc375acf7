"""Keeps the message catalogues, one per package and language: update, fill, check, compile.

python -m tools.catalogues update PACKAGE…      extract the strings again
python -m tools.catalogues fill PACKAGE FILE    take translations from a JSON file
python -m tools.catalogues missing [PACKAGE…]   what still lacks a text
python -m tools.catalogues compile              write the .mo files that changed
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from harpevents.core.languages import FALLBACK, LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
TRANSLATIONS = ROOT / "translations"
SOME_DAY = datetime(2026, 11, 1, tzinfo=UTC)  # Babel insists on dates; ours never change
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "_l": None,
}
METHODS = [
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
]
SITE_FILES = ("app.py", "cli.py")


def path_of(package: str, language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / f"{package}.po"


def packages() -> list[str]:
    """The packages that have a catalogue."""
    return sorted({path.stem for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.po")})


def extracted(package: str) -> Catalog:
    """The strings that the package's Python files and templates hand to gettext."""
    catalogue = Catalog()
    folder = ROOT / "harpevents" / package
    found: list[Any] = [
        (str(folder / name), line, message, context)
        for name, line, message, _comments, context in extract_from_dir(
            folder, METHODS, keywords=KEYWORDS
        )
    ]
    if package == "site":
        for name in SITE_FILES:
            file = ROOT / "harpevents" / name
            found += [
                (str(file), line, message, context)
                for line, message, _comments, context in extract_from_file(
                    "python", file, keywords=KEYWORDS
                )
            ]
    for name, _line, message, context in found:
        catalogue.add(
            message, None, [(Path(name).relative_to(ROOT).as_posix(), 0)], context=context
        )
    return catalogue


def load(package: str, language: str) -> Catalog:
    path = path_of(package, language)
    if not path.exists():
        return Catalog(locale=language, domain=package, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=package)


def save(catalogue: Catalog, package: str, language: str) -> None:
    path = path_of(package, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.header_comment = f"# The texts of harpevents/{package} in {language}."
    with path.open("wb") as file:
        write_po(
            file,
            catalogue,
            width=100,
            sort_output=True,
            no_location=True,
            omit_header=False,
            include_previous=False,
            ignore_obsolete=True,
        )


def update(package: str) -> None:
    """Bring the package's catalogues up to its source; English fills itself."""
    for language in LANGUAGES:
        catalogue = load(package, language)
        # read again for each language: `update` takes the very messages of its template over
        catalogue.update(extracted(package), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        for message in catalogue:
            message.locations = []
            if language == FALLBACK and message.id:
                message.string = message.id
        save(_without_dates(catalogue, language), package, language)


def _without_dates(catalogue: Catalog, language: str) -> Catalog:
    """A copy whose header holds no dates and names, so that equal texts make equal files."""
    plain = Catalog(
        locale=language,
        domain=catalogue.domain,
        charset="utf-8",
        creation_date=SOME_DAY,
        revision_date=SOME_DAY,
        fuzzy=False,
    )
    plain.mime_headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
        ("Language", language),
        ("Plural-Forms", plain.plural_forms),
    ]
    for message in catalogue:
        if message.id:
            plain.add(message.id, message.string, flags=message.flags, context=message.context)
    return plain


def fill(package: str, file: Path) -> None:
    """Take {msgid: {language: text, or one for each plural}} from a JSON file."""
    texts = json.loads(file.read_text(encoding="utf-8"))
    for language in LANGUAGES.keys() - {FALLBACK}:
        catalogue = load(package, language)
        for message in catalogue:
            given = texts.get(singular(message), {}).get(language)
            if given is not None:
                plural = isinstance(message.id, (list, tuple))
                message.string = (
                    tuple([given] if isinstance(given, str) else given) if plural else given
                )
        save(_without_dates(catalogue, language), package, language)


def singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def missing(package: str) -> Iterator[tuple[str, str]]:
    """(language, msgid) of each text that is untranslated, incomplete or marked fuzzy."""
    expected = {singular(message) for message in extracted(package) if message.id}
    for language in LANGUAGES:
        catalogue = load(package, language)
        known = {singular(message) for message in catalogue if message.id}
        yield from ((language, msgid) for msgid in sorted(expected - known))
        for message in catalogue:
            strings = (
                message.string if isinstance(message.string, (list, tuple)) else [message.string]
            )
            if message.id and (message.fuzzy or not all(strings)):
                yield language, singular(message)


def compile_all() -> int:
    """Write each .mo that is older than its .po; return how many were written."""
    written = 0
    for source in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3], domain=source.stem)
        with target.open("wb") as file:
            write_mo(file, catalogue)
        written += 1
    return written


def main(arguments: list[str]) -> int:
    match arguments:
        case ["update", *names] if names:
            for name in names:
                update(name)
        case ["fill", package, file]:
            fill(package, Path(file))
        case ["missing", *names]:
            gaps = [(name, *gap) for name in names or packages() for gap in missing(name)]
            for name, language, msgid in gaps:
                sys.stdout.write(f"{name} {language}: {msgid}\n")
            return 1 if gaps else 0
        case ["compile"]:
            sys.stdout.write(f"{compile_all()} catalogues compiled\n")
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
