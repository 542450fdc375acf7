"""Figures counted from facts, and the pages, files and commands that show the same numbers."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from harpevents.audit.models import ActorKind, AuditEntry
from harpevents.audit.services import Actor, record
from harpevents.cli import root
from harpevents.core.db import db, transaction
from harpevents.core.languages import LANGUAGES
from harpevents.core.tables import reading
from harpevents.events import services as events
from harpevents.events.models import Qualifier
from harpevents.institutions import services as institutions
from harpevents.institutions.models import InstitutionKind
from harpevents.people.models import Role
from harpevents.registrations.models import Source
from harpevents.reports import figures, years
from tests.factories import STAFF, an_account, an_event, grant, registered, sign_in
from tests.reports.arranging import came, publish
from tests.visitor import text_of


def test_people_count_by_their_country_and_institutions_by_their_own(app, table):
    counted = figures.of_event(table)

    assert (counted.registered, counted.present) == (4, 3)
    assert {code: (its.registered, its.people) for code, its in counted.by_country.items()} == {
        "JP": (2, 2), "RU": (2, 1),
    }  # fmt: skip
    assert counted.by_country["JP"].institutions == {"university": 1, "company": 1}
    assert counted.by_country["RU"].institutions == {"university": 1}
    rows = {row.slug: (row.registered, row.present) for row in counted.by_institution}
    assert rows == {
        "hokkaido-university": (1, 1), "sample-trading": (1, 1), "altai-state-university": (2, 1),
    }  # fmt: skip
    assert counted.by_kind == {"university": (3, 2), "company": (1, 1)}
    assert counted.by_category == {"business": (1, 1), "faculty": (1, 1), "student": (2, 1)}


def test_an_institution_of_which_nobody_came_is_not_counted(app, table):
    with transaction():
        institutions.ensure("Tokai University", InstitutionKind.UNIVERSITY, "JP", actor=STAFF)
    registered(table, 9, source=Source.DESK, institution="tokai-university")
    its = figures.of_event(table).by_country["JP"]
    assert (its.registered, its.people) == (3, 2)
    assert its.institutions == {"university": 1, "company": 1}
    assert its.people_by_kind == {"university": 1, "company": 1}


def test_an_institution_is_counted_once_and_in_its_own_country(app, table):
    with transaction():
        institutions.ensure("Tokai University", InstitutionKind.UNIVERSITY, "JP", actor=STAFF)
    guests = [
        registered(table, number, source=Source.DESK, country="RU", institution=slug)
        for number, slug in ((8, "hokkaido-university"), (9, "tokai-university"))
    ]
    came(table, *guests)
    by_country = figures.of_event(table).by_country
    assert by_country["JP"].institutions == {"university": 2, "company": 1}
    assert by_country["RU"].institutions == {"university": 1}
    assert {code: its.people for code, its in by_country.items()} == {"JP": 2, "RU": 3}


def report_of(app, slug):
    result = app.test_cli_runner().invoke(root, ["attendance", "report", slug, "--json"], obj=app)
    return json.loads(result.stdout)


def test_the_command_prints_the_figures_and_sentences(app, table):
    printed = report_of(app, "table")
    assert printed["event"] == "table"
    assert (printed["registered"], printed["present"]) == (4, 3)
    assert printed["by_country"]["JP"]["people"] == 2
    assert printed["by_country"]["JP"]["institutions"] == {"university": 1, "company": 1}
    assert printed["by_category"] == {"business": 1, "faculty": 1, "student": 1}
    assert printed["by_mode"] == {"room": 3}
    assert printed["by_institution"][0].keys() == {
        "slug", "name", "names", "country", "kind", "registered", "present",
    }  # fmt: skip
    assert printed["sentences"]["ja"] == (
        "参加者3名（日本側1大学1名、ロシア側1大学1名、ほか1名）\n大学（日1校・露1校）、企業（日1社）"
    )
    missing = app.test_cli_runner().invoke(root, ["attendance", "report", "no", "--json"], obj=app)
    assert missing.exit_code == 1
    assert "no event" in json.loads(missing.stderr)["error"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_page_has_sentences_in_three_languages(table, visitor, language):
    account = an_account(email=f"{language}@a.example", language=language)
    page = sign_in(visitor(), account).get("/desk/events/table/report")

    assert page.status_code == 200
    for sentence in (
        "参加者3名（日本側1大学1名、ロシア側1大学1名、ほか1名）",
        "3 participants (Japan: 1 person from 1 university; "
        "Russia: 1 person from 1 university; 1 other)",
        "3 участника (Япония — 1 человек из 1 университета; "
        "Россия — 1 человек из 1 университета; ещё 1 человек)",
    ):
        assert sentence in page.text
    assert "Hokkaido University" in page.text


def test_the_published_figure_stands_beside_the_count_where_they_differ(app, staff, table):
    with transaction():
        table.reported_participants, table.reported_qualifier = 130, Qualifier.ABOUT
        table.reported = {
            "persons": {"JP": 56, "RU": 72, "students": 3},
            "institutions": {
                "university": {"RU": 36, "JP": 7}, "company": {"JP": 5},
                "think_tank": {"JP": 2}, "government": {"RU": 3, "JP": 2},
            },
        }  # fmt: skip
    page = staff.get("/desk/events/table/report").text
    assert "The published figure differs" in page
    assert "参加者約130名（日本側7大学56名、ロシア側36大学72名、ほか約2名）" in page
    assert "大学（露36校・日7校）、企業（日5社）、シンクタンク（日2団体）、" in page
    assert "参加者3名（日本側1大学1名、ロシア側1大学1名、ほか1名）" in page


def test_the_report_as_files(app, staff, table):
    for form in ("csv", "xlsx"):
        answer = staff.get(f"/desk/events/table/report.{form}")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f"attachment; filename=table-report.{form}"
        read = reading.read_table(answer.data, f"r.{form}")
        assert read is not None
    text = staff.get("/desk/events/table/report.csv").data.decode("utf-8-sig")
    assert "By organisation,Altai State University,Russia,University,2,1" in text


def test_a_part_shows_its_own_figures(app, staff, table):
    part = an_event("dinner", parent="table", starts_at=datetime(2020, 9, 25, 9, tzinfo=UTC))
    person = registered(table, email="extra@x.example", parts={"dinner": None}, source=Source.DESK)
    came(part, person)
    assert (figures.of_event(part).registered, figures.of_event(part).present) == (1, 1)
    assert figures.of_event(table).present == 4
    assert staff.get("/desk/events/dinner/report").status_code == 200


def test_a_fiscal_year_begins_in_april_and_keeps_attendances_apart_from_people(app, table):
    other = publish("seminar", "2021-03-31", reported_participants=140)
    late = publish("late", "2021-04-01", reported_participants=7)
    came(other, registered(other, email="0@x.example", source=Source.DESK))
    publish("only-reported", "2020-11-01", reported_participants=128)

    year = years.of_year(2020)

    assert [line.event.slug for line in year.lines] == ["table", "only-reported", "seminar"]
    assert [(line.counted, line.reported, line.source) for line in year.lines] == [
        (3, None, "counted"), (0, 128, "reported"), (1, 140, "counted"),
    ]  # fmt: skip
    assert (year.attendances, year.people) == (3 + 128 + 1, 3)
    assert year.by_country["JP"] == {"attendances": 3, "people": 2}
    assert years.of_year(2021).attendances == 7
    assert list(years.of_all()) == [2021, 2020]
    assert late.slug == "late"


def test_the_last_moment_of_march_in_japan_belongs_to_the_old_year(app):
    an_event("old", starts_at=datetime(2021, 3, 31, 14, 59, tzinfo=UTC))
    an_event("next", starts_at=datetime(2021, 3, 31, 15, 0, tzinfo=UTC))
    assert [line.event.slug for line in years.of_year(2020).lines] == ["old"]
    assert [line.event.slug for line in years.of_year(2021).lines] == ["next"]


def test_a_part_with_a_reported_figure_counts_only_where_the_whole_is_not_counted(app):
    whole = publish("assembly", "2019-09-23", reported_participants=150)
    publish("student-forum", "2019-09-23", parent="assembly", reported_participants=57)
    publish("reception", "2019-09-23", parent="assembly")
    assert years.of_year(2019).attendances == 207
    came(whole, registered(whole, source=Source.DESK))
    assert years.of_year(2019).attendances == 1


def test_drafts_and_cancelled_events_are_no_figures(app):
    event = publish("gone", "2020-06-01", reported_participants=50)
    with transaction():
        events.cancel(event, STAFF)
    assert years.of_all() == {}
    assert years.of_year(2020).attendances == 0


def test_the_year_command_prints_the_documented_shape(app, table):
    result = app.test_cli_runner().invoke(root, ["reports", "year", "2020", "--json"], obj=app)
    printed = json.loads(result.stdout)
    assert printed == {
        "fiscal_year": 2020, "from": "2020-04-01", "to": "2021-03-31", "events": 1,
        "attendances": 3, "counted": 3, "people": 3, "undecided": {"people": 0},
        "by_kind": {"round_table": {"events": 1, "attendances": 3}},
        "by_country": {
            "JP": {"attendances": 2, "people": 2}, "RU": {"attendances": 1, "people": 1},
        },
        "list": [
            {
                "slug": "table", "date": "2020-09-25", "title": table.title, "attendances": 3,
                "source": "counted", "reported_qualifier": None,
            }
        ],
    }  # fmt: skip


PAGES = {
    "/desk/reports/": {"en": "Attendances", "ja": "延べ人数", "ru": "Посещения"},
    "/desk/reports/2020": {"en": "Fiscal year 2020", "ja": "2020年度", "ru": "2020 финансовый год"},
    "/desk/audit": {"en": "Change log", "ja": "変更履歴", "ru": "Журнал изменений"},
    "/desk/events/table/report": {"en": "By organisation", "ja": "所属機関別", "ru": "По организ"},
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_staff_pages_speak_three_languages(table, visitor, language):
    account = an_account(email=f"{language}@a.example", language=language)
    signed_in = sign_in(visitor(), account)
    for path, words in PAGES.items():
        page = signed_in.get(path)
        assert page.status_code == 200, path
        assert words[language] in page.text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The association in figures"), ("ja", "数字で見る協会"), ("ru", "Ассоциация в цифрах")],
)
def test_the_public_figures(table, client, language, words):
    publish("seminar", "2019-05-01", reported_participants=140)
    page = client.get(f"/{language}/figures/")
    assert page.status_code == 200
    assert words in page.text
    shown = text_of(page.text)
    assert "2020 1 3 143" in shown
    assert "2019 1 140 140" in shown
    again = client.get(f"/{language}/figures/", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304


def test_pages_without_anything_are_pages(app, staff, client):
    for path in ("/desk/reports/", "/desk/reports/1999", "/en/figures/", "/desk/audit"):
        assert staff.get(path).status_code == 200
    for path in ("/desk/reports/1", "/desk/reports/99999", "/desk/events/nowhere/report"):
        assert staff.get(path).status_code == 404
    answer = staff.get("/desk/reports/1999.csv")
    assert answer.status_code == 200


def test_the_year_as_files(app, staff, table):
    text = staff.get("/desk/reports/2020.csv").data.decode("utf-8-sig")
    header = "Date,Event,Kind,Counted,Reported,Attendances,What the reported number means"
    assert text.splitlines()[0] == header
    assert text.splitlines()[1].startswith("2020-09-25,Forum of the North,Round table,3,,3")
    assert staff.get("/desk/reports/2020.xlsx").data[:2] == b"PK"


def test_an_organiser_sees_the_report_of_her_event_only(table, visitor):
    other = an_event("other")
    organiser = an_account(Role.ORGANISER, "organiser@uni.example")
    grant(organiser, table)
    signed_in = sign_in(visitor(), organiser)
    assert signed_in.get("/desk/events/table/report").status_code == 200
    assert signed_in.get("/desk/events/table/report.csv").status_code == 200
    closed = ("/desk/reports/", "/desk/reports/2020", "/desk/reports/2020.csv", "/desk/audit")
    for path in (*closed, f"/desk/events/{other.slug}/report"):
        assert signed_in.get(path).status_code == 404
        assert visitor().get(path).status_code == 302


def test_the_change_log_filters_and_shows_what_changed(app, staff, table):
    page = text_of(staff.get("/desk/audit").text.split("<tbody>")[1])
    assert "Checked in" in page
    assert "state: Confirmed → Cancelled" in page
    assert "Secretariat" in page

    only = staff.get("/desk/audit?action=registration.cancel&event=table&actor=secretariat").text
    assert "Registration cancelled" in text_of(only.split("<tbody>")[1])
    assert "Checked in" not in text_of(only.split("<tbody>")[1])
    for nothing in ("?actor=nobody", "?event=nowhere", "?action=no.such"):
        assert "No change matches" in staff.get(f"/desk/audit{nothing}").text


@pytest.mark.parametrize("query", ["?page=9999999", "?page=-1", "?event='--", "?action=%25"])
def test_odd_filters_are_no_failure(app, staff, query):
    assert staff.get(f"/desk/audit{query}").status_code == 200


def test_details_of_every_shape_can_be_read(app, staff):
    event = an_event()
    details = {
        "title": [{"en": "Old"}, {"en": "New"}], "flag": [True, False], "long": "x" * 5_000,
        "nothing": None, "list": [1, 2, 3], "<b>": "<script>alert(1)</script>",
    }  # fmt: skip
    with transaction():
        record(
            "event.odd", event, actor=Actor(ActorKind.JOB, ""), event_id=event.id, details=details
        )
    page = staff.get("/desk/audit").text
    assert "<script>alert" not in page
    assert "yes → no" in text_of(page)
    assert "event.odd" in page


def test_queries_do_not_grow_and_reading_changes_nothing(app, staff, table, count_queries):
    paths = [*PAGES, "/en/figures/", "/desk/events/table/report.csv", "/desk/reports/2020.csv"]

    def asked():
        found = {}
        for path in paths:
            with count_queries() as statements:
                assert staff.get(path).status_code == 200
            found[path] = len(statements)
        return found

    def size():
        return db.session.scalar(select(func.count(AuditEntry.id)))

    asked()  # reads the event, which is kept from then on
    few, before = asked(), size()
    assert size() == before
    for number in range(12):
        event = publish(f"more-{number}", f"{2005 + number}-06-01", reported_participants=number)
        came(event, registered(event, number=number, country="NO", source=Source.DESK))
        person = registered(
            table, number=number, institution_text=f"U {number}", source=Source.DESK
        )
        came(table, person)
        came(publish(f"part-{number}", "2020-09-25", parent="table"), person)
    many = asked()
    assert many == few
    assert max(many.values()) <= 20


def test_the_public_page_of_a_past_event_shows_who_was_counted(app, client, table):
    """The published figure where there is one, else the count of check-ins."""
    assert "Participants 3" in text_of(client.get("/en/events/table").text)
