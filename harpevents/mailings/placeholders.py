"""The words in {braces} that a dispatch fills for each reader.

There is no logic in them and they are filled in one pass: a name that holds braces stays a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from harpevents.core.errors import RuleBroken

KNOWN = {
    "members": ("salutation", "name", "institution"),
    "subscribers": ("salutation", "name"),
    "event": ("salutation", "name", "institution", "event", "link"),
}
_PLACE = re.compile(r"\{([^{}]*)\}")


class UnknownPlaceholder(RuleBroken):
    """A word in braces that this audience does not have."""

    message = _l("There is no placeholder {%(word)s} here. Use one of: %(known)s.")
    status = 422


class LooseBrace(RuleBroken):
    """A brace without its partner."""

    message = _l(
        "A brace stands alone near “%(near)s”. Braces are only for placeholders such as {name}."
    )
    status = 422


def check(text: str, audience: str, field: str) -> None:
    """Raise `UnknownPlaceholder` or `LooseBrace`, addressed to the form field, or say nothing."""
    known = KNOWN[audience]
    for found in _PLACE.finditer(text):
        if found[1] not in known:
            listed = ", ".join(f"{{{name}}}" for name in known)
            raise UnknownPlaceholder(field=field, word=found[1][:40], known=listed)
    rest = _PLACE.sub(lambda found: " " * len(found[0]), text)
    if loose := re.search(r"[{}]", rest):
        near = " ".join(text[max(0, loose.start() - 10) : loose.start() + 10].split())
        raise LooseBrace(field=field, near=near)


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with each placeholder replaced once; values are taken as they are."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)
