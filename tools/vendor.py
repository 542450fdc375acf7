"""Copies the few files pages need out of node_modules, and writes down their hashes.

`make vendor` runs it after `npm ci`; the result is committed, so Node is needed neither to
install nor to run. Each file is copied byte for byte, except two: the icon sprite is put together
from single icons, and of Bootstrap's stylesheet what our pages use is left, so a template that
uses another class of Bootstrap needs `make vendor` once more.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDORED = ROOT / "static" / "vendor"
RECORD = VENDORED / "vendored.json"

COPIES = {
    "static/vendor/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "static/vendor/licences/bootstrap.txt": "bootstrap/LICENSE",
    "static/vendor/licences/bootstrap-icons.txt": "bootstrap-icons/LICENSE",
    "static/vendor/licences/htmx.txt": "htmx.org/LICENSE",
    "tests/vendor/axe.min.js": "axe-core/axe.min.js",
    "tests/vendor/axe-licence.txt": "axe-core/LICENSE",
}
ICONS = """
    archive arrow-clockwise arrow-counterclockwise arrow-left arrow-repeat arrow-right bar-chart
    bell box-arrow-in-right box-arrow-right box-arrow-up-right building calendar calendar-event
    calendar-plus camera-video check check-circle check-lg chevron-down chevron-left chevron-right
    circle-half clipboard-check clock clock-history cloud-arrow-up copy diagram-3 door-open
    download envelope envelope-check exclamation-triangle eye eye-slash file-earmark-spreadsheet
    file-earmark-text filter flag funnel gear geo-alt globe grid hourglass-split house inbox
    info-circle journal key laptop link-45deg list lock moon mortarboard pencil people person
    person-badge person-check person-plus person-x plus plus-lg printer qr-code question-circle
    rss search send shield-check star sun ticket ticket-perforated tools translate trash upload x
    x-circle x-lg
""".split()  # noqa: SIM905, eighty quoted words would be harder to read
BOOTSTRAP = MODULES / "bootstrap" / "dist" / "css" / "bootstrap.min.css"
# What the site names, and in this file what Markdown, WTForms and browsers put into pages:
#     abbr b blockquote dl dt dd em h1 h2 h3 h4 h5 h6 hr i iframe kbd li multiple ol optgroup output
#     p pre radio reset samp size strong sub sup table tbody td textarea tfoot th thead title tr ul
NAMING = ("harpevents/**/*.html", "static/js/*.js", "tools/vendor.py")
SYMBOL = re.compile(r'<svg[^>]*viewBox="(?P<box>[^"]+)"[^>]*>(?P<shape>.*)</svg>', re.DOTALL)


def symbol(name: str) -> str:
    """One icon as a `<symbol>` that pages show with `<use href="…icons.svg#name">`."""
    text = (MODULES / "bootstrap-icons" / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    found = SYMBOL.search(text)
    if found is None:
        raise SystemExit(f"vendor: {name}.svg is not one <svg> element")
    shape = re.sub(r"\s*\n\s*", "", found["shape"])
    return f'<symbol id="{name}" fill="currentColor" viewBox="{found["box"]}">{shape}</symbol>'


def sprite() -> bytes:
    symbols = "\n".join(symbol(name) for name in sorted(ICONS))
    text = f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    return text.encode()


def bootstrap() -> bytes:
    """What pages use of Bootstrap's stylesheet, in the layer below ours (see tokens.css)."""
    command = [MODULES / ".bin" / "purgecss", "--css", BOOTSTRAP, "--content", *NAMING]
    said = subprocess.run(
        list(map(str, command)), cwd=ROOT, check=True, capture_output=True, text=True
    )
    left = json.loads(said.stdout)[0]["css"].removeprefix('@charset "UTF-8";')
    return f"@layer bootstrap{{{left}}}\n".encode()


def versions() -> dict[str, str]:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return {
        path.removeprefix("node_modules/"): about["version"]
        for path, about in packages.items()
        if path
    }


def vendor() -> None:
    contents = {target: (MODULES / source).read_bytes() for target, source in COPIES.items()}
    contents["static/vendor/icons.svg"] = sprite()
    contents["static/vendor/bootstrap.css"] = bootstrap()
    for target, content in contents.items():
        path = ROOT / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    record = {
        "packages": versions(),
        "sha256": {path: hashlib.sha256(contents[path]).hexdigest() for path in sorted(contents)},
    }
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"vendored {len(contents)} files")


def without_addresses() -> None:
    """Take the pages that ask for donations out of the lock: it is to name no address at all."""
    path = ROOT / "package-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    path.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    without_addresses() if sys.argv[1:] == ["lock"] else vendor()
