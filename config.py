"""Reads every setting of the program from the environment, once, and is the only file that does.

`Settings.from_environment()` reads `HARPEVENTS_…` variables, or the lines `NAME=value` of the file
that `HARPEVENTS_SETTINGS` names (the environment wins). See `.env.example` for the whole list.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from harpevents.core.languages import FALLBACK, LANGUAGES

ROOT = Path(__file__).resolve().parent
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
KNOWN_SECRET_KEYS = frozenset(
    {
        *("dev", "development", "secret", "changeme", "change-me", "secret-key"),
        *("you-will-never-guess", "a-key-that-only-tests-know", "0123456789abcdef"),
    }
)
MEMORY = {  # few arenas for all threads, and large pieces go back to the system
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}
DATABASES = ("sqlite:///", "postgresql+psycopg://")
ASSOCIATION = ROOT / "harpevents" / "association.toml"
MINIMUM_SECRET_LENGTH = 32  # characters; 32 hexadecimal digits are 128 bits


class SettingsRefused(Exception):
    """The settings do not allow a safe start; the text says which one and why."""


@dataclass(frozen=True, kw_only=True)
class Association:
    """Whom the program works for. Texts are {language: text}; `sides` are codes of countries."""

    name: dict[str, str]
    about: dict[str, str]
    sides: tuple[str, ...]
    kinds: tuple[str, ...] = ()  # of events; none: all there are

    @classmethod
    def read(cls, file: Path = ASSOCIATION) -> Association:
        """What the file says; `harpevents/association.toml` shows how one is written."""
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
            found = cls(
                name={str(code): str(text) for code, text in values["name"].items()},
                about={str(code): str(text) for code, text in values.get("about", {}).items()},
                sides=tuple(map(str, values["sides"])),
                kinds=tuple(map(str, values.get("kinds", ()))),
            )
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as failed:
            raise SettingsRefused(f"HARPEVENTS_ASSOCIATION: {file}: {failed!r}") from None
        if not any(found.name.values()):
            raise SettingsRefused(f"HARPEVENTS_ASSOCIATION: {file} names no association.")
        return found


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the program is told from outside. Paths are absolute, `zone` is an IANA name."""

    data: Path
    database_url: str
    secret_key: str = field(repr=False)
    base_url: str = "http://127.0.0.1:8000"
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "secretariat@association.example"
    bind: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    trusted_proxies: int = 0
    zone: str = "Asia/Tokyo"
    languages: tuple[str, ...] = ("ja", "en", "ru")
    association: Association = field(default_factory=Association.read)
    sides: tuple[str, ...] = ()  # countries; none given: those of the association
    rate_limits: bool = True
    testing: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raise `SettingsRefused` when production would start unsafely."""
        values = _named_file_and(os.environ if environ is None else environ)
        data = Path(values.get("DATA") or ROOT / "var").resolve()
        data.mkdir(parents=True, exist_ok=True)
        port = _number(values, "PORT", 8000)
        base_url = (values.get("BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/")
        production = _is_production(base_url)
        settings = cls(
            data=data,
            database_url=values.get("DATABASE_URL") or f"sqlite:///{data / 'harpevents.sqlite'}",
            secret_key=_secret_key(values.get("SECRET_KEY", ""), data, production=production),
            base_url=base_url,
            smtp_url=values.get("SMTP_URL") or None,
            mail_from=values.get("MAIL_FROM") or cls.mail_from,
            bind=values.get("BIND") or "127.0.0.1",
            port=port,
            workers=_number(values, "WORKERS", 2),
            trusted_proxies=_number(values, "TRUSTED_PROXIES", 0),
            zone=values.get("ZONE") or cls.zone,
            languages=_words(values.get("LANGUAGES", ""), cls.languages),
            association=Association.read(Path(values.get("ASSOCIATION") or ASSOCIATION)),
            sides=_words(values.get("SIDES", ""), ()),
            rate_limits=values.get("RATE_LIMITS", "on").lower() not in {"off", "0", "no", "false"},
        )
        settings.refuse_unsafe()
        return settings

    def __post_init__(self) -> None:
        if not self.sides:
            object.__setattr__(self, "sides", self.association.sides)

    @classmethod
    def for_tests(cls, data: Path, database_url: str | None = None, **others: Any) -> Settings:
        """Settings of a test: everything below `data`, limits off, no environment read."""
        usual: dict[str, Any] = {
            "database_url": database_url or f"sqlite:///{data / 'harpevents_test.sqlite'}",
            "secret_key": "a-key-that-only-tests-know-0123456789abcdef",
            "rate_limits": False,
            "testing": True,
        }
        return cls(data=data, **(usual | others))

    @property
    def production(self) -> bool:
        """Production is a base URL that other machines can reach."""
        return _is_production(self.base_url)

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def refuse_unsafe(self) -> None:
        """Raise `SettingsRefused` for a combination that must not reach the network."""
        if not self.production and self.bind not in LOOPBACK_HOSTS:
            raise SettingsRefused(
                "HARPEVENTS_BIND opens the program to the network, so HARPEVENTS_BASE_URL must be "
                "set to the address people will use."
            )
        if self.production and not self.rate_limits:
            raise SettingsRefused("HARPEVENTS_RATE_LIMITS may be off only on a loopback address.")
        if not self.database_url.startswith(DATABASES):
            raise SettingsRefused(
                "HARPEVENTS_DATABASE_URL must begin with " + " or ".join(DATABASES) + "."
            )
        if self.zone not in available_timezones():
            raise SettingsRefused(f"HARPEVENTS_ZONE: there is no time zone {self.zone!r}.")
        if odd := [code for code in self.sides if len(code) != 2 or not code.isupper()]:
            raise SettingsRefused(f"HARPEVENTS_SIDES: {odd} are no country codes such as JP.")
        if unknown := set(self.languages) - LANGUAGES.keys():
            raise SettingsRefused(f"HARPEVENTS_LANGUAGES: no catalogue for {sorted(unknown)}.")

    def flask(self) -> dict[str, Any]:
        """The same settings under the names that Flask and its extensions read."""
        url = urlsplit(self.base_url)
        return {
            "SETTINGS": self,
            "SECRET_KEY": self.secret_key,
            "TESTING": self.testing,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": {
                "hide_parameters": True,  # of statements that fail, in the log
                # One interpreter reads four at a time at most, and a connection costs a megabyte.
                "pool_size": 4,
                "max_overflow": 4 if self.on_sqlite else 12,
                "pool_timeout": 5,  # seconds to wait for one, of which a page says that it is busy
                "pool_use_lifo": True,  # the connection used last has the pages and statements
                "pool_pre_ping": not self.on_sqlite,
            },
            "PREFERRED_URL_SCHEME": url.scheme,
            "TRUSTED_HOSTS": _trusted_hosts(url.hostname or "", production=self.production),
            "MAX_CONTENT_LENGTH": 16 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
            "MAX_FORM_PARTS": 2000,
            "SESSION_COOKIE_NAME": "__Host-harpevents" if self.https else "harpevents",
            "SESSION_COOKIE_SECURE": self.https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_PATH": "/",
            "WTF_CSRF_TIME_LIMIT": None,  # the form lives as long as its session
            "WTF_CSRF_SSL_STRICT": False,  # token pages send no Referer; Sec-Fetch-Site is heeded
            "BABEL_DEFAULT_LOCALE": FALLBACK,
            "BABEL_DEFAULT_TIMEZONE": self.zone,
        }


def child_environment(port: int) -> dict[str, str]:
    """The environment for a process of ours that must listen at, and link to, the same port."""
    return {**MEMORY, **os.environ, "HARPEVENTS_PORT": str(port)}


def client_environment(password: str | None) -> dict[str, str]:
    """The environment for PostgreSQL's programs; the password is in no list of processes there."""
    return {**os.environ, **({"PGPASSWORD": password} if password else {})}


def _is_production(base_url: str) -> bool:
    return (urlsplit(base_url).hostname or "") not in LOOPBACK_HOSTS


def _trusted_hosts(host: str, *, production: bool) -> list[str]:
    return [host] if production else sorted({host, "127.0.0.1", "localhost"})


def _named_file_and(environ: Mapping[str, str]) -> dict[str, str]:
    lines: dict[str, str] = {}
    if named := environ.get("HARPEVENTS_SETTINGS"):
        try:
            text = Path(named).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as failed:
            raise SettingsRefused(
                f"HARPEVENTS_SETTINGS: {named} cannot be read: {failed}"
            ) from None
        for line in text.splitlines():
            name, sign, value = line.strip().partition("=")
            if sign and not name.startswith("#"):
                lines[name.strip()] = value.strip().strip("\"'")
    prefix = "HARPEVENTS_"
    return {
        name.removeprefix(prefix): value
        for name, value in {**lines, **environ}.items()
        if name.startswith(prefix)
    }


def _number(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise SettingsRefused(f"HARPEVENTS_{name} must be a whole number.")
    return int(text)


def _words(text: str, default: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip()) or default


def _secret_key(given: str, data: Path, *, production: bool) -> str:
    """The key that signs cookies and links; generated and kept only where nobody else can reach."""
    if production:
        if not given:
            raise SettingsRefused(
                "HARPEVENTS_SECRET_KEY is missing. Set it to a long random text, for example from: "
                "python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        if len(given) < MINIMUM_SECRET_LENGTH or _looks_known(given):
            raise SettingsRefused(
                f"HARPEVENTS_SECRET_KEY is too short or a known example; it needs at least "
                f"{MINIMUM_SECRET_LENGTH} random characters."
            )
        return given
    if given:
        return given
    kept = data / "secret_key"
    if not kept.exists():
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    return kept.read_text(encoding="ascii").strip()


def _looks_known(key: str) -> bool:
    lowered = key.lower()
    return any(lowered.startswith(known) for known in KNOWN_SECRET_KEYS) or len(set(key)) < 8
