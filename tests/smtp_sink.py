"""A mail server on this machine that speaks real SMTP, keeps what it gets and refuses on demand."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class SMTPSink:
    """`messages` in order of arrival; `answers` maps an address to the reply its RCPT TO gets."""

    url: str
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    answer_to_data: str | None = None
    hang_up_after_data: bool = False  # keeps the mail and leaves the client without an answer

    def to(self, address: str) -> list[EmailMessage]:
        """What arrived for `address`, by the envelope."""
        pairs = zip(self.messages, self.recipients, strict=True)
        return [message for message, recipient in pairs if recipient == address]

    async def handle_RCPT(  # noqa: N802, the name is the protocol's
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if refusal := self.answers.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer_to_data:
            return self.answer_to_data
        for recipient in envelope.rcpt_tos:
            message = message_from_bytes(envelope.content, policy=default)
            self.messages.append(message)
            self.recipients.append(recipient)
        if self.hang_up_after_data:
            server.transport.close()
        return "250 OK: kept"


def free_port() -> int:
    """A port of the loopback address that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_sink() -> tuple[SMTPSink, Controller]:
    port = free_port()
    sink = SMTPSink(f"smtp://127.0.0.1:{port}")
    controller = Controller(sink, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    return sink, controller
