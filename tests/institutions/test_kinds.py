"""What kind of institution a written name gives away, and which names give away nothing."""

from __future__ import annotations

import pytest

from harpevents.institutions.kinds import kind_said


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("東西大学", "university"),
        ("東西大学 医学部", "university"),
        ("Дальний федеральный университет", "university"),
        ("Кафедра права, Дальнего университета", "university"),
        ("Faculty of Law, Far University", "university"),
        ("Far University of the Ministry of Health", "university"),
        ("東西商事株式会社", "company"),
        ("㈱東西商船", "company"),
        ("ООО «Ромашка»", "company"),
        ("Far Trading Ltd.", "company"),
        ("外務省", "government"),
        ("Ministry of Education", "government"),
        ("Министерство образования", "government"),
        ("東西大学生協", None),
        ("東西大学病院", None),
        ("Far University Press", None),
        ("Университетская клиника", None),
        ("Academy of the Ministry of Health", None),
        ("МГУ", None),
        ("", None),
    ],
)
def test_a_name_says_what_it_is_or_nothing(name, kind):
    assert kind_said(name) == kind


def test_one_of_several_names_is_enough():
    assert kind_said("МГУ", "Lomonosov University") == "university"
