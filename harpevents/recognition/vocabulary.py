"""Words in names of institutions: what `concepts.toml` says, and small lists beside it."""

import tomllib
from pathlib import Path

KIND_CONCEPTS = frozenset(
    {"university", "institute", "academy", "college", "school", "conservatory"}
)


def _read() -> dict[str, dict[str, tuple[str, ...]]]:
    """{table of concepts.toml: {way to write it: concepts}}."""
    tables = tomllib.loads(Path(__file__).with_name("concepts.toml").read_text(encoding="utf-8"))
    return {
        name: {
            way: tuple(concepts.split()) for concepts, ways in rows.items() for way in ways.split()
        }
        for name, rows in tables.items()
    }


def _all_of(table: dict[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(concept for concepts in table.values() for concept in concepts)


_TABLES = _read()
WAYS = {way: concepts for table in _TABLES.values() for way, concepts in table.items()}
PART_CONCEPTS = _all_of(_TABLES["parts"])
QUALITY_CONCEPTS = _all_of(_TABLES["qualities"])
GENERIC_CONCEPTS = KIND_CONCEPTS | PART_CONCEPTS | QUALITY_CONCEPTS


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Common words as they stand in names, by which misspelt ones are corrected.
COMMON_RUSSIAN = _set("""
университет государственный государственная федеральный технический медицинский педагогический
национальный исследовательский институт академия технологический политехнический
""")
SMALL_WORDS = _set("of the and at in for de la le du von und from et & к и в на при по от из г гор")
JOINING = _set("and & и et und")
OPENING_MORE = _set("of for")

# Forms of ownership before a name, as letters.
LEGAL_ACRONYMS = _set("""
fsbei fsaei fsei fsbe fgbou fgaou fgou fgbu фгбоу фгаоу фгкоу фгкву фгоу гбоу гоу чоу ано оано
ночу ноу аноо фгбу фгбун гаоу чуво чоуво фгбоуво фгаоуво ниу ни нияу ниту нниу nru niu nrnu
""")
LEGAL_AFTER = _set("he hpe ho vo vpo во впо дпо")
LEGAL_CONCEPTS = _set("""
federal state budget autonomous private education institution high professional noncommercial city
scientific
""")

NAMESAKE_MARKS = _set("named имени им imeni im")
NAMESAKE_TITLES = _set("""
after academician academic admiral professor prof marshal general first president russia the of
адм академика адмирала профессора проф акад маршала генерала первого президента россии святого
akademika admirala professora name
""")
# People after whom several universities are called, where no record says «имени».
NAMESAKES = _set("""
lomonosov bauman herzen pirogov sechenov plekhanov gubkin mendeleev mendeleyev demidov pavlov
lobachevsky lobachevskii korolev ammosov mechnikov tupolev platov ogarev derzhavin vernadsky
tolstoy pushkin chernyshevsky vavilov katanov glazunov makarov nevelskoy kirov kant lesgaft
yeltsin tsiolkovsky tsiolkovski petrovsky bunin dostoevsky reshetnev stolypin peter great
""")

COUNTRIES = {
    word: line[:2]
    for line in """
JP japan nippon япония японии 日本 日本国
RU russia rossia россия россии рф ロシア ロシア連邦 russland
US usa us america сша 米国 アメリカ
CN china prc китай китая 中国
KR korea корея кореи 韓国
GB uk england britain великобритания 英国 イギリス
UA ukraine украина украины ウクライナ
BY belarus беларусь беларуси ベラルーシ
KZ kazakhstan казахстан казахстана カザフスタン
DE germany германия германии ドイツ
FR france франция франции フランス
FI finland финляндия финляндии フィンランド
NO norway норвегия норвегии ノルウェー
TW taiwan тайвань 台湾
MN mongolia монголия монголии モンゴル
CA canada канада канады カナダ
AU australia австралия австралии オーストラリア
IN india индия индии インド
IT italy италия италии イタリア
TR turkey турция турции トルコ
VN vietnam вьетнам вьетнама ベトナム
UZ uzbekistan узбекистан узбекистана ウズベキスタン
""".strip().splitlines()
    for word in line.split()[1:]
}

# Parts of a Japanese name of a Russian university, for names that no record has.
KATAKANA_PLACES = {
    "サンクトペテルブルク": "petersburg",
    "サンクト": "saint",
    "ペテルブルク": "petersburg",
    "モスクワ": "moscow",
    "シベリア": "siberia",
    "ウラル": "ural",
    "アルタイ": "altai",
    "ウラジオストク": "vladivostok",
    "ウラジオストック": "vladivostok",
    "極東": "far eastern",
    "北東": "northern eastern",
    "北方": "northern",
    "南": "southern",
    "太平洋": "pacific",
    "国立": "state",
    "連邦": "federal",
    "総合": "",
    "工科": "technical",
    "医科": "medicine",
    "教育": "pedagogy",
    "言語": "linguistic",
    "経済": "economy",
    "農業": "agrarian",
    "大学": "university",
}

PREFECTURES = _set("""
hokkaido aomori iwate miyagi akita yamagata fukushima ibaraki tochigi gunma saitama chiba tokyo
kanagawa niigata toyama ishikawa fukui yamanashi nagano gifu shizuoka aichi mie shiga kyoto osaka
hyogo nara wakayama tottori shimane okayama hiroshima yamaguchi tokushima kagawa ehime kochi
fukuoka saga nagasaki kumamoto oita miyazaki kagoshima okinawa
""")
# Parts of a country: many institutions lie in each, so that alone they name none.
REGIONS = PREFECTURES | _set("""
tohoku kanto chubu hokuriku tokai koshinetsu kinki kansai chugoku sanin sanyo shikoku kyushu
siberia ural altai volga caucasus crimea baikal primorye sakhalin kamchatka yakutia buryatia
""")
