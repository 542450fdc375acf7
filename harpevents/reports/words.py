"""What figures and entries of the change log are called, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from harpevents.events.words import KINDS as EVENT_KINDS
from harpevents.registrations.words import CATEGORIES, INSTITUTION_KINDS, MODES

__all__ = ["ACTIONS", "ACTORS", "CATEGORIES", "EVENT_KINDS", "INSTITUTION_KINDS", "MODES"]

ACTORS = {
    "staff": _l("Staff"),
    "participant": _l("Participant"),
    "command": _l("Command line"),
    "job": _l("The program itself"),
}
ACTIONS = {  # by noun and verb of `audit.services.record`; others are shown by their code
    "account.create": _l("Account created"),
    "account.disable": _l("Account disabled"),
    "account.enable": _l("Account enabled"),
    "account.link": _l("Sign-in link issued"),
    "account.password": _l("Password set"),
    "account.role": _l("Role changed"),
    "account.sign_in": _l("Signed in"),
    "attendance.in": _l("Checked in"),
    "attendance.out": _l("Left"),
    "attendance.annul": _l("Check-in taken back"),
    "attendance.import": _l("Meeting report taken in"),
    "attendance.match": _l("Person of a report recognised"),
    "contact.create": _l("Contact added"),
    "contact.edit": _l("Contact changed"),
    "contact.end": _l("Contact ended"),
    "dispatch.create": _l("Dispatch created"),
    "dispatch.edit": _l("Dispatch changed"),
    "dispatch.freeze": _l("Recipients fixed"),
    "dispatch.release": _l("Dispatch released"),
    "dispatch.pause": _l("Dispatch paused"),
    "dispatch.resume": _l("Dispatch resumed"),
    "dispatch.cancel": _l("Dispatch cancelled"),
    "event.create": _l("Event created"),
    "event.edit": _l("Event changed"),
    "event.published": _l("Event published"),
    "event.cancelled": _l("Event cancelled"),
    "event.archived": _l("Event archived"),
    "event.hosts": _l("Hosts changed"),
    "event.grant": _l("Organiser named"),
    "event.revoke": _l("Organiser removed"),
    "institution.create": _l("Institution added"),
    "institution.edit": _l("Institution changed"),
    "institution.name": _l("Name added"),
    "institution.name_removed": _l("Name removed"),
    "institution.rename": _l("Institution renamed"),
    "institution.teach": _l("Spelling decided"),
    "registration.create": _l("Registered"),
    "registration.edit": _l("Registration changed"),
    "registration.approve": _l("Registration approved"),
    "registration.decline": _l("Registration declined"),
    "registration.cancel": _l("Registration cancelled"),
    "registration.promote": _l("Moved up from the waiting list"),
    "registration.consent": _l("Consent withdrawn"),
    "registration.note": _l("Remark written"),
    "registration.import": _l("List of registrations taken in"),
    "rollover.plan": _l("Roll-over planned"),
    "rollover.review": _l("Roll-over under review"),
    "rollover.approve": _l("Roll-over approved"),
    "rollover.apply": _l("Roll-over applied"),
    "rollover.revert": _l("Roll-over reverted"),
    "rollover.reopen": _l("Roll-over opened again"),
    "rollover.change": _l("Roll-over changed"),
    "rollover.reply": _l("Reply of a member noted"),
    "term.create": _l("Term added"),
    "term.edit": _l("Term changed"),
    "outbox.resend": _l("Mail sent again"),
    "outbox.settle": _l("Mail marked as delivered"),
    "mail.choose": _l("Mail choices changed"),
}
