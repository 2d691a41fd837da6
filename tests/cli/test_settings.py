from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave import config
from orbweave.errors import InvalidInput


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def write_user_file(folder: Path, content: str) -> None:
    path = folder / "config" / "orbweave" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


@contextlib.contextmanager
def world(folder: Path, environment: int | None, project: int | None, user: int | None) -> Iterator[None]:
    """The port as each place sets it."""
    project_file = folder / "orbweave.toml"
    project_file.write_text("" if project is None else f"port = {project}")
    write_user_file(folder, "" if user is None else f"port = {user}")
    variables = {} if environment is None else {"ORBWEAVE_PORT": str(environment)}
    with mock.patch.dict(os.environ, variables):
        yield


PORT = st.none() | st.integers(1, 65535)


@given(flag=PORT, environment=PORT, project=PORT, user=PORT)
def test_the_strongest_place_wins_and_is_named(
    tmp_path_factory: pytest.TempPathFactory,
    flag: int | None,
    environment: int | None,
    project: int | None,
    user: int | None,
) -> None:
    with world(Path.cwd(), environment, project, user):
        settings, origin = config.load(port=flag), config.origins({"port": flag})["port"]
    expected = [
        (flag, "flag --port"),
        (environment, "environment ORBWEAVE_PORT"),
        (project, "file orbweave.toml"),
        (user, f"file {Path.cwd() / 'config' / 'orbweave' / 'config.toml'}"),
        (8080, "default"),
    ]
    assert (settings.port, origin) == next(pair for pair in expected if pair[0] is not None)


def test_an_external_database_has_two_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORBWEAVE_DATABASE_URL", "postgresql://b/b")
    assert config.load().database_url == "postgresql://b/b"
    monkeypatch.setenv("DATABASE_URL", "postgresql://a/a")
    assert config.load().database_url == "postgresql://a/a"
    assert config.origins()["database_url"] == "environment DATABASE_URL"


def test_an_empty_variable_takes_back_what_a_file_sets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "orbweave.toml").write_text('database_url = "postgresql://a/a"\nca_file = "ca.pem"')
    assert config.load().ca_file == folder / "ca.pem"
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("ORBWEAVE_CA_FILE", "")
    assert (config.load().database_url, config.load().ca_file) == (None, None)


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORBWEAVE_NAMESERVERS", "127.0.0.1:53, [::1]:53 ,")
    monkeypatch.setenv("ORBWEAVE_VERIFY_RETRY_DELAYS", "1,2.5")
    assert config.load().nameservers == ["127.0.0.1:53", "[::1]:53"]
    assert config.load().verify_retry_delays == [1.0, 2.5]


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ORBWEAVE_PORT", "70000", "Setting port (environment ORBWEAVE_PORT) should be less than or equal to 65535."),
        ("ORBWEAVE_WORKERS", "many", "Setting workers (environment ORBWEAVE_WORKERS) should be a valid integer"),
        ("ORBWEAVE_ALLOW_NETWORKS", "10.0.0.0/40", "'10.0.0.0/40' does not appear to be an IPv4 or IPv6 network."),
        ("ORBWEAVE_CONNECT_TO", "a:80:b", "'a:80:b' is not HOST1:PORT1:HOST2:PORT2."),
        ("ORBWEAVE_LOG_LEVEL", "loud", "should be 'debug', 'info', 'warning' or 'error'."),
        ("ORBWEAVE_USER_AGENT", "a\nb", "Setting user_agent (environment ORBWEAVE_USER_AGENT)"),
    ],
)
def test_an_unusable_value_is_named_with_its_place(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidInput) as caught:
        config.load()
    assert says in str(caught.value)


def test_a_setting_that_does_not_exist_is_an_error_in_a_file(folder: Path) -> None:
    write_user_file(folder, "prot = 1")
    with pytest.raises(InvalidInput, match=r"There is no setting 'prot' \(.*config.toml\). Did you mean 'port'\?"):
        config.load()


def test_a_broken_file_is_named(folder: Path) -> None:
    (folder / "orbweave.toml").write_text("port = ")
    with pytest.raises(InvalidInput, match=r"orbweave\.toml is not valid TOML"):
        config.load()


def test_misspelt_variables_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORBWEAVE_NAMESERVER", "127.0.0.1")
    monkeypatch.setenv("ORBWEAVE_BANANA", "1")
    assert config.unknown_variables() == {"ORBWEAVE_NAMESERVER": "ORBWEAVE_NAMESERVERS", "ORBWEAVE_BANANA": None}


def test_the_user_agent_should_say_who_to_write_to() -> None:
    assert not config.load().reachable
    assert config.load(user_agent="Me/1 (+https://me.example)").reachable
    assert config.load(user_agent="Me/1 (me@me.example)").reachable
    assert not config.load(user_agent="Me/1").reachable
