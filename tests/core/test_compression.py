"""Pages that hold nothing of their reader are compressed; whatever holds a secret is not."""

from __future__ import annotations

import gzip

import brotli
import pytest

from tests.factories import an_account, an_event, sign_in

ALL = {"Accept-Encoding": "gzip, deflate, br, zstd"}
PUBLIC = ["/en/", "/en/events/", "/en/members/", "/en/figures/", "/en/privacy"]


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize(
    ("accepts", "encoding", "unpack"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip, br;q=0", "gzip", gzip.decompress),
        ("identity", None, bytes),
        ("", None, bytes),
    ],
)
def test_a_public_page_comes_as_the_browser_reads_it(app, client, path, accepts, encoding, unpack):
    plain = client.get(path)
    answer = client.get(path, headers={"Accept-Encoding": accepts})
    assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, encoding)
    assert unpack(answer.data) == plain.data
    assert answer.headers["Vary"] == "Cookie, Accept-Encoding"
    assert answer.headers["Cache-Control"] == "public, no-cache"


def test_each_encoding_of_a_page_has_a_tag_of_its_own(app, client):
    tags = {
        client.get("/en/", headers={"Accept-Encoding": accepts}).headers["ETag"]
        for accepts in ("br", "gzip", "identity")
    }
    assert len(tags) == 3
    for tag in tags:
        again = client.get("/en/", headers={"Accept-Encoding": "br", "If-None-Match": tag})
        assert (tag, again.status_code) == (tag, 304 if tag.endswith('-br"') else 200)


def test_a_page_that_changes_is_not_the_one_compressed_before(app, client):
    first = client.get("/en/", headers=ALL)
    other = client.get("/ja/", headers=ALL)
    assert brotli.decompress(first.data) != brotli.decompress(other.data)


@pytest.mark.parametrize("path", ["/sign-in", "/forgot"])
def test_a_page_with_a_token_is_not_compressed(app, client, path):
    answer = client.get(path, headers=ALL)
    assert 'name="csrf_token"' in answer.text
    assert "Content-Encoding" not in answer.headers


def test_an_event_is_compressed_and_its_form_is_not(app, client):
    page = f"/en/events/{an_event().slug}"
    event, form = client.get(page, headers=ALL), client.get(f"{page}/register", headers=ALL)
    assert (event.status_code, event.headers.get("Content-Encoding")) == (200, "br")
    assert b"csrf_token" not in brotli.decompress(event.data)
    assert (form.status_code, form.headers.get("Content-Encoding")) == (200, None)
    assert 'name="csrf_token"' in form.text


@pytest.mark.parametrize("path", ["/desk/", "/desk/account", *PUBLIC])
def test_nothing_is_compressed_for_who_is_signed_in(app, client, path):
    sign_in(client, an_account())
    answer = client.get(path, headers=ALL)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "Content-Encoding" not in answer.headers
