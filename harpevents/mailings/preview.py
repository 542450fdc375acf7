"""Shows one mail of a dispatch as its reader would get it, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass

from harpevents.core import tokens
from harpevents.mailings import emails, queries
from harpevents.mailings.models import Dispatch, DispatchRecipient
from harpevents.mailings.planning import Plan, Reader
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
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    planned = None if plan is None else [one for one in plan.readers if one.language in written]
    total = queries.count_fixed(dispatch, written) if planned is None else len(planned)
    if not total:
        return None
    number = min(max(1, wanted), total)
    reader: Reader | DispatchRecipient | None = (
        queries.find_fixed(dispatch, written, number) if planned is None else planned[number - 1]
    )
    if reader is None:  # the list was given up while we counted
        return None
    letter = emails.letter(
        dispatch,
        written[reader.language],
        key=SAMPLE_KEY,
        address=reader.address,
        name=reader.name,
        language=reader.language,
        values=reader.values,
    )
    return Preview(number, total, letter)
