"""E-mail addresses: checked as a person types them, and folded to the key they are compared by."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l

from harpevents.core.errors import RuleBroken


class AddressRefused(RuleBroken):
    """The text is no address that mail could be sent to."""

    message = _l("This is not an e-mail address we can write to. Please check it.")
    field = "email"
    status = 422


@lru_cache(maxsize=1_024)  # a form asks several times
def normalise(text: str) -> str:
    """The address to store: width and case folded, the domain in its ASCII form (IDNA).

    Two spellings of one mailbox give the same text, which is what uniqueness is built on. Raises
    `AddressRefused`; a local part beyond ASCII is refused, because ordinary servers do (RFC 6531).
    """
    folded = unicodedata.normalize("NFKC", text).strip().strip("<>").strip()
    if len(folded) > 254 or any(unicodedata.category(sign) in {"Cc", "Cf"} for sign in folded):
        raise AddressRefused
    try:
        checked = validate_email(
            folded, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        raise AddressRefused from None
    return f"{checked.local_part}@{checked.ascii_domain or checked.domain}".lower()
