"""Passwords: which ones are taken, and how they are kept (argon2id, few at a time)."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from flask_babel import lazy_gettext as _l

from harpevents.core.errors import RuleBroken
from harpevents.core.file_lock import file_lock

Result = TypeVar("Result")

SHORTEST = 12
LONGEST = 256
# What attackers try first among texts of this length; runs and repetitions are found by rule.
COMMON = Path(__file__).with_name("common_passwords.txt")
PATIENCE_SECONDS = 15.0
LOCK = "passwords.lock"  # beside the data, for whoever hashes on this machine
POLITENESS = 19  # added to the niceness of the thread that hashes

_RUNS = (
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "01234567890123456789012345678901234567890",
    "qwertyuiopasdfghjklzxcvbnmqwertyuiop",
    "йцукенгшщзхъфывапролджэячсмитьбю",
)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# A hash takes 19 MiB for some 30 ms (OWASP's parameters): one at a time on the whole machine and
# after everybody else, or a hundred who sign in would hold every processor.
_hashing = ThreadPoolExecutor(1, "password", initializer=os.nice, initargs=(POLITENESS,))


class PasswordRefused(RuleBroken):
    """The password is too short, too long, known to attackers or the address itself."""

    message = _l("Please choose a longer password: at least %(count)s characters.")
    field = "password"
    status = 422


class PasswordTooLong(PasswordRefused):
    message = _l("Please choose a shorter password: at most %(count)s characters.")


class PasswordCommon(PasswordRefused):
    message = _l("This password is easy to guess. Please choose another, such as four words.")


class PasswordIsAddress(PasswordRefused):
    message = _l("Please choose a password that does not hold your e-mail address.")


class TooBusy(RuleBroken):
    """More people sign in at this moment than the machine can check."""

    message = _l("Please try again in a moment.")
    status = 503


def refuse_weak(password: str, email: str) -> None:
    """Raise `PasswordRefused` by the rules of NIST SP 800-63B: length and lists, no recipes."""
    text = _one_spelling(password)
    if len(text) < SHORTEST:
        raise PasswordRefused(count=SHORTEST)
    if len(text) > LONGEST:
        raise PasswordTooLong(count=LONGEST)
    folded = text.casefold()
    if email.partition("@")[0].casefold() in folded and len(email.partition("@")[0]) >= 4:
        raise PasswordIsAddress
    letters = folded.replace(" ", "")
    runs = any(letters in run or letters[::-1] in run for run in _RUNS)
    if letters in _common() or runs or len(set(letters)) < 5:
        raise PasswordCommon


def hashed(password: str) -> str:
    """The argon2id hash to store."""
    return _in_turn(_hasher.hash, _one_spelling(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether `password` is the one whose hash is stored; takes as long when none is."""
    if len(password) > LONGEST * 4:
        return False
    try:
        _in_turn(_hasher.verify, stored or _nobodys(), _one_spelling(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """The hash of nothing anybody types, for addresses that have none."""
    return _hasher.hash("\x00 nobody has this password")


def _in_turn(act: Callable[..., Result], *texts: str) -> Result:
    lock_file = current_app.config["SETTINGS"].data / LOCK
    answer = _hashing.submit(_alone, lock_file, act, *texts)
    try:
        return answer.result(PATIENCE_SECONDS)
    except TimeoutError:
        answer.cancel()
        raise TooBusy from None


def _alone(lock_file: Path, act: Callable[..., Result], *texts: str) -> Result:
    with file_lock(lock_file):
        return act(*texts)


def _one_spelling(password: str) -> str:
    """The same text whichever keyboard composed it (NFKC, as NIST says)."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode("utf-8"))
