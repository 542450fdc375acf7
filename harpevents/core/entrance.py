"""The entrance of a web process: many may send at once, few threads do the work.

A thread that waits for what a telephone in a crowded hall still sends costs next to nothing, so
there are many. Threads that work share one interpreter, and each time it goes from one to another
both lose what the processor has at hand: so whoever sends a form waits for one and the same thread.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Semaphore
from typing import Any

from flask import Flask

READERS = 2  # requests of one process that only ask, worked on at once by whoever took them in
WRITERS = 1  # threads for forms on SQLite, where they would wait for each other anyway
WRITERS_ON_A_SERVER = 4  # where two events have a lock each
CARRIERS = 1  # threads for files: to read one takes long, and no other form should wait for it
IN_MEMORY = 128 * 1024  # bytes of a body; a longer one waits in a file
ASKING = frozenset({"GET", "HEAD", "OPTIONS"})

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Entrance:
    """Takes in the whole body of a request, then lets it be worked on with few of its kind."""

    def __init__(self, application: Application, longest_body: int, writers: int = WRITERS) -> None:
        self.application = application
        self.longest_body = longest_body
        self.readers = Semaphore(READERS)
        self.writers = ThreadPoolExecutor(writers, "writer")
        self.carriers = ThreadPoolExecutor(CARRIERS, "carrier")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self._whole_body(environ):
            if environ["REQUEST_METHOD"] in ASKING:
                with self.readers:
                    return self.application(environ, start_response)
            files = environ.get("CONTENT_TYPE", "").lower().startswith("multipart/")
            workers = self.carriers if files else self.writers
            return workers.submit(self.application, environ, start_response).result()

    @contextmanager
    def _whole_body(self, environ: dict[str, Any]) -> Iterator[None]:
        """Take the body in; of one that is longer than allowed only as much as shows it.

        Nobody who works may wait for a sender: where no length is announced, the body is read to
        its end here, and of a request that only asks it is not read at all.
        """
        announced = environ.get("CONTENT_LENGTH") or ""
        known = announced.isascii() and announced.isdigit()
        if known:
            left = int(announced)
            wanted = left <= self.longest_body
        else:  # Werkzeug would read to the end whatever comes
            environ.pop("wsgi.input_terminated", None)
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            left = self.longest_body + 1
            wanted = environ["REQUEST_METHOD"] not in ASKING
        if not wanted:
            yield
            return
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as body:
            while left and (piece := environ["wsgi.input"].read(min(left, IN_MEMORY))):
                body.write(piece)
                left -= len(piece)
            if not known:
                environ["CONTENT_LENGTH"] = str(body.tell())
            body.seek(0)
            environ["wsgi.input"] = body
            yield


def init_app(app: Flask) -> None:
    """Let nobody into `app` but through its entrance."""
    longest = int(app.config["MAX_CONTENT_LENGTH"])
    writers = WRITERS if app.config["SETTINGS"].on_sqlite else WRITERS_ON_A_SERVER
    app.wsgi_app = Entrance(app.wsgi_app, longest, writers)  # type: ignore[method-assign]
