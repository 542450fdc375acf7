"""Who comes to the site: people with their forms, and a browser for the bench's own errands."""

from __future__ import annotations

import http.client
import http.cookiejar
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import suppress

from bench import data
from bench.load import UNKNOWN_EVERY

PEOPLE = 200
JAPANESE = (
    ("山田", "ヤマダ", "Yamada"), ("佐藤", "サトウ", "Sato"), ("鈴木", "スズキ", "Suzuki"),
    ("高橋", "タカハシ", "Takahashi"), ("田中", "タナカ", "Tanaka"),
    ("渡辺", "ワタナベ", "Watanabe"),
    ("伊藤", "イトウ", "Ito"),
)  # fmt: skip
JAPANESE_GIVEN = (
    ("花子", "ハナコ", "Hanako"), ("太郎", "タロウ", "Taro"), ("美咲", "ミサキ", "Misaki"),
    ("健", "ケン", "Ken"), ("由美子", "ユミコ", "Yumiko"),
)  # fmt: skip
RUSSIAN = (
    ("Иванова", "Ivanova"), ("Петрова", "Petrova"), ("Сидорова", "Sidorova"),
    ("Кузнецова", "Kuznetsova"), ("Смирнова", "Smirnova"), ("Попова", "Popova"),
)  # fmt: skip


class Browser:
    """A visitor with cookies, as far as a benchmark needs one."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.jar = http.cookiejar.CookieJar()
        self._connection: http.client.HTTPConnection | None = None
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        return self.fetch(path).decode()

    def fetch(self, path: str) -> bytes:
        """What the path answers, as it comes."""
        with self._opener.open(self.base + path) as answer:
            return bytes(answer.read())

    def headers(self, path: str) -> dict[str, str]:
        """The headers of the answer, by lower-cased names."""
        with self._opener.open(self.base + path) as answer:
            return {name.lower(): value for name, value in answer.headers.items()}

    def post(self, path: str, values: dict[str, str]) -> str:
        body = urllib.parse.urlencode(values).encode()
        with self._opener.open(self.base + path, body) as answer:
            return str(answer.read().decode())

    def post_from(self, page: str, path: str, values: dict[str, str]) -> str:
        """Send a form that stands on `page`."""
        return self.post(path, {"csrf_token": self.token_on(page), **values})

    def status_of_post(self, path: str, values: dict[str, str]) -> int:
        """What a POST is answered with, without going where it leads; 0 for nothing."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        body = urllib.parse.urlencode(values)
        for connection in (self._connection, self._new_connection()):
            if connection is not None:
                with suppress(OSError, http.client.HTTPException):  # it was closed for idling
                    connection.request("POST", path, body, headers)
                    answer = connection.getresponse()
                    answer.read()
                    self._connection = connection
                    return answer.status
        return 0

    def _new_connection(self) -> http.client.HTTPConnection:
        """One that is opened when something is sent."""
        return http.client.HTTPConnection(urllib.parse.urlsplit(self.base).netloc, timeout=60)

    def twin(self) -> Browser:
        """Another browser with the same cookies and a connection of its own."""
        twin = Browser(self.base)
        for cookie in self.jar:
            twin.jar.set_cookie(cookie)
        return twin

    @property
    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)

    def token_on(self, path: str) -> str:
        """The CSRF token of the page's first form."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(path))
        if found is None:
            raise LookupError(f"no form on {path}")
        return found[1]

    def sign_in(self) -> None:
        values = {"email": data.EMAIL, "password": data.PASSWORD}
        self.post_from("/sign-in", "/sign-in", values)


def staff_of(base: str) -> Browser:
    """A browser in which the administrator is signed in."""
    browser = Browser(base)
    browser.sign_in()
    return browser


def registration_values(token: str) -> dict[str, str]:
    """A complete form but for its key and address."""
    return {"csrf_token": token, **FORM}


FORM = {
    "family": "Иванова",
    "given": "Анна",
    "patronymic": "Петровна",
    "latin_family": "Ivanova",
    "latin_given": "Anna",
    "country": "RU",
    "institution": "Example University 4",
    "institution_slug": "",
    "institution_kind": "university",
    "category": "faculty",
    "position": "доцент",
    "language": "ru",
    "mode": "room",
    "note": "",
    "consent_privacy": "y",
    "consent_contact_sharing": "y",
}


def people() -> Iterator[dict[str, str]]:
    """Two hundred people of both sides, each written as she writes herself, and an institution."""
    for number in range(PEOPLE):
        (family, kana, latin), (given, kana_given, latin_given) = (
            JAPANESE[number % len(JAPANESE)],
            JAPANESE_GIVEN[number // 3 % len(JAPANESE_GIVEN)],
        )
        place = {"institution": f"Example University {number % data.INSTITUTIONS}"}
        if number % 2:
            yield {
                "family": family, "given": given, "kana_family": kana, "kana_given": kana_given,
                "latin_family": latin, "latin_given": latin_given, "patronymic": "",
                "country": "JP", "language": "ja", **place,
            }  # fmt: skip
        else:
            family, latin = RUSSIAN[number // 2 % len(RUSSIAN)]
            yield {"family": family, "latin_family": latin, **place}


def bodies() -> list[str]:
    """The forms of `people`, encoded, without token, key and address.

    The load client takes one after the other. To each one of `UNKNOWN_EVERY` it adds an institution
    of its own making that nobody knows; those have none here.
    """
    assert PEOPLE % UNKNOWN_EVERY == 0
    filled = [{**FORM, **person} for person in people()]
    for number, form in enumerate(filled):
        if number % UNKNOWN_EVERY == 0:
            form.pop("institution")
    return [urllib.parse.urlencode(form) for form in filled]
