"""What a first visit costs: bytes sent, and when the largest thing is seen on a slow phone."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from bench import data, desk, load
from config import ROOT

Row = tuple[str, str, str, bool]

LANGUAGES = ("ja", "en", "ru")
PAGES = {
    "home": "/{}/",
    "event": f"/{{}}/events/{data.OPEN}",
    "form": f"/{{}}/events/{data.OPEN}/register",
}
PHONE = {"width": 390, "height": 844}
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


def over_http(base: str) -> Iterator[Row]:
    """Home, event and form of a running site: the heaviest and the slowest of the languages."""
    with _chromium() as browser:
        for page, path in PAGES.items():
            visits = [_typical(browser, base, language, path) for language in LANGUAGES]
            heaviest = max(visits, key=lambda one: one.size)
            slowest = max(visits, key=lambda one: one.seen)
            yield (
                f"first visit of {page}",
                f"{heaviest.size / 1000:.0f} kB, {heaviest.requests} files ({heaviest.language})",
                f"≤ {LIGHT // 1000} kB",
                heaviest.size <= LIGHT,
            )
            yield (
                f"largest paint of {page}, CPU × {SLOWER}",
                f"{slowest.seen:.0f} ms ({slowest.language})",
                f"< {SOON} ms",
                slowest.seen < SOON,
            )


@contextmanager
def _chromium() -> Iterator[Browser]:
    found = subprocess.run([ROOT / "tools" / "chromium"], capture_output=True, text=True)
    if found.returncode:
        raise load.BenchRefused(found.stderr)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found.stdout.strip(), args=SWITCHES)
        yield browser
        browser.close()


def _typical(browser: Browser, base: str, language: str, path: str) -> Visit:
    """The visit of median slowness, after one that the site itself may need to wake up."""
    visits = [_visit(browser, language, base + path.format(language)) for _ in range(ROUNDS + 1)]
    return median_of(visits[1:])


def median_of(visits: list[Visit]) -> Visit:
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
        raise load.BenchRefused(f"{url} gave {answer and (answer.status, answer.url)}")
    seen = page.evaluate(LARGEST_PAINT)
    visitor.close()
    return Visit(language, sum(sizes), len(sizes), seen)


def main() -> None:
    """These figures alone: `python -m bench.visit`."""
    with tempfile.TemporaryDirectory(prefix="harpevents-visit-") as folder:
        desk.prepare(Path(folder))
        with load.site(Path(folder), "--no-worker") as (base, _process):
            for name, measured, promised, kept in over_http(base):
                sign = "kept  " if kept else "MISSED"
                sys.stdout.write(f"{sign}  {name:38} {measured:36} {promised}\n")


if __name__ == "__main__":
    main()
