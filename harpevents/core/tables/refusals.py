"""Why a file cannot be read as a table: one code each, with words that are translated late.

Codes are stable names for programs and tests; `REASONS` holds the words for people.
"""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from harpevents.core.errors import InputRefused

REASONS: dict[str, LazyString] = {
    "empty_file": _l("The file is empty."),
    "too_many_bytes": _l("The file is larger than %(limit)s megabytes."),
    "too_many_rows": _l("The file has more than %(limit)s rows."),
    "too_many_columns": _l("This row has more than %(limit)s columns."),
    "cell_too_long": _l("This cell holds more than %(limit)s characters."),
    "undecodable": _l("This line cannot be read as %(encoding)s text."),
    "unknown_encoding": _l(
        "The encoding of the file is not certain. Please choose it, or save the file as UTF-8."
    ),
    "not_a_table": _l("The file is not a CSV or Excel table but something else (%(kind)s)."),
    "unclosed_quotation": _l("A quotation mark opened in this row is never closed."),
    "encrypted": _l("The Excel file is protected by a password."),
    "old_excel": _l("This is an old Excel file (.xls). Please save it as .xlsx or CSV."),
    "macros": _l("The Excel file contains macros. Please save it as .xlsx or CSV."),
    "unpacks_too_large": _l("The Excel file unpacks to more than is allowed."),
    "broken_workbook": _l("The Excel file is damaged and cannot be opened."),
    "no_header": _l("No line with the names of the columns was found. Seen: %(seen)s"),
    "missing_column": _l("The column “%(name)s” is missing. Seen: %(seen)s"),
}


class TableRefused(InputRefused):
    """A file, or one place in it, cannot be read as a table. Nothing was kept of it.

    `code` is a key of `REASONS`, `params` fill its words; `row` is the line in the file (the row
    number of a workbook), `column` its header or, where there is none yet, its number from 1.
    """

    def __init__(
        self, code: str, *, row: int | None = None, column: str | None = None, **params: Any
    ) -> None:
        super().__init__(REASONS[code], row=row, column=column)
        self.code, self.params = code, params

    def __str__(self) -> str:
        words = str(self.reason)
        return words % self.params if self.params else words

    def as_json(self) -> dict[str, Any]:
        """{"error", "row"?, "column"?} as commands print it with --json."""
        return {**super().as_json(), "error": str(self)}
