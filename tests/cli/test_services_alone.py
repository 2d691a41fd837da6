"""site and verify as commands, without a database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ADDRESSES = ["info@site-000001.test", "info@site-000002.test", "nobody@no-such-domain.test", "not an address"]


def orbweave(*arguments: str, input: str, practice: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orbweave.cli", *arguments],
        input=input,
        capture_output=True,
        text=True,
        env={**os.environ, **practice},
    )


def test_verify_gives_a_verdict_on_each_address(cli: Any, pointed: None) -> None:
    ran = cli("verify", *ADDRESSES, "--json")
    assert ran.code == 0
    verdicts = {line["email"]: (line["status"], line["sub_status"]) for line in ran.lines}
    assert verdicts.keys() == set(ADDRESSES)
    assert verdicts["nobody@no-such-domain.test"] == ("invalid", "no_mx")
    assert verdicts["not an address"] == ("invalid", "invalid_syntax")
    assert verdicts["info@site-000001.test"][0] in ("valid", "risky")


def test_verify_prints_a_table(cli: Any, pointed: None) -> None:
    ran = cli("verify", "not an address")
    assert ran.code == 0
    assert "invalid_syntax" in ran.stdout


def test_verify_reads_a_file_and_stdin(practice: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "addresses.txt"
    file.write_text("\ufeff# ours\n\nbad one\r\n", encoding="utf-8")
    from_file = orbweave("verify", "--file", str(file), "--json", input="", practice=practice)
    from_stdin = orbweave("verify", "-", "--json", input=file.read_text(encoding="utf-8"), practice=practice)
    assert from_file.returncode == from_stdin.returncode == 0
    assert '"email":"bad one"' in from_file.stdout
    assert '"email":"bad one"' in from_stdin.stdout
    assert len(from_file.stdout.splitlines()) == 1


@pytest.mark.parametrize("command", ["site", "verify"])
def test_no_input_is_usage(cli: Any, command: str) -> None:
    ran = cli(command)
    assert ran.code == 2
    assert "Nothing to do" in ran.stderr


@pytest.mark.parametrize("command", ["site", "verify"])
def test_an_unreadable_file_is_usage(cli: Any, command: str) -> None:
    ran = cli(command, "--file", "missing.txt")
    assert ran.code == 2
    assert "Cannot read missing.txt: No such file or directory." in ran.stderr


def test_site_gives_the_contacts_of_each_site(cli: Any, pointed: None) -> None:
    ran = cli("site", "www.site-000001.test", "https://www.site-000002.test", "--max-pages", "5", "--json")
    assert ran.code == 0
    sites = {line["url"]: line for line in ran.lines}
    assert len(sites) == 2
    for data in sites.values():
        assert data["crawl_status"] == "success"
        assert data["emails"]
        assert {one["kind"] for one in data["evidence"]} >= {"email"}


def test_site_prints_a_card(cli: Any, pointed: None) -> None:
    ran = cli("site", "www.site-000001.test")
    assert ran.code == 0
    assert "site-000001.test" in ran.stdout


def test_a_site_that_cannot_be_read_is_exit_code_1_and_the_others_go_on(cli: Any, pointed: None) -> None:
    ran = cli("site", "no-such-site.test", "ftp://x", "www.site-000001.test", "--json")
    assert ran.code == 1
    assert sorted(line["crawl_status"] for line in ran.lines) == ["failed", "failed", "success"]


@pytest.mark.parametrize("option", [["--nameserver", "nonsense"], ["--ca-file", "missing.pem"], ["--connect-to", "a"]])
def test_unusable_network_options_are_usage(cli: Any, option: list[str]) -> None:
    for command in (["site", "https://x.test"], ["verify", "info@x.test"]):
        ran = cli(*command, *option)
        assert ran.code == 2, ran.stderr
        assert len(ran.stderr.splitlines()) == 1
