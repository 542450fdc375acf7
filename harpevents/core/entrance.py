"""The entrance of a web process: many may send at once, few threads do the work.

A thread that waits for what a telephone in a crowded hall still sends costs next to nothing, so
there are many. Threads that work share one interpreter, and each time it goes from one to another
both lose what the processor has at hand: so whoever sends a form waits for one and the same thread.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Semaphore
from typing import Any

from flask import Flask

READERS = 2  # requests of one process that only ask, worked on at once by whoever took them in
WRITERS = 1  # threads for forms, which would wait for each other in the database anyway
CARRIERS = 1  # threads for files: to read one takes long, and the door must not wait for it
IN_MEMORY = 128 * 1024  # bytes of a body; a longer one waits in a file

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Entrance:
    """Takes in the whole body of a request, then lets it be worked on with few of its kind."""

    def __init__(self, application: Application, longest_body: int) -> None:
        self.application = application
        self.longest_body = longest_body
        self.readers = Semaphore(READERS)
        self.writers = ThreadPoolExecutor(WRITERS, "writer")
        self.carriers = ThreadPoolExecutor(CARRIERS, "carrier")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self._whole_body(environ):
            if environ["REQUEST_METHOD"] in {"GET", "HEAD", "OPTIONS"}:
                with self.readers:
                    return self.application(environ, start_response)
            files = environ.get("CONTENT_TYPE", "").startswith("multipart/")
            workers = self.carriers if files else self.writers
            return workers.submit(self.application, environ, start_response).result()

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
