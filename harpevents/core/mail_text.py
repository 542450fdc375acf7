"""Writes the text of a mail from a template, in one language, outside of any request."""

from __future__ import annotations

from typing import Any

from flask import current_app

from harpevents.core import i18n


def write(template: str, language: str, **values: Any) -> tuple[str, str]:
    """(subject, body) of a text template whose first line is `Subject: …`; body ends in a newline.

    Rendered with autoescaping off: a mail is plain text. Values are data, never templates.
    """
    with i18n.speaking(language):
        text = current_app.jinja_env.get_template(template).render(language=language, **values)
    first, _, body = text.partition("\n")
    if not first.startswith("Subject: "):
        raise ValueError(f"{template} does not begin with its subject")
    return " ".join(first.removeprefix("Subject: ").split()), body.strip() + "\n"
