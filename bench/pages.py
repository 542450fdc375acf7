"""One request over and over: the public pages, cached and made anew, and the two dearest POSTs."""

from __future__ import annotations

import itertools
import json
import time
import urllib.parse
from collections.abc import Callable, Iterator
from statistics import median

from bench import data, load
from bench.figures import Figure
from bench.load import BenchRefused, Rate, Waiting
from bench.stand import ROUNDS, Stand, costing, figure_of
from bench.visitor import Browser, bodies, staff_of

EVENT = f"/ru/events/{data.OPEN}"
FORM = f"{EVENT}/register"
SECONDS = 2  # of one round of a page
SESSIONS = 32  # visitors whose cookies and tokens the POSTs take in turn
# A page with a query is made anew for each visitor; here no two queries are the same.
ANEW = """
local number = 0
function request()
  number = number + 1
  return wrk.format("GET", %s .. "?look=" .. number)
end
"""
BARE_COMMIT = 'wrk.method = "POST"\n'
POST = """
local number, failed, start = 0, 0, %(start)d
local sessions = %(sessions)s
local bodies = %(bodies)s
function setup(thread) counted = thread end
function request()
  number = number + 1
  local session = sessions[number %% #sessions + 1]
  local headers = {
    ["Content-Type"] = "application/x-www-form-urlencoded", ["Cookie"] = session[1]
  }
  local body = "csrf_token=" .. session[2]
  %(more)s
  return wrk.format("POST", %(path)s, headers, body)
end
unexpected = 0
function response(status)
  if status ~= 303 then unexpected = unexpected + 1 end
end
function SAY() print("unexpected answers: " .. counted:get("unexpected") .. " POST") end
"""
REGISTRATION = """
  local unique = string.format("%x%x", start, number)
  body = table.concat({
    body, "&form_key=bench", unique, "&email=p", unique, "%40example.org&",
    bodies[number % #bodies + 1],
  })
  if number % EVERY == 0 then
    body = body .. "&institution=Institute+of+Unknown+Things+" .. number % 500
  end
"""
CHECK_IN = """
  local id = string.format("%08x-0000-4000-8000-%012x", start % 2^32, number)
  body = body .. "&number=" .. FIRST + number .. "&id=" .. id
"""


def measure(stand: Stand) -> Iterator[Figure]:
    """Each page against a bare one, then the POSTs against a bare commit."""
    _require_made_anew(stand.base)
    yield from _pages(stand)
    yield stand.share(
        "POST of the form alone", 12, lambda: commit(stand), lambda: registration(stand)
    )
    firsts = itertools.count(0, data.AT_THE_DOOR // (ROUNDS + 1))
    yield stand.share(
        "check-in", 25, lambda: commit(stand), lambda: check_in(stand, data.DOOR, next(firsts))
    )


def _pages(stand: Stand) -> Iterator[Figure]:
    """The bare page once in each round, beside all of ours."""
    ours: dict[str, tuple[int | None, Callable[[], Rate]]] = {
        "event page, cached": (40, lambda: load.requests(stand.base + EVENT, seconds=SECONDS)),
        "event page, made anew": (12, lambda: anew(stand, EVENT)),
        "form, cached": (None, lambda: load.requests(stand.base + FORM, seconds=SECONDS)),
        "form, made anew": (10, lambda: anew(stand, FORM)),
    }
    bare: list[Rate] = []
    measured: dict[str, list[Rate]] = {name: [] for name in ours}
    for path in (EVENT, FORM):
        load.requests(stand.base + path, seconds=1)
    for _round in range(ROUNDS):
        bare.append(costing(stand.limit_pid, lambda: load.requests(stand.limit, seconds=2)))
        for name, (_promised, once) in ours.items():
            measured[name].append(costing(stand.pid, once))
    for name, (promised, _once) in ours.items():
        yield figure_of(name, stand.on, promised, bare, measured[name])


def anew(stand: Stand, path: str) -> Rate:
    """A page of which no two requests are the same."""
    return load.requests(stand.base, ANEW % json.dumps(path), seconds=SECONDS)


def commit(stand: Stand) -> Rate:
    """One bare row after the other."""
    return load.requests(stand.limit, BARE_COMMIT, seconds=2)


def registration(stand: Stand, seconds: float = 3) -> Rate:
    """Another person at each request, from as many sessions as connections."""
    sessions = []
    for _session in range(SESSIONS):
        visitor = Browser(stand.base)
        sessions.append((visitor.token_on(FORM), visitor.cookie))
    more = REGISTRATION.replace("EVERY", str(load.UNKNOWN_EVERY))
    script = _script(FORM, sessions, more, bodies())
    return load.requests(stand.base, script, seconds)


def check_in(stand: Stand, slug: str, first: int, seconds: float = 2) -> Rate:
    """Another person of the event at each request, beginning after number `first`."""
    staff = staff_of(stand.base)
    page = f"/desk/events/{slug}/attendance"
    sessions = [(staff.token_on(page), staff.cookie)]
    script = _script(f"{page}/check-in", sessions, CHECK_IN.replace("FIRST", str(first)))
    return load.requests(stand.base, script, seconds)


def check_in_alone(stand: Stand, slug: str, times: int = 200) -> Waiting:
    """One check-in after the other, from one desk."""
    page = f"/desk/events/{slug}/attendance"
    token = stand.staff.token_on(page)
    lasted = []
    for number in range(1, times + 1):
        began = time.perf_counter()
        status = stand.staff.status_of_post(
            f"{page}/check-in", {"csrf_token": token, "number": str(number)}
        )
        lasted.append((time.perf_counter() - began) * 1000)
        if status != 303:
            raise BenchRefused(f"a check-in answered {status}")
    return Waiting.of(lasted)


def _script(
    path: str, sessions: list[tuple[str, str]], more: str, forms: list[str] | None = None
) -> str:
    def in_lua(texts: list[str]) -> str:
        return "{ " + ", ".join(texts) + " }"

    pairs = [
        in_lua([json.dumps(cookie), json.dumps(urllib.parse.quote(token))])
        for token, cookie in sessions
    ]
    return POST % {
        "start": time.time_ns() // 1_000_000,
        "sessions": in_lua(pairs),
        "bodies": in_lua([json.dumps(form) for form in forms or []]),
        "more": more,
        "path": json.dumps(path),
    }


def _require_made_anew(base: str) -> None:
    """Refuse when a page with a query comes from the cache: then nothing here is made anew.

    Of two looks at a page made anew each is worked out, so it takes far longer than one kept.
    """
    visitor = Browser(base)

    def lasts(query: str) -> float:
        times = []
        for number in range(20):
            began = time.perf_counter()
            visitor.fetch(EVENT + query.format(number))
            times.append(time.perf_counter() - began)
        return median(times)

    lasts("")
    if lasts("?warm={}") < 1.2 * lasts(""):
        raise BenchRefused("an event page with a query is no longer made anew")
