"""``orbweave verify``: options, a card for one address, tables that are gone on with."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from orbweave.cli import spreadsheet
from orbweave.errors import InvalidInput

HEADER = "name;E-Mail;note\n"


def records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_one_address_gets_a_card(cli: Any, pointed: None) -> None:
    ran = cli("verify", "info@site-000001.test")
    assert ran.code == 0
    assert "verdict" in ran.stdout
    assert "RCPT TO" in ran.stdout


def test_a_table_keeps_its_columns_and_its_bad_rows(cli: Any, pointed: None, tmp_path: Path) -> None:
    table, target = tmp_path / "customers.csv", tmp_path / "checked.csv"
    table.write_text(
        HEADER + 'Ann;info@site-000001.test;"two\nlines"\nBob;no address;=1+1\n\nCid;info@site-000001.test;\n',
        encoding="utf-8-sig",
    )
    ran = cli("verify", "--file", str(table), "-o", str(target))
    assert ran.code == 0
    assert "Line 4: 'no address' is no address" in ran.stderr
    rows = {row["verify_line"]: row for row in records(target)}
    assert sorted(rows) == ["2", "4", "6"]
    assert list(rows["2"])[:4] == ["name", "E-Mail", "note", "verify_line"]
    assert rows["2"]["note"] == "two\nlines"
    assert rows["4"]["note"] == "'=1+1"
    assert (rows["4"]["verify_status"], rows["4"]["verify_sub_status"]) == ("invalid", "invalid_syntax")
    assert rows["2"]["verify_status"] == rows["6"]["verify_status"] != ""


def test_a_broken_record_is_written_again(cli: Any, pointed: None, tmp_path: Path) -> None:
    table, target = tmp_path / "customers.csv", tmp_path / "checked.csv"
    table.write_text(HEADER + "Ann;not one;\nBob;nor this;\n")
    assert cli("verify", "--file", str(table), "-o", str(target)).code == 0
    whole = target.read_bytes()
    for cut in (len(whole) - 3, whole.rindex(b'"') if b'"' in whole else len(whole) - 10, 5):
        target.write_bytes(whole[:cut])
        assert cli("verify", "--file", str(table), "-o", str(target), "--resume").code == 0
        assert sorted(row["verify_line"] for row in records(target)) == ["2", "3"]


def test_what_was_checked_before_can_be_checked_again(cli: Any, pointed: None, tmp_path: Path) -> None:
    table, once, twice = tmp_path / "customers.csv", tmp_path / "once.csv", tmp_path / "twice.csv"
    table.write_text("line,=email,email\n7,x,not one\n8,y,nor this\n")
    assert cli("verify", "--file", str(table), "-o", str(once)).code == 0
    assert cli("verify", "--file", str(once), "-o", str(twice)).code == 0
    assert list(records(twice)[0]) == ["line", "'=email", "email", *list(records(once)[0])[3:]]
    for path, source in ((once, table), (twice, once)):
        before = path.read_bytes()
        assert cli("verify", "--file", str(source), "-o", str(path), "--resume").code == 0
        assert path.read_bytes() == before


def test_addresses_that_look_like_formulas_are_found_again(cli: Any, pointed: None, tmp_path: Path) -> None:
    target = tmp_path / "checked.csv"
    for _ in range(2):
        assert cli("verify", "+a b", "=c d", "-o", str(target), *(["--resume"] if target.exists() else [])).code == 0
    assert sorted(row["email"] for row in records(target)) == ["'+a b", "'=c d"]


def test_a_file_with_a_fault_in_the_middle_is_left_alone(cli: Any, pointed: None, tmp_path: Path) -> None:
    table, target = tmp_path / "customers.csv", tmp_path / "checked.csv"
    table.write_text("email,note\n" + f"not one,{'x' * 200_000}\nnor this,\n")
    assert cli("verify", "--file", str(table), "-o", str(target)).code == 0
    whole = target.read_bytes()
    assert cli("verify", "--file", str(table), "-o", str(target), "--resume").code == 0
    assert target.read_bytes() == whole
    lines = whole.splitlines(keepends=True)
    target.write_bytes(b"".join([lines[0], b"too,few\n", *lines[1:]]))
    refused = cli("verify", "--file", str(table), "-o", str(target), "--resume")
    assert refused.code == 2
    assert "is not a file of these results (line 2)" in refused.stderr
    assert b"too,few" in target.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a@b.example", "--resume"], "name it with --output"),
        (["--file", "list.txt", "--column", "mail"], "--column needs a .csv"),
        (["--file", "no.csv"], "Cannot read no.csv"),
        (["--file", "ours.csv"], "No column is called email or e-mail; name one of these with --column: a, b."),
        (["--file", "ours.csv", "--column", "c"], "There is no column 'c'"),
        (["--file", "twice.csv"], "two columns called 'a'"),
        (["--file", "empty.csv"], "is empty"),
    ],
)
def test_what_is_wrong_is_said(cli: Any, arguments: list[str], says: str, tmp_path: Path) -> None:
    (tmp_path / "ours.csv").write_text("a,b\n1,2\n")
    (tmp_path / "twice.csv").write_text("a,a\n1,2\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "list.txt").write_text("a@b.example\n")
    ran = cli("verify", *arguments)
    assert (ran.code, ran.stdout) == (2, "")
    assert says in ran.stderr


@pytest.mark.parametrize(
    "raw",
    [
        "email,näme\na@b.example,Zoë\n".encode(),
        "email,näme\r\na@b.example,Zoë\r\n".encode("utf-16"),
        "email;näme\na@b.example;Zoë\n".encode("cp1252"),
        "\ufeffemail\tnäme\na@b.example\tZoë".encode(),
    ],
)
def test_tables_come_in_many_shapes(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(raw)
    table = spreadsheet.read(path)
    assert table.columns == ("email", "näme")
    assert [(row.line, row.cells) for row in table.rows] == [(2, {"email": "a@b.example", "näme": "Zoë"})]
    with pytest.raises(InvalidInput):
        table.column("nothing", ())


def test_after_ctrl_c_nobody_is_asked_twice(practice: dict[str, str], tmp_path: Path) -> None:
    table, target = tmp_path / "customers.csv", tmp_path / "checked.csv"
    emails = [f"n{number}@site-00000{number % 6 + 1}.test" for number in range(60)]
    table.write_text("email\n" + "".join(f"{email}\n" for email in emails))
    command = [sys.executable, "-m", "orbweave.cli", "verify", "--file", str(table), "-o", str(target), "--json"]
    environment = {**os.environ, **practice}
    started = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    while not target.exists() or target.read_bytes().count(b"\n") < 3:
        if started.poll() is not None:
            break  # it was quicker than we
        time.sleep(0.01)
    started.send_signal(signal.SIGINT)
    started.communicate(timeout=60)
    before = records(target)
    again = subprocess.run([*command, "--resume"], env=environment, stderr=subprocess.PIPE, text=True, check=True)
    assert records(target)[: len(before)] == before
    assert sorted(int(row["verify_line"]) for row in records(target)) == list(range(2, 62))
    last = [json.loads(line) for line in again.stderr.splitlines() if '"progress"' in line][-1]
    assert last["progress"]["addresses"] == [60, 60]
