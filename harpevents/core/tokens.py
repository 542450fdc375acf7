"""Secret links: tokens derived from the secret key, bound to one purpose and one object.

Nothing of a token is stored: it is `<key>-<mac>`, where the MAC is HMAC-SHA-256 of purpose, key and
version under a key derived from the secret key, cut to 160 bits. A dump of the database opens no
door. Raising an object's version makes its older links strangers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from functools import lru_cache

from flask import current_app

MAC_BYTES = 20
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
KEY_LENGTH = 12  # letters and digits of a public key
_SHAPE = re.compile(r"([a-z0-9]{1,40})-([a-z2-7]{32})", re.ASCII)


def make(purpose: str, key: str | int, version: int = 1) -> str:
    """The token of `purpose` for the object `key` (lower-case letters and digits)."""
    return f"{key}-{_mac(purpose, str(key), version)}"


def key_of(token: str) -> str | None:
    """The object's key as the token claims it, or None when it has no shape of a token."""
    found = _SHAPE.fullmatch(token)
    return found[1] if found else None


def is_genuine(token: str, purpose: str, version: int = 1) -> bool:
    """Whether we made `token` for this purpose and this version of its object."""
    found = _SHAPE.fullmatch(token)
    return found is not None and hmac.compare_digest(found[2], _mac(purpose, found[1], version))


def new_key(length: int = KEY_LENGTH) -> str:
    """A random public key for an object: lower-case letters and digits, 5 bits each."""
    number = secrets.randbelow(len(ALPHABET) ** length)  # the system is asked once, not per letter
    characters = []
    for _ in range(length):
        number, place = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[place])
    return "".join(characters)


def new_secret() -> str:
    """A random secret of 256 bits for a one-time link; store only `digest()` of it."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a random secret: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


_PLACEHOLDER = re.compile(
    r"\[\[link:([a-z-]+):([a-z0-9]+):([0-9]+):([^\]\s:]*):([a-z2-7]{16})\]\]", re.ASCII
)


def placeholder(purpose: str, key: str | int, path: str, version: int = 1) -> str:
    """What stands in a stored mail for the secret link `base URL + path + token`.

    It carries a MAC of its own, which opens nothing: what a person typed in this shape is not
    filled, because only we can write it.
    """
    told = f"{purpose}:{key}:{version}:{path}"
    return f"[[link:{told}:{_placeholder_mac(told)}]]"


def fill_placeholders(text: str) -> str:
    """`text` with each of our placeholders replaced by its link; only at the moment of sending."""
    return _PLACEHOLDER.sub(_link, text)


def verifies_none(text: str) -> bool:
    """Whether the text has placeholders and not one of them is of our key."""
    found = list(_PLACEHOLDER.finditer(text))
    return bool(found) and not any(map(_is_ours, found))


def _is_ours(found: re.Match[str]) -> bool:
    purpose, key, version, path, mac = found.groups()
    return hmac.compare_digest(mac, _placeholder_mac(f"{purpose}:{key}:{version}:{path}"))


def _link(found: re.Match[str]) -> str:
    purpose, key, version, path, _mac_of_it = found.groups()
    if not _is_ours(found):
        return found[0]
    base: str = current_app.config["SETTINGS"].base_url
    return f"{base}{path}{make(purpose, key, int(version))}"


def _placeholder_mac(told: str) -> str:
    return _mac("placeholder", told, 0)[:16]


def _mac(purpose: str, key: str, version: int) -> str:
    purpose_key = _purpose_key(str(current_app.config["SECRET_KEY"]), purpose)
    mac = hmac.digest(purpose_key, f"{key}/{version}".encode(), "sha256")[:MAC_BYTES]
    return base64.b32encode(mac).decode().lower()


@lru_cache(maxsize=64)
def _purpose_key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), b"harpevents/" + purpose.encode(), "sha256")
