"""VAT identification numbers: their shapes and check digits (EU, GB, XI, CH, NO). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_SHAPES = {
    "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CH": r"\d{9}", "CY": r"\d{8}[A-Z]", "CZ": r"\d{8,10}",
    "DE": r"[1-9]\d{8}", "DK": r"[1-9]\d{7}", "EE": r"\d{9}", "EL": r"\d{9}", "ES": r"[A-Z\d]\d{7}[A-Z\d]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z\d]{2}\d{9}", "GB": r"\d{9}(?:\d{3})?", "HR": r"\d{11}", "HU": r"\d{8}(?:\d{3})?",
    "IE": r"\d[A-Z\d+*]\d{5}[A-W][A-I]?", "IT": r"\d{11}", "LT": r"\d{9}(?:\d{3})?", "LU": r"\d{8}", "LV": r"\d{11}",
    "MT": r"[1-9]\d{7}", "NL": r"\d{9}B(?!00)\d{2}", "NO": r"\d{9}", "PL": r"\d{10}", "PT": r"[1-9]\d{8}",
    "RO": r"[1-9]\d{1,9}",
    "SE": r"\d{10}01", "SI": r"[1-9]\d{7}", "SK": r"[1-9]\d{9}", "XI": r"\d{9}(?:\d{3})?",
}  # fmt: skip
SHAPES = {country: re.compile(shape) for country, shape in _SHAPES.items()}
_ALIASES = {"GR": "EL", "CHE": "CH", "UK": "GB"}
_SUFFIX = re.compile(r"(?:MWST|TVA|IVA|MVA|HR/MWST)$")
_NOT_SIGNIFICANT = re.compile(r"[\s.\-/·]+")


def compact(text: str, country: str | None = None) -> str | None:
    """``text`` as one canonical number with its country's letters ("ATU12345678", "CHE123456789"); ``country`` (ISO
    code) for numbers written without them. None when it has no country's shape."""
    bare = _SUFFIX.sub("", _NOT_SIGNIFICANT.sub("", text).upper())
    for letters in (bare[:3], bare[:2]):
        prefix = _ALIASES.get(letters, letters)
        if prefix in SHAPES and SHAPES[prefix].fullmatch(bare[len(letters) :]):
            return _joined(prefix, bare[len(letters) :])
    prefix = _ALIASES.get(country or "", country or "")
    if prefix in SHAPES and SHAPES[prefix].fullmatch(bare):
        return _joined(prefix, bare)
    return None


def _joined(prefix: str, number: str) -> str:
    # Hungarian tax numbers are longer at home.
    number = number[:8] if prefix == "HU" else number
    return f"{'CHE' if prefix == 'CH' else prefix}{number}"


def is_valid(vat: str) -> bool:
    """Is ``vat``, as ``compact`` writes it, a number whose check digits are right?"""
    prefix, number = ("CH", vat[3:]) if vat.startswith("CHE") else (vat[:2], vat[2:])
    return prefix in SHAPES and SHAPES[prefix].fullmatch(number) is not None and _CHECKS[prefix](number)


def national(text: str, country: str) -> tuple[str, bool] | None:
    """``text`` as a tax number of ``country`` (ISO code), one of NATIONAL, which has no letters in front; and whether
    its check digits are right. None when it hasn't the shape."""
    shape, is_right = NATIONAL[country]
    bare = _NOT_SIGNIFICANT.sub("", text)
    return (bare, is_right(bare)) if shape.fullmatch(bare) else None


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _sums_to(modulus: int, *weights: int, rest: int = 0) -> Callable[[str], bool]:
    return lambda number: _weighted(number, weights) % modulus == rest


def luhn(digits: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def iso_11_10(digits: str) -> bool:
    check = 10
    for digit in digits[:-1]:
        check = ((check + int(digit)) % 10 or 10) * 2 % 11
    return (check + int(digits[-1])) % 10 == 1


def _austrian(number: str) -> bool:
    products = [int(digit) * weight for digit, weight in zip(number[1:8], (1, 2, 1, 2, 1, 2, 1), strict=True)]
    return (10 - (sum(product // 10 + product % 10 for product in products) + 4) % 10) % 10 == int(number[8])


def _bulgarian(number: str) -> bool:
    last = int(number[-1])
    if len(number) == 9:
        check = _weighted(number, range(1, 9)) % 11
        return (check if check < 10 else _weighted(number, range(3, 11)) % 11 % 10) == last
    other = (11 - _weighted(number, (4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
    return last in (
        _weighted(number, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10,
        _weighted(number, (21, 19, 17, 13, 11, 9, 7, 3, 1)) % 10,
        other,
    )


def _cypriot(number: str) -> bool:
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
    total = sum(int(digit) if place % 2 else odd[int(digit)] for place, digit in enumerate(number[:8]))
    return chr(ord("A") + total % 26) == number[8]


def _czech(number: str) -> bool:
    if len(number) == 8:
        return number[0] != "9" and (11 - _weighted(number, range(8, 1, -1)) % 11) % 10 == int(number[7])
    if len(number) == 9 and number[0] == "6":
        return (8 - (10 - _weighted(number[1:8], range(8, 1, -1)) % 11) % 11) % 10 == int(number[8])
    if len(number) == 9:
        # Birth numbers had no check digit until 1954.
        return 1 <= int(number[2:4]) % 50 % 20 <= 12
    return int(number[:9]) % 11 % 10 == int(number[9])


def _spanish(number: str) -> bool:
    letters = "TRWAGMYFPDXBNJZSQVHLCKE"
    if number[0].isdigit() or number[0] in "XYZKLM":
        digits = number[:8] if number[0].isdigit() else f"{'XYZ'.find(number[0]):d}{number[1:8]}".replace("-1", "")
        return letters[int(digits) % 23] == number[8]
    products = [int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(number[1:8])]
    check = -sum(product // 10 + product % 10 for product in products) % 10
    return number[8] in (str(check), "JABCDEFGHI"[check])


def _french(number: str) -> bool:
    key, siren = number[:2], number[2:]
    # Monaco's numbers are none of the French register.
    if siren[:3] != "000" and not luhn(siren):
        return False
    if key.isdigit():
        return int(key) == (12 + 3 * (int(siren) % 97)) % 97
    letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    first, second = letters.index(key[0]), letters.index(key[1])
    check = first * 24 + second - 10 if key[0].isdigit() else first * 34 + second - 100
    return (int(siren) + 1 + check // 11) % 11 == check % 11


def _irish(number: str) -> bool:
    letters = "WABCDEFGHIJKLMNOPQRSTUV"
    if number[:7].isdigit():
        extra = letters.find(number[8]) if len(number) > 8 else 0
        return letters[(_weighted(number[:7], range(8, 1, -1)) + 9 * extra) % 23] == number[7]
    return letters[_weighted(f"0{number[2:7]}{number[0]}", range(8, 1, -1)) % 23] == number[7]


def _italian(number: str) -> bool:
    province = int(number[7:10])
    return luhn(number) and number[:7] != "0000000" and (1 <= province <= 100 or province in (120, 121, 888, 999))


def _lithuanian(number: str) -> bool:
    body = number[:-1]
    check = sum(int(digit) * (1 + place % 9) for place, digit in enumerate(body)) % 11
    if check == 10:
        check = sum(int(digit) * (1 + (place + 2) % 9) for place, digit in enumerate(body)) % 11 % 10
    return number[-2] == "1" and check == int(number[-1])


def _latvian(number: str) -> bool:
    if number[0] > "3":
        return _weighted(number, (9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1)) % 11 == 3
    if number[:2] == "32":
        return True
    is_date = 1 <= int(number[:2]) <= 31 and 1 <= int(number[2:4]) <= 12
    return is_date and (1 + _weighted(number, (10, 5, 8, 4, 2, 1, 6, 3, 7, 9))) % 11 % 10 == int(number[10])


def _dutch(number: str) -> bool:
    # Companies keep their fiscal number; sole traders have numbers of their own since 2020.
    letters = "".join(str(int(character, 36)) for character in f"NL{number}")
    return _weighted(number[:9], (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 or int(letters) % 97 == 1


def _romanian(number: str) -> bool:
    padded = number.zfill(10)
    return _weighted(padded, (7, 5, 3, 2, 1, 7, 5, 3, 2)) * 10 % 11 % 10 == int(padded[9])


def _british(number: str) -> bool:
    return _weighted(number[:9], (8, 7, 6, 5, 4, 3, 2, 10, 1)) % 97 in (0, 42, 55)


_CHECKS: dict[str, Callable[[str], bool]] = {
    "AT": _austrian,
    "BE": lambda number: (int(number[:8]) + int(number[8:])) % 97 == 0,
    "BG": _bulgarian,
    "CH": lambda number: (11 - _weighted(number, (5, 4, 3, 2, 7, 6, 5, 4)) % 11) % 11 == int(number[8]),
    "CY": _cypriot,
    "CZ": _czech,
    "DE": iso_11_10,
    "DK": _sums_to(11, 2, 7, 6, 5, 4, 3, 2, 1),
    "EE": _sums_to(10, 3, 7, 1, 3, 7, 1, 3, 7, 1),
    "EL": lambda number: _weighted(number, (256, 128, 64, 32, 16, 8, 4, 2)) % 11 % 10 == int(number[8]),
    "ES": _spanish,
    "FI": _sums_to(11, 7, 9, 10, 5, 8, 4, 2, 1),
    "FR": _french,
    "GB": _british,
    "HR": iso_11_10,
    "HU": _sums_to(10, 9, 7, 3, 1, 9, 7, 3, 1),
    "IE": _irish,
    "IT": _italian,
    "LT": _lithuanian,
    "LU": lambda number: int(number[:6]) % 89 == int(number[6:]),
    "LV": _latvian,
    "MT": _sums_to(37, 3, 4, 6, 7, 8, 9, 10, 1),
    "NL": _dutch,
    "NO": _sums_to(11, 3, 2, 7, 6, 5, 4, 3, 2, 1),
    "PL": lambda number: _weighted(number, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(number[9]),
    "PT": lambda number: -_weighted(number, range(9, 1, -1)) % 11 % 10 == int(number[8]),
    "RO": _romanian,
    "SE": lambda number: luhn(number[:10]),
    "SI": lambda number: (11 - _weighted(number, range(8, 1, -1)) % 11) in (int(number[7]), int(number[7]) or 10),
    "SK": lambda number: number[2] in "234789" and int(number) % 11 == 0,
    "XI": _british,
}


def _russian(number: str) -> bool:
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    places = (9,) if len(number) == 10 else (10, 11)
    return all(_weighted(number[:at], weights[len(weights) - at :]) % 11 % 10 == int(number[at]) for at in places)


def _turkish(number: str) -> bool:
    total = 0
    for place, digit in enumerate(number[:9]):
        moved = (int(digit) + 9 - place) % 10
        total += (moved * 2 ** (9 - place) % 9 or 9) if moved else 0
    return -total % 10 == int(number[9])


def _vietnamese(number: str) -> bool:
    return 10 - _weighted(number[:9], (31, 29, 23, 19, 17, 13, 7, 5, 3)) % 11 == int(number[9])


NATIONAL: dict[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "RU": (re.compile(r"\d{10}(?:\d\d)?"), _russian),
    "TR": (re.compile(r"\d{10}"), _turkish),
    "VN": (re.compile(r"\d{10}(?:\d{3})?"), _vietnamese),
    "RS": (re.compile(r"\d{9}"), iso_11_10),
}
