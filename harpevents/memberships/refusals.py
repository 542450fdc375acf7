"""Why a change of membership is refused, in words for the secretariat."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from harpevents.core.errors import RuleBroken


class PreviousTermNotOpen(RuleBroken):
    message = _l("Term %(number)s is not open, so nothing can be carried over from it.")


class NotPlanned(RuleBroken):
    message = _l("The roll-over into term %(number)s has not been planned yet.")


class RunIsFrozen(RuleBroken):
    message = _l("This roll-over is approved; its proposal cannot be changed any more.")


class RunIsApplied(RuleBroken):
    message = _l("The roll-over into term %(number)s was applied already.")


class ActionDoesNotFit(RuleBroken):
    message = _l("“%(name)s” cannot be put down for that: %(why)s")
    status = 422


class NotApproved(RuleBroken):
    message = _l("The roll-over into term %(number)s has not been approved by a decision yet.")


class DayNotCome(RuleBroken):
    message = _l(
        "This roll-over is decided for %(day)s. It can be applied on that day; until then the term"
        " of today goes on."
    )


class NotApplied(RuleBroken):
    message = _l("The roll-over into term %(number)s was not applied, so nothing can be undone.")


class ProposalChanged(RuleBroken):
    message = _l("The proposal has changed since you saw it. Please look at it again.")


class MembersChanged(RuleBroken):
    message = _l(
        "The members have changed since this proposal was made. Please plan it again and have it"
        " approved again."
    )


class TooEarly(RuleBroken):
    message = _l("The day must lie after %(day)s, when something this builds on began.")
    field = "effective_on"
    status = 422


class DecisionMissing(RuleBroken):
    message = _l("Please write which decision of the assembly this is.")
    field = "decision"
    status = 422


class NobodyRemains(RuleBroken):
    message = _l("Nobody would be a member after this. Please admit somebody first.")


class SuccessionWithoutMerger(RuleBroken):
    message = _l("An institution succeeds only where a member's place ends by a merger.")


class IsDissolved(RuleBroken):
    message = _l("“%(name)s” came to an end on %(day)s and cannot be a member after that.")
    status = 422


class MembershipOverlaps(RuleBroken):
    message = _l("“%(name)s” was a member until %(day)s; a new membership cannot begin before.")
    status = 422


class LaterTermStands(RuleBroken):
    message = _l("Term %(number)s builds on this roll-over, so it cannot be undone.")


class PlacesChangedSince(RuleBroken):
    message = _l("A member's place has passed on since then, so this roll-over cannot be undone.")


class TermExists(RuleBroken):
    message = _l("Term %(number)s exists already.")
    field = "number"


class TermsHaveAGap(RuleBroken):
    message = _l("The next term is term %(number)s: terms follow each other without a gap.")
    field = "number"


class TermNameMissing(RuleBroken):
    message = _l("Please give the term a name in at least one language.")
    status = 422


class TermBegun(RuleBroken):
    message = _l("Term %(number)s has begun; only a decision changes it now.")


class NoOpenTerm(RuleBroken):
    message = _l("No term is open, so no place can pass to a successor.")


class NotAMember(RuleBroken):
    message = _l("“%(name)s” is not a member on that day.")


class SucceedsItself(RuleBroken):
    message = _l("An institution cannot succeed itself.")


class ContactExists(RuleBroken):
    message = _l("This person is a contact in this capacity already.")
    field = "address"


class ContactEnded(RuleBroken):
    message = _l("This contact ended on %(day)s already.")


class ContactEndsTooEarly(RuleBroken):
    message = _l("The contact began on %(day)s; the end must lie after that day.")
    field = "valid_to"
    status = 422


class ContactNameMissing(RuleBroken):
    message = _l("Please give a name.")
    field = "name"
    status = 422
