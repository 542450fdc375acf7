"""Fictitious people of real and invented institutions, the same ones at every seeding."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path

from harpevents.core.slugs import slugify

NAMES = Path(__file__).parent / "data" / "names.toml"


@cache
def _names(of: str) -> list[list[str]]:
    """The rows of the file under this heading, each as its words."""
    known = tomllib.loads(NAMES.read_text(encoding="utf-8"))
    return [row.split() for row in known.get(of) or known["others"][of]]


@dataclass(frozen=True)
class Fictitious:
    """Somebody who does not exist, written as such a person would write."""

    family: str
    given: str
    latin_family: str
    latin_given: str
    email: str
    language: str
    country: str
    patronymic: str = ""
    kana_family: str = ""
    kana_given: str = ""


class Population:
    """Staffs institutions with people; every address is unique and under an example domain."""

    def __init__(self, seed: int = 2016) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- a demo, not a secret
        self._waiting: dict[str, Iterator[Fictitious]] = {}
        self._known: dict[tuple[str, str], list[Fictitious]] = {}

    def of(self, country: str, institution_slug: str, count: int) -> list[Fictitious]:
        """The first `count` people of an institution; asked again, they are the same people.

        `country` is "JP", "RU" or one of the others, who may then be fewer than `count`.
        """
        if country not in self._waiting:
            maker = {"JP": self._japanese, "RU": self._russians}.get(country, self._others)
            self._waiting[country] = maker(country)
        known = self._known.setdefault((country, institution_slug), [])
        while len(known) < count:
            person = next(self._waiting[country])
            known.append(replace(person, email=_address(person, institution_slug)))
        return known[:count]

    def _japanese(self, country: str) -> Iterator[Fictitious]:
        pairs = list(product(_names("japanese_families"), _names("japanese_given")))
        self._random.shuffle(pairs)
        for family, given in pairs:
            yield Fictitious(
                family=family[0],
                given=given[0],
                kana_family=family[1],
                kana_given=given[1],
                latin_family=family[2],
                latin_given=given[2],
                email="",
                language="ja",
                country=country,
            )

    def _russians(self, country: str) -> Iterator[Fictitious]:
        men = [
            Fictitious(
                family=family[0],
                given=given[0],
                latin_family=family[2],
                latin_given=given[1],
                patronymic=self._random.choice(_names("russian_men"))[2],
                email="",
                language="ru",
                country=country,
            )
            for family, given in product(_names("russian_families"), _names("russian_men"))
        ]
        women = [
            Fictitious(
                family=family[1],
                given=given[0],
                latin_family=family[3],
                latin_given=given[1],
                patronymic=self._random.choice(_names("russian_men"))[3],
                email="",
                language="ru",
                country=country,
            )
            for family, given in product(_names("russian_families"), _names("russian_women"))
        ]
        everybody = men + women
        self._random.shuffle(everybody)
        yield from everybody

    def _others(self, country: str) -> Iterator[Fictitious]:
        for family, given in _names(country):
            yield Fictitious(
                family=family,
                given=given,
                latin_family=family,
                latin_given=given,
                email="",
                language="en",
                country=country,
            )


def _address(person: Fictitious, institution_slug: str) -> str:
    place = "-".join(institution_slug.split("-")[:3]) or "independent"
    ending = {"JP": "example.com", "RU": "example.org"}.get(person.country, "example.net")
    return f"{slugify(person.latin_given)}.{slugify(person.latin_family)}@{place}.{ending}"
