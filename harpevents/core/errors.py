"""Facts that stop a command, and the one way they become words.

A domain defines `class RegistrationClosed(RuleBroken)` with a `message` in lazy gettext; services
raise it, and the edge (page, command, import) shows `str(error)` in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import LazyString, lazy_gettext


class NotFound(Exception):
    """There is no such thing, or the actor may not know that there is. A plain 404."""


class RuleBroken(Exception):
    """A rule of the house refuses the command; `str()` says why in the current language.

    `field` names the form field the message belongs to, where there is one. Placeholders in
    `message` (`%(name)s`) are filled from the keyword arguments.
    """

    message: LazyString | str = lazy_gettext("This cannot be done.")
    field: str | None = None
    status = 409

    def __init__(self, *, field: str | None = None, **values: Any) -> None:
        super().__init__(type(self).__name__)
        self.values = values
        if field is not None:
            self.field = field

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.values if self.values else text


class SiteBusy(Exception):
    """Others were writing for longer than anybody should wait; nothing was stored.

    No rule is broken: whoever catches rules lets it pass, and the page for it keeps what was typed.
    """

    message = lazy_gettext(
        "Others are writing at this moment, so nothing was stored yet. "
        "Please send it once more in a minute."
    )

    def __str__(self) -> str:
        return str(self.message)


class SeveralBroken(RuleBroken):
    """Several rules at once, so that whoever wrote a form mends all of it in one round."""

    def __init__(self, each: Sequence[RuleBroken]) -> None:
        super().__init__()
        self.each = tuple(each)
        self.status = each[0].status

    def __str__(self) -> str:
        return " ".join(map(str, self.each))


def check_all(*checks: Callable[[], object]) -> None:
    """Ask every rule, then raise what was broken: the one refusal, or `SeveralBroken`."""
    broken = []
    for check in checks:
        try:
            check()
        except RuleBroken as refused:
            broken.append(refused)
    if len(broken) > 1:
        raise SeveralBroken(broken)
    if broken:
        raise broken[0]


class InputRefused(RuleBroken):
    """One row or cell of an input cannot be taken; nothing of the input was stored.

    `row` is the line number in the file, `column` the header as written there, `reason` the words.
    """

    status = 422

    def __init__(self, reason: object, *, row: int | None = None, column: str | None = None):
        super().__init__()
        self.reason, self.row, self.column = reason, row, column

    def __str__(self) -> str:
        return str(self.reason)

    def as_json(self) -> dict[str, Any]:
        """{"error", "row"?, "column"?} as commands print it with --json."""
        whole = {"error": str(self.reason), "row": self.row, "column": self.column}
        return {name: value for name, value in whole.items() if value is not None}
