"""Bytes of a page to text, the way browsers guess. Pure; never raises."""

from __future__ import annotations

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_LANG = re.compile(rb"<html[^>]{0,300}?\blang\s*=\s*[\"']?([A-Za-z]{2})", re.IGNORECASE)
_HEAD = 4096

# Labels that mean a superset on the web.
_REALLY = {
    "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252",
    "latin-1": "cp1252", "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932",
    "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949", "big5": "big5hkscs", "utf8mb4": "utf-8", "utf-8mb4": "utf-8", "unicode": "utf-16-le",
    "utf-16": "utf-16-le", "x-mac-roman": "mac-roman", "x-euc-jp": "euc-jp", "windows-1252": "cp1252",
}  # fmt: skip
# What pages of a language are written in when they aren't UTF-8 and don't (truly) say what they are.
_BY_LANGUAGE = {
    "ja": ("cp932", "euc-jp"), "zh": ("gb18030", "big5hkscs"), "ko": ("cp949",), "ru": ("cp1251", "koi8-r"),
    "uk": ("cp1251",), "bg": ("cp1251",), "sr": ("cp1251",), "mk": ("cp1251",), "be": ("cp1251",), "kk": ("cp1251",),
    "el": ("cp1253",), "tr": ("cp1254",), "he": ("cp1255",), "ar": ("cp1256",), "fa": ("cp1256",), "th": ("cp874",),
    "vi": ("cp1258",), "pl": ("cp1250", "iso-8859-2"), "cs": ("cp1250", "iso-8859-2"), "sk": ("cp1250",),
    "hu": ("cp1250", "iso-8859-2"), "sl": ("cp1250",), "hr": ("cp1250",), "ro": ("cp1250",), "lt": ("cp1257",),
    "lv": ("cp1257",), "et": ("cp1257",),
}  # fmt: skip


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text and the name of the encoding it was read with. Order: byte order mark, UTF-16 by its zero bytes, what
    the header says, what the page says, UTF-8, what the page's language is usually written in, Windows-1252."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name
    head = body[:_HEAD]
    if (wide := _utf16(head)) is not None:
        return body.decode(wide, "replace"), wide
    claims = [*_HEADER.findall(content_type), *(found.decode() for found in _XML.findall(head) + _META.findall(head))]
    for name in [known for claim in claims[:3] if (known := _known(claim)) and not known.startswith("utf-16")] + [
        "utf-8"
    ]:
        try:
            return body.decode(name), name
        except UnicodeDecodeError as error:
            # A stray byte, or a character cut at the size limit, doesn't make the claim a lie.
            if error.start >= len(body) - 4 or _mostly(body, name):
                return body.decode(name, "replace"), name
    language = found[1].decode().lower() if (found := _LANG.search(head)) else ""
    for name in _BY_LANGUAGE.get(language, ()):
        try:
            return body.decode(name), name
        except UnicodeDecodeError:
            continue
    name = next(iter(_BY_LANGUAGE.get(language, ())), "cp1252")
    return body.decode(name, "replace"), name


def _known(label: str) -> str | None:
    name = _REALLY.get(label.lower(), label)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # bytes-to-bytes codecs (zlib, hex, …) carry this mark; "idna" and the like aren't page encodings either.
    return info.name if info._is_text_encoding and info.name not in _NOT_FOR_PAGES else None


_NOT_FOR_PAGES = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "utf-7"}


def _utf16(head: bytes) -> str | None:
    if len(head) < 8 or head.count(0) < len(head) // 3:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else None


def _mostly(body: bytes, name: str) -> bool:
    """Do the bytes make sense as ``name`` but for a few? Compares broken with whole non-ASCII characters."""
    sample = body[:200_000].decode(name, "replace")
    broken = sample.count("\ufffd")
    return broken * 10 <= sum(1 for character in sample if character > "\x7f") - broken
