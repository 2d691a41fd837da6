"""``python -m bench.understanding [FILE…] [--misses] [--json] [--unknown-language]``: how queries are understood
against what their author meant. Exit code 1 when a target is missed.

A file has a line a query: language, query, what is expected, kind (tab separated). Expected is ``amenity=dentist``,
with several tags ``amenity=restaurant;cuisine=pizza``, with several right answers joined by `` | ``; ``name`` for what
must be searched as a name (or be unanswered, which comes to the same), ``none`` for what must be unanswered."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from orbweave.maps.dictionary import ARCHIVE, dictionary
from orbweave.maps.understanding import Interpretation, UnknownQuery, understand

QUERIES = Path(__file__).parent.parent / "tests/maps/queries.tsv"

# At least ("first", "three"), at most (the others), as shares.
TARGETS = {"first": 0.96, "three": 0.985, "wrong": 0.02, "brand or nonsense as a category": 0.03}


@dataclass(frozen=True, slots=True)
class Case:
    lang: str
    query: str
    expected: str
    kind: str

    @property
    def no_category(self) -> bool:
        return self.expected in ("name", "none")

    def is_right(self, meaning: Interpretation) -> bool:
        if self.no_category:
            return self.expected == "name" and meaning.name is not None
        shown = [dict(tags) for tags in meaning.as_dict()["tags"]]
        return any(wanted.items() <= tags.items() for wanted in self._wanted() for tags in shown)

    def _wanted(self) -> Iterator[Mapping[str, str]]:
        for alternative in self.expected.split(" | "):
            tags = (tag.partition("=") for tag in alternative.split(";"))
            yield {key.strip(): value.strip() for key, _, value in tags}


@dataclass(slots=True)
class Score:
    cases: list[Case] = field(default_factory=list)
    first: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    three: int = 0
    wrong: list[tuple[Case, Interpretation]] = field(default_factory=list)
    unanswered: list[Case] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def shares(self) -> dict[str, float]:
        count = max(1, len(self.cases))
        others = [case for case in self.cases if case.no_category]
        taken = sum(case.no_category and meaning.name is None for case, meaning in self.wrong)
        return {
            "first": self.first["all"] / count,
            "three": self.three / count,
            "wrong": len(self.wrong) / count,
            "brand or nonsense as a category": taken / max(1, len(others)),
        }

    def reached(self) -> dict[str, bool]:
        return {
            name: share >= TARGETS[name] if name in ("first", "three") else share <= TARGETS[name]
            for name, share in self.shares().items()
        }

    def percentile(self, part: float) -> float:
        ordered = sorted(self.milliseconds) or [0.0]
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def cases(file: Path) -> Iterator[Case]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            lang, query, expected, kind = (*line.split("\t"), "", "")[:4]
            yield Case(lang, query, expected.strip(), kind.strip() or "plain")


def score(some: Iterable[Case], *, with_language: bool = True) -> Score:
    result = Score()
    for case in some:
        lang = case.lang if with_language and case.lang not in ("", "-") else None
        start = time.perf_counter()
        meanings = answers(case.query, lang)
        result.milliseconds.append(1000 * (time.perf_counter() - start))
        judge(case, meanings, result)
    return result


def answers(query: str, lang: str | None) -> tuple[Interpretation, ...]:
    try:
        # Not what was remembered of an earlier, equal query.
        return understand.__wrapped__(query, lang).interpretations
    except UnknownQuery:
        return ()


def judge(case: Case, meanings: tuple[Interpretation, ...], result: Score) -> None:
    right = [case.is_right(meaning) for meaning in meanings[:3]] or [case.no_category]
    result.cases.append(case)
    for group in ("all", f"lang {case.lang}", f"kind {case.kind}"):
        result.total[group] += 1
        result.first[group] += right[0]
    result.three += any(right)
    if not right[0]:
        if meanings:
            result.wrong.append((case, meanings[0]))
        else:
            result.unanswered.append(case)


def _load() -> float:
    """Seconds until everything that a query needs is read."""
    start = time.perf_counter()
    words = dictionary()
    _ = words.particles, words.endings, words.rules, words.number, words.vocabulary, words.labels(None)
    words.brand(""), words.is_place(""), words.sounding_like("")
    return time.perf_counter() - start


def _table(result: Score) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("what", "share", "target", ""):
        table.add_column(head, justify="left" if head in ("what", "") else "right")
    for name, share in result.shares().items():
        ok = result.reached()[name]
        table.add_row(name, f"{share:.3f}", f"{TARGETS[name]:.3f}", "[green]ok[/]" if ok else "[red]MISS[/]")
    return table


def _groups(result: Score, prefix: str) -> str:
    names = sorted(group for group in result.total if group.startswith(prefix))
    return "  ".join(f"{name.removeprefix(prefix)} {result.first[name]}/{result.total[name]}" for name in names)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.understanding", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[QUERIES], metavar="FILE")
    parser.add_argument("--misses", action="store_true", help="also the queries that were not understood")
    parser.add_argument("--json", action="store_true", help="the figures as one object")
    parser.add_argument("--unknown-language", action="store_true", help="without telling the language")
    given = parser.parse_args()
    load = _load()
    result = score((case for file in given.files for case in cases(file)), with_language=not given.unknown_language)
    speed = {
        "load_s": round(load, 3),
        "p50_ms": round(result.percentile(0.5), 2),
        "p95_ms": round(result.percentile(0.95), 2),
        "dictionary_bytes": ARCHIVE.stat().st_size if isinstance(ARCHIVE, Path) else 0,
    }
    if given.json:
        print(json.dumps({"queries": len(result.cases), **result.shares(), **speed}, ensure_ascii=False, indent=1))
    else:
        console = Console()
        languages = {case.lang for case in result.cases}
        console.print(f"{len(result.cases)} queries in {len(languages)} languages\n", _table(result), sep="")
        for prefix in ("lang ", "kind "):
            console.print(f"by {prefix.strip()}: {_groups(result, prefix)}", highlight=False)
        console.print("  ".join(f"{name} {value}" for name, value in speed.items()), highlight=False)
        if given.misses:
            for case, meaning in result.wrong:
                print(
                    f"wrong  {case.lang:3} {case.query!r} -> {meaning.label} {meaning.as_dict()['tags'][0]} "
                    f"{meaning.score:.2f} ({case.expected}, {case.kind})"
                )
            for case in result.unanswered:
                print(f"none   {case.lang:3} {case.query!r} ({case.expected}, {case.kind})")
    return 0 if all(result.reached().values()) else 1


if __name__ == "__main__":
    sys.exit(main())
