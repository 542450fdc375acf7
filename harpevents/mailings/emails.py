"""What a dispatch looks like to one reader, and the note to the secretariat about an opt-out."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import select

from harpevents.core import i18n, mail_text, tokens
from harpevents.core.db import db
from harpevents.mailings import topics
from harpevents.mailings.models import Dispatch, DispatchRecipient
from harpevents.mailings.placeholders import fill
from harpevents.mailings.values import MailText
from harpevents.outbox import sender
from harpevents.outbox import services as outbox
from harpevents.outbox.services import Letter
from harpevents.people.models import Account, Role

UNSUBSCRIBE = "unsubscribe"  # purpose of the secret link; the recipient's key is its public half
KIND = "mailings.dispatch"


def scope_of(dispatch: Dispatch) -> str:
    """What an unsubscription from this dispatch covers."""
    return topics.scope(dispatch.topic.slug, dispatch.audience.get("slug"))


def unsubscribe_placeholder(key: str, language: str) -> str:
    return tokens.placeholder(UNSUBSCRIBE, key, f"/{language}/u/")


def letter(
    dispatch: Dispatch,
    version: MailText,
    *,
    key: str,
    address: str,
    name: str,
    language: str,
    values: Mapping[str, str],
) -> Letter:
    """The mail to one reader, exactly as it is sent. `key` is the reader's in the link."""
    scope = scope_of(dispatch)
    link = unsubscribe_placeholder(key, language)
    body = fill(version.text, values).strip()
    return Letter(
        kind=KIND,
        to_address=address,
        to_name=name,
        language=language,
        subject=" ".join(fill(version.subject, values).split()),
        text=f"{body}\n\n-- \n{foot(dispatch, language, values, link)}\n",
        event_id=int(dispatch.event_key) if dispatch.event_key else None,
        dispatch_id=dispatch.id,
        topic=scope,
        optional=topics.is_optional(scope),
        headers={
            "List-Id": topics.list_id(scope, sender.domain()),
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Owner": f"<mailto:{sender.address()}>",
            "List-Post": "NO",
            "Precedence": "list",
            "Feedback-ID": f"d{dispatch.number}:{dispatch.topic.slug}:harpevents",
        },
    )


def foot(dispatch: Dispatch, language: str, values: Mapping[str, str], link: str) -> str:
    """Why the reader gets this, and where to stop it."""
    with i18n.speaking(language):
        match dispatch.audience["kind"]:
            case "members":
                why = _(
                    "You get this mail as a contact of: %(institution)s.",
                    institution=values["institution"],
                )
            case "event":
                why = _(
                    "You get this mail because you registered for “%(event)s”.",
                    event=values["event"],
                )
            case _:
                why = _("You get this mail because you agreed to our newsletter.")
        choose = _("To choose which mail you get:")
        return f"{sender.name(language)}\n{why}\n{choose}\n{link}"


def tell_secretariat(recipient: DispatchRecipient) -> None:
    """A contact wants no more statutory mail: the university must name somebody else."""
    accounts = select(Account).where(
        Account.role.in_([Role.SECRETARIAT]), Account.disabled_at.is_(None)
    )
    for account in db.session.scalars(accounts.order_by(Account.id)):
        subject, text = mail_text.write(
            "mailings/mail/opted_out.txt",
            account.language,
            name=account.name,
            reader=recipient.name,
            address=recipient.address,
            institution=recipient.values.get("institution", ""),
        )
        letter = Letter(
            kind="mailings.opted_out",
            to_address=account.email,
            to_name=account.name,
            language=account.language,
            subject=subject,
            text=text,
        )
        outbox.enqueue(letter, recipient)
