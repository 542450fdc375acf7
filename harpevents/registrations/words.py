"""What states, categories and consents are called, and the wording people agree to."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from harpevents.institutions import words as institution_words
from harpevents.registrations.models import (
    AttendanceMode,
    Category,
    ConsentPurpose,
    RegistrationState,
)

WORDING = "2026-11"  # the version of the texts in CONSENTS; a change of them is a new version

STATES = {
    RegistrationState.PENDING: _l("Pending"),
    RegistrationState.CONFIRMED: _l("Confirmed"),
    RegistrationState.WAITLISTED: _l("Waiting list"),
    RegistrationState.DECLINED: _l("Declined"),
    RegistrationState.CANCELLED: _l("Cancelled"),
}
MODES = {AttendanceMode.ROOM: _l("In the room"), AttendanceMode.ONLINE: _l("Online")}
CATEGORIES = {
    Category.FACULTY: _l("Teaching staff"),
    Category.RESEARCHER: _l("Researcher"),
    Category.STAFF: _l("Administrative staff"),
    Category.STUDENT: _l("Student"),
    Category.INTERPRETER: _l("Interpreter or translator"),
    Category.OFFICIAL: _l("Public official"),
    Category.BUSINESS: _l("Company employee"),
    Category.OTHER: _l("Other"),
}
INSTITUTION_KINDS = institution_words.KINDS
CONSENTS = {
    ConsentPurpose.PRIVACY: _l(
        "I have read the privacy notice and agree that my data are used to organise this event."
    ),
    ConsentPurpose.CONTACT_SHARING: _l(
        "My name, affiliation and e-mail address may be shared with the other participants."
    ),
    ConsentPurpose.NEWSLETTER: _l("Please send me the association’s newsletter."),
    ConsentPurpose.PHOTOGRAPHS: _l(
        "Photographs and recordings in which I appear may be published."
    ),
}
