"""Reads the lexicon: a text file a language, ``maps/lexicon/*.txt`` (the format: docs/data.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "lexicon"
PARTICLES = ("in", "near", "after", "noise", "talk")
_LINE = re.compile(r"(.+?):\s+(.*)$")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line says its words mean: a category (``id``, or none, and ``tags``), narrowing ``tags`` alone
    (``modifier``), or a part that a word plays (``particle``). ``weak``: a second meaning."""

    lang: str
    text: str
    id: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    modifier: bool = False
    particle: str | None = None
    weak: bool = False


def files() -> list[Path]:
    return [file for file in sorted(FOLDER.glob("*.txt")) if 2 <= len(file.stem) <= 3]


def entries(file: Path) -> Iterator[Entry]:
    """Raises SystemExit, naming the line, where it is none of the forms."""
    lang = file.stem
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line.strip())
        if not match:
            raise SystemExit(f"{file}:{number}: not of the form 'HEAD: word, word'")
        head, texts = match.groups()
        for text in filter(None, map(str.strip, texts.split(","))):
            yield _entry(lang, head, text, f"{file}:{number}")


def _entry(lang: str, head: str, text: str, where: str) -> Entry:
    if head.startswith("@"):
        if head[1:] not in PARTICLES:
            raise SystemExit(f"{where}: {head} is none of {', '.join(f'@{name}' for name in PARTICLES)}")
        return Entry(lang, text, particle=head[1:])
    first, *more = head.removeprefix("+").split()
    narrowing = dict(_tag(tag, where) for tag in more)
    weak, text = text.startswith("~"), text.removeprefix("~").strip()
    if head.startswith("+") or "=" in first:
        tags = dict([_tag(first, where)]) | narrowing
        return Entry(lang, text, tags=tags, modifier=head.startswith("+"), weak=weak)
    return Entry(lang, text, id=first, tags=narrowing, weak=weak)


def _tag(text: str, where: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not (name and found and value):
        raise SystemExit(f"{where}: {text!r} is no tag; write key=value")
    return name, value


def table(name: str) -> dict[str, str]:
    """The lines ``HEAD: rest`` of one of the common files, such as endings.txt."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition(": ") for line in lines if line.strip() and not line.startswith("#"))
    return {head.strip(): rest.strip() for head, _, rest in pairs}
