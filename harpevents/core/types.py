"""Column types shared by all models: aware instants, translated texts, string enumerations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator

from harpevents.core.languages import fallbacks


def preset(value: str | int) -> MappedColumn[Any]:
    """A column that has `value` where nothing is written, by the program and in the database.

    Said once for both, because a column that a migration adds meets rows that are there already.
    """
    written = f"'{value}'" if isinstance(value, str) else str(value).lower()
    return mapped_column(default=value, server_default=text(written))


BlankText = Annotated[str, preset("")]
"""A text that is empty until somebody writes one."""

Off = Annotated[bool, preset(False)]
"""A yes or no that is no until somebody says yes."""

Translated = Annotated[dict[str, str], "translated"]
"""A text in several languages: {code of `core.languages`: text}; a missing one is absent."""

Document = Annotated[dict[str, Any], "document"]
Identifier = Annotated[int, "identifier"]

JSON_TYPE = JSON().with_variant(JSONB(), "postgresql")
IDENTIFIER_TYPE = BigInteger().with_variant(Integer(), "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: takes only aware datetimes, gives back aware ones in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def in_language(texts: Mapping[str, str] | None, language: str) -> str:
    """The text in `language`, else in English, else in any language there is, else ""."""
    if not texts:
        return ""
    for wanted in fallbacks(language):
        if text := texts.get(wanted):
            return text
    return next(iter(texts.values()), "")
