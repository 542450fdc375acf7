"""The order of names for readers of three languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harpevents.core.names.order import order_key


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("ja", ["上智大学", "東京大学", "一橋大学", "北海道大学", "早稲田大学", "ITMO"]),
        ("ja", ["かとう", "ガトウ", "きむら", "やまだ"]),
        ("ru", ["Еганов", "Елкин", "Ёлкина", "Жданов", "Иванов", "Йода", "Яшин", "Abe"]),
        ("en", ["Çağlar", "Hanaoka", "Ikeda", "Yamada", "Yeltsin", "Yıldız", "Иванов"]),
    ],
)
def test_names_stand_where_readers_look_for_them(language: str, names: list[str]):
    shuffled = names[1:] + names[:1]
    assert sorted(shuffled, key=lambda name: order_key(name, language)) == names


@given(st.text(max_size=20), st.sampled_from(["ja", "en", "ru"]))
def test_any_text_has_a_place(text: str, language: str):
    assert order_key(text, language) == order_key(text, language)
