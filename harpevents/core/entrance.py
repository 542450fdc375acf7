"""The entrance of a web process: many may send at once, few are let in to be worked on.

A thread that waits for what a telephone in a crowded hall still sends costs next to nothing, so
there are many. Threads that work share one interpreter: beyond two they only take it, and what the
processor has at hand, away from each other.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from flask import Flask

READERS = 2  # requests of one process that only ask and are worked on at once
WRITERS = 2  # and of those that send: they wait for each other, and readers not for them
IN_MEMORY = 128 * 1024  # bytes of a body; a longer one waits in a file

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def _places(number: int) -> SimpleQueue[int]:
    places: SimpleQueue[int] = SimpleQueue()
    for place in range(number):
        places.put(place)
    return places


class Entrance:
    """Takes in the whole body of a request, then lets it wait until there is a place to work."""

    def __init__(self, application: Application, longest_body: int) -> None:
        self.application = application
        self.longest_body = longest_body
        self.readers, self.writers = _places(READERS), _places(WRITERS)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        asks = environ["REQUEST_METHOD"] in {"GET", "HEAD", "OPTIONS"}
        places = self.readers if asks else self.writers
        with self._whole_body(environ):
            place = places.get()
            try:
                return self.application(environ, start_response)
            finally:
                places.put(place)

    @contextmanager
    def _whole_body(self, environ: dict[str, Any]) -> Iterator[None]:
        """Read what is announced; what is too long or of no known length is left to be refused."""
        announced = environ.get("CONTENT_LENGTH") or ""
        left = int(announced) if announced.isascii() and announced.isdigit() else 0
        if not 0 < left <= self.longest_body:
            yield
            return
        with io.BytesIO() if left <= IN_MEMORY else tempfile.TemporaryFile() as body:
            while left and (piece := environ["wsgi.input"].read(min(left, IN_MEMORY))):
                body.write(piece)
                left -= len(piece)
            body.seek(0)
            environ["wsgi.input"] = body
            yield


def init_app(app: Flask) -> None:
    """Let nobody into `app` but through its entrance."""
    longest = int(app.config["MAX_CONTENT_LENGTH"])
    app.wsgi_app = Entrance(app.wsgi_app, longest)  # type: ignore[method-assign]
