"""The words of membership for pages: states, actions, flags, kinds, in the reader's language."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from harpevents.core import i18n
from harpevents.memberships.models import (
    ContactCapacity,
    Flag,
    ItemAction,
    Reply,
    RunState,
    SpellBegin,
    SpellEnd,
    StandingKind,
    TermState,
)

TERM_STATES: dict[TermState, tuple[LazyString, str]] = {
    TermState.PLANNED: (_l("Planned"), "neutral"),
    TermState.OPEN: (_l("Running"), "good"),
    TermState.CLOSED: (_l("Ended"), "neutral"),
}
RUN_STATES: dict[RunState, LazyString] = {
    RunState.DRAFT: _l("Draft"),
    RunState.REVIEW: _l("In review"),
    RunState.APPROVED: _l("Approved"),
    RunState.APPLIED: _l("Applied"),
    RunState.REVERTED: _l("Undone"),
}
ACTIONS: dict[ItemAction, LazyString] = {
    ItemAction.RENEW: _l("Renews"),
    ItemAction.ADMIT: _l("Is admitted"),
    ItemAction.WITHDRAW: _l("Leaves"),
    ItemAction.MERGE: _l("Place ends by merger"),
    ItemAction.SUCCEED: _l("Succeeds to a place"),
}
FLAGS: dict[Flag, LazyString] = {
    Flag.NO_REPLY: _l("No reply"),
    Flag.RENAMED: _l("Renamed"),
    Flag.MERGED_AWAY: _l("Merged away"),
    Flag.NO_CONTACT: _l("No contact"),
    Flag.BOUNCED_CONTACT: _l("Contact's mail bounces"),
}
FLAG_TONES: dict[str, str] = {
    Flag.MERGED_AWAY: "warn",
    Flag.RENAMED: "info",
    Flag.BOUNCED_CONTACT: "warn",
}
REPLIES: dict[Reply, LazyString] = {
    Reply.NONE: _l("No reply yet"),
    Reply.CONFIRMED: _l("Confirmed by the university"),
    Reply.CONTESTED: _l("Contested by the university"),
}
BEGINS: dict[SpellBegin, LazyString] = {
    SpellBegin.FOUNDING: _l("Founding member"),
    SpellBegin.ADMITTED: _l("Admitted"),
    SpellBegin.SUCCEEDED: _l("Succeeded to a member's place"),
}
ENDS: dict[SpellEnd, LazyString] = {
    SpellEnd.WITHDRAWN: _l("Left the association"),
    SpellEnd.MERGED: _l("Place passed to the successor"),
}
STANDINGS: dict[StandingKind, LazyString] = {
    StandingKind.FOUNDING: _l("Founding member"),
    StandingKind.NEW: _l("New member"),
    StandingKind.RENEWED: _l("Renewed"),
    StandingKind.SUCCEEDED: _l("Succeeded to a member's place"),
}
CAPACITIES: dict[ContactCapacity, LazyString] = {
    ContactCapacity.PRIMARY: _l("Contact person"),
    ContactCapacity.INTERNATIONAL_OFFICE: _l("International office"),
    ContactCapacity.RECTOR: _l("Rector's office"),
}


def flag(code: str) -> str:
    """A flag of an item in the reader's language; a missing name says in which language."""
    kind, _sign, language = code.rpartition("_")
    if kind == Flag.MISSING_NAME:
        return str(_("No %(language)s name", language=i18n.language_name(language)))
    return str(FLAGS[Flag(code)])
