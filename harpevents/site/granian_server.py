"""The web server, which starts a process anew however soon it died.

Granian ends with all its processes when one of them dies twice within seconds, which takes the
healthy ones away with it. What cannot start at all is noticed before, by `serve`.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

CONNECTIONS = 4096  # of one web process at once; further ones wait in the socket
HEADER_SECONDS = 20
SECONDS_TO_STOP = 10
BREATH = 0.5  # seconds before a process that died is started anew


class SteadyServer(Server):  # type: ignore[misc, valid-type]
    """Granian, which forgets when it last started a process."""

    def _respawn_workers(self, *workers: Any, **options: Any) -> None:
        time.sleep(BREATH)
        super()._respawn_workers(*workers, **options)
        self.respawned_wrks.clear()


def main(application: str, host: str, port: str, workers: str) -> None:
    """Serve what this factory makes until a signal says to stop."""
    SteadyServer(
        application,
        address=host,
        port=int(port),
        interface=Interfaces.ASGINL,
        workers=int(workers),
        factory=True,
        backlog=2 * CONNECTIONS,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=1000 * HEADER_SECONDS),
        workers_kill_timeout=SECONDS_TO_STOP,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
