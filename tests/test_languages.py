"""Languages and the association are data: a fourth language, two, and another association."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from flask import Flask, url_for

from config import ROOT, Association, Settings
from harpevents.app import create_app
from harpevents.attendance import services as attendance
from harpevents.attendance.models import CheckInSource
from harpevents.cli import root
from harpevents.core import clock, i18n
from harpevents.core.db import Base, db, transaction
from harpevents.core.languages import LANGUAGES, Language
from harpevents.demo import seed
from harpevents.events.models import Event
from harpevents.outbox.models import Message
from harpevents.people.models import Role
from harpevents.registrations import emails
from harpevents.registrations.models import Registration, Source
from harpevents.registrations.views import pages
from tests.databases import one
from tests.factories import STAFF, an_account, an_event, registered, sign_in
from tests.memberships.arranging import a_term, universities
from tests.visitor import Visitor, text_of
from tools import catalogues

PACKAGE = ROOT / "harpevents"
OPENED, CLOSED = "⟦", "⟧"
SAID = re.compile("⟦[^⟦⟧]*⟧")


@contextmanager
def installation(data: Path, **settings: Any) -> Iterator[Flask]:
    """An application of these settings on tables of its own, in a context."""
    pages.clear()
    app = create_app(Settings.for_tests(data, **settings))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        yield app
        db.session.remove()
        db.engine.dispose()
    pages.clear()


def visitor(app: Flask) -> Visitor:
    return Visitor(app, app.response_class, use_cookies=True)


# Nothing but the entries names a language or a country of the association


NAMED = re.compile(r"""["'](ja|ru|JP|RU)["']|\b\w+_(ja|ru)\b""")
MAY_NAME_THEM = {
    "core/languages.py": "the entries themselves",
    "registrations/roster_words.py": "what lists of people call countries",
    "site/styles.py": "samples of text in three scripts",
    "site/templates/site/styles.html": "samples of text in three scripts",
}
ROOMS_OF_KNOWLEDGE = ("demo", "recognition", "meeting_reports", "core/names")


def named_in(file: Path) -> set[str]:
    """The languages and countries that a file names, as words of their own or behind a name."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        return {found[0] for found in NAMED.finditer(text)}
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Constant(value=str(word)) if word in {"ja", "ru", "JP", "RU"}:
                names.add(word)
            case ast.Name(id=word) | ast.arg(arg=word) | ast.keyword(arg=str(word)):
                names.add(word)
            case ast.Constant(value=str(word)) if word.isidentifier():
                names.add(word)
    return {name for name in names if NAMED.fullmatch(name) or NAMED.fullmatch(f"'{name}'")}


def test_only_these_files_name_a_language_or_a_country_of_the_association():
    found = set()
    for file in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.txt")]):
        name = file.relative_to(PACKAGE).as_posix()
        if not name.startswith(ROOMS_OF_KNOWLEDGE) and named_in(file):
            found.add(name)
    assert found == MAY_NAME_THEM.keys()


def came(event: Event, *people: Registration) -> None:
    with transaction():
        for person in people:
            attendance.check_in(event, person, source=CheckInSource.NAME, actor=STAFF)


def held(of: tuple[str, ...]) -> None:
    """An event of last week to which one person came from each of these countries."""
    event = an_event(starts_at=clock.now() - timedelta(days=7))
    came(
        event,
        *(
            registered(event, number, country=country, source=Source.DESK)
            for number, country in enumerate(of)
        ),
    )


# A fourth language


@pytest.fixture(scope="module")
def korean(tmp_path_factory) -> Iterator[Flask]:
    """The demo in Korean: one entry, and catalogues that put each English text into brackets."""
    folder = tmp_path_factory.mktemp("translations")
    shutil.copytree(catalogues.TRANSLATIONS, folder, dirs_exist_ok=True)
    entry = Language(name="한국어", countries=("KR",), letters="[\uac00-\ud7af]")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LANGUAGES, "ko", entry)
        patch.setattr(catalogues, "TRANSLATIONS", folder)
        patch.setattr(i18n, "TRANSLATIONS", folder)
        for package in catalogues.packages():
            catalogues.update(package)
            catalogues.save(in_brackets(catalogues.load(package, "ko")), package, "ko")
        catalogues.compile_all()
        data = tmp_path_factory.mktemp("korean")
        with installation(data, languages=("ko", "en", "ja", "ru")) as app:
            with transaction():
                seed.fill(clock.today(), production=False)
            yield app


def in_brackets(catalogue: Catalog) -> Catalog:
    for message in catalogue:
        if message.id:
            said = f"{OPENED}{catalogues.singular(message)}{CLOSED}"
            message.string = said if isinstance(message.id, str) else (said,)
    return catalogue


def untranslated(html: str) -> set[str]:
    """The English texts of the catalogues that stand in a page outside brackets."""
    text = text_of(re.sub(r"<(script|style|code)\b.*?</\1>", " ", html, flags=re.DOTALL))
    while (less := SAID.sub(" ", text)) != text:
        text = less
    return {said for said in english() if re.search(rf"\b{re.escape(said)}\b", text)}


@cache
def english() -> set[str]:
    """Texts of several words that no data of the demo holds."""
    said = {
        str(message.id)
        for package in catalogues.packages()
        for message in catalogues.load(package, "en")
        if isinstance(message.id, str) and "%" not in message.id and "{" not in message.id
    }
    return {text for text in said if text.count(" ") >= 2}


def addresses(app: Flask, *beginnings: str) -> list[str]:
    """The pages without arguments but the language, below these beginnings."""
    with app.test_request_context("/ko/"):
        return sorted(
            path
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.arguments <= {"lang"}
            for path in [rule.rule.replace("<lang:lang>", "ko")]
            if path.startswith(beginnings)
        )


def is_korean(answer: Any, path: str) -> None:
    assert answer.status_code == 200, f"{path} answered {answer.status}"
    if answer.mimetype == "text/html":
        assert '<html lang="ko">' in answer.text, path
        assert OPENED in answer.text, path
        assert untranslated(answer.text) == set(), path


def test_public_pages_speak_the_fourth_language(korean):
    client = visitor(korean)
    event = one(db.select(Event).where(Event.takes_registrations, Event.status == "published"))
    paths = addresses(korean, "/ko/")
    slugs = [f"/ko/events/{event.slug}", f"/ko/events/{event.slug}/register"]
    assert len(paths) >= 5
    for path in [*paths, *slugs, "/ko/members/hokkaido-university"]:
        is_korean(client.get(path), path)
    assert "한국어" in client.get("/en/").text
    assert len(untranslated(client.get("/en/").text)) > 5  # this would see English


def test_the_desk_speaks_the_fourth_language(korean):
    desk = visitor(korean)
    sign_in(desk, an_account(Role.ADMIN, "minji@example.org", language="ko"))
    slug = one(db.select(Event.slug).where(Event.status == "published"))
    paths = [path for path in addresses(korean, "/desk/") if path != "/desk/styles"]
    assert len(paths) >= 10
    pages_of_one = [f"/desk/events/{slug}/{page}" for page in ("edit", "report", "registrations/")]
    for path in [*paths, *pages_of_one, "/desk/terms/4/rollover", f"/door/{slug}"]:
        answer = desk.get(path, follow_redirects=True)
        if answer.status_code != 404:
            is_korean(answer, path)
    form = desk.form(f"/desk/events/{slug}/edit")
    assert {"title_ko", "title_en", "title_ja", "title_ru"} <= form.values.keys()
    desk.submit(f"/desk/events/{slug}/edit", {"title_ko": "포럼"})
    assert one(db.select(Event).where(Event.slug == slug)).title["ko"] == "포럼"


def test_a_registration_in_the_fourth_language_gets_its_mail_and_its_sentence(korean):
    event = an_event("haneul", title={"en": "Sky"})
    answer = visitor(korean).submit(
        "/ko/events/haneul/register",
        {
            "family": "김",
            "given": "민준",
            "email": "minjun@example.kr",
            "country": "KR",
            "institution": "서울대학교",
            "institution_kind": "university",
            "category": "faculty",
            "consent_privacy": "y",
        },
    )
    assert answer.status_code == 303, untranslated(answer.text)
    mail = one(db.select(Message).where(Message.to_address == "minjun@example.kr"))
    assert (mail.language, mail.subject[0]) == ("ko", OPENED)
    assert "/ko/r/" in mail.text
    assert "민준" in mail.text
    desk = sign_in(visitor(korean), an_account(email="seoyeon@example.org", language="ko"))
    came(event, one(db.select(Registration).where(Registration.email == "minjun@example.kr")))
    page = text_of(desk.get(f"/desk/events/{event.slug}/report").text)
    assert "⟦1 participant⟧" in page


# Fewer languages


@pytest.fixture
def without_russian(tmp_path) -> Iterator[Flask]:
    with installation(tmp_path, languages=("ja", "en")) as app:
        yield app


@pytest.mark.parametrize("path", ["/ru/", "/ru/events/", "/ru/events/forum", "/ko/"])
def test_a_language_left_out_has_no_pages(without_russian, path):
    an_event()
    assert visitor(without_russian).get(path).status_code == 404


def test_a_language_left_out_stands_in_no_link_and_no_form(without_russian):
    an_event()
    desk = sign_in(visitor(without_russian), an_account(Role.ADMIN, language="en"))
    paths = (
        "/en/", "/en/events/forum", "/en/events/forum/register", "/desk/events/forum/edit",
        "/desk/events/new", "/desk/institutions/new", "/desk/terms/new", "/desk/mailings/new",
        "/desk/accounts", "/desk/account",
    )  # fmt: skip
    for path in paths:
        page = desk.get(path)
        assert page.status_code == 200, path
        assert re.findall(r'"ru"|/ru/|_ru"|Русский', page.text) == [], path


def test_editing_keeps_what_was_written_in_a_language_left_out(without_russian):
    an_event()
    desk = sign_in(visitor(without_russian), an_account(Role.ADMIN, language="en"))
    desk.submit("/desk/events/forum/edit", {"title_en": "Forum of the South"})
    assert one(db.select(Event)).title == {
        "en": "Forum of the South",
        "ja": "北方フォーラム",
        "ru": "Северный форум",
    }


def test_who_was_written_to_in_a_language_left_out_gets_mail_in_one_that_is_spoken(
    without_russian,
):
    registration = registered(an_event(), country="RU")
    registration.language = "ru"
    db.session.commit()
    an_admin = sign_in(visitor(without_russian), an_account(Role.ADMIN, language="ru"))
    page = f"/desk/events/forum/registrations/{registration.number}"
    assert '<html lang="en">' in an_admin.get(page).text
    an_admin.submit(page, action="/link")
    mail = db.session.scalars(db.select(Message).order_by(Message.id.desc())).first()
    assert (mail.language, "/en/r/" in mail.text) == ("en", True)


@pytest.mark.parametrize(("country", "spoken"), [("RU", "en"), ("JP", "ja")])
def test_every_mail_and_link_is_in_a_language_that_is_spoken(without_russian, country, spoken):
    registration = registered(an_event(), country=country)
    with transaction():
        registration.language = "ru"
        emails.send("link", registration)
    an_account(email="ivan@example.org", language="ru")
    visitor(without_russian).submit("/forgot", {"email": "ivan@example.org"})
    of_person, of_staff = db.session.scalars(
        db.select(Message).order_by(Message.id.desc()).limit(2)
    )
    if of_person.to_address == "ivan@example.org":
        of_person, of_staff = of_staff, of_person
    assert (of_person.language, of_staff.language) == (spoken, "en")
    assert f"/{spoken}/r/" in of_person.text
    assert not re.search("[а-яё]", of_person.subject + of_person.text + of_staff.text)
    with without_russian.test_request_context():
        assert url_for("site.home", lang="ru") == "/en/"


def test_commands_and_lists_do_not_know_a_language_left_out(without_russian, tmp_path):
    an_event()
    rows = "family,given,email,country,language\nИванов,Иван,ivan@example.ru,RU,{}\n"
    for word, code in (("русский", 1), ("ru", 1), ("日本語", 0)):
        file = tmp_path / "list.csv"
        file.write_text(rows.format(word), encoding="utf-8")
        done = run(without_russian, "registrations", "import", "forum", str(file))
        assert done.exit_code == code, done.output
    for command in (
        ["users", "add", "ivan@example.org", "--role", "admin", "--language", "ru"],
        ["registrations", "export", "forum", "--lang", "ru"],
        ["rollover", "term", "0", "--name-en", "Foundation", "--name-ru", "Основание"],
    ):
        done = run(without_russian, *command)
        assert (done.exit_code, "'ru' is not one of ja, en." in done.output) == (2, True)


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(root, list(arguments), obj=app)


# Another association


TWO = """
sides = ["FI", "KR"]
kinds = ["seminar", "other"]
[name]
en = "Association of Finnish and Korean Universities"
"""
OF_THE_FIRST = re.compile("Japan|Russia|日露|日本|ロシア|Росси|Япони")


@pytest.fixture
def of_two_others(tmp_path) -> Iterator[Flask]:
    """An association of Finland and Korea with members, an event that was held, and a next term."""
    file = tmp_path / "association.toml"
    file.write_text(TWO, encoding="utf-8")
    with installation(tmp_path, languages=("en",), association=Association.read(file)) as app:
        with transaction():
            finns, koreans = universities("FI", 3), universities("KR", 2)
            a_term(0, date(2016, 12, 16), [*finns, *koreans])
        yield app


def test_another_association_shows_its_own_name_and_sides(of_two_others):
    held(of=("FI", "FI", "KR", "SE"))
    desk = sign_in(visitor(of_two_others), an_account(Role.ADMIN, language="en"))
    desk.submit("/desk/terms/new", {"name_en": "First Assembly"})
    desk.post("/desk/terms/1/rollover/plan", data=desk.form("/desk/terms/1/rollover").values)
    shown = {
        path: text_of(desk.get(path, follow_redirects=True).text)
        for path in (
            "/en/", "/en/members/", "/en/figures/", "/en/events/", "/en/privacy",
            "/desk/events/forum/report", "/desk/terms/1/rollover", "/desk/", "/desk/reports/",
        )
    }  # fmt: skip
    for path, text in shown.items():
        assert OF_THE_FIRST.findall(text) == [], path
    assert all(
        "Association of Finnish and Korean Universities" in shown[p] for p in list(shown)[:5]
    )
    assert "Finland 3 South Korea 2" in shown["/en/"]
    assert "See what is coming, take part" in shown["/en/"]
    assert "comes in English." in shown["/en/"]
    assert "4 participants" in (shown["/desk/events/forum/report"])
    assert "4" in shown["/en/figures/"]
    for path in ("/en/members/", "/desk/terms/1/rollover"):
        assert "Finland" in shown[path]
        assert "South Korea" in shown[path]


def test_its_sides_stand_first_where_a_country_or_a_zone_is_chosen(of_two_others):
    an_event()
    desk = sign_in(visitor(of_two_others), an_account(Role.ADMIN, language="en"))
    form = desk.get("/en/events/forum/register").text
    assert re.findall(r'<option[^>]* value="([A-Z]{2})"', form)[:3] == ["FI", "KR", "AF"]
    event = desk.get("/desk/events/new").text
    zones = re.findall(r'<option[^>]* value="(\w+/\w+|UTC)"', event)
    assert {"Europe/Helsinki", "Asia/Seoul", "UTC"} == set(zones[1:4])
    kinds = re.findall(r'<select[^>]*name="kind".*?</select>', event, re.DOTALL)
    assert re.findall('value="([a-z_]+)"', kinds[0]) == ["seminar", "other"]
    institution = desk.get("/desk/institutions/new").text
    assert re.findall(r'<option[^>]* value="([A-Z]{2})"', institution)[:3] == ["FI", "KR", "AF"]
    assert desk.form("/desk/institutions/new").values["country"] == ""
    assert desk.form("/desk/institutions/new").values["kind"] == ""


def test_a_file_that_names_no_association_is_refused(tmp_path):
    file = tmp_path / "association.toml"
    file.write_text('sides = ["FI"]\n[name]\n', encoding="utf-8")
    with pytest.raises(Exception, match="HARPEVENTS_ASSOCIATION"):
        Settings.from_environment(
            {"HARPEVENTS_DATA": str(tmp_path), "HARPEVENTS_ASSOCIATION": str(file)}
        )
