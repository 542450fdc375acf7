"""The whole job in a browser: register, read the mail, check in, count, write to the present,
and roll the members over into the next term."""

from __future__ import annotations

import email.policy
import re
import time
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from harpevents.demo import seed
from tests.servers import Installation

ADDRESS = "anna.petrova@msu.example.org"
EVENT = "assembly-4"
SECONDS_FOR_MAIL = 30


def register_in_russian(page: Page, site: Installation) -> None:
    page.goto(f"{site.url}/ru/events/{EVENT}")
    page.get_by_role("link", name="Зарегистрироваться").first.click()
    page.get_by_label("Фамилия", exact=False).first.fill("Петрова")
    page.locator("input[name=given]").fill("Анна")
    page.locator("input[name=patronymic]").fill("Сергеевна")
    page.locator("input[name=latin_family]").fill("Petrova")
    page.locator("input[name=latin_given]").fill("Anna")
    page.locator("input[name=email]").fill(ADDRESS)
    page.locator("select[name=country]").select_option("RU")
    page.locator("input[name=institution]").fill("МГУ")
    page.get_by_role("option").filter(has_text="Московский государственный").first.click()
    expect(page.locator("select[name=institution_kind]")).to_have_value("university")
    page.locator("select[name=category]").select_option("faculty")
    page.get_by_label("В зале", exact=True).check()
    page.locator("input[name=consent_privacy]").check()
    page.get_by_role("button", name="Зарегистрироваться").click()
    expect(page.get_by_role("main")).to_contain_text("Спасибо")
    expect(page.get_by_role("main")).to_contain_text("Петрова")


def caught(site: Installation, address: str, subject_part: str) -> EmailMessage:
    """The mail to `address` that the worker has caught, as soon as it lies there."""
    until = time.monotonic() + SECONDS_FOR_MAIL
    while time.monotonic() < until:
        for file in site.caught_mail:
            message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(
                file.read_bytes()
            )
            if address in str(message["To"]) and subject_part in str(message["Subject"]):
                return message
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address}: {[f.name for f in site.caught_mail][-5:]}")


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def sign_in(page: Page, site: Installation) -> None:
    page.goto(f"{site.url}/sign-in")
    page.locator("input[name=email]").fill(seed.ACCOUNTS[0][0])
    page.locator("input[name=password]").fill(seed.PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{site.url}/desk/")


def check_in_at_the_desk(page: Page, site: Installation) -> None:
    page.goto(f"{site.url}/desk/events/{EVENT}/attendance")
    page.get_by_label("Name in any script").fill("petrova")
    page.get_by_label("Name in any script").press("Enter")
    person = page.get_by_role("listitem").filter(has_text="Петрова")
    expect(person).to_have_count(1)
    person.get_by_role("button", name="Check in").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("Present\\s*1"))
    page.goto(f"{site.url}/desk/events/{EVENT}/report")
    expect(page.get_by_role("main")).to_contain_text(
        "1 участник (Россия — 1 человек из 1 университета)"
    )


def agree(page: Page) -> None:
    """Say yes in the dialogue that asks before something that reaches people."""
    page.get_by_role("dialog").get_by_role("button").last.click()


def write_to_the_present(page: Page, site: Installation) -> None:
    page.goto(f"{site.url}/desk/mailings/?event={EVENT}")
    page.get_by_role("link", name="Write a dispatch").click()
    page.locator("select[name=audience]").select_option(label="People present at the event")
    for language, subject in (("en", "Thank you"), ("ja", "お礼"), ("ru", "Спасибо за участие")):
        page.locator(f"input[name*=subject][name*={language}]").fill(subject)
        page.locator(f"textarea[name*=text][name*={language}]").fill("{salutation}\n\n{event}")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("main")).to_contain_text("anna.petrova@msu.example.org")
    page.get_by_role("button", name="Lock the recipient list").click()
    page.get_by_role("button", name="Send 1 e-mail now").click()
    agree(page)
    expect(page.get_by_role("main")).not_to_contain_text("Send 1 e-mail now")


def roll_over(page: Page, site: Installation) -> None:
    page.goto(f"{site.url}/desk/terms/4/rollover")
    page.get_by_role("button", name="Make the draft").click()
    expect(page.get_by_role("main")).to_contain_text("63 → 63")
    page.locator("main input[name$=institution]").fill("Tomsk Polytechnic")
    page.locator("[role=listbox] [role=option]").first.click()
    page.get_by_role("button", name="Add to the proposal").click()
    expect(page.get_by_role("main")).to_contain_text("63 → 64")
    page.get_by_label("Decision", exact=False).first.fill("4th General Assembly, decision 1")
    page.locator("input[name=effective_on]").fill(
        datetime.now(ZoneInfo("Asia/Tokyo")).date().isoformat()
    )
    page.get_by_role("button", name="Approve 63 → 64").click()
    page.get_by_role("button", name="Apply").click()
    agree(page)
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)


@pytest.mark.journey
def test_one_person_registers_comes_is_counted_and_written_to_and_the_members_roll_over(
    demo_server: Installation, page: Page, browser: Browser
) -> None:
    register_in_russian(page, demo_server)
    confirmation = caught(demo_server, ADDRESS, "")
    link = re.search(r"http://\S+/ru/r/\S+", text_of(confirmation))
    assert link is not None
    page.goto(link[0])
    expect(page.get_by_role("main")).to_contain_text("Петрова")

    sign_in(page, demo_server)
    check_in_at_the_desk(page, demo_server)
    write_to_the_present(page, demo_server)
    assert "Петрова" in text_of(caught(demo_server, ADDRESS, "Спасибо за участие"))

    roll_over(page, demo_server)
    assert demo_server.json("members", "list")["by_country"] == {"JP": 30, "RU": 34}
