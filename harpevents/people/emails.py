"""The mails about accounts."""

from __future__ import annotations

from harpevents.core import mail_text
from harpevents.people.models import Account


def reset_password(account: Account, link: str) -> tuple[str, str]:
    """(subject, text) of the mail with the link to choose another password."""
    return mail_text.write("people/mail/reset.txt", account.language, name=account.name, link=link)
