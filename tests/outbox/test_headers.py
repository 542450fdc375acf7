"""The bytes of a mail: every header as servers and readers of three languages need it."""

from __future__ import annotations

import base64
import re
from email import message_from_bytes
from email.header import decode_header
from email.policy import compat32

import pytest

from harpevents.core import tokens
from harpevents.core.db import db, transaction
from harpevents.outbox import messages
from harpevents.outbox.header_lines import address_line, links_line, plain_line, text_line
from tests.outbox.letters import enqueue

WORDS = {
    "ja": ("髙橋﨑 太郎", "第3回総会のご案内（北海道大学・新潟大学）" * 3),
    "en": ('O"Neil, Sean \\ Jr.', "The 3rd General Assembly"),
    "ru": ("Иванов, Иван Петрович", "Приглашение на третью генеральную ассамблею ассоциации" * 2),
}


def lines_of(content: bytes) -> list[bytes]:
    return content.split(b"\r\n\r\n")[0].split(b"\r\n")


def unfolded(content: bytes, name: str) -> str:
    head = content.split(b"\r\n\r\n")[0].decode("ascii")
    found = re.search(rf"(?m)^{name}: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", head)
    assert found, f"no {name}"
    return found[1].replace("\r\n", "")


def decoded(raw: str) -> str:
    """By the old decoder, which is not the code that wrote it."""
    return "".join(
        part.decode(charset or "ascii") if isinstance(part, bytes) else part
        for part, charset in decode_header(raw)
    )


@pytest.mark.parametrize("language", ["ja", "en", "ru"])
def test_every_header_of_a_dispatch_on_the_wire(app, language):
    name, subject = WORDS[language]
    link = tokens.placeholder("unsubscribe", "abcdefgh2345", f"/{language}/u/")
    mail = enqueue(
        language=language,
        to_name=name,
        to_address="x@xn--e1afmkfd.xn--p1ai",
        subject=subject,
        text=f"{name}\n",
        dispatch_id=7,
        headers={
            "List-Id": "<general.association.example>",
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Precedence": "list",
        },
    )
    content = messages.as_bytes(mail)

    content.decode("ascii")
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert all(
        len(line) <= 78 for line in lines_of(content) if not line.startswith(b"List-Unsubscribe")
    )
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?[^?]\?[^?]*\?=", content))
    token = tokens.make("unsubscribe", "abcdefgh2345")
    exact = f"List-Unsubscribe: <http://127.0.0.1:8000/{language}/u/{token}>".encode()
    assert exact in lines_of(content)
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines_of(content)
    assert b"List-Id: <general.association.example>" in lines_of(content)
    assert b"Precedence: list" in lines_of(content)
    assert f"Content-Language: {language}".encode() in lines_of(content)
    assert f"Message-ID: {mail.message_id}".encode() in lines_of(content)
    assert b"Auto-Submitted" not in content  # somebody wrote it
    assert decoded(unfolded(content, "Subject")) == subject
    to = unfolded(content, "To")
    assert to.endswith("<x@xn--e1afmkfd.xn--p1ai>")
    if language == "en":
        assert to == '"O\\"Neil, Sean \\\\ Jr." <x@xn--e1afmkfd.xn--p1ai>'
    else:
        assert decoded(to.rpartition(" <")[0]) == name
    read = message_from_bytes(content, policy=compat32)
    payload = read.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == f"{name}\n"
    assert read["Content-Transfer-Encoding"] == ("7bit" if language == "en" else "base64")


def test_a_mail_the_program_writes_says_so(app):
    assert b"\r\nAuto-Submitted: auto-generated\r\n" in messages.as_bytes(enqueue())


def test_the_bytes_are_the_same_at_every_attempt(app):
    mail = enqueue(
        text="こんにちは\n",
        attachments={
            "ticket.png": {"qr": "[[link:ticket:abc:1:/t/]]"},
            "event.ics": {"text": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "type": "text/calendar"},
        },
    )
    first = messages.as_bytes(mail)
    with transaction():
        mail.attempts = 3
    db.session.expire_all()
    assert messages.as_bytes(mail) == first


def test_ticket_and_calendar_are_inside(app):
    ics = "BEGIN:VCALENDAR\r\nSUMMARY:総会\r\nEND:VCALENDAR\r\n"
    mail = enqueue(
        attachments={
            "ticket.png": {"qr": "[[link:ticket:abc:1:/t/]]"},
            "event.ics": {"text": ics, "type": "text/calendar; charset=utf-8; method=PUBLISH"},
        }
    )
    read = message_from_bytes(messages.as_bytes(mail))
    parts = [part for part in read.walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in parts] == [
        "text/plain",
        "text/calendar",
        "image/png",
    ]
    calendar = parts[1]
    assert (calendar.get_param("method"), calendar.get_filename()) == ("PUBLISH", "event.ics")
    assert calendar.get_payload(decode=True) == ics.encode()
    picture = parts[2].get_payload(decode=True)
    assert isinstance(picture, bytes)
    assert picture.startswith(b"\x89PNG")


def test_secret_links_stand_in_the_mail_and_not_in_the_table(app):
    mail = enqueue(text=f"Here: {tokens.placeholder('manage', 'abc', '/ja/r/', 2)}\n")
    token = tokens.make("manage", "abc", 2)
    assert token not in mail.text
    assert f"http://127.0.0.1:8000/ja/r/{token}".encode() in messages.as_bytes(mail)


def test_nobody_adds_a_header_through_a_name_or_subject(app):
    mail = enqueue(
        to_name="A\r\nBcc: all@example.org", subject="Hi\r\nBcc: all@example.org\r\n\r\nX"
    )
    assert b"\r\nBcc:" not in messages.as_bytes(mail)


def test_a_subject_that_looks_encoded_stays_as_it_is():
    line = text_line("Subject", "=?utf-8?q?hello?=")
    assert decoded(line.removeprefix("Subject: ").strip()) == "=?utf-8?q?hello?="


def test_links_are_never_broken():
    long = "https://" + "a" * 200 + ".example/u/token"
    assert links_line("List-Unsubscribe", [long, "mailto:a@example.org"]) == (
        f"List-Unsubscribe: <{long}>,\r\n <mailto:a@example.org>\r\n"
    )


def test_an_address_beyond_ascii_is_refused_rather_than_encoded():
    with pytest.raises(UnicodeEncodeError):
        address_line("To", "X", "секретариат@example.org")
    with pytest.raises(UnicodeEncodeError):
        plain_line("Message-ID", "<ü@example.org>")


def test_html_stands_beside_the_text(app):
    read = message_from_bytes(messages.as_bytes(enqueue(html="<p>こんにちは</p>")))
    assert read.get_content_type() == "multipart/alternative"
    html = [part for part in read.walk() if part.get_content_type() == "text/html"]
    payload = html[0].get_payload()
    assert isinstance(payload, str)
    assert "こんにちは" in base64.b64decode(payload).decode()
