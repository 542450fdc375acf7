"""What kinds, modes and states of events are called, in the language of the moment."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from harpevents.events.models import (
    EventKind,
    EventStatus,
    GrantKind,
    HostRole,
    Mode,
    Precision,
    Qualifier,
)

KINDS = {
    EventKind.GENERAL_ASSEMBLY: _l("General assembly"),
    EventKind.ACADEMIC_FORUM: _l("Academic forum"),
    EventKind.STUDENT_FORUM: _l("Student forum"),
    EventKind.SEMINAR: _l("Seminar"),
    EventKind.ROUND_TABLE: _l("Round table"),
    EventKind.WORKSHOP: _l("Workshop"),
    EventKind.BODY_MEETING: _l("Meeting of a committee or section"),
    EventKind.PRACTITIONERS_CONFERENCE: _l("Practitioners’ conference"),
    EventKind.LIAISON_MEETING: _l("Liaison meeting"),
    EventKind.OTHER: _l("Other event"),
}
MODES = {
    Mode.IN_PERSON: _l("In person"),
    Mode.ONLINE: _l("Online"),
    Mode.HYBRID: _l("In person and online"),
}
STATUSES = {
    EventStatus.DRAFT: _l("Draft"),
    EventStatus.PUBLISHED: _l("Published"),
    EventStatus.CANCELLED: _l("Cancelled"),
    EventStatus.ARCHIVED: _l("Archived"),
}
ROLES = {HostRole.HOST: _l("Host"), HostRole.CO_HOST: _l("Co-host")}
PRECISIONS = {
    Precision.MINUTE: _l("Day and time are known"),
    Precision.DAY: _l("Only the day is known"),
    Precision.MONTH: _l("Only the month is known"),
}
QUALIFIERS = {
    "": _l("Exactly so many"),
    Qualifier.ABOUT: _l("About so many"),
    Qualifier.AT_LEAST: _l("So many or more"),
}
GRANTS = {
    GrantKind.EDIT: _l("Edit the event"),
    GrantKind.MODERATE: _l("Look after registrations"),
    GrantKind.CHECK_IN: _l("Check people in"),
}
