"""Settings: what starts, and what is refused before it can reach the network."""

from __future__ import annotations

import stat

import pytest

from config import Settings, SettingsRefused

KEY = "9f4c1e7a0b3d5862c7e1f09a4b6d8e2f5a7c3b1d9e0f6248"
PUBLIC = "https://events.example.org"


def read(tmp_path, **values):
    given = {f"HARPEVENTS_{name}": value for name, value in values.items()}
    return Settings.from_environment({"HARPEVENTS_DATA": str(tmp_path), **given})


def test_nothing_set_is_a_safe_house_of_one(tmp_path):
    settings = read(tmp_path)
    assert (settings.bind, settings.port, settings.production) == ("127.0.0.1", 8000, False)
    assert settings.on_sqlite
    assert settings.rate_limits


def test_the_key_of_a_loopback_is_made_once_and_kept_to_its_owner(tmp_path):
    first = read(tmp_path).secret_key
    assert len(first) == 64
    assert read(tmp_path).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "key",
    [
        *("", "short", "changeme" * 8, "secret-key-secret-key-secret-key-secret", "a" * 64),
        *("a-key-that-only-tests-know-0123456789abcdef", "0123456789abcdef" * 4),
    ],
)
def test_production_demands_a_key_of_its_own(tmp_path, key):
    with pytest.raises(SettingsRefused, match="HARPEVENTS_SECRET_KEY"):
        read(tmp_path, BASE_URL=PUBLIC, SECRET_KEY=key)
    assert not (tmp_path / "secret_key").exists()


def test_production_starts_with_a_good_key(tmp_path):
    settings = read(tmp_path, BASE_URL=f"{PUBLIC}/", SECRET_KEY=KEY)
    assert settings.production
    assert settings.base_url == PUBLIC
    assert settings.flask()["SESSION_COOKIE_NAME"] == "__Host-harpevents"
    assert settings.flask()["TRUSTED_HOSTS"] == ["events.example.org"]


def test_limits_may_be_off_only_where_nobody_else_comes(tmp_path):
    assert not read(tmp_path, RATE_LIMITS="off").rate_limits
    with pytest.raises(SettingsRefused, match="HARPEVENTS_RATE_LIMITS"):
        read(tmp_path, BASE_URL=PUBLIC, SECRET_KEY=KEY, RATE_LIMITS="off")


def test_an_open_port_needs_the_address_people_use(tmp_path):
    with pytest.raises(SettingsRefused, match="HARPEVENTS_BASE_URL"):
        read(tmp_path, BIND="0.0.0.0")


@pytest.mark.parametrize("port", ["x", "-1", "8e3", "٨٠", "99999999"])
def test_a_number_is_a_number(tmp_path, port):
    with pytest.raises(SettingsRefused, match="HARPEVENTS_PORT"):
        read(tmp_path, PORT=port)


def test_a_language_without_a_catalogue_is_refused(tmp_path):
    with pytest.raises(SettingsRefused, match="HARPEVENTS_LANGUAGES"):
        read(tmp_path, LANGUAGES="en,tlh")


def test_the_named_file_is_read_and_the_environment_wins(tmp_path):
    file = tmp_path / "settings"
    file.write_text('# a remark\nHARPEVENTS_ZONE="Europe/Moscow"\nHARPEVENTS_PORT=9000\n')
    settings = read(tmp_path, SETTINGS=str(file), PORT="9001")
    assert (settings.zone, settings.port) == ("Europe/Moscow", 9001)


def test_secrets_are_not_printed(tmp_path):
    settings = read(tmp_path, SECRET_KEY=KEY, SMTP_URL="smtp://user:hidden@mail.example")
    assert KEY not in repr(settings)
    assert "hidden" not in repr(settings)
