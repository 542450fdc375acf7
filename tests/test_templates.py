"""Templates write what they are given and ask no database: seen on every page of the demo."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest
from flask import Flask, before_render_template, template_rendered
from werkzeug.exceptions import HTTPException

from config import ROOT, Settings
from harpevents.app import create_app
from harpevents.core.db import Base, db, transaction
from harpevents.demo import seed
from harpevents.people.models import Role
from tests.factories import an_account, sign_in
from tests.visitor import Visitor

TODAY = date(2026, 11, 22)
OF_EACH_KIND = 4  # pages opened of one rule: its own address, other rows, other filters
TEMPLATES = sorted((ROOT / "harpevents").rglob("templates/**/*.html"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application whose database holds the demo."""
    app = create_app(Settings.for_tests(tmp_path_factory.mktemp("demo")))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            seed.fill(TODAY, production=False)
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def administrator(demo: Flask) -> Visitor:
    """Somebody signed in who may open every page."""
    visitor = Visitor(demo, demo.response_class, use_cookies=True)
    with demo.app_context():
        return sign_in(visitor, an_account(Role.ADMIN))


def links(app: Flask, html: str) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of each link in a page that leads to a page of this site."""
    adapter = app.url_map.bind("127.0.0.1")
    for address in map(unescape, re.findall(r'<a [^>]*?href="(/[^"#]*)', html)):
        try:
            yield adapter.match(address.partition("?")[0])[0], address
        except HTTPException:
            continue


def pages(app: Flask, visitor: Visitor) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of the pages that links lead to from the desk and from the home page."""
    waiting = [("desk_site.index", "/desk/"), ("site.home", "/en/")]
    opened: Counter[str] = Counter()
    seen = set()
    while waiting:
        endpoint, address = waiting.pop(0)
        if address in seen or opened[endpoint] == OF_EACH_KIND:
            continue
        seen.add(address)
        opened[endpoint] += 1
        answer = visitor.get(address)
        assert answer.status_code < 400, address
        yield endpoint, address
        if answer.mimetype == "text/html":
            waiting += links(app, answer.text)


def test_no_page_asks_the_database_while_it_is_rendered(demo, administrator, count_queries):
    asked: dict[str, list[str]] = defaultdict(list)
    begun: list[int] = []
    rendered: list[str] = []
    with count_queries() as queries:

        def begins(_app: Flask, template: object, **_more: object) -> None:
            begun.append(len(queries))

        def ends(_app: Flask, template: object, **_more: object) -> None:
            name = getattr(template, "name", "")
            rendered.append(name)
            asked[name] += queries[begun.pop() :]

        with (
            before_render_template.connected_to(begins, demo),
            template_rendered.connected_to(ends, demo),
        ):
            visited = {endpoint for endpoint, _ in pages(demo, administrator)}

    assert len(visited) > 40, sorted(visited)
    assert len(set(rendered)) > 40, sorted(set(rendered))
    assert {name: queries for name, queries in asked.items() if queries} == {}


def test_a_choice_is_written_by_a_macro_or_a_form():
    written = {
        path.name: count
        for path in TEMPLATES
        if (count := len(re.findall("<select", path.read_text("utf-8"))))
    }
    # The roll-over writes two small ones in each row, with labels that only readers hear.
    assert written == {"forms.html": 1, "rollover.html": 2}


def test_what_an_action_came_to_is_good_warn_bad_or_info():
    tones = {
        tone
        for path in (ROOT / "harpevents").rglob("*.py")
        for tone in re.findall(r"flash\(.*?, *\"(\w+)\"[^)]*\)\n", path.read_text("utf-8"))
    }
    assert tones == {"good", "warn", "bad", "info"}
