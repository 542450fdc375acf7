"""Dates that hold for a while: the first day counts, the last does not, a missing one is open."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute


def covers(
    begins: InstrumentedAttribute[Any],
    ends: InstrumentedAttribute[Any],
    day: date | InstrumentedAttribute[Any],
) -> ColumnElement[bool]:
    """The condition that the time from `begins` until before `ends` holds `day`."""
    return and_(or_(begins.is_(None), begins <= day), or_(ends.is_(None), ends > day))
