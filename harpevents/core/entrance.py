"""The entrance of a web process: many may send at once, few are let in to be worked on.

A thread that waits for what a telephone in a crowded hall still sends costs next to nothing, so
there are many. Threads that work share one interpreter: beyond two they only take it, and what the
processor has at hand, away from each other.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, TypeVar

from flask import Flask

AT_WORK = 2  # requests of one process that are worked on at once
IN_A_RUSH = 2  # and beside them, of those that come in a rush
IN_MEMORY = 128 * 1024  # bytes of a body; a longer one waits in a file
VARIABLE_PART = re.compile("<[^>]+>")

View = TypeVar("View", bound=Callable[..., Any])
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def in_turn(view: View) -> View:
    """Let a view that writes and comes in a rush wait for its turn outside.

    It would wait for it anyway, inside, in a place where another request could be worked on.
    """
    view._in_turn = True  # type: ignore[attr-defined]
    return view


def _places(number: int) -> SimpleQueue[int]:
    places: SimpleQueue[int] = SimpleQueue()
    for place in range(number):
        places.put(place)
    return places


class Entrance:
    """Takes in the whole body of a request, then lets it wait until there is a place to work."""

    def __init__(self, application: Application, rush: re.Pattern[str], longest_body: int) -> None:
        self.application = application
        self.rush = rush
        self.longest_body = longest_body
        self.places, self.places_in_a_rush = _places(AT_WORK), _places(IN_A_RUSH)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        places = self.places_in_a_rush if self._comes_in_a_rush(environ) else self.places
        with self._whole_body(environ):
            place = places.get()
            try:
                return self.application(environ, start_response)
            finally:
                places.put(place)

    def _comes_in_a_rush(self, environ: dict[str, Any]) -> bool:
        path = environ.get("PATH_INFO", "")
        return environ["REQUEST_METHOD"] == "POST" and self.rush.fullmatch(path) is not None

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
    """Call it when all views are registered. On PostgreSQL writers need not take turns."""
    marked = [
        VARIABLE_PART.sub("[^/]+", rule.rule)
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "_in_turn", False)
    ]
    rush = re.compile("|".join(marked) if app.config["SETTINGS"].on_sqlite else "(?!)")
    longest = int(app.config["MAX_CONTENT_LENGTH"])
    app.wsgi_app = Entrance(app.wsgi_app, rush, longest)  # type: ignore[method-assign]
