"""What every answer says about itself, and what is turned away before any page sees it."""

from __future__ import annotations

import pytest

from config import Settings
from harpevents.app import create_app
from harpevents.audit.services import COMMAND_LINE
from harpevents.core.db import transaction
from harpevents.people import services
from harpevents.people.models import LinkPurpose, Role
from tests.factories import an_account, sign_in

PUBLIC = "https://events.example.org"


@pytest.fixture
def public_site(tmp_path):
    """The program as it stands on the network, behind one proxy."""
    settings = Settings.for_tests(tmp_path, base_url=PUBLIC, trusted_proxies=1, rate_limits=False)
    return create_app(settings).test_client()


def over_https(path, site, **headers):
    return site.get(
        path, headers={"Host": "events.example.org", "X-Forwarded-Proto": "https", **headers}
    )


@pytest.mark.parametrize("path", ["/en/", "/sign-in", "/nowhere", "/healthz"])
def test_every_answer_carries_the_headers(app, client, path):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy
    for rule in ("object-src", "base-uri", "frame-ancestors"):
        assert f"{rule} 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "microphone=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers, "plain http on loopback stays usable"


def test_on_the_network_https_is_the_only_way(public_site):
    plain = public_site.get("/sign-in", base_url="http://events.example.org")
    assert (plain.status_code, plain.location) == (301, f"{PUBLIC}/sign-in")
    secure = over_https("/sign-in", public_site)
    assert secure.status_code == 200
    assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]
    cookie = secure.headers["Set-Cookie"]
    assert cookie.startswith("__Host-harpevents=")
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie


def test_machines_inside_may_ask_for_life_over_plain_http(public_site):
    assert public_site.get("/healthz", base_url="http://events.example.org").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "events.example.org.evil.example", "127.0.0.1"])
def test_another_host_is_no_site_of_ours(public_site, host):
    assert public_site.get("/sign-in", headers={"Host": host}).status_code == 400


def test_a_forwarded_host_is_never_believed(public_site):
    answer = over_https("/desk/", public_site, **{"X-Forwarded-Host": "evil.example"})
    assert "evil" not in answer.location
    assert "evil" not in answer.text


def test_links_stand_on_the_configured_address(app):
    with transaction():
        account = an_account_without_password()
        link = services.issue_link(account, LinkPurpose.SET, COMMAND_LINE)
    assert link.startswith("http://127.0.0.1:8000/password/")


def an_account_without_password():
    return services.create_account("a@example.org", Role.ADMIN, "", "en", COMMAND_LINE)


@pytest.mark.parametrize(
    "path",
    ["/en/%00", "/en/events/%00", "/en/?q=%00", "/%ff", "/en/events/%ff%fe", "/language/%00"],
)
def test_bytes_that_are_no_text_are_a_plain_refusal(app, client, path):
    assert client.get(path).status_code in {400, 404}


@pytest.mark.parametrize(
    "path",
    ["/desk/accounts/99999999999999999999/link", "/desk/people/?page=99999999999999999999"],
)
def test_integers_without_end_break_nothing(app, client, path):
    sign_in(client, an_account(Role.ADMIN))
    assert client.get(path).status_code in {200, 404, 405}


def test_a_form_from_another_site_is_turned_away(app, client):
    form = client.form("/sign-in")
    answer = client.post("/sign-in", data=form.values, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_a_static_file_is_kept_for_as_long_as_it_is_the_same(app, client):
    page = client.get("/en/").text
    address = next(part for part in page.split('"') if part.startswith("/static/css/tokens."))
    with client.get(address) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with client.get("/static/css/tokens.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


def test_pages_of_the_desk_are_kept_by_nobody(app, client):
    sign_in(client, an_account())
    assert client.get("/desk/account").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("accepts", "language"),
    [("ja-JP,en;q=0.5", "ja"), ("ru", "ru"), ("de", "en"), ("", "en"), ("xx;q=" + "9" * 500, "en")],
)
def test_the_first_page_speaks_the_readers_language(app, client, accepts, language):
    answer = client.get("/", headers={"Accept-Language": accepts})
    assert (answer.status_code, answer.location) == (302, f"/{language}/")
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_chosen_language_stays(app, client):
    assert client.get("/language/ru?next=/sign-in").location == "/sign-in"
    assert client.get("/").location == "/ru/"
    assert client.get("/language/ru?next=//evil.example").location == "/ru/"
    assert client.get("/language/../../etc").status_code == 404


@pytest.mark.parametrize("language", ["ja", "en", "ru"])
def test_an_error_page_speaks_the_readers_language(app, client, language):
    answer = client.get(f"/{language}/nowhere")
    assert answer.status_code == 404
    assert f'<html lang="{language}">' in answer.text


@pytest.mark.parametrize("language", ["ja", "en", "ru"])
def test_public_pages_of_the_house_speak_every_language(app, client, language):
    for path in (f"/{language}/", f"/{language}/privacy"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.text
