"""E-mail addresses: checked as a person types them, and folded to the key they are compared by."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l

from harpevents.core.errors import RuleBroken
from harpevents.core.texts import clean_line


class AddressRefused(RuleBroken):
    """The text is no address that mail could be sent to."""

    message = _l("This is not an e-mail address we can write to. Please check it.")
    field = "email"
    status = 422


_NAMED = re.compile(r"[^<>@]*<([^<>]*)>[.;,]*")  # 山田 太郎 <taro@example.jp>
_REMARK = re.compile(r"\s*\([^()@]*\)$")  # taro@example.jp (Hokkaido)
LONGEST_LOCAL_PART = 64  # octets (RFC 5321 4.5.3.1.1)


def _bare(text: str) -> str:
    """The address in what people copy: `mailto:`, a name before it, a full stop behind it."""
    if named := _NAMED.fullmatch(text):
        text = named[1]
    text = _REMARK.sub("", text).strip().strip("<>").strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    return text.strip().rstrip(".;,").strip()


@lru_cache(maxsize=1_024)  # a form asks several times
def normalise(text: str) -> str:
    """The address to store: width and case folded, the domain in its ASCII form (IDNA).

    Two spellings of one mailbox give the same text, which is what uniqueness is built on. Raises
    `AddressRefused`; a local part beyond ASCII is refused, because ordinary servers do (RFC 6531).
    """
    folded = _bare(clean_line(unicodedata.normalize("NFKC", text)) or "")
    if len(folded) > 254 or any(unicodedata.category(sign) in {"Cc", "Cf"} for sign in folded):
        raise AddressRefused
    try:
        checked = validate_email(
            folded, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        raise AddressRefused from None
    if len(checked.local_part.encode()) > LONGEST_LOCAL_PART:
        raise AddressRefused
    return f"{checked.local_part}@{checked.ascii_domain or checked.domain}".lower()
