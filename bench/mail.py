"""A mailing to ten thousand beside a bare loop into the same sink, and the memory after it all."""

from __future__ import annotations

import re
import smtplib
import time
from collections.abc import Iterator
from email.message import EmailMessage

from bench import data, load, pages, servers
from bench.figures import Figure
from bench.load import BenchRefused
from bench.stand import Stand

BARE = 2_000
SECONDS_TO_SEND = 300
MOST_MEGABYTES = 150
EXPORTS = 3  # of each kind; what counts is the larger web process
TEXT = "Dear participants,\n\n" + "the programme of the seminar has been published.\n" * 12


def measure(stand: Stand) -> Iterator[Figure]:
    """The rate of a dispatch, and what the web processes hold after pages, exports and it."""
    held = {"at first": _largest(stand)}
    for path in (pages.EVENT, pages.FORM):
        load.requests(stand.base + path, seconds=1)
        pages.anew(stand, path)
    pages.registration(stand)
    stand.settle()
    held["after pages"] = _largest(stand)
    exported = f"/desk/events/{data.of_size(data.MANY)}/registrations"
    for number in range(2 * EXPORTS):
        stand.staff.fetch(f"{exported}.{'csv' if number % 2 else 'xlsx'}")
    held["after exports"] = _largest(stand)
    bare = _bare_loop(stand)
    prepared, seconds = _dispatch(stand)
    rate = data.MANY / seconds
    yield Figure(
        f"mailing to {data.MANY:,}",
        stand.on,
        f"{rate:.0f}/s of {bare:.0f}/s = {100 * rate / bare:.0f} %, "
        f"readers fixed and released in {prepared:.1f} s",
        numbers={"per_second": rate, "bare_per_second": bare, "prepared_seconds": prepared},
    )
    held["after the mailing"] = _largest(stand)
    worker = max(servers.worker_memory(stand.pid), default=0)
    stages = ", ".join(f"{size:.0f} {stage}" for stage, size in held.items())
    yield Figure(
        "memory of a web process",
        stand.on,
        f"MB: {stages}",
        f"≤ {MOST_MEGABYTES} MB",
        held["after the mailing"] <= MOST_MEGABYTES,
        {"megabytes": held, "worker_megabytes": worker},
    )


def _largest(stand: Stand) -> float:
    """Megabytes of the larger web process."""
    return max(servers.web_memory(stand.pid))


def _dispatch(stand: Stand) -> tuple[float, float]:
    """Seconds to fix the readers and release the mailing at the desk, and until all had mail."""
    slug = data.of_size(data.MANY)
    values = {"topic": "event", "audience": "registered", "as_of": ""}
    for language in ("en", "ja", "ru"):
        values |= {f"subject_{language}": "The programme", f"text_{language}": TEXT}
    new = f"/desk/mailings/new?event={slug}"
    stand.staff.post_from(new, new, values)
    numbers = re.findall(r"/desk/mailings/(\d+)", stand.staff.get("/desk/mailings/"))
    if not numbers:
        raise BenchRefused("the dispatch was not written")
    page = f"/desk/mailings/{max(map(int, numbers))}"
    before = stand.sink.count()
    began = time.perf_counter()
    for step in ("freeze", "release"):
        stand.staff.post_from(page, f"{page}/{step}", {})
    released = time.perf_counter()
    while (sent := stand.sink.count() - before) < data.MANY:
        if time.perf_counter() - released > SECONDS_TO_SEND:
            raise BenchRefused(f"only {sent} of {data.MANY} mails arrived")
        time.sleep(0.1)
    ended = time.perf_counter()
    stand.settle()
    return released - began, ended - released


def _bare_loop(stand: Stand) -> float:
    """Mails per second of Python's own client into the same sink, with nothing to remember."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "us@example.org", "you@example.org", "The programme"
    mail.set_content(TEXT)
    content = mail.as_bytes()
    with smtplib.SMTP("127.0.0.1", stand.sink.port, "bench") as server:
        began = time.perf_counter()
        for number in range(BARE):
            server.sendmail("us@example.org", f"you{number}@example.org", content)
        return BARE / (time.perf_counter() - began)
