"""Turns a row of the outbox into the bytes that are sent: the same bytes at every attempt."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import segno
from markupsafe import Markup, escape

from harpevents.core import clock, tokens
from harpevents.outbox import sender
from harpevents.outbox.header_lines import address_line, links_line, plain_line, text_line
from harpevents.outbox.models import Message

LINK_FIELDS = {"List-Unsubscribe", "List-Help", "List-Owner", "List-Archive", "List-Subscribe"}
_WEB_LINK = re.compile(r"(https?://[!-;=?-~]+)", re.ASCII)
_LINK = re.compile(r"<([^<>]+)>")


@dataclass(frozen=True)
class Attachment:
    """A file of a mail; `type` is its media type with parameters."""

    name: str
    type: str
    content: bytes

    @property
    def is_picture(self) -> bool:
        return self.type.startswith("image/")

    @property
    def data_uri(self) -> str:
        """The file as a link that needs no request."""
        return f"data:{self.type};base64,{base64.b64encode(self.content).decode()}"

    @property
    def as_text(self) -> str:
        return self.content.decode("utf-8", "replace")


def text_of(message: Message) -> str:
    """The plain text with its secret links."""
    return tokens.fill_placeholders(message.text)


def has_lost_links(message: Message) -> bool:
    """Whether the mail has places for secret links, and none is of our key: they stay empty.

    One that somebody typed beside ours is no reason.
    """
    places = json.dumps([message.text, message.headers, message.attachments], ensure_ascii=False)
    return tokens.verifies_none(places)


def linked(text: str) -> Markup:
    """The text of a mail for a page: everything escaped, its links made to follow."""
    pieces = _WEB_LINK.split(text)
    return Markup("").join(
        Markup('<a href="{0}" rel="noreferrer nofollow">{0}</a>').format(piece)
        if number % 2
        else escape(piece)
        for number, piece in enumerate(pieces)
    )


def subject_of(message: Message) -> str:
    return tokens.fill_placeholders(message.subject)


def attachments_of(message: Message) -> list[Attachment]:
    """The files of the mail in the order of their names, QR codes drawn."""
    return [
        _attachment(name, description) for name, description in sorted(message.attachments.items())
    ]


def _attachment(name: str, description: dict[str, Any]) -> Attachment:
    if "qr" in description:
        drawn = io.BytesIO()
        code = segno.make(tokens.fill_placeholders(description["qr"]), error="m", micro=False)
        code.save(drawn, kind="png", scale=8, border=4)
        return Attachment(name, "image/png", drawn.getvalue())
    if "base64" in description:
        return Attachment(name, description["type"], base64.b64decode(description["base64"]))
    text = tokens.fill_placeholders(description["text"])
    return Attachment(name, description.get("type", "text/plain"), text.encode())


def as_bytes(message: Message) -> bytes:
    """The whole mail (RFC 5322) in ASCII with CRLF. A function of the row and settings only."""
    written = io.BytesIO()
    BytesGenerator(written, policy=SMTP).flatten(_body(message))
    return "".join(_header_lines(message)).encode("ascii") + written.getvalue()


def _header_lines(message: Message) -> Iterator[str]:
    written_at = message.created_at.astimezone(clock.association_zone())
    yield plain_line("Date", format_datetime(written_at))
    yield address_line("From", sender.name(message.language), sender.address())
    yield address_line("To", message.to_name, message.to_address)
    yield text_line("Subject", subject_of(message))
    yield plain_line("Message-ID", message.message_id)
    yield plain_line("Content-Language", message.language)
    yield plain_line("X-Harp-Ref", f"m{message.id}")
    yield plain_line("X-Auto-Response-Suppress", "OOF, AutoReply, RN, NRN")
    if message.dispatch_key is None:
        yield plain_line("Auto-Submitted", "auto-generated")
    for name, value in sorted(message.headers.items()):
        filled = tokens.fill_placeholders(str(value))
        if name in LINK_FIELDS:
            yield links_line(name, _LINK.findall(filled))
        elif filled.isascii():
            yield plain_line(name, filled)
        else:
            yield text_line(name, filled)


def _body(message: Message) -> EmailMessage:
    body = EmailMessage(policy=SMTP)
    _set_text(body, text_of(message))
    if message.html is not None:
        html = tokens.fill_placeholders(message.html)
        body.add_alternative(html, subtype="html", charset="utf-8", cte="base64")
    for attachment in attachments_of(message):
        _attach(body, attachment)
    for number, part in enumerate(body.walk()):
        if part.is_multipart():
            seed = hashlib.sha256(f"{message.message_id}/{number}".encode()).hexdigest()
            part.set_boundary(f"=_{seed[:32]}")
    return body


def _set_text(part: EmailMessage, text: str) -> None:
    """Seven-bit text as it is, everything else in base64, which no server rewrites."""
    plain = text.isascii() and all(len(line) < 990 for line in text.splitlines())
    part.set_content(text, charset="utf-8", cte="7bit" if plain else "base64")


def _attach(body: EmailMessage, attachment: Attachment) -> None:
    media, *parameters = (piece.strip() for piece in attachment.type.split(";"))
    main, _, sub = media.partition("/")
    params = dict(piece.split("=", 1) for piece in parameters if "=" in piece)
    params.pop("charset", None)  # text is always written in UTF-8
    if main == "text":
        body.add_attachment(
            attachment.as_text,
            subtype=sub,
            charset="utf-8",
            cte="base64",
            params=params,
            disposition="inline",
            filename=attachment.name,
        )
    else:
        body.add_attachment(
            attachment.content,
            maintype=main,
            subtype=sub,
            params=params,
            disposition="inline",
            filename=attachment.name,
        )
