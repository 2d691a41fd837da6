"""``orbweave lists`` and what the settings make of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orbweave import config
from orbweave.errors import InvalidInput


def test_each_list_is_shown_with_its_age(cli: Any, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "lists"
    folder.mkdir(parents=True)
    (folder / "never.txt").write_text("competitor.test\n")
    [shown] = cli("lists", "show", "--json", "--dnsbl-zone", "key.zen.dq.spamhaus.net").lines
    assert [one["name"] for one in shown["lists"]] == ["disposable", "free", "roles", "providers", "never"]
    assert all(one["entries"] and one["edition"] for one in shown["lists"])
    assert [one["zone"] for one in shown["dnsbl"] if one["enabled"]] == ["zen.dq.spamhaus.net"]
    assert all(one["terms"] for one in shown["dnsbl"])
    drawn = cli("lists", "show").stdout
    assert "bl.spamcop.net" in drawn
    assert str(folder) in drawn


def test_an_update_that_fails_is_a_sentence(cli: Any, free_port: int) -> None:
    ran = cli("lists", "update", "--nameserver", f"127.0.0.1:{free_port}")
    assert ran.code == 1
    assert "cannot be fetched" in ran.stderr
    assert cli("lists", "update", "--disposable-list-url", "http://x.test").code == 2


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("smtp_proxy", "http://me:secret@proxy.test:1", "socks5://"),
        ("smtp_source", "eth0", "smtp_source"),
        ("smtp_delay", "-1", "smtp_delay"),
    ],
)
def test_unusable_settings_are_a_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str, word: str) -> None:
    monkeypatch.setenv(f"ORBWEAVE_{name.upper()}", value)
    with pytest.raises(InvalidInput) as refused:
        config.load()
    assert word in str(refused.value)
    assert "secret" not in str(refused.value)


def test_workers_are_told_the_proxy_and_the_command_line_is_not(monkeypatch: pytest.MonkeyPatch, cli: Any) -> None:
    monkeypatch.setenv("ORBWEAVE_SMTP_PROXY", "socks5://me:secret@127.0.0.1:1080")
    monkeypatch.setenv("ORBWEAVE_SMTP_LIMITS", "google:1:2,yahoo:1:3")
    settings = config.load()
    assert settings.environment()["ORBWEAVE_SMTP_PROXY"] == "socks5://me:secret@127.0.0.1:1080"
    assert settings.environment()["ORBWEAVE_SMTP_LIMITS"] == "google:1:2,yahoo:1:3"
    assert "secret" not in repr(settings)
    assert "secret" not in cli("config", "show").stdout
    assert "--smtp-proxy" not in cli("verify", "--help").stdout


@pytest.mark.parametrize(
    ("option", "field"),
    [
        (("--smtp-limit", "nobody:1:1"), "smtp_limits"),
        (("--dnsbl-zone", "lists.test"), "dnsbl_zones"),
        (("--hello-name", "gmail.com"), "hello_name"),
        (("--from-email", "me@gmail.com"), "from_email"),
    ],
)
def test_what_cannot_be_used_for_verification_is_said(cli: Any, option: tuple[str, str], field: str) -> None:
    ran = cli("verify", "bob@a.test", *option, "--json")
    assert (ran.code, ran.error["field"]) == (2, field)
