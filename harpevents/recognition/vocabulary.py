"""Words in names of institutions: the same idea in English, Russian and romanised spellings.

Used only to recognise what somebody typed. A word before the colon is the idea; after it stand
the ways to write it; an asterisk stands for any ending. Two ideas (far eastern) are two words.
"""

_KINDS = """
university: u univ university universities universitet* университет* унив ун daigaku uni
state university: госуниверситет* gosuniversitet*
medicine university: медуниверситет*
pedagogy university: педуниверситет*
institute: inst instit institute institut* институт* ин
academy: acad academy akademi* академи*
college: coll college колледж*
school: sch school школ*
conservatory: conservatory консерватори*
"""

_PARTS = """
faculty: fac faculty факультет* фак gakubu
department: dept dep department departm кафедр* отделени* отдел*
graduate: graduate grad postgraduate daigakuin аспирантур*
hospital: hospital clinic клиник* больниц* byoin
centre: center centre ctr центр*
division: division div
laboratory: lab labs laboratory laboratoire лаборатори*
section: section sect
unit: unit
branch: branch филиал*
campus: campus
library: library библиотек*
museum: museum музе*
office: office управление ректорат
programme: program programme
group: group
course: course major
student: student студент* undergraduate phd докторант* аспирант* магистрант*
professor: professor prof lecturer researcher доцент* профессор* преподавател* associate assistant
rector: rector president vice dean ректор* проректор* декан* emeritus honorary
"""

_QUALITIES = """
state: state гос государственн* gosudarstvenn*
national: national natl nat национальн* natsionaln*
federal: federal федеральн* federaln*
research: research исследовательск* issledovatelsk*
scientific: scientific научн*
technical: technical техническ* technick* tekhnichesk*
technology: tech technology technol technological технолог* tekhnolog* technologist
polytechnic: polytechnic polytechnical политехническ* politekhnichesk*
medicine: medical medicine med медицинск* meditsinsk* meditcinsk*
pedagogy: pedagogical pedagogic педагогическ* pedagogichesk*
economy: economic economy econ экономик* экономическ* ekonomichesk* ekonomik*
law: law legal юридическ* права
management: management управления менеджмент*
agrarian: agrarian аграрн* agrarn*
agriculture: agricultural agriculture сельскохозяйственн* agric
architecture: architecture architectural архитектур*
construction: construction building строительн* строительств*
humanities: humanitarian humanity human гуманитарн* gumanitarn*
art: art arts искусств*
culture: culture cultural культур*
linguistic: linguistic лингвистическ*
physics: physics physical физик* физико физическ*
nuclear: nuclear ядерн*
energy: power energy энергетическ*
engineering: engineering eng инженерн*
aviation: aviation авиационн*
maritime: maritime marine морск*
petroleum: petroleum нефт*
mining: mining горн*
electrotechnical: electrotechnical электротехническ*
telecommunication: telecommunication телекоммуникац*
informatics: informatics information информатик* информационн*
mathematics: mathematics mathematical math математик*
international: international intl международн* mezhdunarodn*
relation: relation relations отношени*
science: science sciences sci наук*
service: service сервис*
sport: sport sports спорт*
language: language язык*
psychology: psychological psychology психолог*
social: social социальн*
high: higher high высш*
education: education educational образован* obrazovan* образовательн* prosveshchen* просвещен*
women: women woman womens womans женск* joshi
city: city городск* municipal shiritsu
prefecture: prefectural prefecture kenritsu
pharmacy: pharmaceutical pharmacy фармацевтическ*
radio: radio радиотехническ* радиоэлектроник*
chemistry: chemical chemistry химическ* химико
military: military военн*
veterinary: veterinary ветеринарн*
forestry: forest forestry лесн* лесотехническ*
music: music musical музык* музыкальн*
theatre: theatre theater театральн*
design: design дизайн*
finance: finance financial финанс* финансов*
trade: trade commerce торгов*
tourism: tourism туризм*
food: food пищев*
applied: applied прикладн*
open: open открыт*
new: new новый нового новая
orthodox: orthodox православн*
christian: christian христианск*
transport: transport transportation транспорт*
ministry: ministry министерств* минздрав* минобр* мвд
friendship: friendship дружб*
people: people peoples народ*
budget: budget budgetary бюджетн*
autonomous: autonomous автономн*
private: private частн*
professional: professional профессиональн*
institution: institution establishment учрежден* organisation organization организаци*
noncommercial: noncommercial некоммерческ*
corporation: corporation
"""

_PLACES = """
moscow: moscow moskva москв* московск* moskovsk*
petersburg: petersburg peterburg* петербург* спб spb
saint: saint st sankt санкт sct
nizhny novgorod: нижегородск*
nizhny: nizhny nizhnii nizhni nizhnij нижн*
novgorod: novgorod* новгород*
far eastern: дальневосточн* dalnevostochn*
eastern: east eastern восточн* восток*
northern: north northern северн* северо
southern: south southern южн* южно юго
western: west western западн* западно
northern eastern: northeast northeastern
northern western: northwest northwestern
pacific: pacific тихоокеанск* tikhookeansk*
siberia: siberia siberian сибир* sibir*
ural: ural urals урал* уральск* uralsk*
volga: volga povolzhsk* поволжск* волжск* приволжск*
arctic: arctic арктическ*
baltic: baltic балтийск*
russia: russia russian россии россия российск* rossijsk* rossiysk* русск*
tokyo: tokyo tōkyō токио токийск* tokio
kyoto: kyoto киото киотск*
osaka: osaka осака осакск*
kazakhstan: kazakhstan казахстан*
peter: peter петра
great: great великого
yakutia: yakutia якути*
"""

KIND_IDEAS = frozenset({"university", "institute", "academy", "college", "school", "conservatory"})


def _ideas(table: str) -> dict[str, tuple[str, ...]]:
    """{way to write it: ideas} of one of the tables above."""
    ways: dict[str, tuple[str, ...]] = {}
    for line in table.strip().splitlines():
        ideas, _colon, written = line.partition(":")
        for way in written.split():
            ways[way] = tuple(ideas.split())
    return ways


WAYS = _ideas(_KINDS) | _ideas(_PARTS) | _ideas(_QUALITIES) | _ideas(_PLACES)
PART_IDEAS = frozenset(idea for ideas in _ideas(_PARTS).values() for idea in ideas)
QUALITY_IDEAS = frozenset(idea for ideas in _ideas(_QUALITIES).values() for idea in ideas)
GENERIC_IDEAS = KIND_IDEAS | PART_IDEAS | QUALITY_IDEAS


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
LEGAL_IDEAS = _set("""
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
