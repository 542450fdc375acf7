"""What the commands share: printing for people or programs, and refusals with their exit codes."""

from __future__ import annotations

import functools
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn, TypeVar, cast

import click
from babel import Locale
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from harpevents.core import i18n, passing_database
from harpevents.core.db import db
from harpevents.core.errors import InputRefused, NotFound, RuleBroken, SiteBusy
from harpevents.core.languages import FALLBACK, LANGUAGES

Command = TypeVar("Command", bound=Callable[..., Any])

NO_TABLES = ("no such table", "no such column", "UndefinedTable", "UndefinedColumn")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


class LanguageCode(click.ParamType[str]):
    """One of this installation's languages."""

    name = "language"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in i18n.languages():
            known = ", ".join(i18n.languages())
            self.fail(f"{value!r} is not one of {known}.", param, ctx)
        return value


def language_option(name: str = "--lang", default: str | None = FALLBACK, **kwargs: Any) -> Any:
    """`--lang CODE`: the language of what a command prints or makes."""
    shown = default is not None
    return click.option(name, type=LanguageCode(), default=default, show_default=shown, **kwargs)


def text_options(name: str, what: str, required: tuple[str, ...] = ()) -> Any:
    """`--title-ja TEXT` and so on, one for each language; the command gets {language: text}."""

    def collected(context: click.Context, param: click.Parameter, text: str) -> None:
        code = str(param.name).rpartition("_")[2]
        texts = context.params.setdefault(name, {})
        if text:
            texts[LanguageCode().convert(code, param, context)] = text

    def decorate(command: Command) -> Command:
        for code in reversed(LANGUAGES):
            option = click.option(
                f"--{name}-{code}",
                default="",
                required=code in required,
                callback=collected,
                expose_value=False,
                help=f"{what} in {Locale.parse(code).get_display_name(FALLBACK)}.",
            )
            command = option(command)
        return command

    return decorate


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
        except (RuleBroken, SiteBusy) as broken:
            fail({"error": str(broken)}, as_json=as_json)
        except (SQLAlchemyError, sqlite3.Error, OSError) as failed:
            reason = outside_reason(failed)
            if reason is None:
                raise
            fail({"error": reason}, as_json=as_json)
        finally:
            with suppress(SQLAlchemyError):
                db.session.rollback()

    return cast(Command, wrapped)


def outside_reason(failed: Exception) -> str | None:
    """What is wrong outside of the program, such as a full disk, in a sentence.

    None where it may be a fault of ours, which needs the whole traceback.
    """
    if isinstance(failed, BrokenPipeError):
        return None  # whoever read has closed: click ends quietly
    if isinstance(failed, OSError):
        place = f"{failed.filename}: " if failed.filename else ""
        return f"{place}{failed.strerror or failed}"
    said = failed.orig if isinstance(failed, DBAPIError) else failed
    if any(sign in f"{type(said).__name__} {said}" for sign in NO_TABLES):
        return "The database has no such table. Run: harpevents migrate"
    outside = (sqlite3.OperationalError, OperationalError, NoConnectionFree)
    if isinstance(failed, outside) or passing_database.is_damage(said):
        return f"The database cannot be used: {' '.join(str(said).split())}"
    return None


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
