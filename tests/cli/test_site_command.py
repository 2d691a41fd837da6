"""``orbweave site``: every field of the payload as an option, live pages, and files that are gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer.main

from orbweave.cli.main import app
from orbweave.cli.site import COMPENDIUM, PROMPT, _payload
from orbweave.site import CrawlRequest
from orbweave.site.request import CompendiumOptions, PromptOptions

SITES = ["https://www.site-000001.test", "https://www.site-000002.test"]


def test_every_field_of_the_payload_is_an_option() -> None:
    command = typer.main.get_command(app).commands["site"]  # type: ignore[attr-defined]
    options = {parameter.name for parameter in command.params}
    inside = {"enabled"}
    wanted = {field.name for field in fields(CrawlRequest)} - {"url", "scheme_given", "custom_ai_prompt"}
    wanted |= {field.name for field in fields(CompendiumOptions)} | {field.name for field in fields(PromptOptions)}
    assert wanted - inside <= options
    assert {field.name for field in fields(CompendiumOptions)} - inside == set(COMPENDIUM)
    assert {field.name for field in fields(PromptOptions)} - inside == set(PROMPT)


def test_options_become_the_payload_of_the_contract(tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object"}')
    given = {"mode": "full", "target_pages": ["team,imprint", "menu"], "max_chars": 500, "json_schema": schema}
    assert _payload({**given, "user_prompt": "What do they cook?"}) == {
        "mode": "full",
        "target_pages": ["team", "imprint", "menu"],
        "compendium": {"enabled": True, "max_chars": 500},
        "custom_ai_prompt": {
            "enabled": True,
            "json_schema": {"type": "object"},
            "user_prompt": "What do they cook?",
        },
    }
    assert _payload({"compendium": False}) == {"compendium": {"enabled": False}}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a.test", "--resume"], "name it with --output"),
        (["a.test", "--max-pages", "0"], "max_pages must be a whole number from 1 to 100"),
        (["a.test", "--timeout", "3"], "timeout must be a number from 10 to 120"),
        (["a.test", "--json-schema", "missing.json"], "Cannot read missing.json"),
        (["a.test", "-o", "no/such/folder.jsonl"], "Cannot write no/such/folder.jsonl"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_asked(cli: Any, arguments: list[str], says: str) -> None:
    ran = cli("site", *arguments)
    assert (ran.code, ran.stdout) == (2, "")
    assert says in ran.stderr


def test_pages_are_told_as_they_come_and_contacts_with_their_source(cli: Any, pointed: None) -> None:
    ran = cli("site", SITES[0], "--max-pages", "3", "--no-stop-early")
    assert ran.code == 0
    assert sum("✓ 200" in line for line in ran.stderr.splitlines()) == 3
    email = next(line for line in ran.stdout.splitlines() if "e-mails" in line)
    assert "@" in email
    assert "site-000001.test/" in email.split("@", 1)[1]


def test_an_address_that_cannot_be_read_is_a_result_with_every_field(cli: Any) -> None:
    ran = cli("site", "http://[broken", "--json")
    assert ran.code == 1
    assert ran.lines[0]["crawl_status"] == "failed"
    assert ran.lines[0]["emails"] == []
    assert "not an http(s) address" in ran.lines[0]["metadata"]["error"]


def test_a_file_of_results_is_not_written_over(cli: Any, pointed: None, tmp_path: Path) -> None:
    target = tmp_path / "contacts.jsonl"
    assert cli("site", SITES[0], "-o", str(target)).code == 0
    once = target.read_bytes()
    refused = cli("site", SITES[1], "-o", str(target))
    assert refused.code == 2
    assert "--resume" in refused.stderr
    # As if the last run had been killed while it wrote.
    target.write_bytes(once + b'{"url":"https://www.site-0')
    went_on = cli("site", *SITES, "-o", str(target), "--resume")
    assert went_on.code == 0
    assert "besides 1 that were there before" in went_on.stderr
    assert [json.loads(line)["url"] for line in target.read_text().splitlines()] == SITES
    other = tmp_path / "notes.txt"
    other.write_text("not results\n")
    assert "not a file of these results (line 1)" in cli("site", SITES[0], "-o", str(other), "--resume").stderr
    assert other.read_text() == "not results\n"


def test_after_ctrl_c_the_rest_is_crawled_and_nothing_twice(practice: dict[str, str], tmp_path: Path) -> None:
    urls, target = tmp_path / "urls.txt", tmp_path / "contacts.jsonl"
    sites = [f"https://www.site-{number:06}.test" for number in range(1, 9)]
    urls.write_text("\n".join(["# ours", *sites, sites[0]]))
    command = [sys.executable, "-m", "orbweave.cli", "site", "--file", str(urls), "-o", str(target), "--json"]
    environment = {**os.environ, **practice, "ORBWEAVE_HOST_DELAY": "0.1"}
    started = subprocess.Popen([*command, "--concurrency", "1"], env=environment, stderr=subprocess.PIPE, text=True)
    while not target.exists() or target.read_bytes().count(b"\n") < 2:
        assert started.poll() is None
        time.sleep(0.02)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=60)
    assert started.returncode == 130
    assert "--resume goes on with the rest" in said
    before = [json.loads(line)["url"] for line in target.read_text().splitlines()]
    assert 2 <= len(before) < len(sites)
    again = subprocess.run([*command, "--resume"], env=environment, stderr=subprocess.PIPE, text=True)
    assert again.returncode in (0, 1)  # some of these sites do not answer
    assert sorted(json.loads(line)["url"] for line in target.read_text().splitlines()) == sites
    assert [json.loads(line)["url"] for line in target.read_text().splitlines()][: len(before)] == before
    last = [json.loads(line) for line in again.stderr.splitlines() if '"progress"' in line][-1]
    assert last["progress"]["websites"] == [9, 9]
