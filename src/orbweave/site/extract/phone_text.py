"""Phone numbers in lines of text, with what the words beside, above or below them say that they are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from orbweave.site.extract.countries import Regions
from orbweave.site.extract.others import is_others
from orbweave.site.extract.phone_marks import Marks
from orbweave.site.extract.phone_numbers import (
    MIN_DIGITS,
    Number,
    is_amount,
    looks_dialled,
    may_be_dialled,
    numbers_in,
    plain,
    with_end,
)
from orbweave.site.facts import around
from orbweave.site.phone_words import Label, label_after, label_before

MAX_CANDIDATES = 600
_MAX_RUNS = 20_000
_MAX_RUN = 120
_REACH = 48
_MAX_LABEL_LINE = 40

# A pattern that begins with a plain set of characters is found many times faster, and one that never gives back what
# it took can't be made slow: what may not stand around a number is asked afterwards.
_DIGITS = "0-9\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\uff10-\uff19"
_RUN = re.compile(
    rf"[+(\[{_DIGITS}\uff0b\uff08]"
    rf"[{_DIGITS} ()\[\]/._\-+\u00ad\u00b7\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2022\u2060-\u2069\u2212\u30fb"
    r"\u30fc\uff08\uff09\uff0b\uff0d\uff0f]{5,}+"
)
_VANITY = re.compile(r"(?:8(?:00|33|44|55|66|77|88)|1[38]00)\)?[-. ][A-Z\d][A-Z\d]*+(?:[- ][A-Z\d]++){0,2}")
_SPELLING = frozenset({"US", "CA", "GB", "AU", "NZ", "IE", "ZA"})
_NOT_BEFORE = frozenset("#@=_.,-/€$£¥*&%")
_NOT_BEHIND = re.compile(
    r"\s?(?:[%€$£¥₽₴₺₹₩]|(?:eur|usd|chf|gbp|kr|sek|nok|dkk|zł|pln|kč|czk|ft|huf|lei|ron|лв|руб|грн|тг|円|元|원|"
    r"km|kg|mm|cm|m²|m2|m3|mb|gb|kb|px|stk|stück|pcs|uhr|followers|likes|views)(?!\w))|[@_=]|[.,]\d",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"[ ,(]{0,3}(?:ext(?:ension|\.)?|x|#|poste|interno|int\.|dw|durchwahl|klappe|kl\.|доб\.?|wew\.?|linka|klapka|anexo|"
    r"ramal|toestel|вн\.|внутр\.|داخلي|תחויג|dahili|內線|内线|分機|分机|内線)[ .:]{0,2}\d{1,6}(?!\w)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:19|20)\d\d[-./ ]{1,3}(?:0?[1-9]|1[0-2])[-./ ]{1,3}[0-3]?\d(?!\d)|"
    r"[0-3]?\d[-./ ]{1,3}[01]?\d[-./ ]{1,3}(?:19|20)\d\d(?!\d)|[0-3]\d([./-])[01]\d\1\d\d\Z"
)
_YEARS = re.compile(r"(?:\(?(?:19|20)\d\d\)?[^\d]{0,3}){2,}")
_TIMES = re.compile(
    r"\(?[012]?\d[.:]?[0-5]\d ?[-\u2010-\u2015/] ?[012]?\d[.:][0-5]\d|[012]?\d\.[0-5]\d ?[-\u2010-\u2015]"
)
_DECIMAL = re.compile(r"(?<![\d.])-?(?:0|[1-9]\d?|1[0-8]\d)\.\d{4,}(?!\.?\d)")
_GROUPS_OF_FOUR = re.compile(r"\d{4}(?:[ -]\d{4}){3,}|[1-9]\d{3}(?:[ -]\d{4}){2}")
# 484.221.7740/2
_PART = re.compile(r"[2-9]\d\d([-.])\d{3}\1\d{4}/\d{1,2}\Z")
# Belgian and other register numbers.
_ENTERPRISE = re.compile(r"[01]\d{3}\.\d{3}\.\d{3}\Z")
_BOOK = re.compile(r"97[89][- ]?\d")
_JOINER = re.compile(
    r"(?:\s?\([^()\d]{1,30}\))?[\s,;/|&+·•)(–-]{0,5}"
    r"(?:(?:oder|or|und|and|ou|et|e|o|y|u|i|a|og|och|eller|of|en|lub|nebo|alebo|ve|veya|ya da|или|и|або|та|arba|"
    r"vai|või|ja|tai|vagy|és|sau|și|ali|ili|in|hoặc|atau|หรือ|또는|または|或|أو|و|או)[\s,;/|(–-]{1,3})?"
)
# Something that names what follows: "Order 12:", "Nr.", "#".
_NAMED = re.compile(r"[^\W\d_]\w*\s?(?::|\bnr\.?|\bno\.?|№|#)\s?\Z", re.IGNORECASE)
_ABBREVIATED = re.compile(r"[^\W\d_](?:[.:#]|\s№)\s?\Z")
_LETTER = re.compile(r"[^\W\d_]")
# "…, Fax -99", "… oder -68".
_FAX_END = re.compile(
    r"[\s,;/|(&+]{0,3}(?:[^\W\d_]{1,12}\.?:?\s?)?(?<=[\s,;/|(&+:.])[-\u2010-\u2015] ?(\d{1,4})(?![\d.:\w])"
)
_TRAILING = " _/.-([·•+\u2010\u2011\u2012\u2013\u2014\u2015\u30fb"
_NUMBERS = frozenset({Label.PHONE, Label.FAX, Label.BOTH})
# Alphabets from here on have no capitals.
_UNCASED = "\u0590"
# Scripts written without spaces begin here.
_IDEOGRAPHS = "\u2e80"
# What an IBAN begins with: "NL91 ABNA 0417 1643 00".
_BANK = re.compile(r"(?<![A-Z\d])[A-Z]{2}\d\d ?[A-Z]{4} \Z")


class Mention(NamedTuple):
    """``label`` None: no word says that it is a phone number, its form does. ``others``: somebody else's."""

    raw: str
    number: Number
    label: Label | None
    context: str
    others: bool


class _Run(NamedTuple):
    start: int
    end: int


class _Said(NamedTuple):
    """``last``: by words behind it, which speak of the last number of a run."""

    label: Label | None
    last: bool = False


def mentions(text: str, regions: Regions, own_domain: str, marks: Marks) -> Iterator[Mention]:
    """The numbers of ``text``. ``own_domain`` as for ``is_others``."""
    for line_start, line_end, runs in _lines(text):
        previous: Mention | None = None
        at = line_start
        for run, said in zip(runs, _labels(text, line_start, line_end, runs), strict=True):
            found = list(_judged(text, run, line_start, said, regions, marks))
            if not found and previous and said.label is not Label.OTHER and _JOINER.fullmatch(text, at, run.start):
                found = list(_same_area(text, run, said, previous, regions))
            previous, at = found[-1] if found else None, run.end
            if found:
                others = is_others(text, run.start, run.end, own_domain)
                yield from (one._replace(others=others) for one in found)
    yield from _vanity(text, regions)


def _lines(text: str) -> Iterator[tuple[int, int, list[_Run]]]:
    """(start, end, runs of digits in it) of each line with any."""
    runs: list[_Run] = []
    line_start, line_end, count = 0, -1, 0
    for match in islice(_RUN.finditer(text), _MAX_RUNS):
        raw = match[0]
        if len(raw) > _MAX_RUN or sum(map(str.isdecimal, raw)) < MIN_DIGITS:
            continue
        if raw[0] not in "+(" and _is_date(raw):
            continue
        start = match.start()
        if start > line_end:
            if runs:
                yield line_start, line_end, runs
            runs = []
            line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", start)
            line_end = len(text) if line_end < 0 else line_end
        end = match.end() if raw.endswith("+") else start + len(raw.rstrip(_TRAILING))
        runs.append(_Run(start, end))
        count += 1
        if count >= MAX_CANDIDATES:
            break
    if runs:
        yield line_start, line_end, runs


def _labels(text: str, line_start: int, line_end: int, runs: list[_Run]) -> Iterator[_Said]:
    starts = [line_start, *(run.end for run in runs)]
    ends = [*(run.start for run in runs[1:]), line_end]
    before = [text[max(start, run.start - _REACH) : run.start] for start, run in zip(starts, runs, strict=False)]
    after = [text[run.end : min(end, run.end + 24)] for run, end in zip(runs, ends, strict=True)]
    labels_before = [label_before(words) for words in before]
    labels_after = [None if _FAX_END.match(words) else label_after(words) for words in after]
    # "232 12 34 (T) 232 12 35 (F)": each number stands before its word.
    if len(runs) > 1 and labels_before[0] is None and labels_after[0] and labels_after[-1] in _NUMBERS:
        yield from (_Said(label, last=True) for label in labels_after)
        return
    said = _Said(None)
    for index, label in enumerate(labels_before):
        behind = labels_after[index]
        if index < len(runs) - 1 and not after[index].rstrip().endswith((")", "]")):
            behind = None
        if label is not None:
            said = _Said(label)
        elif index:
            if behind is not None:
                said = _Said(behind, last=True)
            elif not _JOINER.fullmatch(before[index]):
                said = _Said(None)
            elif said.label is Label.BOTH:
                said = _Said(Label.FAX)
        elif behind is not None and behind is not Label.OTHER:
            said = _Said(behind, last=True)
        elif not _LETTER.search(before[index]):
            said = _Said(_label_above(text, line_start, line_end))
        yield said


def is_glued(text: str) -> bool:
    """Does a number touch a word, as when the seam between two elements has no space?"""
    for match in islice(_RUN.finditer(text), 10 * MAX_CANDIDATES):
        start, end = match.span()
        touches = text[start - 1 : start].isalpha() or text[end : end + 1].isalpha()
        if touches and sum(map(str.isdecimal, match[0])) >= 8:
            return True
    return False


def digits_of(text: str) -> str:
    return re.sub(r"\D", "", text)


def _label_above(text: str, line_start: int, line_end: int) -> Label | None:
    """What the lines above say about a line that is only a number, or the line below when words follow numbers."""
    above: list[Label | str | None] = []
    end = line_start
    while end > 0 and len(above) < 10:
        start = text.rfind("\n", 0, end - 1) + 1
        above.append(_line(text[start : end - 1]))
        end = start
        if above[-1] is None:
            break
    values = next((index for index, one in enumerate(above) if one != "value"), len(above))
    if values == len(above) or not isinstance(above[values], Label):
        return _below(text, line_end)
    if values == 0 and (turns := _turns(above)) and turns % 2 == 0 and (below := _below(text, line_end)) is not None:
        # Number, word, number, word: the words belong to what stands above them when the first number has none.
        return below
    block: list[Label] = []
    for one in above[values:]:
        if not isinstance(one, Label):
            break
        block.append(one)
    # Words in a block, then their numbers in a block.
    return block[::-1][values] if values < len(block) else block[0]


def _turns(lines: list[Label | str | None]) -> int:
    """How many of ``lines`` are a word, a number, a word, … by turns."""
    for index, one in enumerate(lines):
        if not (isinstance(one, Label) if index % 2 == 0 else one == "value"):
            return index
    return len(lines)


def _line(line: str) -> Label | str | None:
    """A label, "value" for a line that is only a number, None for anything else."""
    digits = sum(map(str.isdecimal, line))
    if digits >= MIN_DIGITS:
        if line.endswith(")"):
            # "030 901820 (Anna)"
            line = line[: line.rfind("(")]
        return None if _LETTER.search(line) or len(line) > _MAX_LABEL_LINE else "value"
    if digits > 3 or not line or len(line) > (_MAX_LABEL_LINE if not line.endswith(":") else 90):
        return None
    if line.endswith(":") or line.count(" ") <= 3:
        label = label_before(line[-_REACH:] + " ")
        # "office, invoices": no label of what stands below it.
        return label if label is not Label.OTHER or line.endswith(":") or " " not in line else None
    return None


def _below(text: str, line_end: int) -> Label | None:
    """The word in the line below, when it isn't that of the number below it."""
    lines: list[Label | str | None] = []
    while line_end < len(text) and len(lines) < 10:
        start = line_end + 1
        line_end = text.find("\n", start)
        line_end = len(text) if line_end < 0 else line_end
        # "Fax:" announces what follows it.
        lines.append(None if text[line_end - 1 : line_end] == ":" else _line(text[start:line_end]))
        if lines[-1] is None:
            break
    turns = _turns(lines)
    first = lines[0] if turns % 2 else None
    return first if isinstance(first, Label) and first is not Label.OTHER else None


def _judged(text: str, run: _Run, line_start: int, said: _Said, regions: Regions, marks: Marks) -> Iterator[Mention]:
    label = said.label
    named = label in _NUMBERS
    raw = text[run.start : run.end]
    behind = text[run.end : run.end + 2]
    if behind[:1] == ":" and behind[1:].isdigit():
        # The hour of "… 8:00".
        raw = raw.rstrip("0123456789 ")
    written = plain(raw)
    if not _may_stand_there(text, run, named) or (label is Label.OTHER and not written.startswith(("+", "(+"))):
        return
    extension = _EXTENSION.match(text, run.end)
    if extension is None and (
        (not named and _NOT_BEHIND.match(text, run.end))
        or behind[:1] == "@"
        or (behind[:1].isalpha() and behind[0] < _UNCASED and not behind[0].isupper() and not named)
    ):
        return
    if not named and "BE" in regions.likely and _ENTERPRISE.match(written):
        return
    if _is_something_else(written, named) or not (named or may_be_dialled(written, regions.likely[:3])):
        return
    context = around(text, run.start, extension.end() if extension else run.end, 40)
    found = named_numbers(raw, regions) if named else numbers_in(raw, regions.likely[:3])
    if found and label is None and (marks.speak_of_faxes or not looks_dialled(*found[0])):
        label = marks.of(raw)
        named = label is not None
    last = len(found) - 1
    for index, (as_written, number) in enumerate(found):
        one = label if index == last or not said.last else None
        if label is Label.BOTH:
            # "Tel./Fax 232 12 34 / 35".
            one = Label.FAX if index and last == 1 else Label.PHONE
        if named or (looks_dialled(as_written, number) and not _is_named(text, run, line_start, as_written)):
            suffix = text[run.end : extension.end()] if extension and index == last else ""
            yield Mention(as_written + suffix, number, one, context, False)
    if found and (other := _FAX_END.match(text, run.end)):
        other_label = label_after(other[0]) or (Label.FAX if label is Label.BOTH else label)
        yield from (
            Mention(as_written, number, other_label, context, False)
            for as_written, number in numbers_in(f"{found[-1][0]}/-{other[1]}", regions.likely)[1:]
        )


def _same_area(text: str, run: _Run, said: _Said, previous: Mention, regions: Regions) -> Iterator[Mention]:
    """(812) 314 38 65, 314-38-66: the area is said once."""
    raw = text[run.start : run.end]
    size = len(digits_of(raw))
    if 5 <= size <= 8 and size <= len(digits_of(previous.raw)) - 2:
        for _, number in numbers_in(with_end(previous.raw, plain(raw)), regions.likely):
            yield Mention(raw, number, said.label, around(text, run.start, run.end, 40), False)


def named_numbers(raw: str, regions: Regions) -> tuple[tuple[str, Number], ...]:
    """The numbers of ``raw``, which is said to be one or several."""
    return (
        numbers_in(raw, regions.likely)
        or numbers_in(raw, regions.more)
        # 41 44 123 45 67
        or numbers_in(f"+{digits_of(plain(raw))}", ())
        or numbers_in(raw, regions.likely if regions.are_sure else (), lenient=True)
    )


def _may_stand_there(text: str, run: _Run, named: bool) -> bool:
    previous, following = text[run.start - 1 : run.start], text[run.end : run.end + 2]
    if previous == "_":
        # 06-1234 in "image_06-1234" is a part of a name, behind "________" it isn't.
        previous = text[max(0, run.start - 2) : run.start - 1].replace("_", "")
    if previous == " " and _BANK.search(text, max(0, run.start - 10), run.start):
        return False
    if previous >= _IDEOGRAPHS:
        return True
    if (
        previous
        and ((previous in _NOT_BEFORE and not (named and previous in ".,-/&*")) or previous.isalnum())
        and not (named and not previous.isdigit())
    ):
        return False
    # 610-442-1188-SS is a part of something.
    return named or not (following[:1] in "-/" and following[1:].isalpha() and following[:1] != "")


def _is_named(text: str, run: _Run, line_start: int, written: str) -> bool:
    """Is it "Something: 123 456 789", in a form that numbers of all sorts have?"""
    if written.isdigit():
        return _ABBREVIATED.search(text[max(line_start, run.start - 24) : run.start]) is not None
    if written.startswith(("+", "(", "0")) or not is_amount(written):
        return False
    return _NAMED.search(text[max(line_start, run.start - 24) : run.start]) is not None


def _is_date(written: str) -> bool:
    return _DATE.match(written) is not None or _YEARS.fullmatch(written) is not None


def _is_something_else(written: str, named: bool) -> bool:
    if "_" in written and not (named or written.startswith(("+", "0"))):
        return True
    if written.startswith(("+", "(+", "00", "[+")):
        return _DECIMAL.search(written) is not None
    if _DECIMAL.search(written):
        return True
    if _BOOK.match(written) and sum(map(str.isdigit, written)) == 13:
        return True
    return not named and any(pattern.match(written) for pattern in (_TIMES, _GROUPS_OF_FOUR, _PART))


def _vanity(text: str, regions: Regions) -> Iterator[Mention]:
    """1-800-FLOWERS, where a word says that it is a number."""
    if _SPELLING.isdisjoint(regions.likely):
        return
    for match in islice(_VANITY.finditer(text), MAX_CANDIDATES):
        raw = match[0]
        if not any(map(str.isalpha, raw)) or len(raw) < 10:
            continue
        start = match.start()
        while start and text[start - 1] in "+1-. (0" and match.start() - start < 4:
            start -= 1
        written = text[start : match.end()].lstrip("-. ")
        line_start = text.rfind("\n", 0, start) + 1
        label = label_before(text[max(line_start, start - _REACH) : start])
        if label not in _NUMBERS:
            continue
        for number_text, number in _spelled(written, regions.likely):
            yield Mention(number_text, number, label, around(text, start, match.end(), 40), False)
            break


def _spelled(written: str, regions: tuple[str, ...]) -> Iterator[tuple[str, Number]]:
    # What follows in capitals may be the next words.
    for size in range(written.count(" ") + 1):
        shorter = written.rsplit(" ", size)[0]
        keyed = "".join(_KEYS.get(character, character) for character in shorter)
        for _, number in numbers_in(keyed, regions):
            yield shorter, number


_KEYS = {
    letter: str(2 + key)
    for key, letters in enumerate(["ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"])
    for letter in letters
}
