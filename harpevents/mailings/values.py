"""What a dispatch says, as it is handed from a form or a test to the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class MailText:
    """Subject and text of one language, with placeholders."""

    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class DispatchValues:
    """A dispatch as it is written: `texts` by language, empty ones allowed in a draft."""

    topic: str
    audience: dict[str, Any]
    texts: Mapping[str, MailText]
    as_of: date | None = None
    event_id: int | None = None
