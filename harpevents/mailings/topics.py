"""The lists mail is sent under: each is a List-Id and the scope of one unsubscription."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from harpevents.mailings.models import TopicKind

GENERAL, NEWSLETTER, EVENT = "general", "newsletter", "event"
ALL_OPTIONAL = ""  # the scope of "no optional mail at all"

NAMES = {
    GENERAL: _l("Letters to member universities"),
    NEWSLETTER: _l("Newsletter"),
    EVENT: _l("Mail about an event"),
}
KINDS = {
    GENERAL: TopicKind.STATUTORY,
    NEWSLETTER: TopicKind.OPTIONAL,
    EVENT: TopicKind.EVENT,
}


def scope(topic: str, event_slug: str | None) -> str:
    """What one unsubscription covers: the topic, or one event of it."""
    return f"{EVENT}.{event_slug}" if topic == EVENT else topic


def is_optional(scope_or_topic: str) -> bool:
    """Whether "no optional mail at all" covers it."""
    return KINDS.get(scope_or_topic.partition(".")[0]) is not TopicKind.STATUTORY


def list_id(scope_name: str, domain: str) -> str:
    """The List-Id (RFC 2919) of a scope: `<newsletter.example.org>`."""
    topic, _dot, event = scope_name.partition(".")
    return f"<{event}.{topic}.{domain}>" if event else f"<{topic}.{domain}>"


def label(scope_name: str, event_title: str = "") -> str:
    """The scope in words for its reader, in the current language."""
    topic = scope_name.partition(".")[0]
    if topic in {GENERAL, NEWSLETTER}:
        return str(NAMES[topic])
    return str(_("Mail about “%(event)s”", event=event_title))
