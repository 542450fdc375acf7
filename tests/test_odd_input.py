"""Whatever is sent to whichever door of the demo, the site answers and does not fail."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from config import ROOT
from harpevents.core import access
from tests.databases import leaving_no_trace
from tests.demo_site import Site, addresses, real
from tests.visitor import FormReader

pytestmark = pytest.mark.timeout(600)  # thousands of requests, and slow machines
Body = tuple[str, dict[str, Any]]
FORM = "application/x-www-form-urlencoded"
ODD = [  # each as it stands percent-encoded in an address or a form
    "", "%00", "a%00b", "%ff%fe", "%ed%a0%80", "%c0%80", "%", "%zz", "%5c", "%2b", "%27%3b--",
    "%e2%80%ae%ef%bb%bf%c2%85", "%d9%a3", "%7b%7d%25s%25(a)s", "%3cscript%3e", "a%40" + "b" * 300,
    "-1", "9" * 19, "-" + "9" * 19, "9" * 400, "1e309", "NaN", "2020-13-45", "0001-01-01",
    "0001-01-01T00%3a00", "9999-12-31T23%3a59", "x" * 3_000, "https%3a%2f%2f[", "..%2f..%2fetc",
]  # fmt: skip
BODIES: list[Body] = [
    ("no body", {}),
    ("a body that is no text", {"data": b"\x80\x04\xff", "content_type": FORM}),
    ("more fields than are read", {"data": "&a=1" * 3_000, "content_type": FORM}),
    ("an unknown alphabet", {"data": "a=1", "content_type": FORM + "; charset=utf-7"}),
    ("parts cut off", {"data": "--x\r\n", "content_type": "multipart/form-data; boundary=x"}),
    ("parts without a boundary", {"data": "abc", "content_type": "multipart/form-data"}),
    ("broken JSON", {"data": "[1,", "content_type": "application/json"}),
    ("a list as JSON", {"data": "[1]", "content_type": "application/json"}),
    ("plain text", {"data": "name=1", "content_type": "text/plain"}),
]
HEADERS = [
    {"Accept-Language": "\xff;q=a,*;q=" + "9" * 400},
    {"Cookie": "harpevents=\xff.\xe9; language=\xff; ="},
    {"Referer": "http://[", "Origin": "null"},
    {"Accept": "*/*;q=a", "Range": "bytes=9-1,a", "If-None-Match": '"'},
    {"If-Modified-Since": "never", "If-Range": '"', "Content-Length": "-1"},
]
QUERIED = re.compile(
    r'(?:request\.(?:args|values)\.get(?:list)?|query_text)\(\s*(?:name: str = )?"(\w+)"'
)
PLACE = re.compile(r"<(?:[^<>]*:)?(\w+)>")


def knock(site: Site, named: str | None, method: str, path: str, **sent: Any) -> int:
    """The status that the door answers with; a failure of ours is raised."""
    with leaving_no_trace(site.app):
        return site.visitor(named).open(path, method=method, buffered=True, **sent).status_code


def visitors(site: Site, rule: Rule) -> list[str | None]:
    """Who gets past the door: for a staff door the administrator, else strangers."""
    declared = access.declared(site.app.view_functions[rule.endpoint])
    return [None] if isinstance(declared, str) else ["admin"]


def forms(site: Site) -> dict[str, MultiDict[str, str]]:
    """{endpoint: the form that a page of the site sends there, as the page gives it}."""
    found: dict[str, MultiDict[str, str]] = {}
    adapter = site.app.url_map.bind("127.0.0.1")
    with leaving_no_trace(site.app):
        for rule, path in addresses(site):
            if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
                continue
            page = site.visitor(visitors(site, rule)[0]).get(path)
            reader = FormReader()
            reader.feed(page.text if page.mimetype == "text/html" else "")
            for form in reader.forms:
                try:
                    endpoint, _ = adapter.match(urlsplit(form.action or path).path, method="POST")
                except HTTPException:
                    continue
                if len(form.values) >= len(found.get(endpoint, ())):
                    found[endpoint] = form.values
    return found


def some_odd(turn: int, count: int) -> list[str]:
    """Each door meets some of them, and all the doors meet all."""
    return [ODD[(turn + at * 7) % len(ODD)] for at in range(count)]


def bodies(form: MultiDict[str, str], turn: int) -> Iterator[Body]:
    """What stands in no form of a browser, under the names of this one."""
    yield BODIES[turn % len(BODIES)]
    names = list(form) or ["name"]
    for odd in some_odd(turn, 3):
        yield odd[:20], {"data": "&".join(f"{name}={odd}" for name in names), "content_type": FORM}
    for name, odd in zip(names, some_odd(turn, len(names)), strict=True):
        kept = [f"{key}={quote_plus(one)}" for key, one in form.items(True) if key != name]
        written = "&".join([*kept, f"{name}={odd}"])
        yield f"{name}={odd[:20]}", {"data": written, "content_type": FORM}
    files = {name: (io.BytesIO(b"PK\x03\x04\x00\xff"), "a.xlsx") for name in [*names, "file"]}
    yield "files", {"data": files, "content_type": "multipart/form-data"}
    said = json.dumps({name: {"a": [1]} for name in names})
    yield "JSON", {"data": said, "content_type": "application/json"}
    twice = MultiDict([(name, one) for name in names for one in (*form.getlist(name), "zz", "")])
    yield "each name more than once", {"data": twice}
    yield "names of lists", {"data": {f"{name}[]": "1" for name in names}}


def test_no_form_fails_whatever_is_sent(site):
    known, failed = forms(site), []
    for turn, (rule, path) in enumerate(addresses(site)):
        if "POST" not in (rule.methods or ()):
            continue
        for named in visitors(site, rule):
            for what, sent in bodies(known.get(rule.endpoint, MultiDict()), turn):
                if (status := knock(site, named, "POST", path, **sent)) >= 500:
                    failed.append((path, what, status))
    assert failed == []


def test_a_form_says_what_it_does_not_take(site):
    path = next(path for rule, path in addresses(site) if rule.endpoint == "people.sign_in")
    file = {"email": (io.BytesIO(b"a@b.example"), "a.txt"), "password": "x"}
    assert knock(site, None, "POST", path, json={"email": "a@b.example", "password": "x"}) == 415
    assert knock(site, None, "POST", path, data=file) == 422


def test_no_page_fails_whatever_stands_in_its_query(site):
    names = {name for file in ROOT.glob("harpevents/**/*.py")
             for name in QUERIED.findall(file.read_text("utf-8"))}  # fmt: skip
    assert {"q", "page", "order"} <= names
    failed = []
    for turn, (rule, path) in enumerate(addresses(site)):
        if "GET" not in (rule.methods or ()):
            continue
        for odd in some_odd(turn, 3):
            query = "&".join(f"{name}={odd}" for name in sorted(names))
            for named in visitors(site, rule):
                if (status := knock(site, named, "GET", f"{path}?{query}")) >= 500:
                    failed.append((path, odd[:20], status))
    assert failed == []


def put_into(rule: Rule, values: dict[str, str]) -> str:
    return PLACE.sub(lambda found: values[found[1]], rule.rule)


def test_no_address_fails_whatever_stands_in_it(site):
    failed = []
    for turn, (rule, _path) in enumerate(addresses(site)):
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        values = {name: quote(str(value)) for name, value in real(site, rule).items()}
        for name in sorted(rule.arguments):
            for odd in some_odd(turn, 3):
                path = put_into(rule, values | {name: odd})
                for named in visitors(site, rule):
                    if (status := knock(site, named, method, path)) >= 500:
                        failed.append((path[:99], status))
    assert failed == []


def test_no_page_fails_whatever_its_headers_say(site):
    failed = []
    for turn, (rule, path) in enumerate(addresses(site)):
        headers = HEADERS[turn % len(HEADERS)]
        for named in visitors(site, rule):
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            if (status := knock(site, named, method, path, headers=headers)) >= 500:
                failed.append((path, headers, status))
    assert failed == []
