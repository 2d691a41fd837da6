"""Bytes of a page to text, the way browsers guess. Pure; never raises."""

from __future__ import annotations

import codecs
import re

try:
    from chardetng_py.detector import EncodingDetector
except ImportError:  # there are no wheels for the newest Python
    EncodingDetector = None

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_LANG = re.compile(rb"<html[^>]{0,300}?\blang\s*=\s*[\"']?([A-Za-z]{2})", re.IGNORECASE)
_HEAD = 4096
_SAMPLE = 200_000
_FEW = 40
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_MARKUP = re.compile(rb"<[^<>]{0,2000}>|\s+")
_LOW = bytes(range(128))
_SEVEN_BITS = ("iso2022", "hz")
_CJK = frozenset({"cp932", "euc_jp", "gb18030", "big5hkscs", "cp949"})

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
    """The text and the name of the encoding it was read with. Order: byte order mark, UTF-16 by its zero bytes, UTF-8
    (which nothing else looks like), what the header and the page say, what it looks like, what the page's language is
    usually written in, Windows-1252."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name
    head = body[:_HEAD]
    if (wide := _utf16(head)) is not None:
        return body.decode(wide, "replace"), wide
    fault: UnicodeDecodeError | None = None
    try:
        text = body.decode()
        if len(body) - len(text) > _FEW:
            return text, "utf-8"
    except UnicodeDecodeError as error:
        fault = error
    claims = _claims(head, content_type)
    if claims and claims[0].startswith(_SEVEN_BITS):
        return body.decode(claims[0], "replace"), claims[0]
    if fault is None:
        if not any(claim in _CJK for claim in claims):
            return text, "utf-8"
        claims.append("utf-8")
    else:
        # A stray byte, or a character cut at the size limit, doesn't make it something else.
        cut = fault.start >= len(body) - 4 and not body[: fault.start].isascii()
        if cut or _mostly(body, "utf-8"):
            return body.decode("utf-8", "replace"), "utf-8"
    for name in claims:
        if (claimed := _as_claimed(body, name)) is not None:
            return claimed, name
    name = _looks_like(body) or next(iter(_BY_LANGUAGE.get(_language(head), ())), "cp1252")
    return body.decode(name, "replace"), name


def _claims(head: bytes, content_type: str) -> list[str]:
    found = [*_HEADER.findall(content_type), *(one.decode() for one in _XML.findall(head) + _META.findall(head))]
    names = [known for claim in found[:3] if (known := _known(claim)) is not None]
    return [name for name in dict.fromkeys(names) if not name.startswith("utf-16")]


def _as_claimed(body: bytes, name: str) -> str | None:
    """The text, unless the claim is a lie."""
    try:
        text = body.decode(name)
    except UnicodeDecodeError as error:
        if error.start < len(body) - 4 and (name not in _CJK or not _mostly(body, name)):
            return None
        text = body.decode(name, "replace")
    if name in ("gb18030", "big5hkscs") and len(_PRIVATE.findall(text[:_SAMPLE])) > _FEW // 4:
        return None
    # "Latin 1" is what servers say that were told nothing.
    if name == "cp1252" and _is_full_of_high_bytes(body):
        return None
    return text


def _looks_like(body: bytes) -> str | None:
    if EncodingDetector is None:
        return None
    detector = EncodingDetector()
    detector.feed(body[:_SAMPLE], last=True)
    return _known(detector.guess(tld=None, allow_utf8=True))


def _language(head: bytes) -> str:
    return found[1].decode().lower() if (found := _LANG.search(head)) else ""


def _is_full_of_high_bytes(body: bytes) -> bool:
    text = _MARKUP.sub(b"", body[:_SAMPLE])
    return 4 * len(text.translate(None, _LOW)) > len(text)


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
    if len(head) < 8 or head.count(0) <= len(head) // 10:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else None


def _mostly(body: bytes, name: str) -> bool:
    """Do the bytes make sense as ``name`` but for a few? Compares broken with whole non-ASCII characters."""
    sample = body[:_SAMPLE].decode(name, "replace")
    broken = sample.count("\ufffd")
    return broken * 10 <= sum(1 for character in sample if character > "\x7f") - broken
