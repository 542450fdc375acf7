"""What search engines and messengers learn of public pages, and of which pages nothing."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2.utils import htmlsafe_json_dumps

from harpevents.core.db import transaction
from harpevents.events import services, structured
from harpevents.events.models import Event, EventStatus, Mode, Precision
from tests.factories import STAFF, an_event

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def meta(page):
    pairs = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', page)
    return dict(pairs)


def of_schema(page):
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


@pytest.mark.parametrize("path", ["/", "/events/", "/events/forum", "/members/", "/figures/"])
@pytest.mark.parametrize("language", ["ja", "en", "ru"])
def test_a_public_page_says_what_it_is_and_where_it_stands_in_each_language(
    app, client, path, language
):
    an_event()
    page = client.get(f"/{language}{path}?year=2027").text
    said = meta(page)
    assert said["description"] == said["og:description"] != ""
    assert said["og:title"]
    assert said["og:locale"] == language
    here = said["og:url"]
    assert here.endswith(f"/{language}{path}")
    assert f'<link rel="canonical" href="{here}">' in page
    for other in ("ja", "en", "ru"):
        there = here.replace(f"/{language}{path}", f"/{other}{path}")
        assert f'<link rel="alternate" hreflang="{other}" href="{there}">' in page
    with client.get(re.sub("^https?://[^/]+", "", said["og:image"])) as picture:
        assert picture.data[:4] == b"\x89PNG"


def test_pages_of_one_person_and_forms_say_nothing_of_themselves(app, client):
    event = an_event()
    assert "og:" not in client.get(f"/en/events/{event.slug}/register").text
    assert "og:" not in client.get("/sign-in").text


def test_an_event_says_what_schema_org_asks(app, client):
    event = an_event(
        starts_at=datetime(2027, 4, 2, 1, tzinfo=UTC),
        mode=Mode.HYBRID,
        venue={"en": "Great Hall"},
        summary={"en": 'A "forum" <of> two & more.'},
        join_url="https://meet.example/secret",
    )
    page = client.get("/en/events/forum").text
    said = of_schema(page)
    assert said["startDate"] == "2027-04-02T10:00:00+09:00"
    assert (said["@type"], said["name"]) == ("Event", "Forum of the North")
    assert said["description"] == 'A "forum" <of> two & more.'
    assert said["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert said["eventStatus"] == "https://schema.org/EventScheduled"
    assert said["location"] == [
        {"@type": "Place", "name": "Great Hall", "address": "Great Hall"},
        {"@type": "VirtualLocation", "url": said["url"]},
    ]
    assert "secret" not in page
    assert meta(page)["description"] == "A &#34;forum&#34; &lt;of&gt; two &amp; more."
    with transaction():
        services.cancel(event, STAFF)
    page = client.get("/en/events/forum").text
    assert of_schema(page)["eventStatus"] == "https://schema.org/EventCancelled"


@pytest.mark.parametrize(
    ("precision", "starts", "ends"),
    [
        (Precision.MINUTE, "2018-05-18T00:00:00+09:00", "2018-05-21T00:00:00+09:00"),
        (Precision.DAY, "2018-05-18", "2018-05-20"),
        (Precision.MONTH, "2018-05", "2018-05"),
    ],
)
def test_a_date_is_said_as_exactly_as_it_is_known(app, precision, starts, ends):
    begins = datetime(2018, 5, 17, 15, tzinfo=UTC)
    event = an_event(starts_at=begins, ends_at=begins + timedelta(days=3), precision=precision)
    said = structured.facts(event, "https://x.example/", "en", [])
    assert (said["startDate"], said["endDate"]) == (starts, ends)


@given(name=st.text(), host=st.text())
@example(name="</script><script>alert(1)</script>", host="<!--")
def test_no_text_of_an_event_ends_the_script_it_stands_in(name, host):
    event = Event(
        title={"en": name}, summary={"en": name}, venue={"en": host}, languages="en",
        status=EventStatus.PUBLISHED, mode=Mode.HYBRID, precision=Precision.DAY, zone="Asia/Tokyo",
        starts_at=datetime(2027, 1, 1, tzinfo=UTC), ends_at=datetime(2027, 1, 2, tzinfo=UTC),
    )  # fmt: skip
    said = structured.facts(event, "https://x.example/", "en", [host])
    written = htmlsafe_json_dumps(said)
    assert not re.search("[<>&']", written)
    assert json.loads(written) == said


def test_the_list_of_pages_holds_public_events_in_each_language_and_no_drafts(app, client):
    an_event()
    an_event("fresh", published=False)
    answer = client.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    found = [one.text or "" for one in ET.fromstring(answer.data).iter(f"{SITEMAP}loc")]
    assert sorted(one.split("/", 3)[3] for one in found if "/events/f" in one) == [
        "en/events/forum",
        "ja/events/forum",
        "ru/events/forum",
    ]
    assert f"Sitemap: {found[0].rsplit('/', 2)[0]}/sitemap.xml" in client.get("/robots.txt").text
