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
    if plan is not None:
        planned = [reader for reader in plan.readers if reader.language in written]
        total = len(planned)
    else:
        total = queries.count_fixed(dispatch, written)
    if not total:
        return None
    number = min(max(1, wanted), total)
    reader: Reader | DispatchRecipient
    if plan is not None:
        reader = planned[number - 1]
        values = reader.values()
    else:
        reader = queries.fixed_reader(dispatch, written, number)
        values = reader.values
    letter = emails.letter(
        dispatch,
        written[reader.language],
        key=SAMPLE_KEY,
        address=reader.address,
        name=reader.name,
        language=reader.language,
        values=values,
    )
    return Preview(number, total, letter)
