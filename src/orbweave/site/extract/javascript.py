"""The texts that a few lines of JavaScript put together: string constants, joined, decoded and turned around, as
scripts do that hide an address from collectors. Nothing is run: what isn't understood is a GAP. Pure; bounded."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Iterator
from itertools import islice
from urllib.parse import unquote

GAP = "\x00"
_AT_SIGN = str(ord("@"))
MAX_CODE = 20_000
MAX_TEXT = 4_000
_MAX_TOKENS = 6_000
_MAX_DEPTH = 12

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.){0,4000}+"|'(?:[^'\\\n]|\\.){0,4000}+'|`(?:[^`\\]|\\.){0,4000}+`)|"""
    r"(?P<number>0[xX][0-9a-fA-F]+|\d+)|(?P<name>[A-Za-z_$][\w$]*)|(?P<comment>//|/\*)|"
    r"(?P<regex>(?<=[(,])/(?:[^/\\\n]|\\.){1,100}+/[a-z]{0,4})|(?P<sign>\+=|=>|===?|!==?|\S)|\s+",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "v": "", "0": ""}

Value = str | list[str]


def unescaped(text: str) -> str:
    """``text`` as written between quotes, with its escapes resolved."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    long, short, byte, octal, other = match.groups()
    digits = long or short or byte
    if digits:
        number = int(digits, 16)
    elif octal and octal != "0":
        number = int(octal, 8)
    else:
        return "" if octal else _PLAIN.get(other, other)
    return chr(number) if 31 < number < 0xD800 or 0xDFFF < number < 0x110000 else ""


def _tokens(code: str) -> Iterator[tuple[str, str]]:
    at = 0
    while match := _TOKEN.match(code, at):
        at = match.end()
        if match.lastgroup == "comment":
            at = code.find("\n" if match[0] == "//" else "*/", at)
            if at < 0:
                return
            at += 1 if match[0] == "//" else 2
        elif match.lastgroup:
            yield match.lastgroup, match[0]


class Script:
    """Reads expressions left to right; every name keeps the last text it was given.

    ``texts``: every text that the code assigns, passes on or ends up with, decoded. ``calls``: the
    names of functions that aren't known here, and the texts, two or more, they are given."""

    def __init__(self, code: str) -> None:
        self.texts: list[str] = []
        self.calls: list[tuple[str, list[str]]] = []
        self._tokens = [*islice(_tokens(code[:MAX_CODE]), _MAX_TOKENS), ("end", "")]
        self._at = 0
        self._depth = 0
        self._names: dict[str, Value] = {}
        while self._tokens[self._at][0] != "end":
            before = self._at
            self._statement()
            if self._at == before:
                self._at += 1

    def _peek(self, ahead: int = 0) -> str:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)][1]

    def _statement(self) -> None:
        name = self._assigned()
        value = self._sum()
        if name and value is not None:
            known = self._names.get(name[0])
            if name[1] and isinstance(known, str) and isinstance(value, str):
                value = known + value
            self._names[name[0]] = value[:MAX_TEXT]
        if isinstance(value, list):
            self.texts.extend(value)
            if _AT_SIGN in value and all(map(str.isdecimal, value)):
                self.texts.append(_from_codes(value))
        elif value:
            self.texts.append(value)

    def _assigned(self) -> tuple[str, bool] | None:
        """(name, is it added to) when ``name =``, ``a.name =``, ``name +=``, ``name:`` or ``"name":`` comes next."""
        at = self._at
        while self._tokens[at][0] == "name" and self._tokens[min(at + 1, len(self._tokens) - 1)][1] == ".":
            at += 2
        kind, name = self._tokens[min(at, len(self._tokens) - 1)]
        sign = self._tokens[min(at + 1, len(self._tokens) - 1)][1]
        if (kind == "name" and sign in ("=", "+=", ":")) or (kind == "string" and sign == ":"):
            self._at = at + 2
            return name.strip("\"'`"), sign == "+="
        return None

    def _sum(self) -> Value | None:
        self._depth += 1
        try:
            if self._depth > _MAX_DEPTH:
                return None
            start = self._at
            total = self._term()
            while self._peek() == "+" and self._at > start:
                self._at += 1
                added = self._term()
                total = (_text(total) + _text(added))[:MAX_TEXT]
            return total
        finally:
            self._depth -= 1

    def _term(self) -> Value | None:
        kind, written = self._tokens[self._at]
        value: Value | None = None
        if kind == "string":
            self._at += 1
            value = unescaped(written[1:-1])
            if written[0] == "`":
                value = re.sub(r"\$\{\s*([\w$.]{1,60})\s*\}", lambda match: _text(self._known(match[1])), value)
        elif written == "(":
            self._at += 1
            value = self._sum()
            self._skip(")")
        elif written == "[":
            value = self._list("[", "]")
        elif kind == "number":
            self._at += 1
            value = written
        elif kind == "name":
            value = self._named()
        else:
            return None
        return self._after(value)

    def _known(self, name: str) -> Value | None:
        return self._names.get(name.rpartition(".")[2])

    def _named(self) -> Value | None:
        name = self._peek()
        self._at += 1
        while self._peek() == "." and self._tokens[min(self._at + 1, len(self._tokens) - 1)][0] == "name":
            if self._peek(1) in _METHODS and self._peek(2) == "(" and name in self._names:
                return self._names[name]
            name = self._peek(1)
            self._at += 2
        if self._peek() == "(":
            if name in ("function", "if", "while", "for", "switch", "catch"):
                return None
            given = self._list("(", ")")
            function = _FUNCTIONS.get(name)
            if function is not None and given:
                return function(given)
            self.texts.extend(given)
            if len(given) > 1:
                self.calls.append((name, given))
            return None
        return self._names.get(name)

    def _after(self, value: Value | None) -> Value | None:
        while True:
            if self._peek() == "." and self._peek(1) in _METHODS and self._peek(2) == "(":
                method = self._peek(1)
                self._at += 2
                given = self._list("(", ")")
                value = None if value is None else _METHODS[method](value, given)
            elif self._peek() == "[":
                index = self._list("[", "]")
                value = _item(value, index)
            else:
                return value

    def _list(self, opening: str, closing: str) -> list[str]:
        """The texts between brackets; what isn't one is a GAP."""
        if self._peek() != opening:
            return []
        self._at += 1
        items: list[str] = []
        while self._peek() not in (closing, "") and len(items) < 2_000:
            before = self._at
            kind, written = self._tokens[self._at]
            if kind == "regex":
                self._at += 1
                items.append(written)
            else:
                value = self._sum()
                items.extend(value) if isinstance(value, list) else items.append(_text(value))
            if self._peek() == ",":
                self._at += 1
            elif self._at == before or self._peek() != closing:
                break
        self._skip(closing)
        return items

    def _skip(self, sign: str) -> None:
        if self._peek() == sign:
            self._at += 1


def _text(value: Value | None) -> str:
    if value is None:
        return GAP
    return value if isinstance(value, str) else ",".join(value)


def _item(value: Value | None, index: list[str]) -> Value | None:
    if isinstance(value, list | str) and len(index) == 1 and index[0].isdecimal() and int(index[0]) < len(value):
        return value[int(index[0])]
    return None


def _from_codes(given: list[str]) -> str:
    try:
        numbers = [int(one, 0) for one in given if one.strip()]
    except ValueError:
        return GAP
    return "".join(chr(number) for number in numbers if 31 < number < 0xD800)


def _from_base64(given: list[str]) -> str:
    return from_base64(given[0]) or GAP


def from_base64(text: str) -> str:
    """ "" when it isn't base64 of text."""
    text = text.strip().replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _replace(value: Value, given: list[str]) -> Value:
    if not isinstance(value, str) or len(given) < 2:
        return value
    what, instead = given[0], given[1]
    if what.startswith("/") and len(what) > 2:
        body, _, flags = what[1:].rpartition("/")
        every = "g" in flags
        if body.startswith("[") and body.endswith("]") and body[1:-1].isalnum():
            for character in body[1:-1]:
                value = value.replace(character, instead, -1 if every else 1)
            return value[:MAX_TEXT]
        what = re.sub(r"\\(.)", r"\1", body)
        if re.search(r"(?<!\\)[.*+?^$|()\[\]{}]|\\[a-zA-Z]", body):
            return value
        return value.replace(what, instead, -1 if every else 1)[:MAX_TEXT] if what else value
    return value.replace(what, instead, 1)[:MAX_TEXT] if what else value


def _split(value: Value, given: list[str]) -> Value:
    if not isinstance(value, str):
        return value
    return value.split(given[0]) if given and given[0] else list(value)


def _join(value: Value, given: list[str]) -> Value:
    return (given[0] if given else ",").join(value)[:MAX_TEXT] if isinstance(value, list) else value


def _slice(value: Value, given: list[str]) -> Value:
    numbers = [int(one) for one in given if one.isdecimal()]
    return value[slice(*numbers[:2])] if len(numbers) == len(given) and numbers else value


_METHODS: dict[str, Callable[[Value, list[str]], Value]] = {
    "replace": _replace,
    "replaceAll": lambda value, given: (
        value.replace(given[0], given[1])[:MAX_TEXT]
        if isinstance(value, str) and len(given) > 1 and given[0]
        else value
    ),
    "split": _split,
    "reverse": lambda value, given: value[::-1],
    "join": _join,
    "concat": lambda value, given: (value + "".join(given))[:MAX_TEXT] if isinstance(value, str) else value + given,
    "toLowerCase": lambda value, given: value.lower() if isinstance(value, str) else value,
    "trim": lambda value, given: value.strip() if isinstance(value, str) else value,
    "toString": lambda value, given: value,
    "slice": _slice,
    "substring": _slice,
}
_FUNCTIONS: dict[str, Callable[[list[str]], Value]] = {
    "fromCharCode": _from_codes,
    "fromCodePoint": _from_codes,
    "atob": _from_base64,
    "unescape": lambda given: unquote(given[0]),
    "decodeURIComponent": lambda given: unquote(given[0]),
    "decodeURI": lambda given: unquote(given[0]),
    "String": lambda given: given[0],
    "rot13": lambda given: codecs.decode(given[0], "rot13"),
    "Array": lambda given: given,
}
