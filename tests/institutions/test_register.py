"""Institutions: dated names, lineage, imports that refuse in place, texts that are taught."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from harpevents.cli import root
from harpevents.core.db import db, transaction
from harpevents.institutions import cleaning, queries, services
from harpevents.institutions.models import ChangeKind, Institution, InstitutionKind, InstitutionName
from harpevents.institutions.register_import import import_file
from tests.factories import STAFF, an_account, sign_in
from tests.memberships.arranging import a_university, universities

HEADER = "ror_id,name_en,name_ja,name_ru,country,city,domain,established,acronym\n"
HOKUDAI = (
    "https://ror.org/02e16g702,Hokkaido University,北海道大学,Университет Хоккайдо,"
    "JP,Sapporo,hokudai.ac.jp,1876,HU\n"
)
MSU = "https://ror.org/010pmpe69,Moscow State University,,Моско́вский университе́т,RU,Moscow,,1755,\n"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def take(text):
    with transaction():
        return import_file(text.encode(), "register.csv", actor=STAFF)


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def command(app, *words):
    return CliRunner().invoke(root, [str(word) for word in words], obj=app)


def test_names_are_those_of_the_day(app):
    with transaction():
        one = a_university("Old", ja="旧")
        services.rename(one, {"en": "New"}, on=date(2020, 4, 1), actor=STAFF)
    assert queries.names_of([one.id], date(2020, 3, 31))[one.id] == {"en": "Old", "ja": "旧"}
    assert queries.names_of([one.id], date(2020, 4, 1))[one.id] == {"en": "New", "ja": "旧"}
    assert queries.name_of(one, "ru") == "New"


def test_names_of_many_institutions_take_one_query(app, count_queries):
    with transaction():
        ids = [one.id for one in universities("JP", 60)]
    with count_queries() as sent:
        assert len(queries.names_of(ids)) == 60
    assert len(sent) == 1


def test_a_rename_must_change_something_and_lie_after_the_last(app):
    with transaction():
        one = a_university("Old")
        services.rename(one, {"en": "New"}, on=date(2020, 4, 1), actor=STAFF)
    with pytest.raises(services.NothingRenamed), transaction():
        services.rename(one, {"en": "New"}, on=date(2021, 4, 1), actor=STAFF)
    with pytest.raises(services.RenameBeforeEarlierName), transaction():
        services.rename(one, {"en": "Newer"}, on=date(2020, 4, 1), actor=STAFF)


def test_a_merger_ends_its_parties_and_knows_the_successor(app):
    day = date(2024, 10, 1)
    with transaction():
        one, two, heir = a_university("One"), a_university("Two"), a_university("Heir")
        services.record_change(ChangeKind.MERGER, [one, two], [heir], on=day, actor=STAFF)
    assert (one.dissolved_on, two.dissolved_on, heir.founded_on) == (day, day, day)
    assert queries.successors(day) == {one.id: (heir.id, day), two.id: (heir.id, day)}
    assert queries.successors(date(2024, 9, 30)) == {}
    with pytest.raises(services.LineageInACircle), transaction():
        services.record_change(ChangeKind.ABSORPTION, [heir], [one], on=day, actor=STAFF)


@pytest.mark.parametrize("kind", [ChangeKind.MERGER, ChangeKind.SPLIT, ChangeKind.RENAME])
def test_a_change_needs_parties_that_fit(app, kind):
    with transaction():
        one, two = a_university("One"), a_university("Two")
    with pytest.raises(services.PartiesDoNotFit), transaction():
        services.record_change(kind, [one], [two], on=date(2020, 1, 1), actor=STAFF)


def test_importing_again_changes_nothing(app):
    first, again = take(HEADER + HOKUDAI + MSU), take(HEADER + HOKUDAI + MSU)
    assert (first.created, first.changed) == (2, 2)
    assert (again.unchanged, again.changed) == (2, 0)
    assert queries.get_by_slug("hokkaido-university").founded_on == date(1876, 1, 1)
    msu = queries.get_by_slug("moscow-state-university")
    assert queries.name_of(msu, "ru") == "Московский университет"


def test_an_import_corrects_but_takes_nothing_away(app):
    take(HEADER + HOKUDAI)
    changed = take(HEADER + HOKUDAI.replace("Sapporo", "Hakodate").replace("北海道大学", ""))
    assert (changed.updated, changed.unchanged) == (1, 0)
    one = queries.get_by_slug("hokkaido-university")
    assert (one.city, queries.name_of(one, "ja")) == ("Hakodate", "北海道大学")


def test_an_import_does_not_bring_an_old_name_back(app):
    take(HEADER + HOKUDAI)
    with transaction():
        one = queries.get_by_slug("hokkaido-university")
        services.rename(one, {"en": "Sapporo University"}, on=date(2020, 1, 1), actor=STAFF)
    assert take(HEADER + HOKUDAI).changed == 0


@pytest.mark.parametrize(
    ("row", "line", "column"),
    [
        (HOKUDAI.replace("JP", "Japan"), 3, "country"),
        (HOKUDAI.replace("1876", "long ago"), 3, "established"),
        (HOKUDAI.replace("02e16g702", "1"), 3, "ror_id"),
        (HOKUDAI.replace("Hokkaido University", "x" * 400), 3, "name_en"),
        (MSU, 3, "ror_id"),
    ],
)
def test_a_refused_cell_is_named_and_nothing_is_kept(app, tmp_path, row, line, column):
    file = tmp_path / "register.csv"
    file.write_text(HEADER + MSU + row, encoding="utf-8")
    answer = command(app, "institutions", "import", file, "--json")
    assert answer.exit_code == 1
    refusal = json.loads(answer.stderr)
    assert (refusal["row"], refusal["column"]) == (line, column)
    assert count(Institution) == 0


def test_a_dry_run_tells_and_keeps_nothing(app, tmp_path):
    file = tmp_path / "register.csv"
    file.write_text(HEADER + HOKUDAI, encoding="cp932", errors="ignore")
    answer = command(app, "institutions", "import", file, "--dry-run", "--json")
    assert json.loads(answer.stdout)["created"] == 1
    assert json.loads(answer.stdout)["encoding"] == "cp932"
    assert count(Institution) == 0


def test_aliases_and_renames_are_told_apart_by_their_header(app):
    take(HEADER + HOKUDAI + MSU)
    aliases = "ror_id,name_en,alias,lang,kind\nhttps://ror.org/02e16g702,,Hokudai,,alias\n"
    assert (take(aliases).names_added, take(aliases).changed) == (1, 0)
    renames = (
        "old_name,old_name_local,old_ror_id,new_name,new_name_local,new_ror_id,kind,date\n"
        "Imperial University,,,Moscow State University,,https://ror.org/010pmpe69,renaming,1917\n"
        "Sapporo College (SC),札幌農学校,,Hokkaido University,,https://ror.org/02e16g702,"
        "merger,1918-04-01\n"
        "Nowhere,,,Elsewhere,,,renaming,\n"
    )
    report = take(renames)
    assert (report.created, report.changes_recorded, len(report.skipped)) == (1, 2, 1)
    assert take(renames).changed == 0
    msu = queries.get_by_slug("moscow-state-university")
    assert queries.name_of(msu, "en", date(1916, 1, 1)) == "Imperial University"
    assert queries.get_by_slug("sapporo-college").dissolved_on == date(1918, 4, 1)


def test_an_alias_of_nobody_is_refused(app, tmp_path):
    file = tmp_path / "aliases.csv"
    file.write_text("name_en,alias\nNobody,Nemo\n", encoding="utf-8")
    answer = command(app, "institutions", "import", file, "--json")
    assert json.loads(answer.stderr)["row"] == 2


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("Моско́вский университе́т", "Московский университет"),
        ("ОБНИНСКИЙ ИНСТИТУТ АТОМНОЙ ЭНЕРГЕТИКИ", "Обнинский институт атомной энергетики"),
        ("МГУ", "МГУ"),
        ("Йошкар-Олинский", "Йошкар-Олинский"),
        ("Café", "Café"),
    ],
)
def test_names_are_cleaned_of_what_no_speller_writes(written, clean):
    assert cleaning.clean_name(written) == clean


def test_a_legal_form_in_front_is_taken_off():
    name = "Федеральное государственное бюджетное образовательное учреждение высшего образования"
    assert cleaning.without_statute(f"{name} «Университет»") == "Университет"
    assert cleaning.clean_domain("xn--80a.xn--b1aew.xn--p1ai") == "а.мвд.рф"


@given(st.text(max_size=80))
def test_cleaning_a_clean_name_changes_nothing(text):
    once = cleaning.clean_name(text)
    assert cleaning.clean_name(once) == once


def test_what_was_taught_goes_before_what_is_guessed(app):
    with transaction():
        one = a_university("Hokkaido University")
    assert services.resolve("the big one up north") is None
    with transaction():
        services.ask("The Big One up North")
        services.ask("the big one up north")
    assert queries.count_undecided() == 1
    with transaction():
        services.teach("the big one up north", one, actor=STAFF)
    assert services.resolve("The big one up NORTH").id == one.id
    assert queries.count_undecided() == 0


def test_a_new_name_is_found_at_once(app):
    with transaction():
        a_university("Hokkaido University")
    assert services.resolve("Hokkaido University").slug == "hokkaido-university"
    with transaction():
        a_university("Niigata University")
    assert services.resolve("Niigata University").slug == "niigata-university"


def test_ensure_makes_an_institution_once(app):
    with transaction():
        one = services.ensure("Acme", InstitutionKind.COMPANY, "JP", actor=STAFF)
        two = services.ensure("Acme", InstitutionKind.COMPANY, "JP", actor=STAFF)
        assert one.id == two.id


def test_two_of_one_name_get_slugs_of_their_own(app):
    values = services.InstitutionValues(
        InstitutionKind.UNIVERSITY, "RU", {"en": "State University"}, city="Omsk"
    )
    with transaction():
        a_university("State University", "JP")
        assert services.create(values, actor=STAFF).slug == "state-university-omsk"
        assert services.create(values, actor=STAFF).slug == "state-university-2"


def test_suggestions_come_in_three_scripts(app, client):
    with transaction():
        a_university("Hokkaido University", ja="北海道大学", ru="Университет Хоккайдо")
        universities("JP", 300)
    client.get("/en/institutions/suggest?q=x")
    for typed in ("Hokk", "北海道", "Хокк"):
        answer = client.get("/ja/institutions/suggest", query_string={"q": typed})
        assert answer.get_json()[0]["slug"] == "hokkaido-university"
    assert client.get("/en/institutions/suggest").get_json() == []


def test_the_match_command_answers_one_object_a_line(app, tmp_path):
    with transaction():
        a_university("Hokkaido University")
    one = json.loads(command(app, "institutions", "match", "Hokkaido University", "--json").stdout)
    assert (one["decision"], one["candidates"][0]["slug"]) == ("match", "hokkaido-university")
    file = tmp_path / "texts.csv"
    file.write_text("country,affiliation\nJP,Hokkaido University\nJP,Nobody knows\n")
    lines = command(app, "institutions", "match", "--file", file, "--json").stdout.splitlines()
    assert [json.loads(line)["decision"] for line in lines] == ["match", "none"]
    file.write_text("Hokkaido University\nNobody knows, really\n")
    lines = command(app, "institutions", "match", "--file", file, "--json").stdout.splitlines()
    assert [json.loads(line)["text"] for line in lines][1] == "Nobody knows, really"
    assert command(app, "institutions", "match").exit_code == 2


def test_the_desk_lists_edits_renames_merges_and_decides(app, client, count_queries):
    with transaction():
        one = a_university("Hokkaido University", ja="北海道大学")
        a_university("Heir")
        services.ask("Hokudai-ish place")
        universities("RU", 60)
    desk = sign_in(client, an_account())
    with count_queries() as sent:
        page = desk.get("/desk/institutions/?q=北海道").text
    assert "hokkaido-university" in page
    assert len(sent) <= 20
    assert "/desk/institutions/ru-0000" in desk.get("/desk/institutions/?country=RU").text
    path = "/desk/institutions/hokkaido-university"
    desk.submit(f"{path}/edit", {"city": "Sapporo", "name_ru": "Университет Хоккайдо"})
    assert queries.name_of(one, "ru") == "Университет Хоккайдо"
    desk.submit(path, {"name_en": "Sapporo University", "on": "2020-04-01"}, action="/rename")
    desk.submit(path, {"value": "Hokudai", "lang": "en", "form": "alias"}, action="/names")
    heir = {"kind": "absorption", "on": "2021-04-01", "result": "Heir", "result_slug": "heir"}
    assert desk.submit(path, heir, action="/change").status_code == 303
    page = desk.get(path).text
    assert "Sapporo University" in page
    assert "1 April 2021" in page
    assert "Hokudai-ish place" in desk.get("/desk/institutions/undecided/").text
    desk.submit("/desk/institutions/undecided/", {"institution_slug": "heir"}, action="/undecided/")
    assert services.resolve("hokudai-ish place").slug == "heir"


if DATA.exists():

    def test_the_real_register_comes_in_whole_and_once(app):
        files = ["universities.csv", "university_aliases.csv", "university_renames.csv"]
        for expected in (True, False):
            for file in files:
                with transaction():
                    data = (DATA / file).read_bytes()
                    assert bool(import_file(data, file, actor=STAFF).changed) is expected
        assert count(Institution) == 557 + 6
        stressed = InstitutionName.value.contains("\u0301")
        assert db.session.scalars(select(InstitutionName).where(stressed)).first() is None
