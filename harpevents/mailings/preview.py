"""Shows one mail of a dispatch as its reader would get it, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass

from harpevents.core import tokens
from harpevents.mailings import emails, queries
from harpevents.mailings.models import Dispatch
from harpevents.mailings.planning import Plan
from harpevents.mailings.values import MailText
from harpevents.outbox.services import Letter

SAMPLE_KEY = "sample"  # of no recipient: the link of a preview stops nobody's mail


@dataclass(frozen=True)
class Preview:
    """The mail to reader number `number` (from 1) of `total`."""

    number: int
    total: int
    letter: Letter

    @property
    def text(self) -> str:
        return tokens.fill_placeholders(self.letter.text)


def of(dispatch: Dispatch, plan: Plan | None, asked: str) -> Preview | None:
    """The mail to the reader asked for ("3"), else to the first; None without reader or text."""
    written = {
        code: MailText(version.subject, version.text)
        for code, version in queries.written_of(dispatch).items()
    }
    if plan is not None:
        people = [(one.address, one.name, one.language, one.values()) for one in plan.readers]
    else:
        people = [
            (one.address, one.name, one.language, dict(one.values))
            for one in queries.recipients_of(dispatch)
        ]
    shown = [person for person in people if person[2] in written]
    if not shown:
        return None
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    number = min(max(1, wanted), len(shown))
    address, name, language, values = shown[number - 1]
    letter = emails.letter(
        dispatch,
        written[language],
        key=SAMPLE_KEY,
        address=address,
        name=name,
        language=language,
        values=values,
    )
    return Preview(number, len(shown), letter)
