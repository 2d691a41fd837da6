"""docs/api.md names every endpoint, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import pytest

from orbweave.api.app import BASE_PATH, create_app
from orbweave.config import Settings
from orbweave.exports.csv import COLUMNS
from orbweave.store.database import Database

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings(), cast(Database, None)).openapi()


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_table_is_the_openapi_document(document: dict[str, Any]) -> None:
    named = set(re.findall(r"^\| `([A-Z]+ /\S+)` \|", section("Endpoints"), re.MULTILINE))
    calls = {
        f"{method.upper()} {path.removeprefix(BASE_PATH)}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert named == calls


def test_every_example_calls_something_that_exists(document: dict[str, Any]) -> None:
    script = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)).replace("\\\n", "")
    paths = re.findall(r"\$API(/[\w/$-]*)", script)
    assert len(paths) > 12
    for path in paths:
        known = path.replace("$ID", "{campaign_id}").replace("$JOB", "{job_id}")
        assert BASE_PATH + known in document["paths"], path


def test_every_column_of_the_csv_is_explained() -> None:
    explained = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", section("Exports"), re.MULTILINE)))
    assert sorted(explained) == sorted(COLUMNS)


def test_every_code_is_explained(document: dict[str, Any]) -> None:
    explained = set(re.findall(r"^\| (\d{3}) \|", section("Errors"), re.MULTILINE))
    answered = {
        code for methods in document["paths"].values() for call in methods.values() for code in call["responses"]
    }
    assert {code for code in answered if code >= "400"} <= explained
