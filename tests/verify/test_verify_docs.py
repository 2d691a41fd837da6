"""The table of docs/verify.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orbweave.verify import verdict
from orbweave.verify.classify import Meaning, meaning
from orbweave.verify.facts import Answer, Facts, Fault, NoAnswer, Reply, Route, RouteKind, Stage
from orbweave.verify.syntax import Address
from orbweave.verify.verdict import Finding

PAGE = (Path(__file__).parents[2] / "docs" / "verify.md").read_text("utf-8")
ROW = re.compile(r"^\| (?P<what>[^|]+) \| (?P<example>`[^|]+`) \| (\w+) \| (\w+) \| (\d+) \|$", re.MULTILINE)
ROWS = [(row["what"], row["example"], (row[3], row[4], int(row[5]))) for row in ROW.finditer(PAGE)]


def answer(stage: Stage, said: str) -> Answer:
    if said.startswith("("):
        return NoAnswer(stage, Fault(said.strip("()")), f"nothing at {stage}")
    code, _, text = said.partition(" ")
    return Reply(stage, int(code), text, "mx.a.test")


def observed(example: str) -> Facts:
    parts = [part.partition(" ")[::2] for part in re.findall("`([^`]+)`", example)]
    said: dict[str, list[str]] = {}
    for name, words in parts:
        said.setdefault(name, []).append(words)
    if "syntax" in said:
        return Facts("bob", syntax_fault="There is no @ in it.")
    address = Address("bob", "a.test")
    if dns := said.get("DNS"):
        return Facts(str(address), address, route=Route(RouteKind(dns[0])))
    [(target, stage)] = [(said[stage.upper() if stage == "rcpt" else stage][0], stage) for stage in Stage
                         if (stage.upper() if stage == "rcpt" else stage) in said]  # fmt: skip
    return Facts(
        str(address),
        address,
        disposable="disposable" in said,
        role="role" in said,
        route=Route(RouteKind.MX, ("mx.a.test",), (10,)),
        greeted=stage in (Stage.MAIL, Stage.RCPT),
        target=answer(stage, target),
        controls=tuple(answer(Stage.RCPT, words) for words in said.get("random", [])),
        postmaster=next((answer(Stage.RCPT, words) for words in said.get("postmaster", [])), None),
    )


@pytest.mark.parametrize(("what", "example", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_observation(what: str, example: str, expected: tuple[str, str, int]) -> None:
    result = verdict(observed(example)).data()
    assert (result["status"], result["sub_status"], result["score"]) == expected


def test_nothing_is_left_out() -> None:
    seen = [observed(example) for _, example, _ in ROWS]
    assert {verdict(one).finding for one in seen} == set(Finding)
    targets = [one.target for one in seen if one.target is not None]
    assert {one.stage for one in targets} == set(Stage)
    assert {meaning(one) for one in targets if one.stage is Stage.RCPT} == set(Meaning)
    assert {one.fault for one in targets if isinstance(one, NoAnswer)} == set(Fault)
    assert {one.route.kind for one in seen if one.route} | {RouteKind.IMPLICIT} == set(RouteKind)
