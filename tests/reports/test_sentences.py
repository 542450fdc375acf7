"""The sentences that are copied into documents, in three languages with their plurals."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Settings
from harpevents.app import create_app
from harpevents.events.models import Qualifier
from harpevents.reports import sentences
from harpevents.reports.figures import CountryFigures, EventFigures

SIDES = ("JP", "RU")


@pytest.fixture(scope="module", autouse=True)
def words(tmp_path_factory):
    """The catalogues; no database is asked."""
    with create_app(Settings.for_tests(tmp_path_factory.mktemp("words"))).app_context():
        yield


def counted(**countries: tuple[int, dict[str, int]]) -> EventFigures:
    """{country: (people, {kind: institutions})} as the figures of an event.

    The people are of universities where the country has some.
    """
    by_country = {
        code: CountryFigures(n, n, kinds, of_universities=n if "university" in kinds else 0)
        for code, (n, kinds) in countries.items()
    }
    people = sum(n for n, _kinds in countries.values())
    return EventFigures(people, people, by_country, [], {}, {}, None)


CONFERENCE = counted(JP=(56, {"university": 21}), RU=(72, {"university": 30}))
ROUND_TABLE = counted(
    JP=(40, {"university": 7, "company": 5, "think_tank": 2, "government": 2}),
    RU=(90, {"university": 36, "government": 3}),
)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", "参加者128名（日本側21大学56名、ロシア側30大学72名）"),
        (
            "en",
            "128 participants (Japan: 56 people from 21 universities; "
            "Russia: 72 people from 30 universities)",
        ),
        (
            "ru",
            "128 участников (Япония — 56 человек из 21 университета; "
            "Россия — 72 человека из 30 университетов)",
        ),
    ],
)
def test_the_conference_of_2020_is_said_as_it_was_published(language, said):
    assert sentences.of_event(CONFERENCE, SIDES, language) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "ja",
            "大学（露36校・日7校）、企業（日5社）、シンクタンク（日2団体）、"
            "政府機関（露3機関・日2機関）",
        ),
        (
            "en",
            "Universities (Russia 36, Japan 7), companies (Japan 5), think tanks (Japan 2), "
            "government bodies (Russia 3, Japan 2)",
        ),
        (
            "ru",
            "Университеты (Россия — 36, Япония — 7), компании (Япония — 5), "
            "аналитические центры (Япония — 2), органы власти (Россия — 3, Япония — 2)",
        ),
    ],
)
def test_other_kinds_make_a_second_sentence_as_published_about_the_round_table(language, said):
    assert sentences.of_event(ROUND_TABLE, SIDES, language).split("\n")[1] == said


@pytest.mark.parametrize(
    ("number", "participants", "people", "universities"),
    [
        (1, "1 участник", "1 человек", "1 университета"),
        (2, "2 участника", "2 человека", "2 университетов"),
        (5, "5 участников", "5 человек", "5 университетов"),
        (11, "11 участников", "11 человек", "11 университетов"),
        (21, "21 участник", "21 человек", "21 университета"),
        (112, "112 участников", "112 человек", "112 университетов"),
        (1122, "1\xa0122 участника", "1\xa0122 человека", "1\xa0122 университетов"),
    ],
)
def test_russian_plurals(number, participants, people, universities):
    figures = counted(JP=(number, {"university": number}))
    assert sentences.of_event(figures, SIDES, "ru") == (
        f"{participants} (Япония — {people} из {universities})"
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1 participant (Russia: 1 person from 1 university)"),
        (2, "2 participants (Russia: 2 people from 2 universities)"),
    ],
)
def test_english_plurals(number, said):
    assert sentences.of_event(counted(RU=(number, {"university": number})), SIDES, "en") == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", "参加者10名（日本側1大学3名、ほか7名）\n大学（日1校・ノルウェー1校）"),
        (
            "en",
            "10 participants (Japan: 3 people from 1 university; 7 others)\n"
            "Universities (Japan 1, Norway 1)",
        ),
        (
            "ru",
            "10 участников (Япония — 3 человека из 1 университета; ещё 7 человек)\n"
            "Университеты (Япония — 1, Норвегия — 1)",
        ),
    ],
)
def test_whoever_is_of_no_university_of_the_sides_is_one_number(language, said):
    figures = counted(JP=(3, {"university": 1}), RU=(5, {}), NO=(1, {"university": 1}), FI=(1, {}))
    assert sentences.of_event(figures, SIDES, language) == said


PUBLISHED = EventFigures(
    registered=0,
    present=1185,
    by_country={
        "JP": CountryFigures(20, institutions={"university": 11}, of_universities=20),
        "RU": CountryFigures(36, institutions={"university": 18}, of_universities=36),
        "": CountryFigures(institutions={"company": 10}),
    },
    by_institution=[],
    by_category={},
    by_mode={},
    reported=1185,
)


@pytest.mark.parametrize(
    ("qualifier", "language", "whole"),
    [
        (None, "ja", "参加者1,185名"),
        (Qualifier.ABOUT, "ja", "参加者約1,185名"),
        (Qualifier.AT_LEAST, "ja", "参加者1,185名以上"),
        (Qualifier.ABOUT, "en", "About 1,185 participants "),
        (Qualifier.AT_LEAST, "en", "1,185 or more participants "),
        (Qualifier.ABOUT, "ru", "Около 1\xa0185 участников "),
        (Qualifier.AT_LEAST, "ru", "Не менее 1\xa0185 участников "),
    ],
)
def test_a_published_figure_keeps_its_qualifier(qualifier, language, whole):
    said = sentences.of_event(replace(PUBLISHED, qualifier=qualifier), SIDES, language)
    assert re.split("[(（]", said)[0] == whole


@pytest.mark.parametrize(
    ("qualifier", "language", "others"),
    [
        (None, "ja", "ほか1,129名"),
        (Qualifier.ABOUT, "ja", "ほか約1,129名"),
        (Qualifier.AT_LEAST, "ja", "ほか1,129名以上"),
        (Qualifier.ABOUT, "en", "about 1,129 others"),
        (Qualifier.AT_LEAST, "en", "1,129 or more others"),
        (Qualifier.ABOUT, "ru", "ещё около 1\xa0129 человек"),
        (Qualifier.AT_LEAST, "ru", "ещё не менее 1\xa0129 человек"),
    ],
)
def test_who_remains_of_an_inexact_number_is_as_inexact(qualifier, language, others):
    said = sentences.of_event(replace(PUBLISHED, qualifier=qualifier), SIDES, language)
    assert re.split("[;、]", said.split("\n")[0])[-1].strip(" )）") == others


def test_institutions_of_no_named_country_are_counted_without_one():
    assert sentences.of_event(PUBLISHED, SIDES, "ja") == (
        "参加者1,185名（日本側11大学20名、ロシア側18大学36名、ほか1,129名）\n"
        "大学（露18校・日11校）、企業（10社）"
    )


@given(
    st.dictionaries(
        st.sampled_from(["JP", "RU", "NO"]),
        st.tuples(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 40)),
    )
)
def test_the_numbers_in_the_brackets_add_up_to_the_one_before_them(countries):
    by_country = {
        code: CountryFigures(
            scholars + others, institutions={"university": number}, of_universities=scholars
        )
        for code, (scholars, others, number) in countries.items()
    }
    present = sum(its.people for its in by_country.values())
    figures = EventFigures(present, present, by_country, [], {}, {}, None)
    people = sentences.of_event(figures, SIDES, "ja").split("\n")[0].replace(",", "")
    whole, *parts = map(int, re.findall(r"(\d+)名", people))
    assert whole == present
    assert not parts or sum(parts) == present


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "参加者0名"), ("en", "0 participants"), ("ru", "0 участников")]
)
def test_nobody(language, said):
    assert sentences.of_event(counted(), SIDES, language) == said


def test_other_countries_are_named_by_institution():
    figures = counted(NO=(2, {"university": 1, "ngo": 1}), US=(1, {"ngo": 2}))
    assert sentences.of_event(figures, SIDES, "ja").split("\n")[1] == (
        "大学（ノルウェー1校）、NGO（米2団体・ノルウェー1団体）"
    )
