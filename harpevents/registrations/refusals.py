"""Why a command about a registration is refused, each as a sentence beside its field."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from harpevents.core.errors import RuleBroken


class RegistrationClosed(RuleBroken):
    message = _l("Registration for this event is not open at the moment.")


class AlreadyRegistered(RuleBroken):
    """Says nothing about the registration there is; its owner gets the link by mail."""

    message = _l(
        "This address is registered for this event already. We have sent the personal link to it "
        "once more; with the link you can look at the registration, change it or cancel it."
    )
    field = "email"


class AddressTaken(RuleBroken):
    """The same at the desk, where nothing needs to be hidden."""

    message = _l("Somebody is registered with this address already.")
    field = "email"


class FormKeyReused(RuleBroken):
    message = _l(
        "This form was sent before with other answers. Please open the form anew, or use the link "
        "in our mail to change your registration."
    )


class NameMissing(RuleBroken):
    message = _l("Please write your name. One name is enough if you have only one.")
    field = "family"
    status = 422


class CountryUnknown(RuleBroken):
    message = _l("Please choose a country from the list.")
    field = "country"
    status = 422


class LanguageUnknown(RuleBroken):
    message = _l("Please choose one of the languages of this site.")
    field = "language"
    status = 422


class ModeRefused(RuleBroken):
    message = _l("The event is not held in this way.")
    field = "mode"
    status = 422


class TextRefused(RuleBroken):
    message = _l("This text is too long or contains characters that cannot be stored.")
    status = 422


class NameIsALink(RuleBroken):
    message = _l("A name cannot hold a web address. Please write the name alone.")
    status = 422


class PartUnknown(RuleBroken):
    message = _l("This event has no such part.")
    field = "parts"
    status = 422


class PartFull(RuleBroken):
    message = _l("“%(title)s” has no place left. Please register without it.")
    field = "parts"


class PrivacyNeeded(RuleBroken):
    message = _l("Without your consent to the privacy notice we may not keep your registration.")
    field = "consent_privacy"
    status = 422


class StateRefused(RuleBroken):
    message = _l("This is not possible in the present state of the registration.")


class EventFull(RuleBroken):
    message = _l("All places are taken. Tick the box to go beyond the number of places.")
    field = "beyond_capacity"


class EventOver(RuleBroken):
    message = _l("The event is over, so the registration can no longer be changed.")
