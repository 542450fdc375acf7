"""Pages of membership: the public list and member, the desk, the one screen of a roll-over."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from harpevents.cli import root
from harpevents.core.db import transaction
from harpevents.institutions import queries as find
from harpevents.institutions import services as institutions
from harpevents.institutions.models import ChangeKind
from harpevents.memberships import queries, rollover, services
from harpevents.memberships.models import RunState
from tests.factories import STAFF, an_account, sign_in
from tests.memberships.arranging import (
    FOUNDED,
    a_university,
    founded_by,
    the_association,
    universities,
)

NEXT = date(2018, 5, 19)


def command(app, *words):
    return CliRunner().invoke(root, [str(word) for word in words], obj=app)


@pytest.mark.parametrize(
    ("language", "word"),
    [("en", "Member universities"), ("ja", "北海道大学"), ("ru", "Вузы-участники")],
)
def test_the_list_speaks_the_readers_language(app, client, language, word):
    with transaction():
        founded_by(a_university("Hokkaido University", ja="北海道大学", ru="Университет Хоккайдо"))
    page = client.get(f"/{language}/members/")
    assert page.status_code == 200
    assert {"en": "Hokkaido University", "ja": word, "ru": "Университет Хоккайдо"}[
        language
    ] in page.text


def test_a_missing_name_falls_back_and_says_so(app, client):
    with transaction():
        founded_by(a_university("Chiba University"))
    page = client.get("/ja/members/").text
    assert 'lang="en">Chiba University' in page
    assert "(English)" in page


def test_the_roster_of_a_day_bears_the_names_of_that_day(app, client):
    with transaction():
        one = a_university("Old Name")
        founded_by(one)
        institutions.rename(one, {"en": "New Name"}, on=date(2020, 4, 1), actor=STAFF)
    assert "Old Name" in client.get("/en/members/?on=2020-03-31").text
    assert "New Name" in client.get("/en/members/?on=2020-04-01").text
    assert "Old Name" not in client.get("/en/members/?on=2020-04-01").text


@pytest.mark.parametrize("day", ["yesterday", "2018-02-30", "20180601", "2018-06-01T00", "９"])
def test_what_is_no_day_is_told_so(app, client, day):
    page = client.get("/en/members/", query_string={"on": day})
    assert page.status_code == 400
    assert "Please write the day" in page.text


def test_the_list_counts_by_country(app, client):
    the_association()
    page = client.get("/en/members/?on=2018-06-01").text
    assert "25 members" in page
    assert ">50<" in page.replace("\n", "")


def test_a_member_page_tells_names_terms_and_what_became_of_it(app, client):
    with transaction():
        member, heir = a_university("Tokyo Tech", ja="東京工業大学"), a_university("Science Tokyo")
        founded_by(member)
        institutions.record_change(
            ChangeKind.ABSORPTION, [member], [heir], on=date(2024, 10, 1), actor=STAFF
        )
        services.succeed(member, heir, on=date(2024, 10, 1), decision="Board", actor=STAFF)
    page = client.get("/en/members/tokyo-tech").text
    assert "東京工業大学" in page
    assert "1 October 2024" in page
    assert "/en/members/science-tokyo" in page
    assert "Former member" in page


def test_an_institution_that_never_was_a_member_has_no_member_page(app, client):
    with transaction():
        a_university("Stranger")
    assert client.get("/en/members/stranger").status_code == 404
    assert client.get("/en/members/nobody").status_code == 404


def test_strangers_see_nothing_of_the_desk(app, client):
    with transaction():
        founded_by(a_university("One"))
    for path in ("/desk/members/", "/desk/members/one", "/desk/terms/0/rollover"):
        assert client.get(path).status_code == 302


def test_a_roll_over_is_walked_through_on_one_screen(app, client):
    with transaction():
        first, _second = universities("JP", 2)
        founded_by(first, _second)
        a_university("Newcomer", "RU")
        services.create_term(1, {"en": "First"}, actor=STAFF, opens_on=NEXT)
    desk, url = sign_in(client, an_account()), "/desk/terms/1/rollover"
    assert desk.submit(url, action="/plan").status_code == 303
    desk.submit(url, {"institution": "Newcomer", "institution_slug": "newcomer"}, action="/admit")
    desk.submit(url, {"action": "withdraw", "reply": "confirmed"}, action="/change/jp-0000")
    page = desk.get(url).text
    assert "2 → 2" in page.replace("\n", "")
    assert "Leaves" in page
    desk.submit(
        url, {"decision": "Assembly, No. 1", "effective_on": "2018-05-19"}, action="/approve"
    )
    assert queries.find_run(1).state is RunState.APPROVED
    desk.submit(url, action="/apply")
    assert [member.institution.slug for member in queries.roster(NEXT)] == ["jp-0001", "newcomer"]
    desk.submit(url, action="/revert")
    assert queries.open_term().number == 0


def test_an_approval_of_what_was_not_seen_is_refused_on_the_screen(app, client):
    with transaction():
        one, two = universities("JP", 2)
        founded_by(one)
        services.create_term(1, {"en": "First"}, actor=STAFF, opens_on=NEXT)
        rollover.plan(1, actor=STAFF)
    desk, url = sign_in(client, an_account()), "/desk/terms/1/rollover"
    form = desk.form(url, "/approve")
    with transaction():
        rollover.admit(1, two, actor=STAFF)
    form.values.setlist("decision", ["Assembly"])
    form.values.setlist("effective_on", ["2018-05-19"])
    answer = desk.post(form.action, data=form.values)
    assert answer.status_code == 422
    assert "has changed since you saw it" in answer.text


def test_contacts_are_added_corrected_and_ended(app, client):
    with transaction():
        founded_by(a_university("One"))
    desk = sign_in(client, an_account())
    assert "Nobody here can be reached" in desk.get("/desk/members/one").text
    values = {"name": "Sato", "address": "Sato@Example.org", "capacity": "primary"}
    assert desk.submit("/desk/members/one/contacts/new", values).status_code == 303
    again = desk.submit("/desk/members/one/contacts/new", values)
    assert "is a contact in this capacity already" in again.text
    contact = queries.contacts_of(find.get_by_slug("one"))[0]
    assert contact.address == "sato@example.org"
    desk.submit(f"/desk/members/one/contacts/{contact.id}", {"name": "Sato Hana"})
    assert "Sato Hana" in desk.get("/desk/members/one").text
    wrong = desk.submit(f"/desk/members/one/contacts/{contact.id}", {"address": "sato"})
    assert "not an e-mail address" in wrong.text
    desk.submit("/desk/members/one", action=f"/contacts/{contact.id}/end")
    assert queries.contacts_of(find.get_by_slug("one"))[0].valid_to is not None


@pytest.mark.parametrize("count", [63, 1000])
def test_the_screen_takes_few_queries_however_many_members(app, client, count_queries, count):
    with transaction():
        founded_by(*universities("JP", count))
        services.create_term(1, {"en": "First"}, actor=STAFF, opens_on=NEXT)
        rollover.plan(1, actor=STAFF)
    desk = sign_in(client, an_account())
    for path in ("/desk/terms/1/rollover", "/desk/members/", "/en/members/?on=2017-01-01"):
        with count_queries() as queries_sent:
            assert desk.get(path).status_code == 200
        assert len(queries_sent) <= 20, (path, len(queries_sent))


def test_the_commands_list_plan_and_apply(app):
    with transaction():
        founded_by(*universities("JP", 2), *universities("RU", 1))
        a_university("Newcomer")
    assert command(app, "rollover", "term", 1, "--name-en", "First", "--on", NEXT).exit_code == 0
    assert command(app, "rollover", "plan", 1).exit_code == 0
    assert command(app, "rollover", "admit", 1, "newcomer").exit_code == 0
    early = command(app, "rollover", "apply", 1)
    assert (early.exit_code, "has not been approved" in early.stderr) == (1, True)
    approved = command(app, "rollover", "approve", 1, "--decision", "No. 1", "--on", NEXT)
    assert approved.exit_code == 0
    assert "3 → 4" in command(app, "rollover", "apply", 1).stdout
    assert "nothing was changed" in command(app, "rollover", "apply", 1).stdout
    listed = json.loads(command(app, "members", "list", "--on", NEXT, "--json").stdout)
    assert (listed["on"], listed["total"]) == ("2018-05-19", 4)
    assert listed["by_country"] == {"JP": 3, "RU": 1}
    assert listed["members"][0] == {
        "slug": "jp-0000",
        "ror_id": None,
        "country": "JP",
        "names": {"en": "JP 0000", "ja": None, "ru": None},
        "since": FOUNDED.isoformat(),
    }
    assert "term 1: new" in command(app, "members", "history", "newcomer").stdout
    assert command(app, "members", "history", "nobody").exit_code == 1
    assert command(app, "rollover", "revert", 1).exit_code == 0
