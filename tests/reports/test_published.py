"""Published figures with what belongs to them, and who is missing from the counted ones."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from harpevents.attendance import report_import
from harpevents.cli import root
from harpevents.core.db import db, transaction
from harpevents.core.tables import reading
from harpevents.events.models import Event, Qualifier
from harpevents.institutions import services as institutions
from harpevents.registrations.models import Source
from harpevents.reports import figures
from tests.factories import STAFF, registered
from tests.reports.arranging import came, publish
from tests.visitor import text_of


def test_a_published_figure_is_broken_down_at_the_desk_and_said_to_everybody(
    app, staff, client, table
):
    with transaction():
        table.reported_participants, table.reported_qualifier = 80, Qualifier.ABOUT
        table.reported = {"speakers": {"JP": 3}}
    path = "/desk/events/table/published-figure"
    told = {"persons_JP": "20", "university_JP": "11", "persons_RU": "36", "company_": "10"}
    with transaction():
        table.reported_qualifier = None
    refused = staff.submit(path, told | {"persons_JP": "45"})
    assert refused.status_code == 422
    assert "more than the published number" in refused.text
    assert 'value="45"' in refused.text
    with transaction():
        table.reported_qualifier = Qualifier.ABOUT
    assert staff.submit(path, told).status_code == 303

    db.session.expire_all()
    assert table.reported == {
        "speakers": {"JP": 3},
        "persons": {"JP": 20, "RU": 36},
        "institutions": {"university": {"JP": 11}, "company": {"": 10}},
    }
    assert staff.form(path).values["persons_RU"] == "36"
    page = text_of(client.get("/en/events/table").text)
    assert (
        "About 80 participants (Japan: 20 people from 11 universities; Russia: 36 people; "
        "about 24 others) Universities (Japan 11), companies (10) Counted by check-ins: 3 people."
    ) in page


def test_people_beyond_an_inexact_number_and_of_further_countries_are_kept(app, staff, table):
    with transaction():
        table.reported_participants, table.reported_qualifier = 100, Qualifier.AT_LEAST
        table.reported = {"persons": {"JP": 60, "NO": 5}}
    form = staff.form("/desk/events/table/published-figure")
    assert form.values["persons_NO"] == "5"
    told = {"persons_RU": "50"}
    assert staff.submit("/desk/events/table/published-figure", told).status_code == 303
    db.session.expire_all()
    assert table.reported == {"persons": {"JP": 60, "RU": 50, "NO": 5}}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["JP", "RU", "NO", "", "all", "university", "company", "odd"]), inner
        )
    ),
    max_leaves=6,
)


@example({"persons": {"JP": -1}})
@example({"institutions": {"university": {"JP": True}}})
@example({"institutions": None, "universities": [3]})
@given(st.dictionaries(st.sampled_from(["persons", "universities", "institutions"]), JSON))
def test_whatever_an_older_version_kept_of_a_breakdown_is_read_or_passed_over(remarks):
    event = Event(reported_participants=100, reported=remarks)
    told = figures.published(event)
    assert told.present == 100
    assert all(its.of_universities >= 0 for its in told.by_country.values())
    numbers = [n for its in told.by_country.values() for n in its.institutions.values()]
    assert all(type(n) is int and n >= 0 for n in numbers)


def test_a_number_cannot_fall_below_the_people_it_is_broken_down_into(app, staff, table):
    with transaction():
        table.reported_participants = 80
        table.reported = {"persons": {"JP": 20, "RU": 36}}
    path = "/desk/events/table/edit"
    refused = staff.submit(path, {"reported_participants": "50"})
    assert refused.status_code == 422
    assert "more than the published number" in refused.text
    about = {"reported_participants": "50", "reported_qualifier": "about"}
    assert staff.submit(path, about).status_code == 303


def test_where_nobody_was_counted_the_published_figure_is_the_sentence(app):
    publish("quiet", "2019-02-28", reported_participants=100, reported_qualifier=Qualifier.ABOUT)
    printed = json.loads(
        app.test_cli_runner()
        .invoke(root, ["attendance", "report", "quiet", "--json"], obj=app)
        .stdout
    )
    assert (printed["present"], printed["reported"]) == (0, 100)
    assert printed["reported_qualifier"] == "about"
    assert printed["sentences"] == {
        "ja": "参加者約100名",
        "en": "About 100 participants",
        "ru": "Около 100 участников",
    }


def test_the_files_say_what_the_page_says_where_nobody_was_counted(app, staff):
    publish("quiet", "2019-02-28", reported_participants=100, reported_qualifier=Qualifier.ABOUT)
    file = staff.get("/desk/events/quiet/report.xlsx")
    told = {row[0]: row[1] for row in reading.read_table(file.data, "report.xlsx").rows}
    assert told["Published figure"] == "about 100"
    assert told["English"] == "About 100 participants"
    year = staff.get("/desk/reports/2018.csv").text.splitlines()
    assert year[1].endswith(",100,100,About so many")


def test_whoever_is_undecided_is_named_beside_the_figures_they_are_missing_from(
    app, staff, table, client
):
    with transaction():
        institutions.ask("Nowhere College")
    person = registered(table, 9, institution_text="Nowhere College", source=Source.DESK)
    came(table, person)
    report = (
        "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\r\n"
        "Somebody Else,,09/25/2020 04:10:00 PM,09/25/2020 04:20:00 PM,10,Yes\r\n"
    )
    with transaction():
        report_import.take(report_import.plan(table, report.encode(), "zoom.csv"), actor=STAFF)

    pages = [
        text_of(staff.get(f"/desk/events/table/{one}").text) for one in ("report", "attendance")
    ]
    years = [text_of(staff.get(f"/desk/reports/{one}").text) for one in ("2020", "")]
    for page in [*pages, *years]:
        assert "1 person of a meeting report fits no registration for certain." in page
    assert "The organisation that 1 person wrote is not recognised." in pages[0]
    result = app.test_cli_runner().invoke(
        root, ["attendance", "report", "table", "--json"], obj=app
    )
    assert json.loads(result.stdout)["undecided"] == {"people": 1, "institutions": 1}
    file = staff.get("/desk/events/table/report.csv").text.splitlines()
    assert "Report,Not decided: people of meeting reports,,,,1" in file
    told = app.test_cli_runner().invoke(root, ["reports", "year", "2020"], obj=app).stdout
    assert "Not decided: 1 people of meeting reports wait for a decision." in told
