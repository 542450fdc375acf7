"""Answers that a browser keeps as files."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from flask import Response

from harpevents.core.tables.writing import Sheet, write_csv, write_workbook

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(content: bytes | str, name: str, kind: str) -> Response:
    """The answer that a browser keeps as a file of this name."""
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def table_download(sheets: Sequence[Sheet], name: str, form: str, zone: ZoneInfo) -> Response:
    """The sheets as a workbook, or the first one as CSV (`form`: xlsx or csv), times in `zone`."""
    if form == "xlsx":
        return download(write_workbook(sheets, zone), f"{name}.xlsx", XLSX)
    content = b"".join(write_csv(sheets[0].header, sheets[0].rows, zone))
    return download(content, f"{name}.csv", CSV)
