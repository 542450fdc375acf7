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

COLUMNS = {  # of the files for people; programs get the names on the left
    "number": _l("No."),
    "state": _l("State"),
    "family": _l("Family name"),
    "given": _l("Given name"),
    "patronymic": _l("Patronymic"),
    "latin_family": _l("Family name in Latin letters"),
    "latin_given": _l("Given name in Latin letters"),
    "kana_family": _l("Family name in kana"),
    "kana_given": _l("Given name in kana"),
    "email": _l("E-mail address"),
    "country": _l("Country"),
    "institution": _l("University or organisation"),
    "kind": _l("Kind of organisation"),
    "category": _l("Takes part as"),
    "position": _l("Position"),
    "language": _l("Language of e-mails"),
    "mode": _l("How"),
    "note": _l("Remark"),
    "source": _l("Registered through"),
    "created_at": _l("Registered on"),
    "institution_slug": _l("Short name of the organisation"),
    "institution_name": _l("Recognised as"),
    "parts": _l("Parts"),
    "consents": _l("Consents"),
}
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
