"""The sentences that are copied into documents, in three languages with their plurals."""

from __future__ import annotations

import pytest

from config import Settings
from harpevents.app import create_app
from harpevents.reports import sentences
from harpevents.reports.figures import CountryFigures, EventFigures

SIDES = ("JP", "RU")


@pytest.fixture(scope="module", autouse=True)
def words(tmp_path_factory):
    """The catalogues; no database is asked."""
    with create_app(Settings.for_tests(tmp_path_factory.mktemp("words"))).app_context():
        yield


def counted(**countries: tuple[int, dict[str, int]]) -> EventFigures:
    """{country: (people, {kind: institutions})} as the figures of an event."""
    by_country = {code: CountryFigures(n, n, kinds) for code, (n, kinds) in countries.items()}
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
        (1122, "1122 участника", "1122 человека", "1122 университетов"),
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
        ("ja", "参加者10名（日本側1大学3名、ロシア側5名、その他2名）"),
        (
            "en",
            "10 participants (Japan: 3 people from 1 university; Russia: 5 people; "
            "other countries: 2 people)",
        ),
        (
            "ru",
            "10 участников (Япония — 3 человека из 1 университета; Россия — 5 человек; "
            "другие страны — 2 человека)",
        ),
    ],
)
def test_other_countries_and_sides_without_universities(language, said):
    figures = counted(JP=(3, {"university": 1}), RU=(5, {}), NO=(1, {"university": 1}), FI=(1, {}))
    assert sentences.of_event(figures, SIDES, language) == said


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "参加者0名"), ("en", "0 participants"), ("ru", "0 участников")]
)
def test_nobody(language, said):
    assert sentences.of_event(counted(), SIDES, language) == said


def test_other_countries_are_named_by_institution():
    figures = counted(NO=(2, {"university": 1, "ngo": 1}), US=(1, {"ngo": 2}))
    assert sentences.of_event(figures, SIDES, "ja").split("\n")[1] == (
        "大学（ノルウェー1校）、NGO（アメリカ合衆国2団体・ノルウェー1団体）"
    )
