"""People: structured data anywhere, and names with a job title under them on pages about the team."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Any

from orbweave.site.document import Document
from orbweave.site.extract.emails import clean
from orbweave.site.extract.socials import profile_of
from orbweave.site.extract.structured import is_person, text_of
from orbweave.site.facts import Fact
from orbweave.site.kinds import fold

MAX_PER_PAGE = 80
_WORD = r"[^\W\d_a-zß][^\W\d_]*(?:['’.\-][^\W\d_]*)?"
_NAME = re.compile(
    r"(?:(?:Dr|Prof|Dipl|Mag|lic|med|dent|Herr|Frau|Mr|Mrs|Ms|Ing|MMag|RA)\.?(?: |$)){0,4}"
    rf"{_WORD}(?: (?:von|van|de|del|della|di|da|der|den|la|le|zu|bin|al)){{0,2}}(?: {_WORD}){{1,3}}"
    r"(?:,? (?:MSc|BSc|MBA|LL\.M\.|PhD|CPA))?"
)
_MAX_LINE = 60


def team(document: Document, kind: str | None = None, site: str = "") -> list[Fact]:
    """Facts of kind ``person``; ``detail`` is the contract's {name, title, email, linkedin}."""
    found: dict[str, Fact] = {}
    for member, method in [
        *_structured(document, site),
        *(_listed(document, site) if kind in ("team", "about") else ()),
    ]:
        found.setdefault(fold(member["name"]), Fact("person", member["name"], method, member["title"] or "", member))
        if len(found) >= MAX_PER_PAGE:
            break
    return list(found.values())


def _structured(document: Document, site: str) -> Iterator[tuple[dict[str, Any], str]]:
    for thing in document.json_ld:
        name = text_of(thing.get("name"), 80)
        if not is_person(thing) or not name or " " not in name:
            continue
        title, email = text_of(thing.get("jobTitle"), 120), text_of(thing.get("email"))
        same = thing.get("sameAs")
        profiles = [profile_of(url) for url in (same if isinstance(same, list) else [same]) if isinstance(url, str)]
        linkedin = next((found[1] for found in profiles if found and found[0] == "linkedin"), None)
        # Authors of articles are persons too; without a title or an address nothing says that they work here.
        if title or email:
            address = clean(email.removeprefix("mailto:"), site) if email else None
            yield {"name": name, "title": title, "email": address, "linkedin": linkedin}, "json-ld"


def _listed(document: Document, site: str) -> Iterator[tuple[dict[str, Any], str]]:
    lines = document.pieces.split("\n")
    linkedin = {
        fold(link.text): profile[1]
        for link in document.links
        if "linkedin.com/in/" in link.href and (profile := profile_of(link.href))
    }
    for index, line in enumerate(lines[:-1]):
        if not 5 <= len(line) <= _MAX_LINE or not _NAME.fullmatch(line) or _is_title(line):
            continue
        title = lines[index + 1]
        if len(title) > 100 or not _is_title(title):
            continue
        email = next(
            (address for near in lines[index + 2 : index + 6] if "@" in near and (address := clean(near, site))), None
        )
        url = next((url for text, url in linkedin.items() if fold(line) in text), None)
        yield {"name": line, "title": title, "email": email, "linkedin": url}, "text"


@lru_cache(maxsize=1)
def _titles() -> re.Pattern[str]:
    text = resources.files("orbweave.site").joinpath("data/job_titles.txt").read_text(encoding="utf-8")
    words = {line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")}
    return re.compile(r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")")


def _is_title(line: str) -> bool:
    return _titles().search(fold(line)) is not None
