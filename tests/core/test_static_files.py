"""Static files: names that say their content, packed beforehand, kept by browsers for a year."""

from __future__ import annotations

import gzip
import re

import brotli
import pytest
from flask import Flask, url_for

from config import ROOT
from harpevents.core import static_files

SHEET = "css/tokens.css"
TEXT = (ROOT / "static" / SHEET).read_bytes()


@pytest.fixture
def folder(tmp_path):
    """A folder with one stylesheet, nothing built."""
    (tmp_path / "css").mkdir()
    (tmp_path / SHEET).write_bytes(TEXT)
    return tmp_path


def a_site(folder):
    site = Flask("site", static_folder=str(folder), static_url_path="/static")
    static_files.init_app(site)
    return site


def address(site):
    with site.test_request_context():
        return url_for("static", filename=SHEET)


@pytest.mark.parametrize(
    ("accepts", "encoding", "unpack"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("", None, bytes),
    ],
)
def test_a_built_file_comes_as_the_browser_reads_it(folder, accepts, encoding, unpack):
    static_files.build(folder)
    site = a_site(folder)
    with site.test_client().get(address(site), headers={"Accept-Encoding": accepts}) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "text/css")
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert unpack(answer.data) == TEXT


def test_without_the_building_the_same_address_gives_the_same_file(folder):
    bare = address(a_site(folder))
    with a_site(folder).test_client().get(bare, headers={"Accept-Encoding": "br"}) as answer:
        assert (answer.data, answer.headers.get("Content-Encoding")) == (TEXT, None)
        assert "immutable" in answer.headers["Cache-Control"]
    static_files.build(folder)
    assert address(a_site(folder)) == bare


def test_whoever_has_the_file_is_not_sent_it_again(folder):
    static_files.build(folder)
    site = a_site(folder)
    client = site.test_client()
    with client.get(address(site)) as first:
        tag = first.headers["ETag"]
    with client.get(address(site), headers={"If-None-Match": tag}) as again:
        assert (tag[:3], again.status_code, again.data) == ('W/"', 304, b"")


def test_another_content_has_another_name_and_the_old_one_still_works(folder):
    static_files.build(folder)
    before = address(a_site(folder))
    (folder / SHEET).write_bytes(TEXT + b"\n")
    static_files.build(folder)
    site = a_site(folder)
    assert address(site) != before
    with site.test_client().get(before) as older, site.test_client().get(address(site)) as newer:
        assert (older.data, newer.data) == (TEXT, TEXT + b"\n")


def test_a_page_asks_for_hashed_names_only_and_for_none_twice(app, client):
    page = client.get("/en/").text
    asked = re.findall(r'(?:src|href)="(/static/[^"#]+)"', page.partition("</head>")[0])
    assert len(asked) == len(set(asked))
    assert [one for one in asked if not re.search(r"\.[0-9a-f]{12}\.(css|js|svg)$", one)] == []
    for one in asked:
        with client.get(one) as answer:
            assert (one, answer.status_code) == (one, 200)


def test_no_stylesheet_asks_for_another_file():
    """Such an address would have no hash, and the browser would find it late."""
    outside = re.compile(r"@import|url\(\"?(?!\"?data:)[^)]*")
    sheets = (ROOT / "static").rglob("*.css")
    asked = {sheet.name: outside.findall(sheet.read_text(encoding="utf-8")) for sheet in sheets}
    assert {name: found for name, found in asked.items() if found} == {}


def test_each_class_that_a_page_names_has_a_style():
    """Of Bootstrap only what pages use is vendored: another class needs `make vendor`."""
    sheets = "".join(
        sheet.read_text(encoding="utf-8")
        for folder in ("css", "vendor")
        for sheet in (ROOT / "static" / folder).glob("*.css")
    )
    styled = set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", sheets))
    named = {
        name
        for page in (ROOT / "harpevents").rglob("*.html")
        for names in re.findall(r'class="([\w -]+)"', page.read_text(encoding="utf-8"))
        for name in names.split()
    }
    blocks = {name for name in named if "__" not in name and "--" not in name}
    assert blocks - styled == set()
