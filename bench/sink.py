"""Where the bench's mail goes: a mail server that takes everything, keeps nothing and counts.

`python -m bench.sink PORT`. It speaks as much SMTP as a sender needs, in one process of its own,
and answers `XCOUNT` with how many mails it has taken.
"""

from __future__ import annotations

import asyncio
import os
import smtplib
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench import servers

ANSWERS = {
    b"EHLO": b"250 sink\r\n",
    b"HELO": b"250 sink\r\n",
    b"MAIL": b"250 ok\r\n",
    b"RCPT": b"250 ok\r\n",
    b"RSET": b"250 ok\r\n",
    b"NOOP": b"250 ok\r\n",
    b"DATA": b"354 go on\r\n",
}
END = b"\r\n.\r\n"
taken = 0


class Session(asyncio.Protocol):
    """One sender."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = b""
        self.in_mail = False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        global taken
        self.received += data
        while (end := self.received.find(END if self.in_mail else b"\r\n")) >= 0:
            if self.in_mail:
                self.received = self.received[end + len(END) :]
                self.in_mail = False
                taken += 1
                self.transport.write(b"250 taken\r\n")
                continue
            line, self.received = self.received[:end], self.received[end + 2 :]
            self._answer(line[:6].upper())

    def _answer(self, command: bytes) -> None:
        if command.startswith(b"QUIT"):
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        elif command == b"XCOUNT":
            self.transport.write(b"250 %d\r\n" % taken)
        else:
            self.in_mail = command.startswith(b"DATA")
            self.transport.write(ANSWERS.get(command[:4], b"502 what\r\n"))


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Session, "127.0.0.1", port)
    await server.serve_forever()


class Sink:
    """The process, seen from outside."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"smtp://127.0.0.1:{port}"

    def count(self) -> int:
        """How many mails it has taken."""
        with smtplib.SMTP("127.0.0.1", self.port, "bench") as server:
            return int(server.docmd("XCOUNT")[1])


@contextmanager
def running() -> Iterator[Sink]:
    """A sink for as long as the block lasts."""
    sink = Sink(servers.free_port())
    command = [sys.executable, "-m", "bench.sink", str(sink.port)]
    with servers.running(command, sink.count, os.environ):
        yield sink


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
