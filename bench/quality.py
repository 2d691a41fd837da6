"""``python -m bench.quality [FOLDER…] [--misses] [--json]``: what the extractors find on recorded pages against what a
person read there. Exit code 1 when a target is missed.

A folder holds cases (``<lang>-<slug>/input.html`` and ``expected.json``) and may hold ``kinds.tsv`` (language, URL,
text of the link, kind or "-"). The answer compared is the one a user gets: the result of a crawl of that one page."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from orbweave.site import extract, urls
from orbweave.site.document import read
from orbweave.site.extract.socials import PLATFORMS
from orbweave.site.kinds import fold, page_kind
from orbweave.site.result import Sighting, SiteResult

CORPUS = Path(__file__).parent.parent / "tests/site/corpus"

# Precision and recall each must reach.
TARGETS = {"emails": 0.98, "phones": 0.90, "faxes": 0.90, "socials": 0.97, "kinds": 0.95}
MEASURES = ("emails", "phones", "faxes", "socials", "addresses", "people", "titles", "company", "kinds")


@dataclass(frozen=True)
class Case:
    name: str
    body: bytes
    expected: Mapping[str, Any]

    @property
    def language(self) -> str:
        return self.name.partition("-")[0]


@dataclass
class Score:
    """``missed`` and ``wrong``: (case, value)."""

    right: int = 0
    missed: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        found = self.right + len(self.wrong)
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        wanted = self.right + len(self.missed)
        return self.right / wanted if wanted else 1.0

    def reaches(self, target: float | None) -> bool:
        return target is None or min(self.precision, self.recall) >= target

    def add(self, case: str, wanted: Iterable[str], found: Iterable[str], same: Callable[[str, str], bool]) -> None:
        """Pairs each wanted value with one found value."""
        left = list(found)
        for value in wanted:
            match = next((other for other in left if same(value, other)), None)
            if match is None:
                self.missed.append((case, value))
            else:
                self.right += 1
                left.remove(match)
        self.wrong.extend((case, value) for value in left)


def cases(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*/expected.json")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        yield Case(path.parent.name, (path.parent / "input.html").read_bytes(), expected)


def answer(case: Case) -> Mapping[str, Any]:
    """The contract's data for a crawl that saw nothing but this page."""
    url, country = case.expected["url"], case.expected.get("country")
    site = urls.site_of(url)
    facts = extract.facts(
        read(case.body, url, case.expected.get("content_type") or ""),
        site=site,
        kind=page_kind(url, case.expected.get("anchor") or ""),
        country=country,
        with_team=True,
        with_company=True,
    )
    sightings = tuple(Sighting(fact, url, "") for fact in facts)
    return SiteResult(url, "success", (), sightings, site=site, with_company=True, with_team=True).data()


def score(folders: Iterable[Path]) -> dict[str, Score]:
    scores = {name: Score() for name in MEASURES}
    for folder in folders:
        for case in cases(folder):
            judge(case, scores)
        for line in _lines(folder / "kinds.tsv"):
            language, url, anchor, kind = line.split("\t")
            _judge_kind(f"{language} {url} {anchor}", url, anchor, None if kind == "-" else kind, scores["kinds"])
    return scores


def judge(case: Case, scores: Mapping[str, Score]) -> None:
    wanted, found = case.expected, answer(case)
    phones = {phone["e164"]: phone["type"] == "fax" for phone in found["phones"]}
    add = {name: scores[name].add for name in MEASURES}
    add["emails"](case.name, wanted.get("emails", ()), found["emails"], str.__eq__)
    # A number has one type: one that serves for both is a phone.
    called = wanted.get("phones", ())
    faxed = [number for number in wanted.get("faxes", ()) if number not in called]
    for name, numbers, is_fax in (("phones", called, False), ("faxes", faxed, True)):
        add[name](case.name, numbers, [number for number, fax in phones.items() if fax is is_fax], str.__eq__)
    add["socials"](
        case.name,
        (f"{platform} {url}" for platform, url in wanted.get("socials", {}).items()),
        (f"{platform} {found[platform]}" for platform in PLATFORMS if found[platform]),
        str.__eq__,
    )
    add["addresses"](case.name, wanted.get("addresses", ()), found["addresses"], same_address)
    people, members = wanted.get("people", ()), found["team_members"]
    add["people"](case.name, (one["name"] for one in people), (member["name"] for member in members), _same_name)
    add["titles"](
        case.name,
        (f"{one['name']}: {one['title']}" for one in people if one.get("title")),
        (f"{member['name']}: {member['title']}" for member in members if member["title"]),
        lambda one, other: fold(one) == fold(other),
    )
    company = {name: value for name, value in wanted.get("company", {}).items() if value}
    vitals = found["company_vitals"]
    add["company"](
        case.name,
        (f"{name}: {value}" for name, value in company.items()),
        # Only what the page's reader wrote down is judged: nobody lists every description on a page.
        (f"{name}: {vitals[name]}" for name in company if vitals.get(name)),
        lambda one, other: _squeezed(one) == _squeezed(other),
    )
    _judge_kind(case.name, wanted["url"], wanted.get("anchor") or "", wanted.get("kind"), scores["kinds"])


def _judge_kind(case: str, url: str, anchor: str, wanted: str | None, kinds: Score) -> None:
    kinds.add(case, [wanted or "-"], [page_kind(url, anchor) or "-"], str.__eq__)


def same_address(one: str, other: str) -> bool:
    """The same numbers in them, and most words: people and machines disagree on the company's name and the country."""
    first, second = _address_words(one), _address_words(other)
    numbers = {word for word in first if any(map(str.isdigit, word))}
    others = {word for word in second if any(map(str.isdigit, word))}
    if not (numbers <= others or others <= numbers) or (first and not second):
        return False
    return len(first & second) >= 0.6 * min(len(first), len(second))


def _address_words(address: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+|\d+", fold(address.replace("ß", "ss"))))


_TITLES = re.compile(r"^(?:(?:dr|prof|dipl|mag|ing|lic|med|dent|mr|mrs|ms|herr|frau)\.?[ -]+)+|,.*$")


def _same_name(one: str, other: str) -> bool:
    return _TITLES.sub("", fold(one)) == _TITLES.sub("", fold(other))


def _squeezed(text: str) -> str:
    return "".join(re.findall(r"\w+", fold(text)))


def _lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _table(scores: Mapping[str, Score]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("what")
    for head in ("wanted", "found", "right", "precision", "recall", "target"):
        table.add_column(head, justify="right")
    table.add_column("")
    for name, one in scores.items():
        target = TARGETS.get(name)
        table.add_row(
            name,
            *map(str, (one.right + len(one.missed), one.right + len(one.wrong), one.right)),
            *(f"{share:.3f}" for share in (one.precision, one.recall)),
            "" if target is None else f"{target:.2f}",
            "" if target is None else "[green]ok[/]" if one.reaches(target) else "[red]MISS[/]",
        )
    return table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[CORPUS], metavar="FOLDER")
    parser.add_argument("--misses", action="store_true", help="also what was missed (-) and what was wrong (+)")
    parser.add_argument("--json", action="store_true", help="the figures as one object")
    given = parser.parse_args()
    scores = score(given.folders)
    everything = [case for folder in given.folders for case in cases(folder)]
    if given.json:
        figures = {
            name: {"precision": one.precision, "recall": one.recall, "missed": one.missed, "wrong": one.wrong}
            for name, one in scores.items()
        }
        print(json.dumps({"pages": len(everything), "scores": figures}, ensure_ascii=False, indent=1))
    else:
        console = Console()
        languages = len({case.language for case in everything})
        console.print(f"{len(everything)} pages in {languages} languages\n", _table(scores), sep="")
        if given.misses:
            for name, one in scores.items():
                for mark, values in (("-", one.missed), ("+", one.wrong)):
                    for case_name, value in values:
                        print(f"{name:9} {mark} {case_name}: {value}")
    return 0 if all(one.reaches(TARGETS.get(name)) for name, one in scores.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
