"""The tone and the word of each state that pages show, whatever it is a state of."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

STATES: dict[str, tuple[str, LazyString]] = {
    "draft": ("neutral", _l("Draft")),
    "published": ("good", _l("Published")),
    "cancelled": ("bad", _l("Cancelled")),
    "archived": ("neutral", _l("Archived")),
    "pending": ("warn", _l("Pending")),
    "confirmed": ("good", _l("Confirmed")),
    "waitlisted": ("info", _l("Waiting list")),
    "declined": ("bad", _l("Declined")),
    "present": ("good", _l("Present")),
    "absent": ("neutral", _l("Absent")),
    "review": ("info", _l("In review")),
    "approved": ("info", _l("Approved")),
    "applied": ("good", _l("Applied")),
    "reverted": ("neutral", _l("Reverted")),
    "queued": ("neutral", _l("Queued")),
    "sending": ("info", _l("Sending")),
    "accepted": ("good", _l("Accepted")),
    "sent": ("good", _l("Sent")),
    "deferred": ("warn", _l("Deferred")),
    "refused": ("bad", _l("Refused")),
    "failed": ("bad", _l("Failed")),
    "bounced": ("bad", _l("Bounced")),
    "unknown": ("warn", _l("Unknown")),
    "skipped": ("neutral", _l("Skipped")),
    "active": ("good", _l("Active")),
    "disabled": ("neutral", _l("Disabled")),
}
