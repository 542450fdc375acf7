"""Reading a workbook in a process of its own, which may end without taking this one along.

The reader is native code: what it cannot stand ends its process and not ours, and memory and
processor have limits there. `python -m` this module reads a workbook on standard input.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys

from harpevents.core.tables.refusals import TableRefused
from harpevents.core.tables.workbooks import (
    SheetRead,
    refuse_old_or_protected,
    rows_of_workbook,
)

SECONDS = 30
MEMORY_BYTES = 2 * 1024**3


def rows_apart(data: bytes, *, rows: int, columns: int) -> SheetRead:
    """What `rows_of_workbook` gives; a reader that dies or takes too long is a `TableRefused`."""
    refuse_old_or_protected(data)
    command = [sys.executable, "-m", __name__, str(rows), str(columns)]
    try:
        done = subprocess.run(  # noqa: S603 (our own command line)
            command, input=data, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise TableRefused("unpacks_too_large") from late
    if done.returncode:
        raise TableRefused("broken_workbook")
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise TableRefused(
            answer["refused"], row=answer["row"], column=answer["column"], **answer["params"]
        )
    return SheetRead(**answer)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(rows: str, columns: str) -> None:
    """Write the sheet as JSON, or why it is refused."""
    _limit()
    try:
        read = rows_of_workbook(sys.stdin.buffer.read(), rows=int(rows), columns=int(columns))
        answer = read._asdict()
    except TableRefused as refused:
        answer = {
            "refused": refused.code,
            "row": refused.row,
            "column": refused.column,
            "params": refused.params,
        }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
