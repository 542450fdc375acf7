"""The application as the server calls it: the event loop takes bodies in, threads do the work.

A telephone in a crowded hall that is still sending its form holds a coroutine and no thread. What
is sent goes to disk beyond 64 kB; a body that comes too slowly, or more of all bodies together than
the disk should hold, is refused.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.wsgi import WsgiToAsgiInstance
from flask import Flask

THREADS = (
    64  # most of them wait: for the write lock, a connection, or their turn to check a password
)
PAUSE_SECONDS = 20  # between two pieces of a body
BODY_SECONDS = 300  # for the whole of it
BYTES_AT_ONCE = 512 * 1024 * 1024  # of all bodies that one process is taking in

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class BodyRefused(Exception):
    """What is being sent is not waited for any longer; the status says why (RFC 9110)."""

    def __init__(self, status: int) -> None:
        self.status = status


class Disconnected(Exception):
    """The client has closed the connection before it was answered."""


_threads = ThreadPoolExecutor(THREADS, "request")
_run: Callable[..., None] = vars(WsgiToAsgiInstance)["run_wsgi_app"].func


class Exchange(WsgiToAsgiInstance):
    """One request, taken in whole, worked on in one of several threads, and answered whole.

    As the library has it, one thread of the process would do all the work, and each piece of an
    answer would go from thread to loop and back by itself: three times the cost of a kept page.
    """

    def __init__(self, application: Application) -> None:
        super().__init__(application)  # type: ignore[no-untyped-call]
        self.answer: list[Message] = []

    async def run_wsgi_app(self, body: io.BufferedIOBase) -> None:
        self.sync_send: Any = self.answer.append
        await asyncio.get_running_loop().run_in_executor(_threads, _run, self, body)

    def build_environ(self, scope: Scope, body: io.BufferedIOBase) -> dict[str, Any]:
        """The WSGI environment, with the length of a body that came without one."""
        environ: dict[str, Any] = super().build_environ(scope, body)  # type: ignore[no-untyped-call]
        if environ.pop("HTTP_TRANSFER_ENCODING", None):
            environ["CONTENT_LENGTH"] = str(body.seek(0, io.SEEK_END))
            body.seek(0)
        return environ


class Site:
    """The ASGI application; `longest` is the number of bytes that one body may have."""

    def __init__(self, application: Application, longest: int) -> None:
        self.application = application
        self.longest = longest
        self.coming_in = 0  # bytes of bodies that are held at this moment

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, exchange = Body(self, scope, receive), Exchange(self.application)
        try:
            await exchange(scope, body.receive, _unused)
            start, *pieces = exchange.answer
            whole = b"".join(piece.get("body", b"") for piece in pieces)
            await send(start)
            await send({"type": "http.response.body", "body": whole})
        except BodyRefused as refused:
            await send({"type": "http.response.start", "status": refused.status, "headers": CLOSE})
            await send({"type": "http.response.body", "body": b""})
        except Disconnected:
            pass
        finally:
            self.coming_in -= body.size


async def _unused(_message: Message) -> None:
    """What the library would send by; the answer is sent when it is whole."""


CLOSE = [(b"connection", b"close"), (b"content-length", b"0")]


class Body:
    """A request's body on its way in, within the limits of time and size."""

    def __init__(self, site: Site, scope: Scope, receive: Receive) -> None:
        self._site = site
        self._receive = receive
        self._ends_at = asyncio.get_running_loop().time() + BODY_SECONDS
        self._too_long = _announced(scope) > site.longest
        self.size = 0

    async def receive(self) -> Message:
        """The next piece; raises `BodyRefused` or `Disconnected`."""
        if self._too_long:  # the application says so on a page, and nobody reads what comes
            return {"type": "http.request", "body": b"", "more_body": False}
        left = self._ends_at - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(min(PAUSE_SECONDS, left)):
                message = await self._receive()
        except TimeoutError:
            raise BodyRefused(408) from None
        if message["type"] == "http.disconnect":
            raise Disconnected
        length = len(message.get("body", b""))
        self.size += length
        self._site.coming_in += length
        if self.size > self._site.longest:
            raise BodyRefused(413)
        if self._site.coming_in > BYTES_AT_ONCE:
            raise BodyRefused(503)
        return message


def _announced(scope: Scope) -> int:
    """The length that the request says its body has; 0 where it says none or nonsense."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


def of(app: Flask) -> Site:
    """The ASGI application of `app`."""
    return Site(app.wsgi_app, int(app.config["MAX_CONTENT_LENGTH"]))
