"""Why a command about a dispatch is refused."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from harpevents.core.errors import RuleBroken


class NotADraft(RuleBroken):
    """The readers are fixed already."""

    message = _l("The recipient list is locked, so this dispatch can no longer be changed.")


class NotFrozen(RuleBroken):
    """It cannot be sent in its present state."""

    message = _l("This dispatch cannot be sent in its present state.")


class NotRunning(RuleBroken):
    """It is not being sent just now."""

    message = _l("This dispatch is not being sent just now.")


class Finished(RuleBroken):
    """All of it is out, or it was cancelled."""

    message = _l("This dispatch is finished.")


class NobodyToWriteTo(RuleBroken):
    """The audience is empty."""

    message = _l("Nobody would get this e-mail. Please choose other recipients.")


class TextMissing(RuleBroken):
    """Some readers' language has no text."""

    message = _l("Recipients by language: %(counts)s. Text is missing in: %(missing)s.")


class WrongTopic(RuleBroken):
    """Topic and audience do not belong together."""

    message = _l("Recipients of this kind cannot be written to under this topic.")
    field = "topic"
    status = 422
