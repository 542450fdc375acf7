"""Takes the pictures of docs/screenshots: the main pages, two widths, three languages.

    .venv/bin/python -m tools.screenshots [PAGE…]

Runs the site on demo data of its own, signs in as the demo administrator, and photographs each page
in headless Chromium at 390 and 1280 px.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import select

from bench import servers
from config import ROOT, Settings
from harpevents.app import create_app
from harpevents.attendance import services as attendance
from harpevents.attendance.models import CheckInSource
from harpevents.audit.services import COMMAND_LINE
from harpevents.core.db import db, transaction
from harpevents.core.languages import LANGUAGES
from harpevents.demo import seed
from harpevents.events import queries as events
from harpevents.memberships import proposal
from harpevents.people import services as people
from harpevents.people.models import Account, Role
from harpevents.registrations import queries as registrations
from tests.conftest import CHROMIUM_SWITCHES, CHROMIUMS

FOLDER = ROOT / "docs" / "screenshots"
WIDTHS = {390: 844, 1280: 900}
MOST = {390: 1300, 1280: 1000}
HELD = "conference-exchange-covid-2020"


@dataclass(frozen=True)
class Shot:
    """One page: its address with {lang} and {token}, and whether staff see it."""

    name: str
    path: str
    staff: bool = False


SHOTS = (
    Shot("home", "/{lang}/"),
    Shot("event", "/{lang}/events/assembly-4"),
    Shot("register", "/{lang}/events/assembly-4/register"),
    Shot("my-registration", "/{lang}/r/{token}"),
    Shot("members", "/{lang}/members/"),
    Shot("figures", "/{lang}/figures/"),
    Shot("desk", "/desk/", staff=True),
    Shot("check-in", "/desk/events/assembly-4/attendance", staff=True),
    Shot("report", f"/desk/events/{HELD}/report", staff=True),
    Shot("roll-over", "/desk/terms/4/rollover", staff=True),
)


def main(wanted: list[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    shots = [shot for shot in SHOTS if not wanted or shot.name in wanted]
    first_of_staff = next((shot for shot in shots if shot.staff), None)
    with tempfile.TemporaryDirectory(prefix="harpevents-shots-") as data, sync_playwright() as play:
        folder = Path(data)
        token = _prepare(folder)
        chromium = next(filter(os.path.exists, (f"/usr/bin/{name}" for name in CHROMIUMS)))
        browser = play.chromium.launch(executable_path=chromium, args=CHROMIUM_SWITCHES)
        with servers.site(folder, "--no-worker") as (base, _process):
            for language in LANGUAGES:
                _speak(folder, language)
                for width, height in WIDTHS.items():
                    with _visitor(browser, width, height, language) as visitor:
                        for shot in shots:  # what everybody sees comes first, seen as a stranger
                            if shot is first_of_staff:
                                _sign_in(visitor, base)
                            _take(visitor, base, shot, language, width, token)


def _settings(folder: Path) -> Settings:
    return Settings.from_environment(servers.environment(folder))


def _prepare(folder: Path) -> str:
    """Migrate and seed; the token of the first registration for the assembly."""
    environment = servers.environment(folder)
    for command in ("migrate", "seed"):
        subprocess.run([str(servers.BIN / "harpevents"), command], env=environment, check=True)
    with create_app(_settings(folder)).app_context():
        with transaction():
            proposal.plan(4, actor=COMMAND_LINE)
        assembly = events.get_by_slug("assembly-4")
        with transaction():
            for number in range(2, 16):
                one = registrations.get_by_number(assembly, number)
                attendance.check_in(assembly, one, source=CheckInSource.NAME, actor=COMMAND_LINE)
        return registrations.manage_token(registrations.get_by_number(assembly, 2))


def _speak(folder: Path, language: str) -> None:
    """The desk speaks the language of whoever is signed in."""
    with create_app(_settings(folder)).app_context(), transaction():
        admin = db.session.scalars(select(Account).where(Account.role == Role.ADMIN)).one()
        people.change_language(admin, language)


@contextmanager
def _visitor(browser: Browser, width: int, height: int, language: str) -> Iterator[BrowserContext]:
    visitor = browser.new_context(
        viewport={"width": width, "height": height},
        locale=language,
        timezone_id={"ja": "Asia/Tokyo", "ru": "Europe/Moscow"}.get(language, "Europe/London"),
    )
    yield visitor
    visitor.close()


def _sign_in(visitor: BrowserContext, base: str) -> None:
    page = visitor.new_page()
    page.goto(f"{base}/sign-in")
    page.fill("input[name=email]", seed.ACCOUNTS[0][0])
    page.fill("input[name=password]", seed.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{base}/desk/**")
    page.close()


def _take(
    visitor: BrowserContext, base: str, shot: Shot, language: str, width: int, token: str
) -> None:
    page = visitor.new_page()
    answer = page.goto(base + shot.path.format(lang=language, token=token))
    if answer is None or answer.status != 200:
        sys.stderr.write(f"{shot.name} {language}: {answer and answer.status}\n")
    page.wait_for_load_state("networkidle")
    page.screenshot(
        path=FOLDER / f"{shot.name}-{language}-{width}.png",
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": _height(page, width)},
    )
    page.close()


def _height(page: Page, width: int) -> int:
    """The page's own height, cut where a reader of the documentation has seen enough."""
    own: int = page.evaluate("document.documentElement.scrollHeight")
    return min(own, MOST[width])


if __name__ == "__main__":
    main(sys.argv[1:])
