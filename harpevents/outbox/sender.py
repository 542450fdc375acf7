"""Who our mail comes from: the address of the settings, under the association's name."""

from __future__ import annotations

from email.utils import parseaddr

from flask import current_app

from harpevents.core import i18n


def address() -> str:
    """The sender's address, its domain in ASCII form (IDNA)."""
    local, _, domain = _parsed()[1].rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def domain() -> str:
    """The domain that Message-ID and List-Id end in."""
    return address().rpartition("@")[2]


def name(language: str) -> str:
    """The display name in the reader's language; the setting may give one for all."""
    if given := _parsed()[0]:
        return given
    with i18n.speaking(language):
        return str(current_app.jinja_env.globals["association_name"]())  # type: ignore[operator]


def _parsed() -> tuple[str, str]:
    return parseaddr(current_app.config["SETTINGS"].mail_from)
