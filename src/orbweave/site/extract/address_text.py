"""Postal addresses in lines of text: a postcode (or what takes its place) and the street near it. Pure.

A text is cut into segments at line ends, commas and bars. A postcode is looked for first; from there one walks back,
segment by segment, to the street; where the postcode comes first, as in Hungary or Russia, on to it. Everything between
is the address. The words live in ``data/address_words.json``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from orbweave.site.extract.address_lines import CJK, by_label, by_street, eastern
from orbweave.site.extract.address_words import (
    LABEL,
    MAX_CANDIDATES,
    MAX_LENGTH,
    PART,
    WORD,
    Found,
    ends_in_state,
    has_street_word,
    is_box,
    is_sentence,
    is_suite,
    is_title,
    lexicon,
    stops,
)

_WINDOW = 220
# Most numbers of a page are quickly seen to be none.
_MAX_NUMBERS = 2_000
_SHORT_TEXT = 6_000
_MAX_FOUND = 100
_MAX_SEGMENT = 70
_MAX_SEGMENTS = 6

# Written with digits alone; what stands before and behind says whether it is one. A pattern that begins with a plain
# set of characters is found many times faster.
_DIGITS = re.compile(
    r"[0-9](?<![0-9]{2})(?:[0-9]{4}-[0-9]{3,4}|[0-9]{3}-[0-9]{3}|[0-9]-[0-9]{3}|[0-9]{2}-[0-9]{4}|[0-9]{2} [0-9]{3}|"
    r"[0-9]{2} [0-9]{2}|[0-9]{6}|[0-9]{5}|[0-9]{4}|[0-9]{3} ?[A-Z]{2}(?=[ ,\n])|[0-9]{2,3})(?![\w%€$£]|[-/.,:][0-9])"
)
# SW1A 2AA, K1A 0B1: what follows the space, and what precedes it.
_LETTERED = frozenset({"GB", "CA", "IE", "US", "AU", "NZ"})
_INWARD = re.compile(r"[0-9][A-Z][A-Z0-9](?![\w-])")
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?\Z|[A-Z][0-9][A-Z][ -]?\Z")
_BEFORE_LETTERS = frozenset(" \n,.(")
_ARGENTINE = re.compile(r"[A-Z][0-9]{4}[A-Z]{3}(?!\w)")
_EIRCODE = re.compile(r"(?:[AC-FHKNPRTV-Y][0-9]{2}|D6W) ?[0-9AC-FHKNPRTV-Y]{4}")
_MALTESE = re.compile(r"[A-Z]{3} ?\Z")
_NOT_BEFORE = frozenset("+-/.,:#=@&_€$£")
_COUNTRY_CODE = re.compile(
    r"(?:(?<=[\s,(|])|\A)(?:A|AD|AT|B|BE|BG|CH|CZ|D|DE|DK|E|EE|ES|F|FI|FIN|FL|FR|GR|H|HR|HU|I|IT|L|LI|LT|LU|LV|MC|MD|N|"
    r"NL|NO|PL|PT|RO|RS|S|SE|SI|SK|SM|TR|UA)(?:-| ?[–-] ?| )?\Z"
)
_GREEK = re.compile("[\u0370-\u03ff]")
_GREEK_LABEL = re.compile(r"[ΤT]\.? ?[ΚK]\.?:? ?\Z")
_TOWN_TOKEN = re.compile(r"[^\W\d_][\w'’.\-]*(?:/[^\W\d_][\w'’.\-]*)*")
_TOWN_TAIL = re.compile(
    r" \([A-Z]{2}\)| [A-Z]{2}(?=[\s,]|\Z)| ?/ ?(?!E-?Mail|Tel|Fax|Mobil|www)[^\W\d_][\w.-]+| CEDEX(?: \d{1,2})?|"
    r" \d{1,2}(?:er?|e)?(?=[\s,;]|\Z)",
    re.IGNORECASE,
)
_HOUSE = r"\d{1,5}(?!\d)(?:[a-zA-Zа-яА-Яα-ωΑ-Ω](?![a-zа-яα-ω]))?"
_NUMBER_FIRST = re.compile(
    rf"(?:no\.? ?|n° ?)?(?:[NSEW] ?)?{_HOUSE}(?:[-–/&+] ?{_HOUSE}|[ -]1/2)?(?: ?(?:bis|ter|quater))?,? (?:-+ )?"
    r"[^\W_].{2,60}",
    re.IGNORECASE,
)
_NUMBER_LAST = re.compile(
    # 28. října 5
    r"(?:\d{1,2}(?:\.|ης|η|ου|-го)? )?[^\W\d_][^\d@]{2,55}?[ .,]"
    rf"(?:nr\.?|no\.?|no:|n[°º.]|nº|№|č\.? ?p\.?|br\.|бр\.|д\.|дом|буд\.|num\.?|hnr\.?)? ?{_HOUSE}"
    rf"(?: ?[-–/+] ?(?:{_HOUSE}|[a-zA-Z])\b)*(?: ?(?:bis|ter|r/c|[a-zA-Z]|hs|snc))?\.?",
    re.IGNORECASE,
)
_HOUSE_ALONE = re.compile(
    rf"(?:nr\.?|no\.?|n[°º.]?|nº|№|д\.?|дом|буд\.?|num\.?)? ?{_HOUSE}(?: ?[-–/] ?(?:{_HOUSE}|[a-zA-Z]\b))?"
    r"(?: ?(?:bis|ter|r/c|[a-zA-Z]))?\.?|s/n|s\.n\.?|snc",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]{3}")
_GRID = re.compile(r"[NSEW]\d{1,4}(?: ?[NSEW]\d{2,6})? \w+", re.IGNORECASE)
_BUILDING = re.compile(r"\b(?:House|Building|Centre|Center|Chambers|Works|Park|Tower|Towers|Hall|Mill|Court|Plaza)\Z")
_STATE_ALONE = re.compile(r",\s?[A-Z]{2}(?![\w@.])")
_ELIDED = ("l'", "d'", "l’", "d’", "'s", "’s", "s-")
_CASED = re.compile(r"[a-zà-öø-ÿА-я]")


class _Segment(NamedTuple):
    text: str
    start: int
    end: int


def in_text(text: str, countries: tuple[str, ...] = ()) -> Iterator[Found]:
    """Addresses in ``text``, at most _MAX_FOUND of them; ``countries`` it may be from, likeliest first."""
    taken: list[tuple[int, int]] = []
    for found in _candidates(text, countries, taken):
        if all(found.end <= start or found.start >= end for start, end in taken):
            taken.append((found.start, found.end))
            yield found
            if len(taken) >= _MAX_FOUND:
                return


def _candidates(text: str, countries: tuple[str, ...], taken: list[tuple[int, int]]) -> Iterator[Found]:
    yield from _by_postcode(text, countries)
    without = not lexicon().no_code.isdisjoint(countries)
    if without or (not taken and len(text) <= _SHORT_TEXT):
        yield from by_label(text)
    if without or (not taken and len(text) <= _SHORT_TEXT):
        yield from by_street(text, numbered=not without)


def _by_postcode(text: str, countries: tuple[str, ...]) -> Iterator[Found]:
    for match in islice(_DIGITS.finditer(text), _MAX_NUMBERS):
        if (found := _by_digits(text, match, countries)) is not None:
            yield found
    english = not countries or not _LETTERED.isdisjoint(countries)
    for match in islice(_INWARD.finditer(text) if english else (), MAX_CANDIDATES):
        outward = _OUTWARD.search(text, max(0, match.start() - 6), match.start())
        if outward and text[outward.start() - 1 : outward.start()] in _BEFORE_LETTERS:
            found = _walked_back(text, outward.start(), match.end(), towns_first=True, sure=True)
            if found is not None:
                yield found
    if not countries or not {"IE", "AR"}.isdisjoint(countries):
        yield from _by_letters(text, countries)
    if not countries or not {"US", "CA"}.isdisjoint(countries):
        yield from _by_state(text)
    if not text.isascii() and CJK.search(text):
        yield from eastern(text)


def _by_digits(text: str, match: re.Match[str], countries: tuple[str, ...]) -> Found | None:
    start, end = match.span()
    previous = text[start - 1 : start]
    # Most numbers are no postcodes: what is quickly seen comes first.
    prefix = None
    if previous and (previous.isupper() or text[start - 2 : start - 1].isupper() or previous in "-–"):
        prefix = _COUNTRY_CODE.search(text, max(0, start - 6), start)
    if previous and not prefix and (previous in _NOT_BEFORE or previous.isalnum()) and text[start - 2 : start] != ".:":
        return None
    code = match[0]
    digits = sum(map(str.isdigit, code))
    if digits == 3 and not (previous == "D" or "IS" in countries):
        # Andorra's, Iceland's.
        return None
    if code[3:4] == "-" and len(code) == 8 and "JP" not in countries and previous != "〒":
        # Half a phone number, nearly everywhere.
        return None
    if digits == 7 and code.isdigit() and "IL" not in countries:
        return None
    if (
        digits == 4
        and not prefix
        and code.isdigit()
        and text[end : end + 1] == " "
        and text[end + 1 : end + 2].islower()
    ):
        return None
    before = text[max(0, start - 24) : start].rstrip(" ,\n.")
    if digits in (5, 9) and "-" not in code[:5] and ends_in_state(before, lexicon().us):
        return _walked_back(text, start, end, towns_first=True)
    if digits == 4 and ends_in_state(before, lexicon().au):
        return _walked_back(text, start, end, towns_first=True)
    if prefix:
        start -= len(prefix[0])
    elif greek := _GREEK_LABEL.search(text, max(0, start - 6), start) if digits == 5 and "GR" in countries else None:
        start = greek.start()
    elif digits == 4 and not code[-1].isalpha() and countries and lexicon().four_digits.isdisjoint(countries):
        return None
    town_end = _town_after(text, end)
    if town_end:
        # Years before a word are many, postcodes among them few.
        bare_year = digits == 4 and code[:2] in ("19", "20") and code.isdigit() and not prefix
        elsewhere = bool(countries) and not prefix and lexicon().town_first.issuperset(countries)
        found = _walked_back(text, start, town_end, towns_first=False, strict=bare_year or elsewhere)
        if found is None and (not countries or not lexicon().street_last.isdisjoint(countries)):
            found = _walked_on(text, start, town_end)
        if found is not None:
            return found
    if digits == 4 and "MT" in countries and _MALTESE.search(text[max(0, start - 4) : start]):
        return _walked_back(text, start, end, towns_first=True)
    if (
        (digits >= 5 and (not countries or not lexicon().code_last.isdisjoint(countries)))
        or (prefix and digits == 4)
        or (digits == 4 and not lexicon().four_digits_last.isdisjoint(countries))
    ):
        return _walked_back(text, start, end, towns_first=True, strict="GR" not in countries[:1])
    return None


def _by_letters(text: str, countries: tuple[str, ...]) -> Iterator[Found]:
    for count, match in enumerate(_EIRCODE.finditer(text)):
        if count >= MAX_CANDIDATES:
            break
        if (
            text[match.start() - 1 : match.start()] in _BEFORE_LETTERS
            and not text[match.end() : match.end() + 1].isalnum()
        ):
            found = _walked_back(text, *match.span(), towns_first=True, sure=True)
            if found is not None:
                yield found
    for match in islice(_ARGENTINE.finditer(text) if "AR" in countries else (), MAX_CANDIDATES):
        town_end = _town_after(text, match.end())
        found = _walked_back(text, match.start(), town_end, towns_first=False) if town_end else None
        if found is not None:
            yield found


def _town_after(text: str, end: int) -> int:
    """Where the town that begins after ``end`` ends; 0 when none does."""
    line_end = text.find("\n", end)
    rest = text[end : line_end if line_end >= 0 else len(text)][:60]
    match = re.match(r"[ ,]{1,2}|\s-\s", rest)
    if match is None:
        # The town in a line, or cell, of its own.
        if rest.strip(" ,") or line_end < 0:
            return 0
        end = line_end + 1
        line_end = text.find("\n", end)
        line = text[end : line_end if line_end >= 0 else len(text)]
        if not 2 <= len(line) <= 30 or any(map(str.isdigit, line)):
            return 0
        rest, offset = line, 0
    else:
        offset = match.end()
    known = lexicon()
    position, capitals = offset, 0
    while token := _TOWN_TOKEN.match(rest, position):
        word = token[0]
        lowered = word.lower().rstrip(".")
        if lowered in known.stop or word.startswith("www."):
            break
        cased = _CASED.search(word) is not None or word.isupper()
        if cased and not word[0].isupper():
            if word[:2].lower() not in _ELIDED and (not capitals or word.lower() not in known.particles):
                break
        else:
            # "20100 N. 51st Avenue" has no town in it.
            if not capitals and cased and len(lowered) < 3:
                return 0
            capitals += 1
            if capitals > 4:
                break
        position = token.end()
        if word.endswith(".") and len(word) > 4:
            break
        if rest[position : position + 1] != " ":
            break
        following = rest[position + 1 : position + 2]
        if not following.isalpha() and following not in "'’":
            break
        position += 1
    if not capitals:
        return 0
    while position > offset and not rest[position - 1].isalnum() and rest[position - 1] not in ".)":
        position -= 1
    for _ in range(2):
        if tail := _TOWN_TAIL.match(rest, position):
            position = tail.end()
    return end + position


def _walked_back(
    text: str, start: int, end: int, *, towns_first: bool, strict: bool = False, sure: bool = False
) -> Found | None:
    """The address that ends at ``end`` and whose postcode (with its town, unless ``towns_first``) begins at ``start``.
    ``strict``: only with a word for a street in it; ``sure``: nothing else looks like the postcode, a house and a
    village will do."""
    window = max(0, start - _WINDOW)
    segments = _segments(text, window, start)
    kept: list[_Segment] = []
    box: int | None = None
    for index, segment in enumerate(segments):
        if len(kept) >= _MAX_SEGMENTS:
            break
        one = _without_label(segment)
        if stops(one.text):
            break
        if is_box(one.text):
            box = len(kept) + 1
            kept.append(one)
            continue
        street = _street(
            one, towns_first, direct=index == 0 or all(map(is_suite, (k.text for k in kept))), strict=strict
        )
        if (
            street is None
            and index + 1 < len(segments)
            and not any(map(str.isdigit, one.text))
            and has_street_word(one.text)
        ):
            # "12, rue de la Paix".
            number = segments[index + 1]
            if _HOUSE_ALONE.fullmatch(number.text):
                street = _Segment(f"{number.text}, {one.text}", number.start, one.end)
        if street is None and _HOUSE_ALONE.fullmatch(one.text) and index + 1 < len(segments):
            # "Via Roma, 12": the number is cut off.
            whole = _without_label(segments[index + 1])
            name = whole.text
            unnamed = not towns_first and not strict and index == 0 and _LETTER.search(name)
            if not stops(name) and (unnamed or has_street_word(name)):
                street = _Segment(f"{name}, {one.text}", whole.start, one.end)
        if street is not None:
            kept.append(street)
            if towns_first and not any(map(str.isdigit, street.text)) and index + 1 < len(segments):
                above = _without_label(segments[index + 1])
                if not stops(above.text) and above.text[:1].isdigit() and len(above.text) < 40:
                    kept.append(above)
            if towns_first:
                kept += _building(segments[index + len(kept) - index :][:2])
            return _composed(text, kept, start, end)
        if one is not segment or not _may_stand_between(one.text, towns_first):
            break
        kept.append(one)
    if box is not None and not strict:
        return _composed(text, kept[:box], start, end)
    if sure:
        line = text.rfind("\n", 0, start)
        house = [segment for segment in kept if segment.start > line] or kept[:3]
        if len(house) >= 2 and all(is_title(segment.text) for segment in house):
            return _composed(text, house, start, end)
    return None


def _building(segments: list[_Segment]) -> list[_Segment]:
    """The floor and the house that stand above a street."""
    found = []
    for segment in segments:
        one = _without_label(segment)
        if len(one.text) > 45 or stops(one.text) or not (is_suite(one.text) or _BUILDING.search(one.text)):
            break
        found.append(one)
    return found


def _walked_on(text: str, start: int, town_end: int) -> Found | None:
    """The address whose street follows its postcode and town: "1051 Budapest, Fő utca 1."."""
    line_end = text.find("\n", town_end)
    following = text.find("\n", line_end + 1) if line_end >= 0 else -1
    stop = min(town_end + 90, following if following >= 0 else len(text))
    rest = text[town_end:stop]
    parts = [part for part in (part.strip(" .") for part in PART.split(rest)) if part][:3]
    for index, part in enumerate(parts):
        if stops(part):
            return None
        if index + 1 < len(parts) and _HOUSE_ALONE.fullmatch(parts[index + 1]) and has_street_word(part):
            part = f"{part} {parts[index + 1]}"
            break
        if any(map(str.isdigit, part)) and has_street_word(part) and len(part) <= _MAX_SEGMENT:
            break
        if index or any(map(str.isdigit, part)):
            return None
    else:
        return None
    at = text.find(parts[index].split(" ")[0], town_end)
    end = at + len(part)
    value = ", ".join([" ".join(text[start:town_end].split()), *parts[:index], part])
    return Found(value[:MAX_LENGTH], start, min(end, stop))


def _segments(text: str, window: int, start: int) -> list[_Segment]:
    """The segments before ``start``, nearest first; none that the window cuts."""
    found = []
    position = start
    for cut in reversed(list(PART.finditer(text, window, start))):
        found.append((cut.end(), position))
        position = cut.start()
    found.append((window, position))
    segments = []
    for begin, end in found:
        raw = text[begin:end]
        stripped = raw.strip(" .,()\t•·–-")
        if stripped:
            at = begin + raw.find(stripped)
            segments.append(_Segment(stripped, at, at + len(stripped)))
    return segments


def _without_label(segment: _Segment) -> _Segment:
    match = LABEL.match(segment.text)
    if match is None or match.end() >= len(segment.text):
        return segment
    return _Segment(segment.text[match.end() :], segment.start + match.end(), segment.end)


def _may_stand_between(segment: str, towns_first: bool) -> bool:
    """A town, a county, a building, a floor."""
    if len(segment) > 45 or segment.count(" ") > 6:
        return False
    return is_suite(segment) or sum(map(str.isdigit, segment)) <= (2 if towns_first else 1)


def _street(segment: _Segment, towns_first: bool, direct: bool, strict: bool) -> _Segment | None:
    """``segment``, or its end, when it is a street. ``direct``: nothing but a floor stands between it and the place."""
    text = segment.text
    named = has_street_word(text)
    if len(text) > _MAX_SEGMENT:
        # The end of a sentence: "… find us at 12 High Street".
        match = re.search(r"(?:\A|(?<=[\s(]))\d{1,5}[A-Za-z]? [A-Z][^()]{3,60}\Z", text)
        if match is None or not has_street_word(match[0]) or not towns_first:
            return None
        return _Segment(match[0], segment.start + match.start(), segment.end)
    has_digit = any(map(str.isdigit, text))
    if strict and not named:
        return None
    if towns_first:
        if is_suite(text) and not named:
            return None
        if has_digit:
            if (
                _NUMBER_FIRST.match(text)
                and (named or not re.match(r"\d{1,2}(?:st|nd|rd|th) ", text))
                and text[0] != "0"
            ):
                return segment
            if not strict and _GREEK.search(text) and _NUMBER_LAST.fullmatch(text) and is_title(text):
                return segment
            if named and (_GRID.match(text) or _LETTER.search(text)):
                match = re.search(r"(?<= )\d{1,5}[A-Za-z]? [A-Z].{3,50}\Z", text)
                if match and has_street_word(match[0]) and not is_suite(text[: match.start()]):
                    return _Segment(match[0], segment.start + match.start(), segment.end)
                return segment
            return None
        if text.lower().startswith(lexicon().numbers):
            return segment
        return segment if 1 <= text.count(" ") <= 5 and is_title(text) and has_street_word(text, 4) else None
    if not has_digit and direct and not strict and text.lower().startswith(lexicon().places) and " " in text:
        return segment
    if not has_digit or (not named and WORD.match(text) and is_suite(text.partition(" ")[0])):
        return None
    if _NUMBER_LAST.fullmatch(text) and _LETTER.search(text):
        return _shortened(segment) if (named or direct) else None
    if named and _NUMBER_FIRST.match(text):
        return segment
    return _shortened(segment) if named and re.search(r"\d", text) and _LETTER.search(text) else None


def _shortened(segment: _Segment) -> _Segment:
    """Without the sentence before the street."""
    text = segment.text
    if text.count(" ") < 5:
        return segment
    words = [*re.finditer(r"\S+", text)]
    known = lexicon()
    first = 0
    for index, word in enumerate(words[:-1]):
        lowered = word[0].lower().strip(".")
        if word[0][0].islower() and lowered not in known.street and lowered not in known.particles:
            first = index + 1
    start = words[first].start()
    return _Segment(text[start:], segment.start + start, segment.end)


def _composed(text: str, kept: list[_Segment], start: int, end: int) -> Found | None:
    place = " ".join(text[start:end].split())
    parts = [segment.text for segment in reversed(kept)]
    gap = text[kept[0].end : start]
    last = parts[-1]
    if (len(kept) > 1 and "\n" not in gap and "," not in gap) or (
        ends_in_state(last, lexicon().us) and len(last) <= 20
    ):
        parts[-1] = f"{last} {place}"
    else:
        parts.append(place)
    value = ", ".join(" ".join(part.split()) for part in parts)
    if is_sentence(value):
        return None
    return Found(value[:MAX_LENGTH], min(segment.start for segment in kept), end)


def _by_state(text: str) -> Iterator[Found]:
    """A North American address without its postcode: "12 Main Street, Springfield, IL"."""
    for count, match in enumerate(_STATE_ALONE.finditer(text)):
        if count >= MAX_CANDIDATES:
            break
        state = match[0].lstrip(", ")
        if state.lower() not in lexicon().us:
            continue
        if re.match(r"[ ,]{0,2}\d", text[match.end() : match.end() + 3]):
            continue
        start = match.start()
        segments = _segments(text, max(0, start - 120), start)[:4]
        kept: list[_Segment] = []
        for segment in segments:
            one = _without_label(segment)
            if stops(one.text):
                break
            if (
                re.match(r"(?:[NSEW]\.? ?)?\d{1,5}[A-Za-z]? \S", one.text)
                and has_street_word(one.text)
                and len(one.text) <= 60
            ):
                kept.append(one)
                value = ", ".join([*(k.text for k in reversed(kept)), state])
                yield Found(value[:MAX_LENGTH], one.start, match.end())
                break
            if one is not segment or not _may_stand_between(one.text, True):
                break
            kept.append(one)
