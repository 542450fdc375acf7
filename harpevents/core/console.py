"""What the commands share: printing for people or programs, and refusals with their exit codes."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, cast

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from harpevents.core.db import db
from harpevents.core.errors import InputRefused, NotFound, RuleBroken

Command = TypeVar("Command", bound=Callable[..., Any])

NO_TABLES = ("no such table", "no such column", "UndefinedTable", "UndefinedColumn")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def print_json(value: Any) -> None:
    """One JSON document on standard output, characters as they are."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def refuses(command: Command) -> Command:
    """Turn a refused rule, input or name into a line on standard error and exit code 1.

    With --json the line is {"error", "row"?, "column"?}. Wrong usage exits with 2 (click's own).
    """

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        as_json = bool(kwargs.get("as_json"))
        try:
            return command(*args, **kwargs)
        except InputRefused as refused:
            fail(refused.as_json(), as_json=as_json)
        except NotFound as missing:
            told = str(missing)
            words = told if " " in told else f"Nothing here goes by “{told}”."
            fail({"error": words}, as_json=as_json)
        except RuleBroken as broken:
            fail({"error": str(broken)}, as_json=as_json)
        except (OperationalError, ProgrammingError) as failed:
            if not any(sign in str(failed) for sign in NO_TABLES):
                raise
            fail(
                {"error": "The database has no such table. Run: harpevents migrate"},
                as_json=as_json,
            )
        finally:
            db.session.rollback()

    return cast(Command, wrapped)


def fail(error: dict[str, Any], *, as_json: bool, code: int = 1) -> NoReturn:
    """Say what was refused and leave with `code`."""
    if as_json:
        click.echo(json.dumps(error, ensure_ascii=False), err=True)
    else:
        place = [f"{name} {error[name]}" for name in ("row", "column") if name in error]
        click.echo(
            ": ".join([", ".join(place), error["error"]] if place else [error["error"]]), err=True
        )
    sys.exit(code)
