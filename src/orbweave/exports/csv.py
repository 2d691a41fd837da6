"""CSV: one business a line, lists joined by "; ", and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv as stdlib
import io
import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from orbweave.exports.rows import Row, attribution, batches

# What spreadsheets take for the start of a formula, full-width forms too, at the start of any line of a cell and also
# after white space there.
_BLANK = r"(?:[^\S\r\n\t]|[\u200b\ufeff])*"
_FORMULA = re.compile(rf"^(?={_BLANK}[=+\-@\t\n＝＋－＠])|(?<=\n)(?={_BLANK}[=+\-@\t＝＋－＠])")
_PHONE = re.compile(r"\+\d[\d ]+")


def guard(value: str, *, excel: bool) -> str:
    """``value`` with an apostrophe wherever a formula could start; line breaks become ``\\n``.

    A phone number runs nothing, so programs get it bare; Excel would make it a number, so there it is kept as text.
    """
    if not excel and _PHONE.fullmatch(value):
        return value
    return _FORMULA.sub("'", value.replace("\r\n", "\n").replace("\r", "\n"))


def best_email(row: Row) -> Mapping[str, Any]:
    """The verified address to write to first, else the first one found, else the source's; empty without any."""
    verified = row["emails_verified"]
    if verified:
        best: Mapping[str, Any] = max(verified, key=lambda each: (each["counts_as_valid"], each["score"]))
        return best
    return {"email": next(iter(row["emails_found"]), row["business_email"])}


def _field(name: str) -> Callable[[Row], Any]:
    return lambda row: row[name]


def _social(name: str) -> Callable[[Row], Any]:
    return lambda row: row["social_media"].get(name)


COLUMNS: dict[str, Callable[[Row], Any]] = {
    "name": _field("business_name"),
    "categories": _field("business_categories"),
    "address": _field("business_address"),
    "location": _field("display_name"),
    "latitude": lambda row: (row["gmaps_coordinates"] or {}).get("lat"),
    "longitude": lambda row: (row["gmaps_coordinates"] or {}).get("lng"),
    "phone": lambda row: row["business_phone_e164"] or row["business_phone"],
    "website": _field("original_website"),
    "domain": _field("domain"),
    "email": lambda row: best_email(row).get("email"),
    "email_status": lambda row: best_email(row).get("status"),
    "email_score": lambda row: best_email(row).get("score"),
    "emails_valid": lambda row: [each["email"] for each in row["emails_verified"] if each["counts_as_valid"]],
    "emails_found": _field("emails_found"),
    "phones_found": _field("phones_found"),
    **{
        name: _social(name)
        for name in ("linkedin", "facebook", "instagram", "twitter", "youtube", "tiktok", "whatsapp", "telegram")
    },
    "rating": _field("business_rating"),
    "reviews_count": _field("business_reviews_count"),
    "filter_reason": _field("filter_reason"),
    "site_status": _field("spidersite_status"),
    "site_error": _field("spidersite_error"),
    "pages_crawled": _field("pages_crawled"),
    "verify_status": _field("spiderverify_status"),
    "stage": _field("workflow_stage"),
    "place_id": _field("business_place_id"),
    "location_id": _field("location_id"),
    "source": _field("source"),
    "source_license": _field("source_license"),
    "attribution": attribution,
}


async def csv(rows: AsyncIterator[Row], *, excel: bool = False) -> AsyncIterator[bytes]:
    """UTF-8 with a header line. ``excel``: byte order mark, CRLF and phone numbers as text."""
    buffer = io.StringIO()
    writer = stdlib.writer(buffer, lineterminator="\r\n" if excel else "\n")
    if excel:
        buffer.write("\ufeff")
    writer.writerow(COLUMNS)
    yield _take(buffer)
    async for batch in batches(rows):
        writer.writerows([_cell(column(row), excel) for column in COLUMNS.values()] for row in batch)
        yield _take(buffer)


def _cell(value: Any, excel: bool) -> Any:
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    return guard(value, excel=excel) if isinstance(value, str) else value


def _take(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
