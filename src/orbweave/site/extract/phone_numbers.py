"""A written phone number, or several that share digits, read with phonenumbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from unicodedata import normalize

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

_MAX_PARTS = 12
MIN_DIGITS, MAX_DIGITS = 6, 15

TYPES = {
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal_number",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "uan",
    PhoneNumberType.VOICEMAIL: "voicemail",
}

# Marks that only tell a browser which way to write, and characters drawn with no width.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_TRUNK_IN_BRACKETS = re.compile(r"[(\[] ?0 ?[)\]]")
_OLD_AREA = re.compile(r"\(0-(\d{2})\)")
# Their zero is part of the number abroad too.
_KEEPS_ZERO = ("+39", "+378", "+379")
# Where nobody leaves out the zero that national numbers begin with.
_ALWAYS_ZERO = frozenset(
    [
        "AT",
        "AU",
        "BE",
        "BG",
        "CH",
        "DE",
        "FI",
        "FR",
        "GB",
        "HR",
        "IE",
        "JP",
        "NL",
        "NZ",
        "RO",
        "RS",
        "SE",
        "SI",
        "SK",
        "UA",
    ]
)
_NEXT_PLUS = re.compile(r"(?<=\d)[ /\-.·(]*(?=\+ ?[1-9])")
# 021 452 613 063 771 2094
_NEXT_ZERO = re.compile(r"(?<=\d{2}) (?=0\d{1,3}[ /-])")
_BETWEEN = re.compile(r" ?[/·•] ?| [-\u2010-\u2015] |\. | ?[\u2013\u2014] ?(?=0)|(?<=\d\d\d) (?=\()")
# 030 123 45-67 / -68 · 12345-67/68: the last digits of another line.
_OTHER_END = re.compile(r"(.*\d)(?: ?/ ?[-\u2010-\u2015] ?(\d{1,5})| ?/ ?(\d{1,3}))\Z")
_SWITCHBOARD = re.compile(r"[ -]0\Z")
_GROUP = re.compile(r"\d+")


class Number(NamedTuple):
    """``region`` whose rules it was read with (None: it names its country itself); ``valid`` False when only its
    length is right."""

    e164: str
    region: str | None
    valid: bool


def plain(raw: str) -> str:
    """``raw`` in ASCII digits and signs, a trailing plus in front."""
    text = _INVISIBLE.sub("", raw).replace("_", "-")
    if not text.isascii():
        text = normalize("NFKC", text).translate(_SIGNS)
        text = "".join(str(int(c)) if c.isdecimal() else c for c in text)
    text = text.strip()
    return f"+{text[:-1]}" if text.endswith("+") and "+" not in text[:-1] else text


_SIGNS = {**dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212ー〜～"), "-"), ord("・"): " "}


@lru_cache(maxsize=2_048)
def read_number(text: str, regions: tuple[str, ...], lenient: bool = False) -> Number | None:
    """The valid number in plain ``text``, read in the first of ``regions`` where it is one. ``lenient``: with none, one
    whose length is right (new ranges are in use before they are in anybody's list)."""
    international = text.lstrip(" (").startswith("+")
    digits = re.sub(r"\D", "", text)
    if digits.startswith("00") and not international and len(digits) >= 10:
        text, international = f"+{text.lstrip(' (').replace('0', '', 2)}", True
        digits = digits[2:]
    if not MIN_DIGITS <= len(digits) <= MAX_DIGITS + 2:
        return None
    if "(0-" in text:
        # (0-32) 271 44 60: Poland has given the zero up.
        text = _OLD_AREA.sub(r"(\1)" if regions[:1] == ("PL",) else r"(0\1)", text)
    text = _TRUNK_IN_BRACKETS.sub("0" if text.startswith(_KEEPS_ZERO) else "", text)
    possible: Number | None = None
    for region in ("ZZ",) if international else regions:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        valid = phonenumbers.is_valid_number(number)
        if valid and region in _ALWAYS_ZERO and _lacks_zero(number, digits):
            continue
        if valid or (lenient and possible is None and number.country_code != 1 and _possible(number, region, digits)):
            e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            if _is_made_up(e164[1 + len(str(number.country_code)) :]):
                continue
            one = Number(e164, None if international else region, valid)
            if valid:
                return one
            possible = one
    return possible


def _lacks_zero(number: phonenumbers.PhoneNumber, digits: str) -> bool:
    return digits == str(number.national_number) and phonenumbers.format_number(
        number, PhoneNumberFormat.NATIONAL
    ).startswith(("0", "(0"))


def _possible(number: phonenumbers.PhoneNumber, region: str, digits: str) -> bool:
    if region != "ZZ" and _trunk_prefix(region) == "0" and digits[0] != "0":
        return False
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE and (
        region == "ZZ" or number.country_code == phonenumbers.country_code_for_region(region)
    )


_COUNTED = ("123456", "1234567", "12345678", "123456789")


def _is_made_up(significant: str) -> bool:
    """1234567890, 000000000: what stands in templates."""
    return (
        significant.lstrip("0") in "12345678901234567890"
        or significant in "98765432109876543210"
        or significant.endswith(_COUNTED)
        or len(set(significant[-7:])) == 1
    )


@lru_cache(maxsize=2_048)
def described(e164: str, valid: bool) -> dict[str, Any]:
    """The contract's fields but ``raw``."""
    number = phonenumbers.parse(e164, None)
    return {
        "e164": e164,
        "national": phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
        "international": phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
        "country_code": phonenumbers.region_code_for_number(number)
        or phonenumbers.region_code_for_country_code(number.country_code or 0),
        "type": TYPES.get(phonenumbers.number_type(number), "unknown"),
        "valid": valid,
    }


@lru_cache(maxsize=2_048)
def numbers_in(raw: str, regions: tuple[str, ...], lenient: bool = False) -> tuple[tuple[str, Number], ...]:
    """(as written, number) of each number in a run of digits and separators: one, several, or several that share their
    first digits. Kept, because pages of a site repeat each other's."""
    written = plain(raw)
    if raw.rstrip().endswith("+") and read_number(written, ()) is None:
        # 4444 465 11 966+: its groups were typed from right to left.
        written = "+" + " ".join(_GROUP.findall(written)[::-1])
    parts = (part.strip(" /.-·•") for part in _NEXT_PLUS.split(written))
    return tuple(one for part in parts for one in _numbers(part, regions, lenient))


def _numbers(text: str, regions: tuple[str, ...], lenient: bool) -> Iterator[tuple[str, Number]]:
    if (shared := _OTHER_END.match(text)) and (first := read_number(shared[1], regions)) is not None:
        yield shared[1], first
        end = shared[2] or shared[3]
        other = read_number(with_end(shared[1], end), regions)
        if other is not None:
            yield f"{shared[1]} / {end}", other
        return
    for between in (_BETWEEN, _NEXT_ZERO):
        parts = [part.strip(" -/.·•") for part in between.split(text)]
        several = [read_number(part, regions) if _digits(part) >= 7 else None for part in parts[:_MAX_PARTS]]
        if len(parts) > 1 and all(several):
            yield from zip(parts, filter(None, several), strict=False)
            return
    parts = [part.strip(" -/.·•") for part in _BETWEEN.split(text)][:_MAX_PARTS]
    if _digits(text) <= MAX_DIGITS + 2 and (number := read_number(text, regions, lenient)) is not None:
        yield text, number
        return
    if len(parts) > 1:
        base: str | None = None
        for part in parts:
            if _digits(part) >= MIN_DIGITS and (number := read_number(part, regions)) is not None:
                base = part
                yield part, number
            elif (
                base is not None
                and ("/" in text or _follows(base, part))
                and 1 <= (size := _digits(part)) <= 8
                and size < _digits(base) - 2
                and (number := read_number(with_end(base, part), regions)) is not None
            ):
                yield part, number
            elif _digits(part) > MAX_DIGITS:
                yield from _inside(part, regions)
        if base is not None:
            return
    yield from _inside(text, regions)


def _follows(base: str, end: str) -> bool:
    """214 38 65 - 66 - 67"""
    return len(end) == 2 and end.isdigit() and base[-2:].isdigit() and 0 < int(end) - int(base[-2:]) < 10


def _inside(text: str, regions: tuple[str, ...]) -> Iterator[tuple[str, Number]]:
    """The number between a house number or postcode before it and hours behind it."""
    groups = list(_GROUP.finditer(text))
    if not 3 <= len(groups) <= 12:
        return
    for first in range(min(4, len(groups) - 1)):
        start = groups[first].start()
        while start and text[start - 1] in "(+":
            start -= 1
        if first and text[start] not in "(+0":
            continue
        for last in range(len(groups), first + 1, -1):
            part = text[start : groups[last - 1].end()]
            if 8 <= _digits(part) <= MAX_DIGITS and (number := read_number(part, regions)) is not None:
                yield part, number
                if last < len(groups):
                    yield from _numbers(text[groups[last - 1].end() :].lstrip(" -./)"), regions, False)
                return


def with_end(text: str, end: str) -> str:
    """``text`` with its last digits replaced by those of ``end``."""
    digits = re.sub(r"\D", "", end)
    if _SWITCHBOARD.search(text):
        return text[:-1] + digits
    kept = list(text)
    for index in range(len(kept) - 1, -1, -1):
        if kept[index].isdigit() and digits:
            kept[index], digits = digits[-1], digits[:-1]
    return "".join(kept)


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


@lru_cache(maxsize=512)
def _trunk_prefix(region: str) -> str:
    metadata = PhoneMetadata.metadata_for_region(region, None)
    return (metadata.national_prefix or "") if metadata is not None else ""


def may_be_dialled(raw: str, regions: tuple[str, ...]) -> bool:
    """Can ``looks_dialled`` be true of ``raw``? Asked first, because reading numbers is slow."""
    if raw.startswith(("+", "(", "0", "[")):
        return True
    if "AU" in regions and raw.startswith(("1300", "1800")):
        return True
    return any(region not in _ALWAYS_ZERO for region in regions) and ("US" not in regions or _digits(raw) >= 10)


_AMOUNT = re.compile(r"\d{1,3}(?:[. ]\d{3})+")
_NORTH_AMERICAN = re.compile(
    r"(?:\+?1[-. ]?)?(?:\(\d{3}\) ?[-.]? ?|\d{3} ?([-./ \u2010-\u2013]) ?)\d{3} ?[-. \u2010-\u2013] ?\d{4}"
)


def looks_dialled(raw: str, number: Number) -> bool:
    """Is ``raw`` written as numbers are in its country, so that no word has to say that it is one?"""
    groups = _GROUP.findall(raw)
    sizes = [*map(len, groups)]
    if number.region is None:
        return sum(sizes) >= 8
    prefix = _trunk_prefix(number.region)
    if number.e164.startswith("+1"):
        return is_north_american(raw)
    if _is_draw(groups):
        return False
    if prefix == "0" and groups[0][0] == "0":
        return sum(sizes) >= 9 and (len(groups) == 1 or (len(groups) <= 6 and sizes.count(1) <= 1 + (sizes[0] == 1)))
    if prefix == "0" and number.region in _ALWAYS_ZERO:
        # 1300 654 321
        return sizes == [4, 3, 3] and number.region == "AU"
    if len(groups) < 2 or len(groups) > 6 or sum(sizes) < 7:
        return False
    known = described(number.e164, True)
    as_printed = (
        [*map(len, _GROUP.findall(known["national"]))],
        [*map(len, _GROUP.findall(known["international"]))][1:],
    )
    if _AMOUNT.fullmatch(raw):
        return "." not in raw and (sizes in as_printed or sizes == [3, 3, 3])
    if raw.startswith("(") or (prefix and groups[0].startswith(prefix)):
        return True
    if prefix == "0":
        return sizes in as_printed
    # 210 3214560
    if len(sizes) == 2 and sizes[0] <= 4 and sizes[1] >= 6 and not prefix:
        return True
    return sizes in as_printed or (min(sizes) >= 2 and max(sizes) <= 4 and len(set(re.findall(r"\D", raw))) == 1)


def is_north_american(raw: str) -> bool:
    """Is ``raw`` written 3-3-4?"""
    return _NORTH_AMERICAN.fullmatch(raw) is not None


def is_amount(raw: str) -> bool:
    """Could ``raw`` be an amount as well: 601 100 300?"""
    return _AMOUNT.fullmatch(raw) is not None


def _is_draw(groups: list[str]) -> bool:
    """Five or six rising numbers below 60, as lotteries draw them."""
    return (
        len(groups) >= 5 and all(len(group) == 2 and group < "60" for group in groups) and groups == sorted(set(groups))
    )
