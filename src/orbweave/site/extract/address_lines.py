"""Postal addresses that are told by more than a postcode: by the names of provinces in East Asia, by a word such as
"Address:", by a street's word in a line of several parts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orbweave.site.extract.address_words import (
    LABEL,
    MAX_CANDIDATES,
    MAX_LENGTH,
    PART,
    Found,
    has_street_word,
    is_sentence,
    lexicon,
    until_stop,
)

_SEPARATOR = re.compile(r"[,،/、]|ตำบล|แขวง")
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_JAPANESE = re.compile(
    r"(?:〒?\s?\d{3}[-‐－ー]\d{4}\s*)?(?:東京都|北海道|京都府|大阪府|[一-龥]{2,3}県)[^\s、。，,｜|()（）]{1,8}[市区町村郡]"
    r"[^\n、。｜|（(]{1,40}"
)
_CHINESE = re.compile(
    r"(?:中国|中國)?(?:[一-龥]{2,8}(?:省|自治区|自治區))?[一-龥]{2,7}[市縣州盟](?:[一-龥]{1,9}?[区區县縣市镇鎮乡鄉])?[一-龥a-zA-Z0-9０-９]{1,20}?"
    r"(?:路|街|道|巷|大道|胡同|里|村|园|園)[一-龥a-zA-Z0-9０-９\-－— ]{0,14}\d+[^\n，。；;|]{0,30}"
)
_KOREAN = re.compile(
    r"(?:\(?우?\)?\s?\d{5}\)?\s*)?(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|충청[북남]도|전북|전남|전라[북남]도|"
    r"경북|경남|경상[북남]도|제주)[가-힣]{0,6}\s[가-힣]{1,6}[구군시]\s?[^\n|,]{1,30}?\d[^\n|]{0,30}"
)
_AFTERCJK = re.compile(
    r"\s*(?:TEL|Tel|電話|电话|전화|FAX|Fax|传真|傳真|팩스|E-?mail|邮编|郵編|邮政编码|代表|アクセス|地図|MAP|営業時間).*\Z|\s{2,}.*\Z",
    re.DOTALL,
)


_BULLETS = " •-–|📍,;."
_MAX_LABEL = 40
_MAX_LINES = 5_000


def eastern(text: str) -> Iterator[Found]:
    for pattern in (_JAPANESE, _KOREAN, _CHINESE):
        for count, match in enumerate(pattern.finditer(text)):
            if count >= MAX_CANDIDATES:
                break
            value = _AFTERCJK.sub("", match[0]).partition(" (")[0].strip(" 　・-:：")
            if any(map(str.isdecimal, value)) or "丁目" in value:
                yield Found(" ".join(value.split())[:MAX_LENGTH], match.start(), match.end())


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
        if len(head) <= _MAX_LABEL and head.strip(_BULLETS).lower() in labels:
            at = start + len(head) + 1
            value = line[len(head) + 1 :]
            if not value.strip() and index + 1 < len(lines):
                at, value = start + len(line) + 1, lines[index + 1]
            value = until_stop(value[:180])
            if _is_one(value):
                yield Found(value[:MAX_LENGTH], at, min(at + 180, len(text)))
        start += len(line) + 1


def _is_one(value: str) -> bool:
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdecimal, value))
    several = "," in value or "،" in value or CJK.search(value) is not None
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


def by_street(text: str) -> Iterator[Found]:
    """A line that is an address without a postcode: a street's word, a number, and several parts."""
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
                and has_street_word(value)
                and not is_sentence(value)
            ):
                yield Found(value[:MAX_LENGTH], start + len(line) - len(body), start + len(line))
        start += len(line) + 1
