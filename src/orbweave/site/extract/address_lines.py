"""Postal addresses that are told by more than a postcode: by the names of provinces in East Asia, by a word such as
"Address:", by a street's word in a line of several parts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from orbweave.site.extract.address_words import (
    LABEL,
    MAX_CANDIDATES,
    MAX_LENGTH,
    PART,
    Found,
    has_street_word,
    is_box,
    is_sentence,
    lexicon,
    until_stop,
)

_SEPARATOR = re.compile(r"[,،/、]| [–-] |\bг\.|ตำบล|แขวง")
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_JAPANESE = re.compile(
    r"(?:東京都|北海道|京都府|大阪府|[一-龥]{2,3}県|(?:札幌|仙台|千葉|横浜|川崎|相模原|新潟|静岡|浜松|名古屋|京都|大阪|堺|神戸|岡山|広島|"
    r"北九州|福岡|熊本)市|(?<=〒\d{3}-\d{4})\s{0,3})[^\s、。，,｜|()（）]{1,8}[市区町村郡][^\n、。｜|（(]{1,40}"
)
_JAPANESE_CODE = re.compile(r"〒?\s?\d{3}[-‐－ー]\d{4}\s*\Z")
# A street and its number; the town stands before it, in one word with it.
_CHINESE = re.compile(
    r"[路街道巷同里村园園区區厦廈场場城][一-龥a-zA-Z0-9０-９\-－— ]{0,14}?[0-9０-９][^\n，。；;|]{0,30}"
)
_CHINESE_TOWN = re.compile(r"[一-龥][一-龥a-zA-Z0-9]*+\Z")
# An industrial park, in a line of its own.
_CHINESE_PARK = re.compile(
    r"^[一-龥]{6,45}(?:(?<=业园)|(?<=园区)|(?<=业区)|(?<=发区)|(?<=技园)|(?<=叉口))$", re.MULTILINE
)
_CHINESE_PLACE = re.compile(r"[省市區区县縣镇鎮州]")
_KOREAN = re.compile(
    r"(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|충청[북남]도|전북|전남|전라[북남]도|경북|경남|경상[북남]도|"
    r"제주)[가-힣]{0,6}\s[가-힣]{1,6}[구군시]\s?[^\n|,]{1,30}?\d[^\n|]{0,30}"
)
_KOREAN_CODE = re.compile(r"\(?우?\)?\s?\d{5}\)?\s*\Z")
_AFTER = re.compile(
    r"\s*(?:TEL|Tel|電話|电话|전화|FAX|Fax|传真|傳真|팩스|E-?mail|邮编|郵編|邮政编码|代表|アクセス|地図|MAP|営業時間).*\Z|"
    r"\s{2,}.*\Z| \(.*\Z",
    re.DOTALL,
)
# What is longer than any contact page isn't searched to its end.
_MAX_EASTERN = 100_000


def eastern(text: str) -> Iterator[Found]:
    """Addresses that go from the province to the house."""
    text = text[:_MAX_EASTERN]
    for pattern, code in ((_JAPANESE, _JAPANESE_CODE), (_KOREAN, _KOREAN_CODE)):
        for match in islice(pattern.finditer(text), MAX_CANDIDATES):
            before = code.search(text, max(0, match.start() - 12), match.start())
            yield from _eastern(text, before.start() if before else match.start(), match.end())
    if _KANA.search(text):
        return
    for match in islice(_CHINESE.finditer(text), MAX_CANDIDATES):
        town = _CHINESE_TOWN.search(text, max(0, match.start() - 45), match.start())
        if town and _CHINESE_PLACE.search(town[0]):
            yield from _eastern(text, town.start(), match.end())
    for match in islice(_CHINESE_PARK.finditer(text), MAX_CANDIDATES):
        if len(_CHINESE_PLACE.findall(match[0])) > 1:
            yield Found(match[0], *match.span())


def _eastern(text: str, start: int, end: int) -> Iterator[Found]:
    value = " ".join(_AFTER.sub("", text[start:end]).split()).strip("・-:：")
    if any(map(str.isdecimal, value)) or "丁目" in value:
        yield Found(value[:MAX_LENGTH], start, end)


_BULLETS = " •-–|📍,;."
_HOUSE = re.compile(r"\A\d{1,5}[a-zA-Z]?,? |[^\W\d_][ .:]{1,2}\d{1,5}(?:[/-]\d{1,4})?[a-zA-Z]?\Z")
_MAX_LABEL = 40
_MAX_LINES = 5_000


def by_label(text: str) -> Iterator[Found]:
    """What stands behind "Address:", when it has a number, and a street's word or several parts."""
    labels = lexicon().label
    start = 0
    lines = text.split("\n", _MAX_LINES)[:_MAX_LINES]
    for index, line in enumerate(lines):
        colon = line.find(":", 0, _MAX_LABEL + 1)
        if colon < 0 and not line.isascii():
            colon = line.find("：", 0, _MAX_LABEL + 1)
        head = line if colon < 0 else line[:colon]
        if len(head) <= _MAX_LABEL and _label(head) in labels:
            at = start + len(head) + 1
            value = line[len(head) + 1 :]
            if not value.strip() and index + 1 < len(lines):
                at, value = start + len(line) + 1, lines[index + 1]
            value = until_stop(value[:180])
            if not _is_one(value) and at > start + len(line) and index + 2 < len(lines):
                # The town in one line, the street in the next.
                both = until_stop(f"{value}, {lines[index + 2][:90]}")
                value = both if ":" not in value or has_street_word(both) else value
            if _is_one(value):
                yield Found(value[:MAX_LENGTH], at, min(at + 180, len(text)))
        start += len(line) + 1


def _label(head: str) -> str:
    head = head.strip(_BULLETS).lower()
    # 地　址
    return head if head.isascii() or not CJK.match(head) else "".join(head.split())


def _is_one(value: str) -> bool:
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdecimal, value))
    several = "," in value or "،" in value or CJK.search(value) is not None
    if not digits and len(_CHINESE_PLACE.findall(value)) >= 2 and letters <= 40:
        # An industrial park needs no number.
        return _CHINESE_TOWN.fullmatch(value) is not None
    return 1 <= digits <= 20 and letters >= 6 and (several or has_street_word(value))


def in_block(block: str) -> str | None:
    """The lines of an ``<address>`` without a postcode, when they name a street."""
    lines = []
    for line in block.split("\n")[:8]:
        value = until_stop(line)
        if value:
            lines.append(value)
        if value != " ".join(line.split()).strip(_BULLETS):
            break
    value = ", ".join(lines)
    if not len(lines) >= 2 or len(value) > 140 or is_sentence(value) or not has_street_word(value):
        return None
    return value if 1 <= sum(map(str.isdecimal, value)) <= 12 else None


def by_street(text: str, numbered: bool = False) -> Iterator[Found]:
    """A line that is an address without a postcode: a street's word, a number (``numbered``: the street's), and several
    parts."""
    start = 0
    for count, line in enumerate(text.split("\n")):
        if count > 20 * MAX_CANDIDATES:
            break
        if 15 <= len(line) <= 180 and _SEPARATOR.search(line) and any(map(str.isdecimal, line)):
            body = LABEL.sub("", line)
            value = until_stop(body)
            parts = [part for part in PART.split(value) if part.strip()]
            if (
                sum(map(str.isdecimal, value)) <= 16
                and any(map(str.isdecimal, value))
                and len(value) <= 140
                and max(map(len, parts), default=99) <= 60
                and (has_street_word(value) or is_box(parts[0].strip()))
                and not is_sentence(value)
                and not (numbered and not _names_house(parts))
            ):
                yield Found(value[:MAX_LENGTH], start + len(line) - len(body), start + len(line))
        start += len(line) + 1


def _names_house(parts: list[str]) -> bool:
    return any(
        has_street_word(part) and (_HOUSE.search(part.strip()) or following.strip().isdigit())
        for part, following in zip(parts, [*parts[1:], ""], strict=True)
    )
