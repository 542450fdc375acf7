"""Static files under names that say their content, so that a browser asks for each only once.

`python -m harpevents.core.static_files` writes them beside the originals, with what brotli and gzip
make of them. Without it the same names are served from the originals, uncompressed.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

from config import ROOT

BUILT = "built"  # the folder of built files in the folder of originals
SERVED = {".css", ".js", ".svg", ".png"}


def hashed_names(folder: Path) -> dict[str, str]:
    """{"css/base.css": "css/base.0a1b2c3d4e5f.css"}: each file and its name with its content."""
    names = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if file.suffix in SERVED and name.parts[0] != BUILT:
            digest = hashlib.blake2b(file.read_bytes(), digest_size=6).hexdigest()
            names[name.as_posix()] = name.with_suffix(f".{digest}{name.suffix}").as_posix()
    return names


def build(folder: Path) -> None:
    """Write each file under its hashed name, beside it the same in brotli and gzip.

    Older names stay, because pages that are open still ask for them.
    """
    compressor = Compressor(quiet=True)
    for name, hashed in hashed_names(folder).items():
        target = folder / BUILT / hashed
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, target)
            compressor.compress(str(target))


def init_app(app: Flask) -> None:
    """Serve the hashed names in front of `app`, and let `url_for("static", …)` give them."""
    folder = Path(app.static_folder or "")
    names = hashed_names(folder)
    prefix = f"{app.static_url_path}/"
    files = WhiteNoise(app.wsgi_app, allow_all_origins=False, add_headers_function=_add_headers)
    if (folder / BUILT).exists():
        files.add_files(folder / BUILT, prefix)
    for name, hashed in names.items():
        if prefix + hashed not in files.files:
            files.add_file_to_dictionary(prefix + hashed, str(folder / name))
    app.wsgi_app = files  # type: ignore[method-assign]

    def give_hashed_name(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["filename"] = names.get(values["filename"], values["filename"])

    app.url_defaults(give_hashed_name)


def _add_headers(headers: Headers, _path: str, url: str) -> None:
    """Kept for a year and never asked about; one tag for all encodings, so a weak one."""
    headers["Cache-Control"] = "public, max-age=31536000, immutable"
    headers["ETag"] = f'W/"{url.rsplit(".", 2)[1]}"'
    headers["X-Content-Type-Options"] = "nosniff"


if __name__ == "__main__":
    build(ROOT / "static")
