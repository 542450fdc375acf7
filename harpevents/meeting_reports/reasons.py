"""Every reason the readers of reports give, as a code with English words for it.

A refusal concerns the whole file, an ignored row one row, a flag one person. Pages translate by
code; the words here serve commands and logs.
"""

from __future__ import annotations

# %(filename)s, %(columns)s … are filled from `ReportRefused.params`.
REFUSALS = {
    "not_a_report": "%(filename)s is not an attendance report of a known kind. Its columns are: "
    "%(columns)s.",
    "no_header": "%(filename)s is not an attendance report of a known kind: no line names columns "
    "such as name, e-mail or join time.",
    "date_needed": "%(filename)s holds times of day without a date. Say on which day the meeting "
    "was.",
}

IGNORED = {
    "duplicate_row": "the same row stands in the file already",
    "waiting_room": "time in the waiting room does not count",
    "absent": "registered, but did not attend",
    "cancelled": "the registration was cancelled",
    "waitlisted": "was on the waiting list",
    "not_marked_present": "others are marked as present in this file, this row is not",
    "no_name": "the row has neither a name nor an address",
    "unreadable_time": "the time in this row cannot be read",
    "unreadable_row": "the row cannot be understood",
}

FLAGS = {
    "no_email": "no e-mail address",
    "rejoined": "joined more than once",
    "overlap": "was connected twice at the same time",
    "renamed": "changed the name shown",
    "device": "the name of a device, not of a person",
    "anonymous": "a name that says nothing, such as Guest",
    "dial_in": "joined by telephone",
    "bot": "a recording or note-taking program",
    "guest": "marked as a guest",
    "external": "marked as external",
    "unverified": "marked as unverified",
    "panelist": "a panellist of the webinar",
    "no_leave_time": "the file does not say when this person left",
    "no_times": "the file says how long, but not when",
    "presence_summed": "the file gives one line a person: when in between is not known",
    "outside_meeting": "the times lie outside the meeting",
    "attendance_not_recorded": "on the list; the file does not record who came",
}
