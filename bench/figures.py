"""What was measured, beside what is promised: a line for people, an entry for programs."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config import ROOT


@dataclass(frozen=True)
class Figure:
    """One measured number. `kept` is None where nothing is promised: it is only told."""

    name: str
    on: str  # SQLite, PostgreSQL, or nothing where it is one to both
    measured: str
    promised: str = ""
    kept: bool | None = None
    numbers: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        sign = {True: "kept  ", False: "MISSED", None: "      "}[self.kept]
        return f"{sign}  {self.name:36}  {self.on:10}  {self.measured:46}  {self.promised}".rstrip()


def write(
    path: Path, figures: Sequence[Figure], parts: Sequence[str], seconds: float, load: float
) -> None:
    """All figures as JSON, with the machine they are from; `load` is its load before the run."""
    said = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds),
        "parts": list(parts),
        "commit": _commit(),
        "machine": {**_machine(), "load_before": load},
        "figures": [asdict(figure) for figure in figures],
    }
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n")


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    return done.stdout.strip()


def _machine() -> dict[str, object]:
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "processors": os.cpu_count(),
        "model": models[0] if models else platform.machine(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
