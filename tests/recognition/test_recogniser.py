"""Typed affiliations: the right institution, a question, or nobody, but never the wrong one."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harpevents.recognition.recogniser import MatchVerdict, NameRecord, Recogniser

DATA = Path(__file__).parents[3] / "shared" / "data"

# slug | country | city | English | Japanese | Russian | other names, parted by semicolons
KNOWN = """
hokkaido|JP|Sapporo|Hokkaido University|北海道大学|Университет Хоккайдо|Hokkaidō Daigaku; Хоккайдо
hokkaido-education|JP|Sapporo|Hokkaido University of Education|北海道教育大学||
sapporo|JP|Sapporo|Sapporo University|札幌大学||
niigata|JP|Niigata|Niigata University|新潟大学||Niigata Daigaku
niigata-prefecture|JP|Niigata|University of Niigata Prefecture|新潟県立大学||
international-japan|JP|Niigata|International University of Japan|国際大学||
tokyo|JP|Tokyo|The University of Tokyo|東京大学||
tokyo-science|JP|Tokyo|Tokyo University of Science|東京理科大学||Science University of Tokyo
tokyo-foreign|JP|Tokyo|Tokyo University of Foreign Studies|東京外国語大学||TUFS
science-tokyo|JP|Tokyo|Institute of Science Tokyo|東京科学大学||
tokyo-tech|JP|Tokyo|Tokyo Institute of Technology|東京工業大学||Tokyo Tech
kyoto|JP|Kyoto|Kyoto University|京都大学||
kyoto-foreign|JP|Kyoto|Kyoto University of Foreign Studies|京都外国語大学||
osaka|JP|Osaka|The University of Osaka|大阪大学||Osaka University
toyama|JP|Toyama|University of Toyama|富山大学||
nagano|JP|Nagano|The University of Nagano|長野県立大学||
shimane|JP|Hamada|University of Shimane|島根県立大学||
tohoku|JP|Sendai|Tohoku University|東北大学||Тохоку
keio|JP|Tokyo|Keio University|慶應義塾大学||
sophia|JP|Tokyo|Sophia University|上智大学|Университет София|Jōchi Daigaku
kindai|JP|Higashiosaka|Kindai University|近畿大学||Kinki University
future|JP|Hakodate|Future University Hakodate|公立はこだて未来大学||
hitotsubashi|JP|Tokyo|Hitotsubashi University|||
kanazawa-tech|JP|Nonoichi|Kanazawa Institute of Technology|金沢工業大学||KIT
kyoto-tech|JP|Kyoto|Kyoto Institute of Technology|京都工芸繊維大学||KIT
msu|RU|Moscow|Lomonosov Moscow State University|モスクワ国立大学|\
Московский государственный университет имени М.В. Ломоносова|Moscow State University; MSU
nevelskoy|RU|Vladivostok|Admiral Nevelskoy Maritime State University||\
Морской государственный университет|MSU
moscow-technology|RU|Moscow|Moscow State University of Technologies and Management named after \
K.G. Razumovskiy||Московский Государственный Университет Технологий и Управления|
spbu|RU|St Petersburg|St Petersburg University|サンクトペテルブルク国立大学||
spbpu|RU|St Petersburg|Peter the Great St. Petersburg Polytechnic University|||
bauman|RU|Moscow|Bauman Moscow State Technical University|||
hse|RU|Moscow|National Research University Higher School of Economics||Высшая школа экономики|HSE
fefu|RU|Vladivostok|Far Eastern Federal University|極東連邦大学|\
Дальневосточный федеральный университет|
femed|RU|Khabarovsk|Far Eastern State Medical University|||
pnu|RU|Khabarovsk|Pacific National University|太平洋国立大学|\
Тихоокеанский государственный университет|PNU
nefu|RU|Yakutsk|North-Eastern Federal University|北東連邦大学||
narfu|RU|Arkhangelsk|Northern (Arctic) Federal University|北方(北極圏)連邦大学||
tomsk|RU|Tomsk|National Research Tomsk State University|||
tomsk-poly|RU|Tomsk|Tomsk Polytechnic University||Томский политехнический университет|
irkutsk|RU|Irkutsk|Irkutsk State University|イルクーツク国立大学|\
Иркутский государственный университет|ISU
irkutsk-tech|RU|Irkutsk|Irkutsk National Research Technical University||\
Иркутский национальный исследовательский технический университет|
kazan|RU|Kazan’|Kazan Federal University|カザン連邦大学|Казанский университет|
samara|RU|Samara|Samara National Research University||\
Самарский национальный исследовательский университет имени академика С. П. Королёва|
yaroslavl|RU|Yaroslavl|Yaroslavl State University||\
Ярославский государственный университет им. П. Г. Демидова|
geodesy|RU|Moscow|Moscow State University of Geodesy and Cartography||\
Моско́вский госуда́рственный университе́т геоде́зии и картогра́фии|
altai|RU|Barnaul|Altai State University||АЛТАЙСКИЙ ГОСУДАРСТВЕННЫЙ УНИВЕРСИТЕТ|ASU
"""


def fixture_records() -> list[NameRecord]:
    records = []
    for number, line in enumerate(KNOWN.strip().splitlines(), 1):
        slug, country, city, english, japanese, russian, others = line.split("|")
        about = (number, slug, f"https://ror.org/{slug}", country, city)
        for lang, name in (("en", english), ("ja", japanese), ("ru", russian)):
            if name:
                records.append(NameRecord(*about, name, lang, "official", True))
        for other in filter(None, map(str.strip, others.split(";"))):
            records.append(NameRecord(*about, other, "", "alias", True))
    return records


@pytest.fixture(scope="module")
def index() -> Recogniser:
    return Recogniser.build(fixture_records())


def texts(name: str) -> list[tuple[str, str]]:
    """(typed, institution) of a file: what means one of KNOWN, or "" for none of them.

    The latter are real institutions that are not known here, and texts that name none or several.
    """
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as lines:
        return [(row["typed"], row["institution"]) for row in csv.DictReader(lines)]


def golden(*, known: bool) -> list[tuple[str, str]]:
    """Those of golden.csv that mean one of KNOWN, or those that mean none."""
    return [row for row in texts("golden.csv") if bool(row[1]) is known]


@dataclass(frozen=True)
class Measured:
    """How many texts were decided, how many of these wrongly, and how many should have been."""

    decided: int
    wrong: int
    decidable: int

    @classmethod
    def of(cls, index: Recogniser, pairs: Iterable[tuple[str, Collection[str]]]) -> Measured:
        """Of (text, slugs or ROR ids that are right; none where it must not be decided)."""
        decided = wrong = decidable = 0
        for text, right in pairs:
            found = index.match(text)
            decidable += bool(right)
            if found.decision is MatchVerdict.MATCH:
                decided += 1
                wrong += not {found.candidates[0].slug, found.candidates[0].ror_id} & set(right)
        return cls(decided, wrong, decidable)

    @property
    def precision(self) -> float:
        return (self.decided - self.wrong) / self.decided

    @property
    def recall(self) -> float:
        return (self.decided - self.wrong) / self.decidable


def test_precision_and_recall_on_the_golden_file(index):
    rows = [*golden(known=True), *golden(known=False)]
    measured = Measured.of(index, [(text, [slug] if slug else []) for text, slug in rows])
    assert measured == Measured(decided=103, wrong=0, decidable=103)
    assert (measured.precision, measured.recall) == (1.0, 1.0)


def test_precision_and_recall_on_texts_written_after_the_rules(index):
    rows = [(text, [slug] if slug else []) for text, slug in texts("fresh.csv")]
    assert Measured.of(index, rows) == Measured(decided=96, wrong=0, decidable=97)


PLACES = [
    "Hokkaido",
    "Tohoku",
    "Kyushu",
    "Kanto",
    "Tokai",
    "Chiba",
    "Kyoto",
    "Sendai",
    "Sapporo",
    "Moscow",
    "Tomsk",
    "Siberia",
]


@given(
    st.sampled_from(
        [
            "Rakuno Gakuen University",
            "Muroran Institute of Technology",
            "Kyushu Institute of Technology",
            "Some College of Nursing",
            "Hakodate City",
        ]
    ),
    st.lists(st.sampled_from(PLACES), min_size=1, max_size=3, unique=True),
)
def test_a_place_in_an_address_is_no_university(index, name, places):
    assert index.match(", ".join([name, *places])).decision is not MatchVerdict.MATCH
    for place in places:
        assert index.match(place).decision is not MatchVerdict.MATCH


@given(
    st.sampled_from(["Hokkaido University", "Kyoto University", "Tomsk Polytechnic University"]),
    st.lists(st.sampled_from(PLACES), max_size=3, unique=True),
)
def test_the_places_of_an_address_make_no_other_institution_of_a_name(index, name, places):
    alone, addressed = index.match(name), index.match(", ".join([name, *places]))
    assert alone.decision is MatchVerdict.MATCH
    assert addressed.decision is MatchVerdict.MATCH
    assert addressed.candidates[0] == alone.candidates[0]


@pytest.mark.parametrize(
    ("text", "country", "decision"),
    [
        ("東北大学", "", MatchVerdict.MATCH),
        ("東北大学", "JP", MatchVerdict.MATCH),
        ("東北大学", "CN", MatchVerdict.ASK),
        ("東北大學（中国・瀋陽）", "", MatchVerdict.ASK),
        ("東北大学（日本・仙台）", "CN", MatchVerdict.MATCH),
        ("Tohoku University, Sendai, Japan", "CN", MatchVerdict.MATCH),
        ("Pacific National University", "US", MatchVerdict.ASK),
        ("Sophia University", "BG", MatchVerdict.ASK),
        ("Sofia University", "JP", MatchVerdict.ASK),
        ("Университет София", "JP", MatchVerdict.MATCH),
        ("Софийский университет", "JP", MatchVerdict.ASK),
    ],
)
def test_the_country_of_the_person_and_of_the_institution_do_not_contradict(
    index, text, country, decision
):
    assert index.match(text, country=country).decision is decision


@pytest.mark.parametrize("text", ["Niigara University", "Kanagawa Institute of Technology"])
def test_a_corrected_spelling_of_a_proper_word_is_asked_about(index, text):
    found = index.match(text)
    assert (found.decision, bool(found.candidates)) == (MatchVerdict.ASK, True)


@pytest.mark.parametrize(("text", "slug"), golden(known=True))
def test_what_people_type_is_recognised(index, text, slug):
    found = index.match(text)
    assert (found.decision, found.candidates[0].slug) == (MatchVerdict.MATCH, slug)
    assert found.text == text


@pytest.mark.parametrize(("text", "_nobody"), golden(known=False))
def test_a_like_name_is_never_taken_for_a_known_one(index, text, _nobody):
    assert index.match(text).decision is not MatchVerdict.MATCH


def test_every_official_name_means_its_own_institution(index):
    for record in fixture_records():
        if record.form == "official":
            found = index.match(record.name)
            assert found.decision is MatchVerdict.MATCH, record.name
            assert found.candidates[0].institution_id == record.institution_id


def test_no_name_means_another_institution_when_its_own_is_unknown():
    records = fixture_records()
    for slug in dict.fromkeys(record.slug for record in records):
        others = Recogniser.build(record for record in records if record.slug != slug)
        for record in records:
            if record.slug == slug:
                assert others.match(record.name).decision is not MatchVerdict.MATCH, record.name


def test_two_institutions_in_one_text_are_both_offered(index):
    found = index.match("新潟大学 / 北海道大学")
    assert found.decision is MatchVerdict.ASK
    assert {candidate.slug for candidate in found.candidates[:2]} == {"niigata", "hokkaido"}


def test_a_shared_acronym_offers_all_that_share_it(index):
    found = index.match("KIT")
    assert found.decision is MatchVerdict.ASK
    assert {candidate.slug for candidate in found.candidates} == {"kanazawa-tech", "kyoto-tech"}


def test_a_misspelt_name_is_at_least_offered(index):
    for text in ("Niigta University", "Tokohu University", "新泻大学", "Irkustk State Univ."):
        assert index.match(text).candidates, text


def test_odd_input_is_no_institution_and_no_error(index):
    for text in (
        "",
        " ",
        "()",
        "...",
        "a" * 5000,
        "\x00",
        "&amp;&#0;",
        "（",
        "🎓",
        "им.",
        "ФГБОУ ВО",
    ):
        assert index.match(text).decision is MatchVerdict.NONE


def test_an_index_of_nothing_knows_nobody():
    empty = Recogniser.build([])
    assert empty.match("Hokkaido University").decision is MatchVerdict.NONE
    assert empty.suggest("hok", "en", 5) == []


def test_at_most_as_many_candidates_as_asked_for(index):
    assert len(index.match("Tokyo University of Something", limit=2).candidates) <= 2


@pytest.mark.parametrize(
    ("typed", "lang", "name"),
    [
        ("hok", "en", "Hokkaido University"),
        ("北海", "ja", "北海道大学"),
        ("хокк", "ru", "Университет Хоккайдо"),
        ("ほっかい", "ja", "北海道大学"),
        ("univ tok", "en", "The University of Tokyo"),
        ("niig", "ja", "新潟大学"),
        ("北大", "ja", "北海道大学"),
        ("мгу", "ru", "Московский государственный университет имени М.В. Ломоносова"),
        ("тохоку", "ru", "Tohoku University"),
        ("far east fed", "ru", "Дальневосточный федеральный университет"),
        ("モス", "ja", "モスクワ国立大学"),
        ("イルク", "ja", "イルクーツク国立大学"),
        ("イルクー", "en", "Irkutsk State University"),
        ("サンクト", "ja", "サンクトペテルブルク国立大学"),
        ("国立大学", "ja", "太平洋国立大学"),
        ("連邦", "ja", "北東連邦大学"),
        ("ほくだい", "ja", "北海道大学"),
    ],
)
def test_beginnings_suggest_institutions_in_the_language_of_the_reader(index, typed, lang, name):
    assert name in [suggestion.name for suggestion in index.suggest(typed, lang, 5)]


@pytest.mark.parametrize("typed", ["zzzz", "ssss", "kkkk", "нннн", "zz zz", "ーーー"])
def test_letters_that_begin_no_name_suggest_nothing(index, typed):
    assert index.suggest(typed, "ja", 5) == []


def test_a_nickname_in_kana_is_that_nickname(index):
    assert index.match("ほくだい").candidates[0].slug == "hokkaido"


def test_suggestions_name_each_institution_once(index):
    found = index.suggest("u", "en", 50)
    assert len({suggestion.institution_id for suggestion in found}) == len(found)


if (DATA / "affiliation_strings.csv").exists():

    def read(name: str) -> list[dict[str, str]]:
        with (DATA / name).open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines))

    def real_records() -> list[NameRecord]:
        records = []
        numbers: dict[str, tuple[int, dict[str, str]]] = {}
        for number, row in enumerate(read("universities.csv"), 1):
            numbers[row["ror_id"] or row["name_en"]] = (number, row)
            about = (number, str(number), row["ror_id"], row["country"], row["city"])
            for lang in ("en", "ja", "ru"):
                if row[f"name_{lang}"]:
                    records.append(NameRecord(*about, row[f"name_{lang}"], lang, "official", True))
        for alias in read("university_aliases.csv"):
            number, row = numbers[alias["ror_id"] or alias["name_en"]]
            about = (number, str(number), row["ror_id"], row["country"], row["city"])
            records.append(NameRecord(*about, alias["alias"], alias["lang"], "alias", True))
        return records

    @pytest.fixture(scope="module")
    def real_index() -> Recogniser:
        return Recogniser.build(real_records())

    def test_precision_and_recall_on_real_affiliations(real_index):
        rows = read("affiliation_strings.csv")
        measured = Measured.of(
            real_index, [(row["affiliation"], row["expected_ror_ids"].split()) for row in rows]
        )
        # The one is "Shinshu University": the set takes it for Ōtani University's former name.
        assert measured == Measured(decided=358, wrong=1, decidable=363)

    def test_real_official_names_mean_their_own_institution(real_index):
        records = [record for record in real_records() if record.form == "official"]
        matched = 0
        for record in records:
            found = real_index.match(record.name)
            if found.decision is MatchVerdict.MATCH:
                matched += 1
                assert found.candidates[0].institution_id == record.institution_id, record.name
        assert matched >= 0.98 * len(records)
