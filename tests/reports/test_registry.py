"""A report is an entry in the registry: page, files, command, index and documentation follow."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from flask_babel import lazy_gettext

from config import ROOT
from harpevents.attendance import services as attendance
from harpevents.attendance.models import CheckInSource
from harpevents.cli import root
from harpevents.core.db import transaction
from harpevents.core.tables import reading
from harpevents.events.models import Event, GrantKind
from harpevents.people.models import Role
from harpevents.registrations.models import Source
from harpevents.reports import registry
from harpevents.reports.registry import Report, Subject
from tests.factories import STAFF, an_account, an_event, grant, registered, sign_in

LANGUAGES = ("en", "ja", "ru")
WHOM = {
    None: "secretariat",
    GrantKind.CHECK_IN: "secretariat, each organiser of the event",
    GrantKind.MODERATE: "secretariat, organisers who moderate",
}


@pytest.fixture
def forum(app) -> Event:
    event = an_event(starts_at=datetime(2020, 9, 25, 7, tzinfo=UTC), reported_participants=30)
    people = [
        registered(event, number, country=country, source=Source.DESK)
        for number, country in enumerate(("JP", "JP", "RU"), 1)
    ]
    with transaction():
        attendance.check_in(event, people[0], source=CheckInSource.QR, actor=STAFF)
    return event


@pytest.fixture
def staff(app, client):
    return sign_in(client, an_account())


def rows_of_page(html: str) -> list[list[str]]:
    """The cells of the page's table, its header first."""
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]


def addresses(event: Event) -> dict[str, str]:
    """{report: where its page is}."""
    below = {
        Subject.EVENT: f"/desk/events/{event.slug}/reports",
        Subject.YEAR: "/desk/reports/2020",
        Subject.ASSOCIATION: "/desk/reports",
    }
    return {name: f"{below[one.subject]}/{name}" for name, one in registry.REPORTS.items()}


def run(app, *words: str):
    return app.test_cli_runner().invoke(root, ["reports", *words], obj=app)


def test_one_entry_gives_page_files_command_and_index(app, staff, forum, monkeypatch):
    def initials(event: Event) -> registry.Table:
        return ["Letter", "Number"], [[event.slug[0], 3], ["é", None]]

    entry = Report("initials", lazy_gettext("Initials"), Subject.EVENT, initials)
    monkeypatch.setitem(registry.REPORTS, entry.name, entry)

    page = staff.get("/desk/events/forum/reports/initials")
    assert page.status_code == 200
    assert rows_of_page(page.text) == [["Letter", "Number"], ["f", "3"], ["é", "–"]]

    text = staff.get("/desk/events/forum/reports/initials.csv")
    assert text.headers["Content-Disposition"] == "attachment; filename=forum-initials.csv"
    assert text.data.decode("utf-8-sig") == "Letter,Number\r\nf,3\r\né,\r\n"
    book = reading.read_table(staff.get("/desk/events/forum/reports/initials.xlsx").data, "i.xlsx")
    assert book.rows == [["Letter", "Number"], ["f", "3"], ["é"]]

    assert run(app, "show", "initials", "forum").stdout_bytes == text.data
    assert json.loads(run(app, "show", "initials", "forum", "--json").stdout) == {
        "title": "Initials", "header": ["Letter", "Number"], "rows": [["f", 3], ["é", None]],
    }  # fmt: skip
    assert {"name": "initials", "subject": "event", "title": dict.fromkeys(
        ("ja", "en", "ru"), "Initials"
    )} in json.loads(run(app, "list", "--json").stdout)  # fmt: skip

    assert re.search(r"^initials +event +Initials$", run(app, "list").stdout, re.MULTILINE)
    assert "Initials" in staff.get("/desk/reports/").text
    assert "/desk/events/forum/reports/initials" in staff.get("/desk/events/forum/report").text


@pytest.mark.parametrize("name", registry.REPORTS)
def test_a_report_has_as_many_rows_in_its_files_as_on_its_page(app, staff, forum, name):
    path = addresses(forum)[name]
    shown = rows_of_page(staff.get(path).text)
    text = reading.read_table(staff.get(f"{path}.csv").data, "r.csv")
    book = reading.read_table(staff.get(f"{path}.xlsx").data, "r.xlsx")
    about = {"event": ["forum"], "year": ["2020"], "association": []}
    answer = run(app, "show", name, *about[registry.REPORTS[name].subject], "--json")
    printed = json.loads(answer.stdout)

    if name == "members":  # nobody is one here
        assert printed["rows"] == []
        return
    assert len(shown) > 1
    assert len(shown) == len(text.rows) == len(book.rows) == len(printed["rows"]) + 1
    assert shown[0] == text.rows[0] == book.rows[0] == printed["header"]


@pytest.mark.parametrize("name", registry.REPORTS)
def test_headers_are_in_the_language_of_the_reader(app, visitor, forum, name):
    headers = set()
    for language in LANGUAGES:
        reader = sign_in(
            visitor(), an_account(email=f"{language}@a.example.org", language=language)
        )
        text = reader.get(f"{addresses(forum)[name]}.csv").data.decode("utf-8-sig")
        headers.add(text.splitlines()[0])
    assert len(headers) == 3


def test_a_report_opens_to_whom_it_is_for(app, visitor, forum):
    helper = an_account(Role.ORGANISER, "door@uni.example.org")
    moderator = an_account(Role.ORGANISER, "moderator@uni.example.org")
    grant(helper, forum, GrantKind.CHECK_IN)
    grant(moderator, forum, GrantKind.MODERATE)
    visits = {
        who.email: sign_in(visitor(), who)
        for who in (helper, moderator, an_account(Role.ORGANISER, "other@uni.example.org"))
    }
    opened = {
        email: {name for name, path in addresses(forum).items() if one.get(path).status_code == 200}
        for email, one in visits.items()
    }
    of_event = {one.name for one in registry.of(Subject.EVENT)}
    assert opened == {
        "door@uni.example.org": of_event - {"registrations"},
        "moderator@uni.example.org": of_event,
        "other@uni.example.org": set(),
    }
    assert (
        "/reports/registrations" not in visits[helper.email].get("/desk/events/forum/report").text
    )
    assert visitor().get("/desk/reports/years.csv").status_code == 302


def test_what_is_no_report_is_not_found(app, staff, forum):
    for path in (
        "/desk/reports/none-such", "/desk/reports/year-events", "/desk/reports/2020/years",
        "/desk/reports/1/year-events", "/desk/events/forum/reports/years.csv",
    ):  # fmt: skip
        assert staff.get(path).status_code == 404, path
    missing = run(app, "show", "none-such", "--json")
    assert (missing.exit_code, json.loads(missing.stderr)) == (
        1, {"error": "There is no report “none-such”."},
    )  # fmt: skip
    assert run(app, "show", "year-events").exit_code == 2
    assert run(app, "show", "year-events", "soon").exit_code == 2


def test_the_documentation_lists_every_report_and_no_other(app):
    text = (ROOT / "docs" / "figures.md").read_text("utf-8")
    assert re.findall(
        r"^\| `([\w-]+)` \| (\w+) \| ([^|]+?) \| ([^|]+?) \|$", text, re.MULTILINE
    ) == [
        (one.name, one.subject, str(one.title), WHOM[one.grant if one.subject == "event" else None])
        for one in registry.REPORTS.values()
    ]
