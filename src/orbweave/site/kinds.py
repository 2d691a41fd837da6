"""What a page is for (contact, imprint, about, …), told from its path and the text of the link. Pure.

The words live in ``data/page_kinds.json``: language -> kind -> words, lower case; accents don't matter."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib import resources
from urllib.parse import unquote, urlsplit

import orjson

# Where a business says how to reach it comes first; ties go to the earlier.
KINDS = ("contact", "imprint", "about", "team", "locations", "news", "blog", "careers", "privacy", "terms")

_SECTIONS = {"news", "blog", "careers"}
# Not \w: in Indic scripts vowel signs are marks, and belong to the word.
_BETWEEN_WORDS = re.compile(r"""[\s\-_./|,+&:;()\[\]«»‹›"“”„!?¿¡'’´`#%=~*<>→·•–—、。]+""")
# Scripts written without spaces: words are looked for anywhere in the text.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MAX_ANCHOR = 60
_MAX_WORDS = 4
_LONG = 7


def fold(text: str) -> str:
    """Lower case without accents, so that "Über uns", "uber-uns" and "ÜBER UNS" are one."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if unicodedata.category(c) != "Mn"))


def _words(text: str) -> list[str]:
    return [word for word in _BETWEEN_WORDS.split(text) if word]


class _Lexicon:
    def __init__(self, languages: dict[str, dict[str, list[str]]]) -> None:
        self.phrases: dict[str, str] = {}
        self.unspaced: list[tuple[str, str]] = []
        stems: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for kind in KINDS:
            for words in languages.values():
                for word in words.get(kind, []):
                    folded = " ".join(_words(fold(word)))
                    self.phrases.setdefault(folded, kind)
                    if _UNSPACED.search(folded):
                        self.unspaced.append((folded, kind))
                    elif len(folded) >= _LONG and " " not in folded:
                        stems[kind].append(folded)
        self.unspaced.sort(key=lambda pair: -len(pair[0]))
        self.stems = [(kind, tuple(words)) for kind, words in stems.items()]

    def kind(self, text: str) -> str | None:
        words = _words(text)
        best: str | None = None
        for size in range(min(_MAX_WORDS, len(words)), 0, -1):
            for start in range(len(words) - size + 1):
                best = _earlier(best, self.phrases.get(" ".join(words[start : start + size])))
            if best is not None:
                return best
        for word in words:
            if len(word) > _LONG:
                best = _earlier(best, next((kind for kind, stems in self.stems if word.startswith(stems)), None))
        if best is None and _UNSPACED.search(text):
            best = next((kind for phrase, kind in self.unspaced if phrase in text), None)
        return best


def _earlier(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    return min(one, other, key=KINDS.index)


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    return _Lexicon(languages())


def languages() -> dict[str, dict[str, list[str]]]:
    """The word lists, by language."""
    text = resources.files("orbweave.site").joinpath("data/page_kinds.json").read_bytes()
    found: dict[str, dict[str, list[str]]] = orjson.loads(text)
    return found


@lru_cache(maxsize=32_768)
def page_kind(url: str, anchor: str = "") -> str | None:
    """The kind of the page at ``url`` that a link with text ``anchor`` leads to; None when nothing tells."""
    lexicon = _lexicon()
    segments = [fold(unquote(segment)) for segment in urlsplit(url).path.split("/") if segment]
    by_path: str | None = None
    for segment in segments:
        # The sentence in a slug ("10-reasons-to-contact-your-dentist") doesn't say what the page is for.
        kind = lexicon.kind(segment) if len(_words(segment)) <= _MAX_WORDS else None
        if kind in _SECTIONS and by_path is None:
            return kind
        by_path = _earlier(by_path, kind)
    folded = fold(" ".join(anchor.split()))
    by_anchor = lexicon.kind(folded) if folded and len(folded) <= _MAX_ANCHOR else None
    return _earlier(by_path, by_anchor)
