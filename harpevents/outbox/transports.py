"""Ways out of the house: a mail server, or a folder that catches everything on this machine."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app

from config import LOOPBACK_HOSTS
from harpevents.outbox.models import DeliveryOutcome

SECONDS_TO_ANSWER = 30  # for each step; the lease is longer than all of them together
SECONDS_TO_TAKE = (
    600  # for the answer to the text, which a server may scan first (RFC 5321 4.5.3.2.6)
)


@dataclass(frozen=True)
class Outcome:
    """What became of one try. `about_us`: the server turned us away, not the recipient."""

    word: DeliveryOutcome
    code: int | None = None
    answer: str = ""
    about_us: bool = False


class Transport(Protocol):
    """Sends one mail at a time; never raises for what a server does."""

    def send(self, number: int, to_address: str, sender: str, content: bytes) -> Outcome: ...

    def close(self) -> None: ...


def open_transport() -> Transport:
    """The mail server of the settings, or the folder where there is none."""
    settings = current_app.config["SETTINGS"]
    if settings.smtp_url:
        return MailServer(settings.smtp_url)
    return Folder(settings.data / "outbox")


class Folder:
    """Keeps each mail as a file named by its number, whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def send(self, number: int, to_address: str, sender: str, content: bytes) -> Outcome:
        target = self.path / f"{number:08}.eml"
        unfinished = self.path / f".{number:08}.part"
        try:
            with unfinished.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(target)
        except OSError as error:
            return Outcome(DeliveryOutcome.DEFERRED, None, str(error), about_us=True)
        return Outcome(DeliveryOutcome.CAUGHT)

    def close(self) -> None:
        """Make the names last. Once is enough: what a power cut took, the row can write again."""
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class MailServer:
    """One connection for many mails: smtp://user:password@host:port or smtps://.

    STARTTLS is used wherever the server offers it (on loopback only with ?starttls, which demands
    it everywhere); a password never crosses the network in clear.
    """

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)
        self.connection: smtplib.SMTP | None = None

    def send(self, number: int, to_address: str, sender: str, content: bytes) -> Outcome:
        used = self.connection is not None
        outcome = self._try(to_address, sender, content)
        if used and outcome.about_us and self.connection is None:
            outcome = self._try(to_address, sender, content)  # it was only tired of waiting for us
        return outcome

    def _try(self, to_address: str, sender: str, content: bytes) -> Outcome:
        try:
            server = self.connection = self.connection or self._connect()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Outcome(DeliveryOutcome.DEFERRED, *_said(error), about_us=True)
        in_doubt = False
        try:
            code, answer = server.mail(sender)
            if code != 250:
                return self._turned_away(DeliveryOutcome.DEFERRED, code, answer, about_us=True)
            code, answer = server.rcpt(to_address)
            if code not in {250, 251}:
                return self._turned_away(_failure(code), code, answer)
            code, answer = server.docmd("DATA")
            if code != 354:
                return self._turned_away(_failure(code), code, answer)
            in_doubt = True
            server.send(_stuffed(content))
            code, answer = _answer_to_text(server)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            word = DeliveryOutcome.UNKNOWN if in_doubt else DeliveryOutcome.DEFERRED
            return Outcome(word, *_said(error), about_us=not in_doubt)
        if 200 <= code < 300:
            return Outcome(DeliveryOutcome.ACCEPTED, code, _words(answer))
        if 400 <= code < 600:
            return self._turned_away(_failure(code), code, answer)
        # Neither taken nor refused: it may have arrived, so only a person may send it again.
        self._drop()
        return Outcome(DeliveryOutcome.UNKNOWN, code if code > 0 else None, _words(answer))

    def _turned_away(
        self, word: DeliveryOutcome, code: int, answer: bytes, *, about_us: bool = False
    ) -> Outcome:
        """Leave the connection clean for the next mail, or close it."""
        if code == 421:
            self._drop()
            return Outcome(DeliveryOutcome.DEFERRED, code, _words(answer), about_us=True)
        try:
            if self.connection is not None and self.connection.rset()[0] != 250:
                self._drop()
        except (smtplib.SMTPException, OSError):
            self._drop()
        return Outcome(word, code, _words(answer), about_us=about_us)

    def _connect(self) -> smtplib.SMTP:
        host, name = self.url.hostname or "localhost", "localhost"
        secure = self.url.scheme == "smtps"
        port = self.url.port or (465 if secure else 25)
        server: smtplib.SMTP
        if secure:
            context = ssl.create_default_context()
            server = smtplib.SMTP_SSL(host, port, name, timeout=SECONDS_TO_ANSWER, context=context)
        else:
            server = smtplib.SMTP(host, port, name, SECONDS_TO_ANSWER)
        self.connection = server
        server.ehlo_or_helo_if_needed()
        local = host in LOOPBACK_HOSTS
        demanded = "starttls" in parse_qs(self.url.query, keep_blank_values=True)
        if not secure and (demanded or (server.has_extn("starttls") and not local)):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            secure = True
        if self.url.username:
            if not secure and not local:
                raise smtplib.SMTPNotSupportedError("no password is sent over an open connection")
            server.login(unquote(self.url.username), unquote(self.url.password or ""))
        return server

    def _drop(self) -> None:
        if self.connection is not None:
            with suppress(OSError):
                self.connection.close()
            self.connection = None

    def close(self) -> None:
        if self.connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.connection.quit()
            self.connection = None


def _answer_to_text(server: smtplib.SMTP) -> tuple[int, bytes]:
    assert server.sock is not None
    server.sock.settimeout(SECONDS_TO_TAKE)
    try:
        return server.getreply()
    finally:
        if server.sock is not None:
            server.sock.settimeout(SECONDS_TO_ANSWER)


def _stuffed(content: bytes) -> bytes:
    """The content with dots at line beginnings doubled and the end mark (RFC 5321, 4.5.2)."""
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


def _words(answer: bytes) -> str:
    return answer.decode("utf-8", "replace")[:500]


def _said(error: Exception) -> tuple[int | None, str]:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return error.smtp_code, _words(said if isinstance(said, bytes) else said.encode())
    return None, (str(error) or type(error).__name__)[:500]


def _failure(code: int) -> DeliveryOutcome:
    """What a reply that is not the hoped-for one means (RFC 5321, 4.2.1): for good, or for now."""
    return DeliveryOutcome.REFUSED if code >= 500 else DeliveryOutcome.DEFERRED
