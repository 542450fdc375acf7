"""Who our mail comes from: the address of the settings, under the association's name."""

from __future__ import annotations

from email.utils import parseaddr
from functools import lru_cache

from flask import current_app

from harpevents.core import association, i18n


def address() -> str:
    """The sender's address, its domain in ASCII form (IDNA)."""
    return _parsed(current_app.config["SETTINGS"].mail_from)[1]


def domain() -> str:
    """The domain that Message-ID and List-Id end in."""
    return address().rpartition("@")[2]


def name(language: str) -> str:
    """The display name in the reader's language; the setting may give one for all."""
    if given := _parsed(current_app.config["SETTINGS"].mail_from)[0]:
        return given
    with i18n.speaking(language):
        return association.name()


@lru_cache(maxsize=8)
def _parsed(mail_from: str) -> tuple[str, str]:
    name, given = parseaddr(mail_from)
    local, _, domain = given.rpartition("@")
    return name, f"{local}@{domain.encode('idna').decode('ascii')}"
