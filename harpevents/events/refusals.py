"""Why a command about an event is refused, each as a sentence beside its field."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from harpevents.core.errors import RuleBroken


class SlugRefused(RuleBroken):
    message = _l("Use small Latin letters, digits and single hyphens, at most 80 characters.")
    field = "slug"
    status = 422


class SlugTaken(RuleBroken):
    message = _l("Another event has this address already: %(slug)s.")
    field = "slug"


class SlugFixed(RuleBroken):
    """The address of a published event stands in mails and calendars."""

    message = _l("The address of a page stays once the event was published.")
    field = "slug"


class TitleMissing(RuleBroken):
    message = _l("Please give the event a title in at least one language.")
    field = "title"
    status = 422


class EventTextRefused(RuleBroken):
    message = _l("This text is too long or contains characters that cannot be stored.")
    status = 422


class ZoneUnknown(RuleBroken):
    message = _l("There is no time zone called %(zone)s.")
    field = "zone"
    status = 422


class DatesRefused(RuleBroken):
    message = _l("The event must end after it begins, in the years 1900 to 2200.")
    field = "ends_at"
    status = 422


class OpeningRefused(RuleBroken):
    message = _l("Registration must open before it closes, and close before the event ends.")
    field = "closes_at"
    status = 422


class CapacityRefused(RuleBroken):
    message = _l("The number of places must lie between 1 and 100,000.")
    field = "capacity"
    status = 422


class NumberRefused(RuleBroken):
    message = _l("This number is not possible here.")
    status = 422


class BreakdownRefused(RuleBroken):
    message = _l("The people of universities are more than the published number of participants.")
    status = 422


class ParentRefused(RuleBroken):
    message = _l("A part belongs to an event that is no part itself and is not its own.")
    field = "parent"
    status = 422


class LinkRefused(RuleBroken):
    message = _l("The link must begin with http:// or https://.")
    field = "join_url"
    status = 422


class LanguagesRefused(RuleBroken):
    message = _l("Please name the languages by their codes, for example: ja,en,ru")
    field = "languages"
    status = 422


class StatusRefused(RuleBroken):
    message = _l("This is not possible in the present state of the event.")
