"""How likely a text is what people write in a list: letters, words and their neighbours.

Bytes mean something in nearly every old encoding, so that they decode proves nothing. Here each
reading is weighed by what stands in names: usual characters, small letters after capitals, one
script in a word, letters of one language together. A weight is a logarithm of how rarely such a
thing stands in a list: the larger, the less likely.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

JAPANESE = frozenset(
    "一二三上下中井今介代伊会伯佐佑作係保倉健優元入全公共典内円出分別利前加助勝北医千半南原参友口古台史号司"
    "合吉同名周和品員啓商国園土圭地坂坪垣城埼塚境士変夏外多大太央奈女好妻姓子学宇安宏宗官実室宮家富寛寺専小少尾"
    "居属山岐岡岩岸島崎川州工左市席平年幸広庁府康庫建弘弥弓弘彦役後徳志応恵愛愼慶成所手技担持授政敏教敦敬文斉斎"
    "料新方施日早昇昌明星春昭晃智有服朝木本末朗札村東松林柏柴校株根格桂桃桐梨森植横樹橋機次正武歩歳残氏民氷永江"
    "池沢河沼法洋津浅浜浦海涼深清渉渡港湯潟澄澤濱瀬点照熊片牛牧物特狩献玉王球理環琉生田由町界番異留畑番病白百的"
    "皆盛直相県真督知石研礼社神福科秀私秋種秘稔穂究穴立章竜竹第笹筑答筒箱節米粟糸純細絵結綾総緒線緑縄織美義羽者聡"
    "育能自至航舟色良芝花若英茂茨草荒荻菅菊菜萩葉葛蒲藤藍術表西見規覧角言記設証語誠課論議谷豊貞貴賀資質赤足路身車"
    "農近通連進遊道達遠邦部郎都里重野金鈴鉄長門開関阪阿附院陽隆際雄雅雪電青静須順領頭題風食飯館香馬駒高鬼鳥鳴鶴"
    "麻黒齋髙﨑漢字仮読連絡先住電話備考参加者職位教授准助師博士修役程年度希望不可対面場回答懇親当状態登録済"
)
CHINESE = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜"
    "崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤明小大伟芳娜敏"
    "静丽强磊军洋勇艳杰娟涛超秀英华文玉建国平红志海燕春晓雪梅飞鹏辉波斌宇浩凯健俊帆婷雨欣怡佳思嘉子涵梓轩北京上海"
    "学院校系中东南西科技师范理工业农医药财经政法外语民族交通电子信息管理研究所室教授副讲博士硕生姓名邮箱地址件单位"
    "国家机构职务称性别男女年月日号联系话手备注参会者人员部门城市省区是否清复旦浙江同济武汉吉林哈尔滨连天津重庆四川"
    "山安徽福广河湖苏云贵甘肃青岛沈阳辽宁黑龙"
)
TRADITIONAL = frozenset(
    "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董袁潘于蔣蔡余杜葉程蘇魏呂丁任沈姚盧姜"
    "崔鍾譚陸汪范金石廖賈夏韋付方白鄒孟熊秦邱江尹薛閻段雷侯龍史陶黎賀顧毛郝龔邵萬錢嚴覃武戴莫孔向湯明小大偉芳娜敏"
    "靜麗強磊軍洋勇艷傑娟濤超秀英華文玉建國平紅志海燕春曉雪梅飛鵬輝波斌宇浩凱健俊帆婷雨欣怡佳思嘉子美玲臺灣台北京"
    "學院校系中東南西科技師範理工業農醫財經政法外語民族交通電子信息管理研究所室教授副講博士碩生姓名郵箱地址件單位香港"
    "家機構職務稱性別男女年月日號聯繫話手備註參會者人員部門城市省區是否清復旦立成功淑惠雅珍怡君宗翰冠廷"
)
KOREAN = frozenset(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지현준영수경은미선희아연정"
    "태재호상기원철동석명순혜대학교국립서울부산인천광제과소속기관이름성메일전화직위한국연구원가나다라마바사자타파"
)
RUSSIAN = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        (
            2.2, 2.5, 2.5, 2.6, 2.7, 2.8, 2.9, 3.0, 3.1, 3.1, 3.4, 3.4, 3.5, 3.6, 3.6, 3.9,
            4.0, 4.1, 4.1, 4.1, 4.1, 4.2, 4.4, 4.6, 4.7, 4.9, 5.1, 5.3, 5.6, 5.7, 5.7, 7.9, 6.0,
        ),
        strict=True,
    )
)  # fmt: skip
ALPHABETS = [  # letters beside a to z, by language; a word keeps to one of them
    frozenset(letters)
    for letters in (
        "äöüß", "àâæçéèêëîïôœùûü", "áéíñóúü", "áâãàçéêíóôõú", "àèéìíòóùú", "äåöé", "æøåéó",
        "áðéíóúýþæö", "äéöõüšž", "ąćęłńóśźż", "áčďéěíňóřšťúůý", "áäčďéíĺľňóôŕšťúýž",
        "áéíóöőúüű", "čćđšž", "ăâîșțşţ", "çğıöşüâîİ", "āčēģīķļņšūž", "ąčęėįšųūž", "áčđŋšŧž",
    )
]  # fmt: skip
SPACING = frozenset("\u00a0№–—«»“”„’‘…·、。「」（）()・〜～：；，．／　＿‗")

# The usual characters, and the last row of those that come before the rare ones.
PLANES = {
    "gbk": (CHINESE, "gb2312", 0xD7),
    "big5": (TRADITIONAL, "big5", 0xC6),
    "euc_jp": (JAPANESE, "euc_jp", 0xCF),
}
RARE = 9.0
WORD = re.compile(r"[^\s,;:/()<>\"'.|\-–—\u00a0\u3000«»“”„’‘…·、。「」（）・：；，．／]+")


def weight(cells: Iterable[str], codec: str) -> tuple[float, int, float]:
    """(how unlikely the cells are, how many characters tell, how many of those are odd)."""
    total, telling, odd = 0.0, 0, 0.0
    alphabets: set[int] = set()
    for cell in cells:
        total += sum(4.0 for sign in cell if sign in SPACING and not sign.isascii())
        for word in WORD.findall(cell):
            if word.isascii():
                continue
            cost, strange = _word(word, codec)
            total, odd = total + cost, odd + strange
            telling += sum(not sign.isascii() for sign in word)
            alphabets |= _languages(word)
    return total + 3.0 * _fewest(frozenset(alphabets)), telling, odd


def _word(word: str, codec: str) -> tuple[float, float]:
    costs = [_sign(sign, codec) for sign in word if not sign.isascii()]
    odd = float(sum(cost >= RARE for cost in costs))
    strange = _breaks_case(word) + _mixes(word)
    latin = [sign for sign in word.lower() if not sign.isascii() and _script(sign) == "LATIN"]
    strange += bool(latin) and not any(set(latin) <= letters for letters in ALPHABETS)
    return sum(costs) + 7.0 * strange, odd + strange


@cache
def _sign(sign: str, codec: str) -> float:
    match _script(sign):
        case "CYRILLIC":
            return RUSSIAN.get(sign.lower(), RARE) + 0.7 * sign.isupper()
        case "LATIN":
            return 5.0 if any(sign.lower() in letters for letters in ALPHABETS) else RARE
        case "HIRAGANA" | "KATAKANA":
            return RARE + 2 if codec in {"gbk", "big5", "cp949"} else 4.5
        case "HALFWIDTH":
            return 4.5
        case "CJK":
            return _ideograph(sign, codec)
        case "HANGUL":
            return 5.0 if sign in KOREAN else 9.5
        case "FULLWIDTH":
            return 7.0
        case "々ー":
            return 6.0
    return RARE


def _ideograph(sign: str, codec: str) -> float:
    """Usual characters, then those in everybody's first thousands, then the rest."""
    if codec == "cp949":
        return RARE + 1
    usual, plane, last = PLANES.get(codec, PLANES["euc_jp"])
    if sign in usual:
        return 5.5
    try:
        return 8.0 if sign.encode(plane)[0] <= last else RARE + 2
    except UnicodeEncodeError:
        return RARE + 2


@cache
def _script(sign: str) -> str:
    if sign in "々ー〆ヶ":
        return "々ー"
    first = unicodedata.name(sign, "?").split()[0].split("-")[0]
    return first if unicodedata.category(sign)[0] in "LM" or first == "HALFWIDTH" else "?"


def _breaks_case(word: str) -> bool:
    """Whether a capital follows a small letter, as in "MŸller" read wrongly, but not McAdam's."""
    return any(
        left.islower() and right.isupper() and not (left.isascii() and right.isascii())
        for left, right in pairwise(word)
    )


def _mixes(word: str) -> bool:
    """Whether letters of scripts that never share a word stand in one."""
    scripts = {_group(sign) for sign in word if sign.isalpha() or not sign.isascii()}
    return len(scripts) > 1


def _group(sign: str) -> str:
    if sign.isascii():
        return "LATIN"
    script = _script(sign)
    return "CJK" if script in {"HIRAGANA", "KATAKANA", "々ー", "FULLWIDTH"} else script


def _languages(word: str) -> set[int]:
    letters = [
        ord(sign) for sign in word.lower() if not sign.isascii() and _script(sign) == "LATIN"
    ]
    return set(letters)


@cache
def _fewest(letters: frozenset[int]) -> int:
    """How many languages are needed for these letters, taking the one that has most first."""
    left, languages = {chr(letter) for letter in letters}, 0
    while left:
        best = max(ALPHABETS, key=lambda alphabet: len(alphabet & left))
        if not best & left:
            return languages + len(left)
        left -= best
        languages += 1
    return languages
