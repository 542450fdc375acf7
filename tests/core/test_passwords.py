"""Passwords: long ones are taken, known ones are not, and checking takes the same time."""

from __future__ import annotations

import contextvars
import fcntl
import threading
import time

import pytest

from harpevents.core import passwords


@pytest.mark.parametrize(
    "password",
    [
        "four words make safe",
        "пароль из слов",
        "とても長いパスワードです。",
        " spaces count too ",
        "x9$Kq2!mVb7&",
    ],
)
def test_any_long_text_is_taken(password):
    passwords.refuse_weak(password, "mika@example.org")


@pytest.mark.parametrize(
    "password",
    [
        "elevensigns",
        "password1234",
        "PASSWORD1234",
        "abababababab",
        "qwertyuiopas",
        "abcdefghijklm",
        "mika@example.org",
        "x" * 257,
    ],
)
def test_short_known_and_own_are_refused(password):
    with pytest.raises(passwords.PasswordRefused):
        passwords.refuse_weak(password, "mika@example.org")


def test_the_hash_is_argon2id_and_fits_its_password_only(app):
    kept = passwords.hashed("four words make safe")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches("four words make safe", kept)
    assert not passwords.matches("four words make safE", kept)
    assert not passwords.matches("", kept)


def test_the_keyboard_does_not_matter(app):
    kept = passwords.hashed("パスワードは長い方がよい")
    assert passwords.matches("ﾊﾟｽﾜｰﾄﾞは長い方がよい", kept)


def test_nobody_takes_as_long_as_somebody(app):
    kept = passwords.hashed("four words make safe")
    passwords.matches("warm up the hash of nobody", None)

    def seconds(stored):
        began = time.perf_counter()
        for _time in range(5):
            passwords.matches("not the password", stored)
        return time.perf_counter() - began

    assert 0.2 < seconds(None) / seconds(kept) < 5


def test_a_flood_is_checked_one_at_a_time(app):
    kept = passwords.hashed("four words make safe")
    results = []

    def check():
        results.append(passwords.matches("wrong word here", kept))

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(check,))
        for _number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [False] * 20


def test_another_process_that_hashes_is_waited_for(app, monkeypatch):
    kept = passwords.hashed("four words make safe")
    monkeypatch.setattr(passwords, "PATIENCE_SECONDS", 0.3)
    with (app.config["SETTINGS"].data / "passwords.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(passwords.TooBusy):
            passwords.matches("four words make safe", kept)
    monkeypatch.undo()
    assert passwords.matches("four words make safe", kept)
