"""One page of a long list: two queries whatever its length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from harpevents.core.db import db

Item = TypeVar("Item")
PER_PAGE = 50
LAST_PAGE = 100_000


@dataclass(frozen=True)
class Page(Generic[Item]):
    """`items` of page number `page` (from 1) of `total` rows, `per_page` to a page."""

    items: Sequence[Item]
    page: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def has_prev(self) -> bool:
        return self.page > 1

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    @property
    def first(self) -> int:
        """The running number of the first row shown, 0 when there is none."""
        return (self.page - 1) * self.per_page + 1 if self.items else 0

    @property
    def last(self) -> int:
        return (self.page - 1) * self.per_page + len(self.items)


def page_number(text: str | None) -> int:
    """The page a reader asked for; whatever is no sensible number is the first page."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 6:
        return 1
    return min(max(1, int(text)), LAST_PAGE)


def page_of(query: Select[Any], page: int, per_page: int = PER_PAGE) -> Page[Any]:
    """Page `page` of `query` (entities, or rows of several columns); clamped to the last."""
    total = (
        db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    )
    page = min(max(1, page), max(1, -(-total // per_page)))
    result = db.session.execute(query.limit(per_page).offset((page - 1) * per_page))
    rows: Sequence[Any] = result.all()
    if len(query.column_descriptions) == 1:
        rows = [row[0] for row in rows]
    return Page(rows, page, per_page, total)
