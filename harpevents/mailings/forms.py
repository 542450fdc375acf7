"""The form a dispatch is written in."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField
from wtforms.validators import Optional

from harpevents.core.forms import Form, InLanguages, Line, Text
from harpevents.core.texts import clean_line
from harpevents.events.models import Event
from harpevents.mailings import audiences, topics
from harpevents.mailings.models import Dispatch, DispatchVersion
from harpevents.mailings.values import DispatchValues, MailText

LONGEST_SUBJECT = 150


class DispatchForm(Form):
    """Topic, readers, and a text in each language."""

    topic = SelectField(_l("Kind of mail"))
    audience = SelectField(_l("Recipients"))
    as_of = DateField(_l("Recipients as of"), [Optional()])
    subject = InLanguages(Line(_l("Subject"), longest=LONGEST_SUBJECT))
    text = InLanguages(Text(_l("Text")))

    @classmethod
    def about(cls, event: Event | None, **values: Any) -> DispatchForm:
        """The form for the people of an event, or for the association's readers."""
        form = cls(**values)
        if event is None:
            form.topic.choices = [
                (topic, topics.NAMES[topic]) for topic in (topics.GENERAL, topics.NEWSLETTER)
            ]
            form.audience.choices = [
                *((f"members-{term.number}", _members(term.number)) for term in audiences.terms()),
                ("subscribers", _("People who agreed to the newsletter")),
            ]
        else:
            form.topic.choices = [(topics.EVENT, topics.NAMES[topics.EVENT])]
            form.audience.choices = [
                (who, audiences.in_words({"kind": "event", "who": who}))
                for who in (audiences.REGISTERED, audiences.PRESENT, audiences.ABSENT)
            ]
        return form

    def versions(self) -> list[tuple[str, Any, Any]]:
        """(language, subject field, text field) of the site's languages."""
        return [(one.short_name, one, self.text[one.short_name]) for one in self.subject]

    def values(self, event: Event | None) -> DispatchValues:
        kind, _dash, term = self.audience.data.partition("-")
        if event is not None:
            audience = {"kind": "event", "slug": event.slug, "who": self.audience.data}
        elif kind == "members":
            audience = {"kind": "members", "term": int(term)}
        else:
            audience = {"kind": kind}
        return DispatchValues(
            topic=self.topic.data,
            audience=audience,
            as_of=self.as_of.data,
            event_id=None if event is None else event.id,
            texts={
                code: MailText(subject.data or "", text.data or "")
                for code, subject, text in self.versions()
            },
        )


def filled_from(dispatch: Dispatch, versions: dict[str, DispatchVersion]) -> dict[str, Any]:
    """The form's values of a draft."""
    audience = dispatch.audience
    chosen = audience["kind"]
    if chosen == "members":
        chosen = f"members-{audience['term']}"
    values: dict[str, Any] = {
        "topic": dispatch.topic.slug,
        "audience": audience.get("who", chosen),
        "as_of": dispatch.as_of,
    }
    values["subject"] = {code: clean_line(one.subject) for code, one in versions.items()}
    values["text"] = {code: one.text for code, one in versions.items()}
    return values


def _members(number: int) -> str:
    return audiences.in_words({"kind": "members", "term": number})
