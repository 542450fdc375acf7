"""Every kind of page is open to everybody: axe finds nothing, and nothing runs off a phone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from config import ROOT
from harpevents.demo import programme, seed
from tests.servers import Installation

AXE = (ROOT / "tests" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
EVENT = f"/desk/events/{programme.ASSEMBLY}"
PHONE: ViewportSize = {"width": 390, "height": 844}
SCREEN: ViewportSize = {"width": 1280, "height": 900}

PUBLIC = (
    "/ja/",
    "/ru/events/",
    f"/ja/events/{programme.ASSEMBLY}",
    "/en/events/assembly-3",
    f"/ja/events/{programme.ASSEMBLY}/register",
    "/ru/members/?on=2018-06-01",
    "/en/members/hokkaido-university",
    "/ja/figures/",
    "/ru/privacy",
    "/en/nothing-here",
    "/sign-in",
    "/forgot",
)
STAFF = (
    "/desk/",
    "/desk/search?q=kato",
    "/desk/events/",
    "/desk/events/new",
    EVENT,
    f"{EVENT}/edit",
    f"{EVENT}/hosts",
    f"{EVENT}/registrations",
    f"{EVENT}/registrations/2",
    f"{EVENT}/attendance",
    f"{EVENT}/attendance/walk-in",
    f"{EVENT}/attendance/reports",
    f"{EVENT}/report",
    "/desk/reports/2020",
    "/desk/audit",
    "/desk/institutions/hokkaido-university",
    "/desk/institutions/undecided/",
    "/desk/people/",
    "/desk/members/",
    "/desk/members/hokkaido-university",
    "/desk/terms/3/rollover",
    "/desk/mailings/new",
    "/desk/outbox",
    "/desk/outbox/1",
    "/desk/accounts",
    "/desk/account",
    "/desk/health",
)


@pytest.fixture(scope="module")
def examined(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that lets axe put styles of its own into what it looks at."""
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(15_000)
    yield context
    context.close()


def faults(page: Page) -> list[str]:
    """What axe holds against the page in a phone's and a screen's width, and what runs off it."""
    found: list[str] = []
    for size in (PHONE, SCREEN):
        page.set_viewport_size(size)
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            found.append(f"wider than {size['width']}")
        page.evaluate(AXE)
        violations = page.evaluate("axe.run().then(found => found.violations)")
        found += [json.dumps((each["id"], each["nodes"][0]["html"])) for each in violations]
    return found


def visit(page: Page, address: str) -> list[str]:
    """Open the page; what it answered, when that is neither the page nor "not found"."""
    answer = page.goto(address)
    assert answer is not None
    return [] if answer.status in {200, 404} else [f"answered {answer.status}"]


@pytest.mark.journey
def test_no_page_shuts_anybody_out(demo_server: Installation, examined: BrowserContext) -> None:
    page = examined.new_page()
    found: dict[str, list[str]] = {}
    for path in PUBLIC:
        found[path] = visit(page, demo_server.url + path) or faults(page)
    page.goto(f"{demo_server.url}/en/events/{programme.ASSEMBLY}/register")
    page.locator("main form button[type=submit]").last.click()
    page.locator("[data-focus]").wait_for()
    found["the form with its faults"] = faults(page)
    page.goto(f"{demo_server.url}/sign-in")
    page.locator("input[name=email]").fill(seed.ACCOUNTS[0][0])
    page.locator("input[name=password]").fill(seed.PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{demo_server.url}/desk/")
    for path in STAFF:
        found[path] = visit(page, demo_server.url + path) or faults(page)
    assert {path: said for path, said in found.items() if said} == {}
