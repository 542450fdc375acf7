"""The desk's forms about events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from harpevents.core import association, clock, i18n
from harpevents.core.forms import (
    NOTHING_CHOSEN,
    Address,
    Form,
    InLanguages,
    Line,
    LocalMoment,
    Needed,
    Text,
    ValidationError,
    worded,
)
from harpevents.events import words
from harpevents.events.models import (
    Event,
    EventKind,
    GrantKind,
    HostRole,
    Mode,
    Precision,
    Qualifier,
)


def _kinds_offered(own: str | None) -> dict[EventKind, LazyString]:
    """The kinds of this association, and the one that the event is of."""
    offered = {*association.event_kinds(), own}
    asked = bool(association.event_kinds())
    return {kind: word for kind, word in words.KINDS.items() if not asked or kind in offered}


class EventForm(Form):
    """Everything the desk may say about an event; times are those of the event's zone."""

    slug = Line(_l("Address of the page"), required=True, longest=80)
    kind = SelectField(_l("Kind"), [InputRequired(_l("Please choose the kind of event."))])
    title = InLanguages(Line(_l("Title"), longest=300))
    summary = InLanguages(Text(_l("In one or two sentences"), longest=2_000))
    venue = InLanguages(Line(_l("Venue"), longest=500))
    description = InLanguages(Text(_l("Description")))
    mode = SelectField(_l("Format"), choices=worded(words.MODES))
    zone = SelectField(_l("Time zone"), validate_choice=False)
    starts_at = LocalMoment(_l("Begins"), [Needed()])
    ends_at = LocalMoment(_l("Ends"), [Needed()])
    precision = SelectField(_l("How exactly the date is known"), choices=worded(words.PRECISIONS))
    languages = Line(_l("Languages spoken at the event"), required=True)
    series = Line(_l("Series"))
    edition = IntegerField(_l("Number in the series"), [Optional()])
    parent = SelectField(_l("Part of"))
    takes_registrations = BooleanField(_l("People can register on this site"))
    capacity = IntegerField(_l("Number of places"), [Optional()])
    opens_at = LocalMoment(_l("Registration opens"), [Optional()])
    closes_at = LocalMoment(_l("Registration closes"), [Optional()])
    needs_approval = BooleanField(_l("Each registration needs approval"))
    join_url = Line(_l("Link of the online meeting"), longest=500)
    reported_participants = IntegerField(_l("Published number of participants"), [Optional()])
    reported_qualifier = SelectField(_l("What the number means"))
    reported_note = Line(_l("Source of that number"), longest=500)

    def __init__(self, parents: Sequence[Event], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.zone.choices = [SelectChoice(value=one, label=one) for one in association.zones()]
        self.reported_qualifier.choices = worded(words.QUALIFIERS)
        self.kind.choices = [NOTHING_CHOSEN, *worded(_kinds_offered(self.kind.data))]
        if self.languages.data is None:
            self.languages.data = ",".join(i18n.languages())
        self.parent.choices = [
            SelectChoice(value="", label=_("An event of its own")),
            *(SelectChoice(value=one.slug, label=one.slug) for one in parents),
        ]
        if self.zone.data is None:
            self.zone.data = str(clock.association_zone())

    def validate_zone(self, field: SelectField) -> None:
        if field.data not in clock.zone_names():
            field.data = str(clock.association_zone())
            raise ValidationError(_("Please choose a time zone from the list."))

    def values(self) -> dict[str, Any]:
        """The valid form as keyword arguments of `EventValues`."""
        return {
            "slug": self.slug.data,
            "kind": EventKind(self.kind.data),
            "mode": Mode(self.mode.data),
            "precision": Precision(self.precision.data),
            "zone": self.zone.data,
            **{
                name: self[name].in_zone(self.zone.data)
                for name in ("starts_at", "ends_at", "opens_at", "closes_at")
            },
            **{name: self[name].filled() for name in ("title", "summary", "venue", "description")},
            **{
                name: self[name].data or ""
                for name in ("languages", "series", "join_url", "reported_note")
            },
            **{name: self[name].data for name in ("edition", "capacity", "reported_participants")},
            "reported_qualifier": Qualifier(self.reported_qualifier.data)
            if self.reported_qualifier.data
            else None,
            "parent": self.parent.data or None,
            "takes_registrations": self.takes_registrations.data,
            "needs_approval": self.needs_approval.data,
        }


class HostForm(Form):
    """One more host: an institution from the suggestions, or a body by its name."""

    institution = Line(_l("University or organisation"), required=True, longest=300)
    institution_slug = HiddenField()
    role = SelectField(_l("Role"), choices=worded(words.ROLES), default=HostRole.HOST.value)


class GrantForm(Form):
    """Names an organiser by the address of her account."""

    email = Address(_l("E-mail address of the account"))
    kind = SelectField(_l("Permissions"), choices=worded(words.GRANTS))

    def grant(self) -> GrantKind:
        return GrantKind(self.kind.data)


class CloneForm(Form):
    """The address of the copy."""

    slug = Line(_l("Address of the new page"), required=True, longest=80)
