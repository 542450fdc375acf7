"""A client that behaves as a browser does: it takes the form a page holds and fills it in."""

from __future__ import annotations

import contextvars
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from harpevents.core.db import db


@dataclass
class Form:
    """A form as it stands in a page, with the values a browser would send unchanged."""

    action: str
    method: str
    values: MultiDict[str, str] = field(default_factory=MultiDict)


class FormReader(HTMLParser):
    """Collects the forms of a page with their hidden, typed, ticked and selected values."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._select: tuple[Form, str, bool] | None = None
        self._area: tuple[Form, str] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._open = Form(at.get("action", ""), at.get("method", "get").lower())
            self.forms.append(self._open)
            self._by_id[at.get("id", "")] = self._open
            return
        form = self._by_id.get(at["form"]) if "form" in at else self._open
        if tag == "option":
            self._choose(at)
        if form is None or "name" not in at or "disabled" in at:
            return
        if tag == "input":
            self._take(form, at)
        elif tag == "select":
            self._select = (form, at["name"], "multiple" in at)
        elif tag == "textarea":
            self._area = (form, at["name"])
            form.values.add(at["name"], "")

    def _take(self, form: Form, at: Mapping[str, str]) -> None:
        kind = at.get("type", "text")
        if kind in {"submit", "button", "image", "reset", "file"}:
            return
        if kind in {"checkbox", "radio"} and "checked" not in at:
            return
        form.values.add(at["name"], at.get("value", "on" if kind == "checkbox" else ""))

    def _choose(self, at: Mapping[str, str]) -> None:
        if self._select is None or "disabled" in at:
            return
        form, name, multiple = self._select
        if "selected" in at and not multiple:
            form.values.setlist(name, [at.get("value", "")])
        elif "selected" in at:
            form.values.add(name, at.get("value", ""))
        elif not multiple and name not in form.values:
            form.values.add(name, at.get("value", ""))  # the first option is the one shown

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            form, name = self._area
            form.values.setlist(name, [form.values[name] + data])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area is not None:
            form, name = self._area
            whole = form.values[name]  # a line break right after the tag is no part of it
            form.values.setlist(name, [re.sub(r"^\r?\n", "", whole)])
            self._area = None


class Visitor(FlaskClient):
    """A stranger, until somebody signs in.

    Each request runs in a fresh context, as it does in the server: a test may hold an application
    context of its own, and neither sees the other's `g` (and so the signed-in user).
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.commit()  # what the test arranged is there for the page …
        answer: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.expire_all()  # … and what the page did is there for the test
        return answer

    def form(self, path: str, action: str | None = None) -> Form:
        """The form at `path` that posts to `action` (a part of it is enough), else the first."""
        page = self.get(path)
        assert page.status_code == 200, f"{path} answered {page.status}"
        reader = FormReader()
        reader.feed(page.text)
        posting = [form for form in reader.forms if form.method == "post"]
        if action is not None:
            posting = [form for form in posting if action in form.action]
        elif not any(form.action for form in posting) or len(posting) > 1:
            # Sign-out and the like stand in the frame of each page; prefer the page's own form.
            own = [form for form in posting if form.action in {"", path}]
            posting = own or posting
        assert posting, f"{path} has no form that posts to {action or 'anything'}"
        return posting[0]

    def submit(
        self,
        path: str,
        values: Mapping[str, Any] | None = None,
        *,
        action: str | None = None,
        follow_redirects: bool = False,
    ) -> TestResponse:
        """Open `path`, fill `values` into its form and send it with all it carried (CSRF too).

        A list fills several of one name; None takes a value away, as unticking does.
        """
        form = self.form(path, action)
        for name, value in (values or {}).items():
            if value is None:
                form.values.poplist(name)
            else:
                form.values.setlist(name, value if isinstance(value, list) else [value])
        return self.post(form.action or path, data=form.values, follow_redirects=follow_redirects)


def text_of(html: str) -> str:
    """What a reader sees: tags away, blanks as one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
