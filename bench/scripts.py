"""The requests that wrk makes: Lua scripts written for one site, session and form."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench import data

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
POST = """
local number = 0
local threads = {}
local start = os.time()
unexpected = 0
setup = function(thread) table.insert(threads, thread) end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Cookie"] = "%(cookie)s"
request = function()
  number = number + 1
  local key = string.format("%(prefix)s%%x%%x", start, number)
  %(body)s
  return wrk.format(nil, %(path)s, nil, body)
end
response = function(status, headers, body)
  if status ~= %(status)d then unexpected = unexpected + 1 end
end
done = function(summary, latency, requests)
  for _, thread in ipairs(threads) do
    print("unexpected answers: " .. thread:get("unexpected"))
  end
end
"""


class Browser:
    """A visitor with cookies, as far as a benchmark needs one."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        with self._opener.open(self.base + path) as answer:
            return str(answer.read().decode())

    def post(self, path: str, values: dict[str, str]) -> str:
        body = urllib.parse.urlencode(values).encode()
        with self._opener.open(self.base + path, body) as answer:
            return str(answer.read().decode())

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
        token = self.token_on("/sign-in")
        self.post("/sign-in", {"csrf_token": token, "email": data.EMAIL, "password": data.PASSWORD})


def registration_values(token: str) -> dict[str, str]:
    """A complete form but for its key and address."""
    return {
        "csrf_token": token,
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
        place = {"institution": f"Example University {number % 60}"}
        if number % 2:
            yield {
                "family": family, "given": given, "kana_family": kana, "kana_given": kana_given,
                "latin_family": latin, "latin_given": latin_given, "patronymic": "",
                "country": "JP", "language": "ja", **place,
            }  # fmt: skip
        else:
            family, latin = RUSSIAN[number // 2 % len(RUSSIAN)]
            yield {"family": family, "latin_family": latin, **place}


def registration(base: str, folder: Path) -> Path:
    """A script that registers another person at each request."""
    visitor = Browser(base)
    page = f"/ru/events/{data.OPEN}/register"
    usual = registration_values(visitor.token_on(page))
    bodies = ", ".join(f'"{urllib.parse.urlencode({**usual, **person})}"' for person in people())
    body = (
        "local body = bodies[number % #bodies + 1] .. "
        '"&form_key=" .. key .. "&email=" .. key .. "%40example.org"'
    )
    before = f"local bodies = {{{bodies}}}\n"
    return _write(folder / "registration.lua", visitor.cookie, "rk", body, f'"{page}"', before)


def check_in(base: str, folder: Path) -> Path:
    """A script that checks in another registration of the full event at each request."""
    visitor = Browser(base)
    visitor.sign_in()
    page = f"/desk/events/{data.FULL}/attendance"
    token = urllib.parse.quote(visitor.token_on(page))
    body = (
        f'local id = string.format("%08x-0000-4000-8000-%012x", start, number)\n'
        f'  local body = "csrf_token={token}&number=" .. number .. "&id=" .. id'
    )
    path = f'"{page}/check-in"'
    return _write(folder / "check_in.lua", visitor.cookie, "ck", body, path)


def _write(file: Path, cookie: str, prefix: str, body: str, path: str, before: str = "") -> Path:
    file.write_text(
        before
        + POST % {"cookie": cookie, "prefix": prefix, "body": body, "path": path, "status": 303}
    )
    return file
