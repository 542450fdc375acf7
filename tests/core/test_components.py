"""The components keep what they promise: contrast, icons, fields that explain themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Literal

import pytest
from flask import Flask, g, jsonify, render_template_string, request
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from playwright.sync_api import Browser, Page, Route

from config import ROOT, Settings
from harpevents.core import i18n, web
from harpevents.site import chrome, styles

CORE = ROOT / "harpevents" / "core" / "templates"
AXE = ROOT / "tests" / "vendor" / "axe.min.js"
ADDRESS = "http://components.test"
TOKENS = dict(
    re.findall(
        r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)",
        (ROOT / "static/css/tokens.css").read_text(encoding="utf-8"),
    )
)
INSTITUTIONS = [
    {"slug": "hokkaido-university", "name": "北海道大学", "detail": "Hokkaido University"},
    {"slug": "hokkaido-university-of-education", "name": "北海道教育大学", "detail": "Sapporo"},
]


@pytest.fixture
def studio(tmp_path) -> Flask:
    """The living page on an application without domains and without a database."""
    app = Flask("studio", static_folder=str(ROOT / "static"))
    app.config.update(Settings.for_tests(tmp_path).flask())
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(CORE), FileSystemLoader(ROOT / "harpevents" / "site" / "templates")]
    )
    app.url_map.converters["lang"] = web.converter_of(["ja", "en", "ru"])
    LoginManager(app).user_loader(lambda _id: None)
    i18n.init_app(app)
    CSRFProtect(app)
    chrome.init_app(app)
    link = chrome.Link("English", "#", True, "grid")
    app.jinja_env.globals.update(
        public_navigation=lambda: [link],
        account_links=lambda: [link],
        desk_navigation=lambda: [chrome.Group("English", [link])],
        language_choices=lambda: [("en", "English", "#", True), ("ja", "日本語", "#", False)],
        signed_in_name=lambda: "Ada",
    )
    for name in ("home_url", "search_url", "sign_out_url", "privacy_url"):
        app.jinja_env.globals[name] = lambda: "#"
    page = '{% extends "site/styles.html" %}'
    app.add_url_rule(
        "/styles",
        "desk_site.styles",
        lambda: render_template_string(page, **styles.context()),
    )
    app.add_url_rule("/suggest", "institutions.suggest", lambda: jsonify(INSTITUTIONS))
    app.before_request(_in_the_language_asked_for)
    app.after_request(_strictly)
    return app


def _in_the_language_asked_for() -> None:
    g.language = request.args.get("lang", "en")


def _strictly(response):
    response.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:"
    return response


def opener(studio: Flask, page: Page) -> Callable[..., Page]:
    """What opens the living page in a language, without any server in between."""

    def answer(route: Route) -> None:
        address = route.request.url.removeprefix(ADDRESS)
        with studio.test_client() as client:
            got = client.open(address, method=route.request.method, buffered=True)
        route.fulfill(status=got.status_code, headers=dict(got.headers), body=got.get_data())
        got.close()

    def opened(
        language: str = "en", width: int = 1280, theme: Literal["light", "dark"] = "light"
    ) -> Page:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=theme)
        page.goto(f"{ADDRESS}/styles?lang={language}")
        return page

    page.route(f"{ADDRESS}/**", answer)
    return opened


@pytest.fixture
def opened(studio: Flask, page: Page) -> Callable[..., Page]:
    """Opens the living page under the strict content policy."""
    return opener(studio, page)


@pytest.fixture
def examined(studio: Flask, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the living page for axe, which puts styles of its own into what it looks at."""
    context = browser.new_context(bypass_csp=True)
    yield opener(studio, context.new_page())
    context.close()


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_text_and_edges_can_be_read_in_both_modes(mode):
    colour = {name: pair.split(", ")[mode] for name, pair in TOKENS.items()}
    grounds = ("ground", "surface", "sunken")
    text = [*product(("ink", "ink-soft", "sea", "rose", "good", "warn", "bad"), grounds)]
    text += [(tone, f"{tone}-wash") for tone in ("sea", "rose", "good", "warn", "bad")]
    text += [("ink", f"{tone}-wash") for tone in ("sea", "rose", "good", "warn", "bad")]
    text += [("on-sea", "sea"), ("on-sea", "sea-strong"), ("on-bad", "bad")]
    edges = product(("line-strong", "focus"), grounds)
    weak = [pair for pair in text if contrast(*(colour[name] for name in pair)) < 4.5]
    weak += [pair for pair in edges if contrast(*(colour[name] for name in pair)) < 3]
    assert weak == []


def test_every_icon_that_a_page_asks_for_is_in_the_sprite():
    sprite = (ROOT / "static/vendor/icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'id="([\w-]+)"', sprite))
    asked = {
        name
        for path in (ROOT / "harpevents").rglob("*.html")
        for pair in re.findall(
            r"""\bicon\(\s*["']([\w-]+)["']|\bicon=["']([\w-]+)["']""",
            path.read_text(encoding="utf-8"),
        )
        for name in pair
        if name
    }
    assert asked - drawn == set()


def test_a_wrong_field_says_so_to_eyes_and_to_readers(studio):
    with studio.test_request_context("/styles"):
        form = styles.sample_form()
        html = render_template_string(
            '{% from "core/macros.html" import field %}{{ field(form.address, help="Help") }}',
            form=form,
        )
    assert 'aria-describedby="address-help address-errors"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="ivanov@"' in html
    assert "This is not an e-mail address." in html


@pytest.mark.parametrize(
    ("language", "width", "theme"),
    [("ja", 390, "light"), ("ru", 390, "dark"), ("en", 1280, "dark"), ("ru", 1280, "light")],
)
def test_the_living_page_is_open_to_everybody(examined, language, width, theme):
    page = examined(language, width, theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(found => found.violations)")
    assert json.dumps([(each["id"], each["nodes"][0]["html"]) for each in found]) == "[]"


def test_an_institution_is_suggested_and_free_text_is_kept(opened):
    page = opened("ja", 390)
    box, slug = page.locator("#institution"), page.locator("#institution_slug")
    box.fill("hokudai")
    page.get_by_role("option").nth(1).wait_for()
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == "suggest-1-0"
    box.press("Enter")
    assert (box.input_value(), slug.input_value()) == ("北海道大学", "hokkaido-university")
    box.press_sequentially(" 病院")
    assert (box.input_value(), slug.input_value()) == ("北海道大学 病院", "")


def test_a_button_that_asks_does_nothing_until_told(opened):
    page = opened()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.locator(".btn-danger[data-confirm]").click()
    page.locator("dialog button[value=no]").click()
    assert "POST" not in sent
    page.locator(".btn-danger[data-confirm]").click()
    with page.expect_request(lambda request: request.method == "POST"):
        page.locator("dialog button[value=yes]").click()


def test_the_reader_sees_another_clock_only_where_it_differs(opened):
    page = opened("en")  # the browser's clock is Tokyo's
    own = page.locator("[data-reader-time]:visible").all_inner_texts()
    assert own == ["08:30 on your clock", "08:30 on your clock"]  # Moscow's and Sakhalin's


def test_the_chosen_colours_stay(opened):
    page = opened(theme="light")
    page.locator("[data-theme-toggle]").click()
    page.reload()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_the_desk_menu_opens_on_a_phone(opened):
    page = opened(width=390)
    menu = page.locator("#desk-nav")
    assert not menu.is_visible()
    page.locator("[popovertarget=desk-nav]").first.click()
    assert menu.is_visible()
    page.keyboard.press("Escape")
    assert not menu.is_visible()
