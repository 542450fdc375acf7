"""What states of a check-in, refusals and the rows of a report are called, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from harpevents.attendance.models import CheckInSource, MatchKind, RefusalReason

REFUSED = {
    RefusalReason.UNKNOWN_TICKET: _l("No registration has this code."),
    RefusalReason.OTHER_EVENT: _l("This ticket belongs to another event."),
    RefusalReason.NOT_CONFIRMED: _l("This registration is not confirmed."),
    RefusalReason.CANCELLED: _l("This registration was cancelled."),
}
SOURCES = {
    CheckInSource.QR: _l("ticket"),
    CheckInSource.NAME: _l("by name"),
    CheckInSource.DESK: _l("at the desk"),
    CheckInSource.WALK_IN: _l("walk-in"),
    CheckInSource.JOIN_LINK: _l("joined online"),
    CheckInSource.REPORT: _l("report of the online meeting"),
    CheckInSource.SELF: _l("by the person"),
    CheckInSource.HISTORY: _l("taken over from earlier records"),
}
MATCHES = {
    MatchKind.ADDRESS: _l("by address"),
    MatchKind.NAME: _l("by name"),
    MatchKind.PERSON: _l("by hand"),
    MatchKind.NONE: _l("not found"),
}
FORMATS = {
    "zoom-meeting": _l("Zoom meeting"),
    "zoom-webinar": _l("Zoom webinar"),
    "teams-report": _l("Microsoft Teams report"),
    "teams-list": _l("Microsoft Teams attendance list"),
    "google-meet": _l("Google Meet"),
    "webex": _l("Webex"),
    "connpass": _l("connpass"),
    "eventbrite": _l("Eventbrite"),
    "peatix": _l("Peatix"),
    "table": _l("Table with names"),
}
IGNORED = {  # by the codes of meeting_reports/reasons.py
    "duplicate_row": _l("The same row stands in the file already."),
    "waiting_room": _l("Time in the waiting room does not count."),
    "absent": _l("Registered, but did not attend."),
    "cancelled": _l("The registration was cancelled."),
    "waitlisted": _l("Was on the waiting list."),
    "not_marked_present": _l("Others are marked as present in this file, this row is not."),
    "no_name": _l("The row has neither a name nor an address."),
    "unreadable_time": _l("The time in this row cannot be read."),
    "unreadable_row": _l("The row cannot be understood."),
}
REPORT_REFUSED = {
    "not_a_report": _l(
        "%(filename)s is not an attendance report of a known kind. Its columns are: %(columns)s."
    ),
    "no_header": _l(
        "%(filename)s is not an attendance report of a known kind: no line names columns such as "
        "name, e-mail or join time."
    ),
    "date_needed": _l(
        "%(filename)s holds times of day without a date. Say on which day the meeting was."
    ),
}
