"""The recorded pages under ``corpus/``: each read without a fault, all together within the targets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.quality import CORPUS, TARGETS, Case, Score, cases, judge, score

CASES = list(cases(CORPUS))
FIELDS = {
    "url", "anchor", "country", "content_type", "kind", "emails", "phones", "faxes", "socials", "addresses", "people",
    "company",
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_page_is_read_and_most_of_it_found(case: Case) -> None:
    """One page may cost something of what all must reach together, but not half of what is on it."""
    assert set(case.expected) <= FIELDS | {"note"}
    scores = {name: Score() for name in (*TARGETS, "addresses", "people", "titles", "company")}
    judge(case, scores)
    faults = {name: (one.missed, one.wrong) for name, one in scores.items() if name in ("emails", "phones", "socials")}
    count = sum(len(missed) + len(wrong) for missed, wrong in faults.values())
    assert count <= max(1, sum(scores[name].right for name in faults)), faults


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    return score([CORPUS])


@pytest.mark.parametrize("what", TARGETS)
def test_the_corpus_is_within_its_target(what: str, scores: dict[str, Score]) -> None:
    one = scores[what]
    assert one.reaches(TARGETS[what]), (one.precision, one.recall, one.missed, one.wrong)


def test_no_case_is_without_its_page() -> None:
    folders = [path for path in Path(CORPUS).iterdir() if path.is_dir()]
    assert {case.name for case in CASES} == {path.name for path in folders}
    for path in folders:
        json.loads((path / "expected.json").read_text(encoding="utf-8"))
