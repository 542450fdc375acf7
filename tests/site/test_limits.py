"""Limits: counted where every process sees them, by the address that really asks."""

from __future__ import annotations

import time

import pytest

from config import Settings
from harpevents.app import create_app
from harpevents.core.db import db
from harpevents.core.limits import Counters, network_of
from tests.visitor import Visitor


@pytest.fixture
def make_site(database, tmp_path):
    """Makes a process of one installation with limits on; two of them share their counters."""

    made = []

    def make(**others):
        settings = Settings.for_tests(tmp_path, database.url, rate_limits=True, **others)
        made.append(create_app(settings))
        return made[-1]

    Counters(app=make()).reset()
    yield make
    for site in made:
        with site.app_context():
            db.engine.dispose()


def stranger(site, **environment):
    made = Visitor(site, site.response_class, use_cookies=True)
    made.environ_base.update(environment)
    return made


def attempt(client, email="a@example.org"):
    return client.submit("/sign-in", {"email": email, "password": "wrong"}).status_code


def test_one_account_is_not_tried_without_end(make_site):
    site = make_site()
    answers = [attempt(stranger(site, REMOTE_ADDR=f"10.0.0.{i}")) for i in range(12)]
    assert answers[:10] == [422] * 10
    assert answers[10:] == [429, 429]


def test_one_address_does_not_try_every_account(make_site):
    client = stranger(make_site())
    answers = [attempt(client, f"{i}@example.org") for i in range(22)]
    assert answers[:20] == [422] * 20
    assert answers[20:] == [429, 429]


def test_processes_count_together(make_site):
    one, other = make_site(), make_site()
    for _time in range(5):
        assert attempt(stranger(one)) == 422
        assert attempt(stranger(other)) == 422
    assert attempt(stranger(other)) == 429


def test_an_invented_forwarding_header_changes_nothing(make_site):
    client = stranger(make_site())
    for i in range(20):
        form = client.form("/sign-in")
        values = {**form.values, "email": f"{i}@example.org", "password": "wrong"}
        client.post("/sign-in", data=values, headers={"X-Forwarded-For": f"10.1.1.{i}"})
    assert attempt(client, "last@example.org") == 429


def test_behind_a_trusted_proxy_the_last_hop_counts(make_site):
    client = stranger(make_site(trusted_proxies=1))
    for i in range(25):
        form = client.form("/sign-in")
        values = {**form.values, "email": f"{i}@example.org", "password": "wrong"}
        forwarded = {"X-Forwarded-For": f"6.6.6.6, 10.2.2.{i}"}
        assert client.post("/sign-in", data=values, headers=forwarded).status_code == 422


def test_the_refusal_says_when_to_come_back(make_site):
    client = stranger(make_site())
    for _time in range(11):
        form = client.form("/sign-in")
        answer = client.post("/sign-in", data={**form.values, "email": "a@b.example"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many attempts" in answer.text


def test_asking_for_mail_is_limited_for_each_account(make_site):
    site = make_site()
    answers = [
        stranger(site, REMOTE_ADDR=f"10.3.0.{i}").submit("/forgot", {"email": "v@example.org"})
        for i in range(4)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


def test_a_window_ends(make_site):
    counters = Counters(app=make_site())
    assert counters.incr("k", 0.2) == 1
    assert counters.incr("k", 60) == 2, "the first hit says when the window ends"
    assert counters.get_expiry("k") < time.time() + 1
    while counters.get("k"):
        time.sleep(0.02)
    assert counters.incr("k", 60) == 1
    counters.clear("k")
    assert counters.get("k") == 0


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_network_of_ipv6_counts_as_one(address, counted):
    assert network_of(address) == counted
