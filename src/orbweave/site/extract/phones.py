"""Phone numbers in E.164: what links and structured data say first, then what reads like a number and is a valid one
in the country of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import Any
from urllib.parse import unquote, urlsplit

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from orbweave.site.document import Document
from orbweave.site.facts import Fact, around

MAX_PER_PAGE = 60
_MAX_CANDIDATES = 400
_REACH = 40

# Digits in groups, as printed: +423 232 12 34, (0)81 / 123-45-67. Never over a line end. What may not stand before is
# asked afterwards: a pattern that begins with a set of characters is found many times faster.
_CANDIDATE = re.compile(r"[+(\d][\d \u00a0\u2009\u202f()/.\-\u2010-\u2015·]{5,28}\d(?![\w@%€$£]|[.,:]\d)")
_NOT_BEFORE = frozenset(".,/@=#-_")
_DATE = re.compile(
    r"(?:19|20)\d\d[-./ ]{1,3}[01]?\d[-./ ]{1,3}[0-3]?\d|[0-3]?\d[-./ ]{1,3}[01]?\d[-./ ]{1,3}(?:19|20)?\d\d|"
    r"(?:19|20)\d\d ?[-\u2010-\u2015/] ?(?:19|20)\d\d"
)
_TIMES = re.compile(r"\(?[012]?\d[.:][0-5]\d(?: ?[-\u2010-\u2015/] ?| )[012]?\d[.:][0-5]\d.{0,14}")
_SEPARATOR = re.compile(r"\s?[/·]\s?|\s[-\u2010-\u2015]\s")
_PHONE_LABEL = re.compile(
    r"(?<![a-zà-ÿ])(?:tel|telefon\w*|t[eé]l[eé](?:phone?|fono)|phone|fon|mob\w*|cell\w*|handy|natel|gsm|call|anruf\w*|hotline|puhelin|"
    r"puh|tlf|tfn|sími|telef[oó]n\w*|тел\w*|моб\w*|τηλ\w*|טל\w*|هاتف|تلفن|電話|电话|전화|โทร\w*|"
    r"whats ?app|viber|☎|☏|✆|📞|📱|t|p|m)\s?[.:）)\-–/]{0,2}\s?(?:\(\w{1,12}\)\s?)?[:.]?\s?\(?\+?\Z",
    re.IGNORECASE,
)
_FAX_LABEL = re.compile(
    r"(?:tele)?fax|facsimile|t[eé]l[eé]copie\w*|telekopie|faks|φαξ|факс|פקס|فاكس|فکس|传真|傳真|ファックス|ファクス|팩스|โทรสาร|"
    r"\bf\s?[.:]?\s?\Z",
    re.IGNORECASE,
)
_FAX_AFTER = re.compile(r" ?[(\[]? ?(?:tele)?fax\b", re.IGNORECASE)
_NOT_A_PHONE = re.compile(
    r"(?<![a-zà-ÿ])(?:iban|bic|swift|vat|ust|uid|mwst|tva|iva|btw|nip|regon|ico|dic|siret|siren|hrb|hra|fn|krs|cif|nif|"
    r"kvk|orgnr|org\.? ?nr|cvr|isbn|issn|ean|gtin|sku|art|artikel\w*|item|order|bestell\w*|konto\w*|account|bank|blz|"
    r"clearing|ahv|ape|naf|rcs|steuer\w*|register\w*|handelsreg\w*|id|no|nr|№|инн|огрн|кпп|бик|р/с|к/с|code|plz|zip|"
    r"lat|lon|lng|gps|€|\$|£|chf|eur|usd|copyright|©|seit|since|version|p\.? ?iva|c\.? ?f|capital|kapital)"
    r"\s?[.:#\-]?\s?[A-Z]{0,3}\d{0,2}[-. ]?\Z",
    re.IGNORECASE,
)

# Country codes that are sold all over the world say nothing about where a site's owner sits.
_GENERIC_TLDS = frozenset(
    {"ac", "ai", "as", "bz", "cc", "cd", "co", "cx", "dj", "eu", "fm", "gg", "gl", "im", "io", "la", "ly", "me", "mn"}
    | {"ms", "mu", "nu", "pw", "sh", "st", "su", "tk", "to", "tv", "vc", "ws"}
)
# Small countries whose businesses also use their neighbour's numbers.
_NEIGHBOURS = {"LI": ("CH",), "MC": ("FR",), "AD": ("ES", "FR"), "SM": ("IT",), "VA": ("IT",)}
_LANGUAGE_COUNTRY = {
    "az": "AZ", "bg": "BG", "ca": "ES", "cs": "CZ", "da": "DK", "de": "DE", "el": "GR", "es": "ES", "et": "EE",
    "fi": "FI", "fr": "FR", "he": "IL", "hr": "HR", "hu": "HU", "hy": "AM", "is": "IS", "it": "IT", "ja": "JP",
    "ka": "GE", "ko": "KR", "lb": "LU", "lt": "LT", "lv": "LV", "mk": "MK", "nb": "NO", "nl": "NL", "no": "NO",
    "pl": "PL", "pt": "PT", "ro": "RO", "ru": "RU", "sk": "SK", "sl": "SI", "sq": "AL", "sv": "SE", "th": "TH",
    "tr": "TR", "uk": "UA", "vi": "VN", "zh": "CN",
}  # fmt: skip


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


def phones(document: Document, country: str | None = None) -> list[Fact]:
    """Facts of kind ``phone``; ``detail`` is the contract's phone object. ``country``: where the business is thought to
    be, used after what the page itself tells."""
    regions = likely_countries(document, country)
    found: dict[tuple[str, str], Fact] = {}
    for raw, method, context, is_fax in chain(
        _declared(document), _in_text(document.text), _in_pieces(document, found)
    ):
        phone = _parsed(raw, regions)
        if phone is None:
            continue
        detail = {"raw": raw, **phone}
        if is_fax:
            detail["type"] = "fax"
        known = found.get((phone["e164"], method))
        if known is None or (known.detail["type"] == "fax" and not is_fax):
            found[phone["e164"], method] = Fact("phone", phone["e164"], method, context, detail)
            if len(found) >= MAX_PER_PAGE:
                break
    return list(found.values())


def likely_countries(document: Document, country: str | None = None) -> tuple[str, ...]:
    """ISO codes to read national numbers with, likeliest first: the page's structured data, its country domain, the
    region of its language, ``country``, the main country of its language."""
    language, _, region = document.lang.replace("_", "-").partition("-")
    top = (urlsplit(document.url).hostname or "").rpartition(".")[2]
    by_domain = None
    if len(top) == 2 and (top not in _GENERIC_TLDS or top.upper() == country):
        by_domain = "GB" if top == "uk" else top.upper()
    ordered = [
        *(_iso(code) for code in _declared_countries(document)),
        by_domain,
        _iso(region) if len(region) == 2 else None,
        country,
    ]
    known = [code for code in ordered if code and code in phonenumbers.SUPPORTED_REGIONS]
    if not known and language in _LANGUAGE_COUNTRY:
        known = [_LANGUAGE_COUNTRY[language]]
    return tuple(dict.fromkeys([*known, *(other for code in known for other in _NEIGHBOURS.get(code, ()))]))


def _declared_countries(document: Document) -> Iterator[str]:
    for thing in document.json_ld:
        value = thing.get("addressCountry")
        if isinstance(value, dict):
            value = value.get("name")
        if isinstance(value, str):
            yield value
    yield from (value for name, value in document.microdata if name == "addressCountry")


def _iso(text: str) -> str | None:
    code = text.strip().upper()
    return code if len(code) == 2 and code.isalpha() else None


@lru_cache(maxsize=16_384)
def _parsed(raw: str, regions: tuple[str, ...]) -> dict[str, Any] | None:
    """The contract's fields but ``raw``; None when ``raw`` is a valid number in none of ``regions``."""
    text = unquote(raw).replace("(0)", "")
    digits = re.sub(r"\D", "", text)
    if not 5 <= len(digits) <= 17:
        return None
    international = text.lstrip(" (").startswith("+")
    if not international and digits.startswith("00"):
        text, international = "+" + digits[2:], True
    for region in ("ZZ",) if international else regions:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) and (
            international or phonenumbers.is_valid_number_for_region(number, region)
        ):
            return {
                "e164": phonenumbers.format_number(number, PhoneNumberFormat.E164),
                "national": phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
                "international": phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
                "country_code": phonenumbers.region_code_for_number(number),
                "type": TYPES.get(phonenumbers.number_type(number), "unknown"),
                "valid": True,
            }
    return None


def _declared(document: Document) -> Iterator[tuple[str, str, str, bool]]:
    for link in document.links:
        href = link.href.strip()
        start = href[:9].lower()
        if start.startswith("tel:"):
            yield _dialled(href[4:]), "tel", link.text, bool(_FAX_LABEL.search(link.text))
        elif start.startswith("callto:"):
            yield _dialled(href[7:]), "tel", link.text, False
        elif "wa.me/" in href or "whatsapp.com/send" in href:
            if match := re.search(r"(?:wa\.me/|phone=)(?:%2B|\+)?(\d{7,15})", href):
                yield f"+{match[1]}", "whatsapp", link.text, False
        elif start.startswith("fax:"):
            yield _dialled(href[4:]), "tel", link.text, True
    for thing in document.json_ld:
        for key in ("telephone", "phone", "faxNumber"):
            values = thing.get(key)
            for value in values if isinstance(values, list) else [values]:
                if isinstance(value, str) and value.strip():
                    yield value.strip()[:40], "json-ld", _name(thing), key == "faxNumber"
    for name, value in document.microdata:
        if name in ("telephone", "faxNumber"):
            yield value[:40], "microdata", "", name == "faxNumber"


def _dialled(text: str) -> str:
    return unquote(text).partition(";")[0].partition("?")[0].strip(" /")[:40]


def _name(thing: dict[str, object]) -> str:
    name = thing.get("name")
    return name[:160] if isinstance(name, str) else ""


def _in_text(text: str) -> Iterator[tuple[str, str, str, bool]]:
    for match in islice(_CANDIDATE.finditer(text), _MAX_CANDIDATES):
        raw, previous = match[0].strip(), text[match.start() - 1 : match.start()]
        if previous in _NOT_BEFORE or previous.isalnum():
            continue
        digits = sum(character.isdigit() for character in raw)
        if not 6 <= digits <= 34 or _DATE.fullmatch(raw) or _TIMES.match(raw):
            continue
        line = text.rfind("\n", 0, match.start()) + 1
        before = text[max(line, match.start() - _REACH) : match.start()]
        if not before.strip() and line > 1:
            # The label may stand on the line above, alone.
            above = text[text.rfind("\n", 0, line - 1) + 1 : line - 1]
            before = above if len(above) <= 20 else ""
        if _NOT_A_PHONE.search(before) and not raw.startswith("+"):
            continue
        fax = _last_is_fax(before) or _FAX_AFTER.match(text, match.end(), match.end() + 12) is not None
        labelled = fax or _PHONE_LABEL.search(before) is not None
        context = around(text, match.start(), match.end(), 40)
        # "212-555-2368 / 415-555-2671" is two numbers, "081 / 123 45 67" one.
        for number in _SEPARATOR.split(raw) if digits > 13 else [raw]:
            # A bare run of digits is a phone number only where something says so.
            if labelled or _looks_dialled(number):
                yield number, "text", context, fax


def _in_pieces(document: Document, found: Mapping[tuple[str, str], Fact]) -> Iterator[tuple[str, str, str, bool]]:
    """Numbers that the joined text glues to what stands beside them; asked for once that text has yielded nothing."""
    if not any(method == "text" for _, method in found):
        yield from _in_text(document.pieces)


def _last_is_fax(before: str) -> bool:
    """Is the nearest label a fax label, and not "Tel/Fax"?"""
    faxes = list(_FAX_LABEL.finditer(before))
    if not faxes:
        return False
    between = before[faxes[-1].end() :]
    if re.search(r"\d{4}", between) or re.search(r"tel|phone|fon\b", between, re.IGNORECASE):
        return False
    return not re.search(
        r"(?:tel\w*|phone|fon|tél)\.?\s{0,2}(?:/|&|\+|und|and|et|e|y|-)\s{0,2}\Z",
        before[: faxes[-1].start()],
        re.IGNORECASE,
    )


def _looks_dialled(raw: str) -> bool:
    groups = re.findall(r"\d+", raw)
    digits = sum(map(len, groups))
    if raw.startswith(("+", "(+", "00")):
        return digits >= 8
    if len(groups) < 2 or digits < 7:
        return False
    if raw.startswith(("0", "(")):
        return digits >= 8 and "." not in raw[:2]
    # Without a trunk prefix: grouped like a number, not like an amount (1.250.000) or a year span.
    return digits <= 11 and not re.fullmatch(r"\d{1,3}(?:[. ]\d{3})+", raw)
