"""The demo says what the public reports say: members by term, people by event, sums by year."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from babel.numbers import format_decimal
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from harpevents.app import create_app
from harpevents.cli import root
from harpevents.core.db import Base, db, transaction
from harpevents.demo import seed
from harpevents.events import queries as events
from harpevents.events.models import Event
from harpevents.institutions import queries as institutions
from harpevents.memberships import queries as memberships
from harpevents.people.models import Account, PersonAddress
from harpevents.people.queries import find_account
from harpevents.reports import figures, sentences, years
from tests.factories import sign_in
from tests.visitor import Visitor, text_of

SIDES = ("JP", "RU")
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application whose database holds the demo; the tests of this file only read it."""
    app = create_app(Settings.for_tests(tmp_path_factory.mktemp("demo")))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            seed.fill(TODAY, production=False)
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def demo(seeded: Flask) -> Iterator[None]:
    with seeded.app_context():
        yield


@pytest.mark.parametrize(
    ("on", "total", "by_country"),
    [
        (date(2016, 12, 15), 0, {}),
        (date(2017, 1, 1), 42, {"JP": 21, "RU": 21}),
        (date(2018, 6, 1), 50, {"JP": 25, "RU": 25}),
        (date(2019, 10, 1), 54, {"JP": 27, "RU": 27}),
        (date(2021, 10, 1), 63, {"JP": 30, "RU": 33}),
        (date(2024, 9, 30), 63, {"JP": 30, "RU": 33}),
        (date(2024, 10, 1), 63, {"JP": 30, "RU": 33}),
    ],
)
def test_the_roster_of_a_day_has_the_published_number_of_members(
    demo: None, on: date, total: int, by_country: dict[str, int]
) -> None:
    members = memberships.roster(on)
    assert (len(members), memberships.by_country(members)) == (total, by_country)


def test_the_place_of_a_merged_university_passes_to_its_successor(demo: None) -> None:
    def tokyo(on: date) -> list[str]:
        return [m.institution.slug for m in memberships.roster(on) if "science-tokyo" in
                m.institution.slug or "tokyo-institute" in m.institution.slug]  # fmt: skip

    assert tokyo(date(2024, 9, 30)) == ["tokyo-institute-of-technology"]
    assert tokyo(date(2024, 10, 1)) == ["institute-of-science-tokyo"]


def test_every_member_has_its_name_in_three_languages_and_a_contact(demo: None) -> None:
    members = memberships.roster(TODAY)
    assert {m.institution.slug: set(m.names) for m in members} == {
        m.institution.slug: {"en", "ja", "ru"} for m in members
    }
    assert memberships.unreachable([m.institution.id for m in members], TODAY) == set()


# (present, universities JP and RU, institutions of other kinds)
PUBLISHED = {
    "round-table-partnership-2020": (
        130,
        {"JP": 7, "RU": 36},
        {"company": {"JP": 5}, "think_tank": {"JP": 2}, "government": {"JP": 2, "RU": 3}},
    ),
    "seminar-cold-regions-2020": (
        140,
        {"JP": 9, "RU": 20},
        {
            "company": {"JP": 2},
            "think_tank": {"JP": 2, "RU": 4},
            "government": {"RU": 3},
            "ngo": {"RU": 1},
        },
    ),
    "conference-exchange-covid-2020": (128, {"JP": 21, "RU": 30}, {}),
    "seminar-arctic-2021": (110, {"JP": 10, "RU": 16}, {}),
    "round-table-interpreters-2021": (
        80,
        {"JP": 11, "RU": 18},
        {"company": {"JP": 5, "RU": 5}},
    ),
    "workshop-cruise-2021": (
        234,
        {"JP": 14, "RU": 22},
        {
            "company": {"JP": 2},
            "think_tank": {"RU": 1},
            "government": {"RU": 2},
            "ngo": {"RU": 1},
        },
    ),
}


@pytest.mark.parametrize("slug", PUBLISHED)
def test_an_event_counts_what_its_report_published(demo: None, slug: str) -> None:
    present, universities, others = PUBLISHED[slug]
    event = events.get_by_slug(slug)
    counted = figures.of_event(event)
    kinds: dict[str, dict[str, int]] = {}
    for country, its in counted.by_country.items():
        for kind, number in its.institutions.items():
            if country in SIDES:
                kinds.setdefault(kind, {})[country] = number
    assert (counted.registered, counted.present) == (present, present)
    assert kinds == {"university": universities, **others}
    assert event.reported_participants == present


def test_the_conference_of_128_is_told_as_its_report_tells_it(demo: None) -> None:
    counted = figures.of_event(events.get_by_slug("conference-exchange-covid-2020"))
    assert [sentences.of_event(counted, SIDES, lang) for lang in ("ja", "en", "ru")] == [
        "参加者128名（日本側21大学56名、ロシア側30大学72名）",
        "128 participants (Japan: 56 people from 21 universities; "
        "Russia: 72 people from 30 universities)",
        "128 участников (Япония — 56 человек из 21 университета; "
        "Россия — 72 человека из 30 университетов)",
    ]


def test_the_round_table_of_interpreters_adds_up_as_the_field_counts_it(demo: None) -> None:
    counted = figures.of_event(events.get_by_slug("round-table-interpreters-2021"))
    of_universities = {
        country: its.people_by_kind["university"] for country, its in counted.by_country.items()
    }
    assert of_universities == {"JP": 20, "RU": 36}
    assert counted.by_category["student"] == (3, 3)
    assert counted.by_category["interpreter"] == (13, 13)


def test_the_fiscal_year_2020_lists_783_attendances_of_six_events(demo: None) -> None:
    year = years.of_year(2020)
    assert (len(year.lines), year.attendances) == (6, 783)
    assert [line.source for line in year.lines].count("counted") == 4
    assert 0 < year.people < year.attendances


def test_there_are_25_held_events_and_two_to_come_with_their_parts(demo: None) -> None:
    rows = db.session.execute(
        select(Event.status, Event.takes_registrations, func.count()).group_by(
            Event.status, Event.takes_registrations
        )
    )
    assert {(str(status), open_): number for status, open_, number in rows} == {
        ("archived", False): 25,
        ("published", True): 2,
        ("published", False): 2,
    }


def test_nobody_in_the_demo_can_be_written_to(demo: None) -> None:
    addresses = [
        *db.session.scalars(select(PersonAddress.address)),
        *db.session.scalars(select(Account.email)),
    ]
    allowed = ("example.com", "example.org", "example.net", ".example")
    assert [address for address in addresses if not address.endswith(allowed)] == []


def test_the_demo_goes_into_an_empty_installation_only(demo: None) -> None:
    with pytest.raises(seed.NotEmpty), transaction():
        seed.fill(TODAY, production=False)
    assert institutions.find_by_slug("hokkaido-university") is not None


def test_the_demo_is_refused_in_production(demo: None) -> None:
    with pytest.raises(seed.NotInProduction), transaction():
        seed.fill(TODAY, production=True)


def test_home_figures_reports_pages_of_events_and_commands_agree(seeded: Flask) -> None:
    """Each number is read where people read it, and compared with all the others."""
    visitor = Visitor(seeded, seeded.response_class, use_cookies=True)
    run = seeded.test_cli_runner().invoke

    def printed(*command: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(run(root, [*command, "--json"], obj=seeded).stdout)
        return answer

    def page(path: str) -> str:
        return text_of(visitor.get(path).text)

    home, public = page("/en/"), page("/en/figures/")
    with seeded.app_context():
        secretary = find_account("secretariat@association.example")
        assert secretary is not None
        with transaction():
            secretary.language = "en"
        sign_in(visitor, secretary)
    desk, cumulated, held = page("/desk/reports/"), 0, 0
    for number in range(2017, 2022):
        year = printed("reports", "year", str(number))
        held += year["events"]
        cumulated += year["attendances"]
        row = f"{number} {year['events']} {shown(year['attendances'])}"
        assert f"{row} {shown(cumulated)}" in public
        assert year["attendances"] == sum(one["attendances"] for one in year["list"])
        assert f"Fiscal year {number} {year['events']} " in desk
        its_page = page(f"/desk/reports/{number}")
        assert f"Attendances {shown(year['attendances'])} " in its_page
        for line in year["list"]:
            event = printed("attendance", "report", line["slug"])
            assert (event["present"] or event["reported"] or 0) == line["attendances"]
            if not line["attendances"]:
                continue
            number_said = event["sentences"]["en"].partition(" participants")[0]
            assert shown(line["attendances"]) in number_said
            assert event["sentences"]["en"].partition("\n")[0] in page(
                f"/desk/events/{line['slug']}/report"
            )
            assert f"{shown(event['reported'])} " in page(f"/en/events/{line['slug']}")
            assert "Counted by check-ins" not in page(f"/en/events/{line['slug']}")
    assert f"Events held {held} " in home
    assert f"Events {held} Attendances {shown(cumulated)} " in public


def shown(number: int) -> str:
    return format_decimal(number, locale="en")


def test_what_no_source_says_is_marked_wherever_it_is_shown(seeded: Flask) -> None:
    """Made-up people stand beside published figures at the desk, in commands and in public."""
    visitor = Visitor(seeded, seeded.response_class, use_cookies=True)
    public = text_of(visitor.get("/en/events/workshop-cruise-2021").text)
    assert "The people are fictitious." in public
    with seeded.app_context():
        secretary = find_account("secretariat@association.example")
        assert secretary is not None
        with transaction():
            secretary.language = "en"
        sign_in(visitor, secretary)
    for path in ("/desk/events/workshop-cruise-2021/report", "/desk/reports/2021"):
        assert "made up" in text_of(visitor.get(path).text)
    for path in ("/desk/events/practitioners-2/report", "/desk/reports/2019"):
        assert "made up" not in text_of(visitor.get(path).text)
    told = seeded.test_cli_runner().invoke(
        root, ["attendance", "report", "workshop-cruise-2021", "--json"], obj=seeded
    )
    assert json.loads(told.stdout)["illustrative"] is True
