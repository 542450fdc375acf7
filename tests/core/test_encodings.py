"""Tests of telling old encodings apart by names: read right, or refused and asked about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harpevents.core.tables.encodings import CANDIDATES, decoded
from harpevents.core.tables.refusals import TableRefused

PEOPLE = {
    "Japanese": ["佐々木,健", "小林,由美", "高田,一郎", "京都大学", "准教授", "ヤマモト", "青森市"],
    "Chinese": ["张,伟", "刘,洋", "陈,静", "复旦大学", "教授", "杨,丽", "南京大学"],
    "Taiwanese": ["林,美玲", "黃,志明", "國立政治大學", "教授", "吳,淑芬"],
    "Korean": ["박,지현", "이,수민", "김,영호", "서울대학교", "부산"],
    "Russian": ["Кузнецов,Пётр", "Смирнова,Ольга", "доцент", "Ян", "СПбГУ", "Якутск", "Щукина"],
    "German": ["Schäfer,Jörg", "Strauß,Ute", "Böhm,Günter", "Universität Münster"],
    "Polish": ["Żak,Paweł", "Gąsior,Małgorzata", "Wiśniewska", "Gdańsk"],
    "Czech": ["Novák,Jiří", "Růžička,Tomáš", "Černý", "Plzeň"],
    "Norwegian": ["Sørensen,Åse", "Bjørk,Håkon", "Tromsø", "Sæbø"],
}
WRITTEN_IN = {
    "Japanese": ["cp932", "euc_jp", "iso2022_jp"],
    "Chinese": ["gbk"],
    "Taiwanese": ["big5"],
    "Korean": ["cp949"],
    "Russian": ["cp1251", "koi8_r", "cp866", "mac_cyrillic", "iso8859_5"],
    "German": ["cp1252", "mac_roman", "cp850", "cp1250"],
    "Polish": ["cp1250", "iso8859_2"],
    "Czech": ["cp1250", "iso8859_2"],
    "Norwegian": ["cp1252", "mac_roman", "cp850"],
}
PAIRS = [(language, codec) for language, codecs in WRITTEN_IN.items() for codec in codecs]


@pytest.mark.parametrize(("language", "codec"), [pair for pair in PAIRS if pair[1] != "cp850"])
def test_a_list_of_names_is_read_in_the_encoding_it_was_written_in(language, codec):
    text = "\n".join(["name,given", *PEOPLE[language]])

    assert decoded(text.encode(codec))[0] == text


@given(st.data())
def test_whoever_is_in_a_list_is_read_right_or_the_file_is_refused(data):
    language, codec = data.draw(st.sampled_from(PAIRS))
    rows = data.draw(st.lists(st.sampled_from(PEOPLE[language]), min_size=1, max_size=6))
    text = "\n".join(["family,given", *rows])
    try:
        read, _codec = decoded(text.encode(codec))
    except TableRefused:
        read = None

    assert read in {text, None}


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_are_refused_or_read_to_the_last(data):
    try:
        text, codec = decoded(b"name\n" + data)
    except TableRefused:
        text, codec = None, None

    assert text is None or len(text) > 0
    assert codec is None or codec in CANDIDATES or codec.startswith(("utf", "iso2022"))


def test_half_width_kana_of_a_unix_list_are_read():
    text = "ｾｲ,ﾒｲ\nｻｻｷ,ｹﾝ\nﾔﾏﾓﾄ,ﾕﾐ\n"

    assert decoded(text.encode("euc_jp")) == (text, "euc_jp")


def test_a_lone_letter_that_two_encodings_know_is_asked_about():
    with pytest.raises(TableRefused) as refused:
        decoded("name\nMuñoz\n".encode("cp1252"))

    assert refused.value.code == "unknown_encoding"
    assert decoded("name\nMuñoz\n".encode("cp1252"), "cp1252")[0] == "name\nMuñoz\n"
