"""What a first visit costs: bytes sent, and when the largest thing is seen on a slow phone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from bench import data, servers, stand
from bench.figures import Figure
from bench.load import BenchRefused
from config import ROOT

LANGUAGES = ("ja", "en", "ru")
PAGES = {
    "home": "/{}/",
    "event": f"/{{}}/events/{data.OPEN}",
    "form": f"/{{}}/events/{data.OPEN}/register",
}
PHONE: ViewportSize = {"width": 390, "height": 844}
SLOWER = 4  # times: the processor of a cheap phone beside this one
ROUNDS = 3
LIGHT = 120_000  # bytes
SOON = 1_000  # milliseconds
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")

LARGEST_PAINT = """() => new Promise(tell => {
  new PerformanceObserver(list => tell(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true});
})"""


@dataclass(frozen=True)
class Visit:
    """One page opened with an empty cache: bytes with headers, requests, milliseconds."""

    language: str
    size: int
    requests: int
    seen: float


def measure(folder: Path) -> Iterator[Figure]:
    """Home, event and form: the heaviest and the slowest of the languages."""
    folder.mkdir()
    stand.migrated(folder, {}, data.begin)
    with servers.site(folder, "--no-worker") as (base, _process), _chromium() as browser:
        for page, path in PAGES.items():
            visits = [_typical(browser, base, language, path) for language in LANGUAGES]
            heaviest = max(visits, key=lambda one: one.size)
            slowest = max(visits, key=lambda one: one.seen)
            weight = f"{heaviest.size / 1000:.0f} kB, {heaviest.requests} requests"
            light, soon = heaviest.size <= LIGHT, slowest.seen < SOON
            numbers = {"visits": [asdict(one) for one in visits]}
            yield Figure(f"first visit of {page}", "", weight, "≤ 120 kB", light, numbers)
            yield Figure(
                f"its largest paint, processor × {SLOWER}",
                "",
                f"{slowest.seen:.0f} ms in {slowest.language}",
                "< 1 s",
                soon,
            )


@contextmanager
def _chromium() -> Iterator[Browser]:
    found = subprocess.run([ROOT / "tools" / "chromium"], capture_output=True, text=True)
    if found.returncode:
        raise BenchRefused(found.stderr)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found.stdout.strip(), args=SWITCHES)
        yield browser
        browser.close()


def _typical(browser: Browser, base: str, language: str, path: str) -> Visit:
    """The visit of median slowness, after one in which the site itself wakes up."""
    url = base + path.format(language)
    _first, *visits = [_visit(browser, language, url) for _turn in range(ROUNDS + 1)]
    middle = median(one.seen for one in visits)
    return next(one for one in visits if one.seen == middle)


def _visit(browser: Browser, language: str, url: str) -> Visit:
    visitor = browser.new_context(viewport=PHONE, locale=language)
    page = visitor.new_page()
    wire = visitor.new_cdp_session(page)
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    wire.send("Network.enable")
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    answer = page.goto(url, wait_until="networkidle")
    if answer is None or answer.status != 200 or answer.url != url:
        raise BenchRefused(f"{url} gave {answer and (answer.status, answer.url)}")
    seen = page.evaluate(LARGEST_PAINT)
    visitor.close()
    return Visit(language, sum(sizes), len(sizes), seen)
