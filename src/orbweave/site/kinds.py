"""What a page is for (contact, imprint, about, …), told from its address, the text of the link, and its title. Pure.

The words live in ``data/page_kinds.json``: language -> kind (or "-": looks like one, is none) -> phrases, of which
``=phrase`` must be all of a text, ``~phrase`` at least half of it, and ``phrase*`` may go on. Accents don't matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple
from urllib.parse import unquote

import orjson

from orbweave.site.document import Document

# Where a business says how to reach it comes first; ties go to the earlier.
KINDS = ("contact", "imprint", "about", "team", "locations", "news", "blog", "careers", "privacy", "terms")

_ORDER = {kind: place for place, kind in enumerate(KINDS)}
# One page for each of them: "/people/anna-meier".
_LISTED = frozenset({"team", "locations"})
# What lies below these pages is more of the same.
_SECTIONS = frozenset({"news", "blog", "careers"})
_BETWEEN_WORDS = re.compile(
    r"""[\s\-_./|,+&:;()\[\]{}«»‹›"“”„!?¿¡'’‘´`#%=~*<>→·•–—、。‧・״׳©×@$^\\\u200c\u200b\u00ad\u061f]+"""
)
_HUMP = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
_EXTENSION = re.compile(r"\.(?:[a-z]{0,2}html?|php\d?|aspx?|jspx?|cfm|do|cgi|pl|xml)$", re.IGNORECASE)
# Scripts written without spaces: words are looked for anywhere in the text.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_TITLE_PARTS = re.compile(r"\s+[|\-–—·•:»«>/]+\s+|[|»«]|: ")
_PLAIN_LETTERS = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t",
     "\u200f": None, "\u200e": None, "ـ": None, "ی": "ي", "ک": "ك", "ى": "ي", "ة": "ه"}
)  # fmt: skip
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_MAX_ANCHOR = 60
_MAX_TITLE_PART = 40
_MAX_WORDS = 5
_FEW_WORDS = 4
_LONG = 7
_FEW_LETTERS = 5

_WEAK, _HALF, _STRONG = 1, 2, 3


def fold(text: str) -> str:
    """Lower case without accents, so that "Über uns", "uber uns" and "ÜBER UNS" are one."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold()).casefold()
    bare = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", bare.translate(_PLAIN_LETTERS))


def _words(text: str) -> list[str]:
    return [word for word in _BETWEEN_WORDS.split(text) if word]


class _Entry(NamedTuple):
    kind: str | None
    strength: int


class Verdict(NamedTuple):
    """``certainty`` 3: the text says this and no more; 2: so does a word that can mean other things; 1: it says this
    among other things."""

    kind: str
    certainty: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: str
    kind: str | None
    strength: int
    is_stem: bool


class _Lexicon:
    def __init__(self, data: dict[str, Any]) -> None:
        self._phrases: dict[str, _Entry] = {}
        self._stems: dict[str, _Entry] = {}
        self._open_ended: dict[str, list[tuple[str, _Entry]]] = {}
        self._firsts: set[str] = set()
        self._fillers = {fold(word) for word in data["fillers"].split()}
        self._unspaced: list[tuple[str, _Entry]] = []
        # Below these everything is for sale or sorted: "/shop/team-shirts".
        self.shelves = frozenset(data["shelves"].split())
        # Words of pages that only let somebody in, whoever it is: "Staff login".
        self._doors = frozenset(data["doors"].split())
        # Behind a kind's word they make it another thing: "team jackets".
        self._wares = {fold(word) for word in data["wares"].split()}
        self.folders = {name: Verdict(kind, 3) for name, kind in data["folders"].items()}
        self.page_parameters = frozenset(data["page_parameters"].split())
        self._unspaced_fillers = [fold(word) for word in data["unspaced_fillers"].split()]
        romanizations = {
            script: [dict(_pairs(system)) for system in systems] for script, systems in data["romanizations"].items()
        }
        for phrase in _read(data["languages"], romanizations):
            self._add(phrase)
        self._unspaced.sort(key=lambda pair: -len(pair[0]))
        self._shortest = min(map(len, self._stems))
        self._stem_starts = {stem[: self._shortest] for stem in self._stems}

    def _add(self, phrase: _Phrase) -> None:
        entry = _Entry(phrase.kind, phrase.strength)
        if _UNSPACED.search(phrase.words):
            self._unspaced.append((phrase.words.replace(" ", ""), entry))
            return
        *head, last = phrase.words.split()
        self._firsts.add(head[0] if head else last)
        if not phrase.is_stem:
            self._phrases[phrase.words] = _surer(self._phrases.get(phrase.words), entry)
        elif head:
            self._open_ended.setdefault(" ".join(head), []).append((last, entry))
        else:
            self._stems[last] = _surer(self._stems.get(last), entry)

    def verdict(self, text: str) -> Verdict | None:
        """What folded ``text`` (a path segment, a link's text, a part of a title) says."""
        words = [word for word in _words(text) if not word.isdecimal()]
        if not self._doors.isdisjoint(words):
            return None
        found: list[tuple[_Entry, int]] = []
        covered = rest = index = 0
        while index < len(words):
            entry, size = self._at(words, index)
            sold = index + size < len(words) and words[index + size] in self._wares
            if entry is not None and entry.kind is not None and not sold:
                found.append((entry, index))
                covered += size
            elif entry is not None or words[index] not in self._fillers:
                rest += size
            index += size
        if found:
            return _judged(found, covered, rest, len(words))
        return self._unspaced_verdict(text) if not text.isascii() and _UNSPACED.search(text) else None

    def is_other(self, text: str) -> bool:
        """Does folded ``text`` hold what looks like a kind and is none: "contact-lenses"?"""
        words = _words(text)
        entries = (self._at(words, index)[0] for index in range(len(words)))
        return any(entry is not None and entry.kind is None for entry in entries)

    def _at(self, words: list[str], index: int) -> tuple[_Entry | None, int]:
        word = words[index]
        if word in self._firsts:
            for size in range(min(_MAX_WORDS, len(words) - index), 0, -1):
                head = " ".join(words[index : index + size - 1])
                for stem, entry in self._open_ended.get(head, ()) if size > 1 else ():
                    if words[index + size - 1].startswith(stem):
                        return entry, size
                known = self._phrases.get(f"{head} {words[index + size - 1]}" if head else word)
                if known is not None:
                    return known, size
        if word[: self._shortest] not in self._stem_starts:
            return None, 1
        for size in range(len(word), self._shortest - 1, -1):
            known = self._stems.get(word[:size])
            if known is not None:
                return known, 1
        return None, 1

    def _unspaced_verdict(self, text: str) -> Verdict | None:
        text = "".join(_words(text))
        left, best = text, None
        for phrase, entry in self._unspaced:
            if (start := text.rfind(phrase)) < 0 or phrase not in left:
                continue
            left = left.replace(phrase, "\n" * len(phrase))
            if entry.kind is None:
                continue
            rest = left.replace("\n", "")
            for filler in self._unspaced_fillers:
                rest = rest.replace(filler, "")
            end = start + len(phrase)
            if not rest:
                certainty = 3 if entry.strength == _STRONG else 2
            elif entry.strength == _WEAK or 4 * len(phrase) < len(text):
                continue
            else:
                certainty = 1
            # What comes last is what it is: a staff blog is a blog.
            if best is None or (certainty, end) > (best[0].certainty, best[1]):
                best = Verdict(entry.kind, certainty), end
        return best[0] if best else None


def _judged(found: list[tuple[_Entry, int]], covered: int, rest: int, length: int) -> Verdict | None:
    best: Verdict | None = None
    half = covered >= rest
    # "Unser neues Team": what may be a page's name beside another's is an ordinary word.
    whole = not rest and (len({entry.kind for entry, _ in found}) == 1 or all(e.strength > _WEAK for e, _ in found))
    for entry, index in found:
        if whole:
            certainty = 2 if entry.strength == _WEAK else 3
        elif entry.strength == _WEAK or not (half or (entry.strength == _STRONG and _leads(index, length))):
            continue
        else:
            certainty = 1
        verdict = Verdict(entry.kind or "", certainty)
        if best is None or (certainty, -_ORDER[verdict.kind]) > (best.certainty, -_ORDER[best.kind]):
            best = verdict
    return best


def _leads(index: int, length: int) -> bool:
    """A word counts at either end of a short text; "10 reasons to contact your dentist" isn't a contact page."""
    return length <= _FEW_WORDS and index in (0, length - 1)


def _surer(known: _Entry | None, new: _Entry) -> _Entry:
    if known is None or new.kind is None or known.kind is None:
        return new if known is None or new.kind is None else known
    return new if new.strength > known.strength else known


def _pairs(system: str) -> Iterator[tuple[str, str]]:
    letters = system.split()
    for letter, roman in zip(letters[::2], letters[1::2], strict=True):
        yield letter, "" if roman == "-" else roman


def _read(languages: dict[str, dict[str, str]], romanizations: dict[str, list[dict[str, str]]]) -> Iterator[_Phrase]:
    for kind in (*KINDS, "-"):
        for by_kind in languages.values():
            for written in by_kind.get(kind, "").split(", "):
                if written:
                    yield from _spellings(written, None if kind == "-" else kind, romanizations)


def _spellings(written: str, kind: str | None, romanizations: dict[str, list[dict[str, str]]]) -> Iterator[_Phrase]:
    strength = _WEAK if written[0] == "=" else _HALF if written[0] == "~" else _STRONG
    is_stem = written.endswith("*")
    text = written.strip("=~*")
    folded = fold(text)
    spellings = dict.fromkeys([folded, *_romanized(folded, romanizations)])
    if not text.isascii() and (spelt := text.casefold().translate(_DIGRAPHS)) != text.casefold():
        spellings[fold(spelt)] = None
    for spelling in spellings:
        words = _words(spelling)
        # Too short a beginning would be that of other languages' words.
        yield _Phrase(" ".join(words), kind, strength, is_stem and (spelling == folded or len(spelling) > _FEW_LETTERS))
        joined = "".join(words)
        if len(words) > 1 and len(joined) >= 4 and not is_stem and spelling.isascii():
            # "ueberuns.html", "quienessomos"; a short one may be a name.
            yield _Phrase(joined, kind, strength if len(joined) >= _LONG else _WEAK, False)


def _romanized(folded: str, romanizations: dict[str, list[dict[str, str]]]) -> Iterable[str]:
    if folded.isascii():
        return
    for systems in romanizations.values():
        if folded[0] in systems[0]:
            for system in systems:
                digraphs = [pair for pair in system if len(pair) > 1]
                text = folded
                for pair in digraphs:
                    text = text.replace(pair, system[pair])
                yield "".join(system.get(letter, letter) for letter in text)


def _data() -> dict[str, Any]:
    text = resources.files("orbweave.site").joinpath("data/page_kinds.json").read_bytes()
    found: dict[str, Any] = orjson.loads(text)
    return found


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    return _Lexicon(_data())


def languages() -> dict[str, dict[str, list[str]]]:
    """The phrases, by language and kind, with their marks."""
    return {
        language: {kind: phrases.split(", ") for kind, phrases in by_kind.items()}
        for language, by_kind in _data()["languages"].items()
    }


@lru_cache(maxsize=2_048)
def page_kind(url: str, anchor: str = "") -> str | None:
    """The kind of the page at ``url`` that a link with text ``anchor`` leads to; None when nothing tells."""
    by_address = _of_address(url)
    by_anchor = _of_text(anchor) if anchor else None
    if by_address is None and by_anchor is not None and by_anchor.certainty == 1:
        # "Daily contacts" to "/contact-lenses/daily"
        path = url.partition("://")[2].partition("/")[2].partition("?")[0][:200]
        verdict = None if path and _lexicon().is_other(fold(unquote(path))) else by_anchor
    elif by_address is None or by_anchor is None:
        verdict = by_address or by_anchor
    else:
        verdict = by_anchor if by_anchor.certainty > by_address.certainty else by_address
    return verdict.kind if verdict is not None else None


def is_page_title(text: str) -> bool:
    """Is all of ``text`` what menus call a page of one of the kinds?"""
    verdict = _of_text(text)
    return verdict is not None and verdict.certainty > 1


def page_kind_of(document: Document, by_link: str | None = None) -> str | None:
    """The kind of a page that was read: what its link said, else what its title says by a part of its own."""
    if by_link is not None:
        return by_link
    path = document.url.partition("://")[2].partition("/")[2]
    if not path or not document.title:
        return None
    return _of_title(document.title)


@lru_cache(maxsize=1_024)
def _of_title(title: str) -> str | None:
    verdicts = [
        verdict
        for part in _TITLE_PARTS.split(title)
        if part and len(part) <= _MAX_TITLE_PART and (verdict := _lexicon().verdict(fold(part)))
    ]
    best = max(verdicts, key=lambda verdict: verdict.certainty, default=None)
    return best.kind if best is not None and best.certainty > 1 else None


@lru_cache(maxsize=4_096)
def _of_text(text: str) -> Verdict | None:
    text = " ".join(text.split())
    return _lexicon().verdict(fold(text)) if 0 < len(text) <= _MAX_ANCHOR else None


def _of_address(url: str) -> Verdict | None:
    address, _, fragment = url.partition("://")[2].partition("#")
    address, _, query = address.partition("?")
    host, _, path = address.partition("/")
    segments = [segment for segment in path.split("/") if segment]
    if query:
        segments.extend(_page_parameters(query))
    if fragment[:1] in ("/", "!"):
        segments.extend(segment for segment in fragment.strip("!").split("/") if segment)
    best: Verdict | None = None
    lexicon, on_shelf, below = _lexicon(), False, 0
    for segment in segments:
        verdict = lexicon.folders.get(segment) or _of_segment(segment)
        if verdict is None:
            on_shelf = on_shelf or segment.lower() in lexicon.shelves
            # What lies below a page that is surely of a kind is more of it, unless something says otherwise.
            goes_on = best is not None and (best.certainty in (3, below) or best.kind in _LISTED)
            best = Verdict(best.kind, 1) if best is not None and goes_on else None
            below = 1 if best is not None else 0
        elif verdict.certainty == 3 or (not on_shelf and (best is None or best.kind not in _SECTIONS)):
            best, below = verdict, 0
    if best is None and (label := host.partition(".")[0]) not in ("www", "") and host.count(".") > 1:
        by_host = _of_segment(label)
        if by_host is not None and by_host.kind in _SECTIONS and by_host.certainty > 1:
            return by_host
    return best


def _page_parameters(query: str) -> Iterator[str]:
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if not value:
            # "index.php?kontakt"
            yield name.rpartition("/")[2]
        elif name.lower() in _lexicon().page_parameters and not value.isdecimal():
            yield value.rpartition("/")[2].removeprefix("com_")


@lru_cache(maxsize=4_096)
def _of_segment(segment: str) -> Verdict | None:
    if len(segment) > 400:
        return None
    if "%" in segment:
        segment = unquote(segment)
    if len(segment) > 120:
        return None
    segment = _EXTENSION.sub("", segment)
    if not segment.islower():
        segment = _HUMP.sub(" ", segment)
    return _lexicon().verdict(fold(segment))
