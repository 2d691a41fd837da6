"""The source of docs/sources.md, installed as a user would and asked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "sources.md"
SHOPS = """id,name,kind,latitude,longitude,phone,website
1,Beck,shop=bakery,47.1410,9.5215,+423 232 22 88,beck.example
2,Adler,amenity=restaurant,47.1410,9.5215,,
3,Weit weg,shop=bakery,47.2100,9.5215,,
"""


def blocks() -> dict[str, str]:
    """File name -> the block of the page that begins with it."""
    found = re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    return dict(found)


def test_it_is_short() -> None:
    assert len(blocks()["our_shops.py"].strip().splitlines()) <= 40


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("our-shops")
    for name, text in blocks().items():
        (folder / name).write_text(text, "utf-8")
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--target", str(target), str(folder)], check=True)
    return target


def ask(installed: Path, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    shops = tmp_path / "shops.csv"
    shops.write_text(SHOPS, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(installed), "OUR_SHOPS": str(shops), "ORBWEAVE_HOME": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-m", "orbweave.cli", "maps", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_answers(installed: Path, tmp_path: Path) -> None:
    ran = ask(installed, tmp_path, "bakery", "--in", "Vaduz, LI", "--source", "our-shops", "--json")
    assert ran.returncode == 0, ran.stderr
    (business,) = map(json.loads, ran.stdout.splitlines())
    assert (business["name"], business["source"]) == ("Beck", "our-shops")
    assert business["source_license"] == "CC-BY-4.0"
    assert business["phone_e164"] == "+4232322288"
    assert datetime.fromisoformat(business["expires_at"]) > datetime.now(UTC)
    assert "© Example Ltd" in ran.stderr


def test_it_is_listed(installed: Path, tmp_path: Path) -> None:
    ran = ask(installed, tmp_path, "bakery", "--in", "Vaduz, LI", "--source", "nowhere")
    assert ran.returncode == 2
    assert "our-shops" in ran.stderr
    assert "Traceback" not in ran.stderr
