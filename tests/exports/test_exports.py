import codecs
import csv as stdlib
import io
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave import exports
from orbweave.exports.csv import COLUMNS, guard

DANGEROUS = re.compile(r"[\s\u200b\ufeff]*[=+\-@＝＋－＠]")


def row(**fields: Any) -> dict[str, Any]:
    return {
        "location_id": 3042030,
        "search_string": "Vaduz, Liechtenstein",
        "display_name": "Vaduz, Liechtenstein",
        "business_name": "Zum Löwen",
        "business_place_id": "osm:n1",
        "business_address": "Städtle 1, 9490 Vaduz",
        "business_phone": "00423 232 00 00",
        "business_phone_e164": "+423 2320000",
        "business_email": None,
        "business_rating": None,
        "business_reviews_count": None,
        "business_categories": ["restaurant", "cuisine=local"],
        "gmaps_coordinates": {"lat": 47.14, "lng": -9.52},
        "original_website": "https://loewen.example/",
        "domain": "loewen.example",
        "domain_filtered": False,
        "filter_reason": None,
        "spidersite_status": "completed",
        "spidersite_error": None,
        "pages_crawled": 3,
        "emails_found": ["a@loewen.example", "info@loewen.example"],
        "phones_found": ["+4232320000"],
        "social_media": {"facebook": "https://facebook.com/loewen"},
        "company_info": None,
        "team_members": [],
        "lead_scoring": None,
        "spiderverify_status": "completed",
        "emails_verified": [
            {"email": "a@loewen.example", "status": "unknown", "score": 70, "counts_as_valid": False},
            {"email": "info@loewen.example", "status": "risky", "score": 60, "counts_as_valid": True},
        ],
        "valid_emails_count": 1,
        "workflow_stage": "complete",
        "source": "osm",
        "source_license": "ODbL-1.0",
        "attribution": "© OpenStreetMap contributors",
        "expires_at": None,
        **fields,
    }


async def stream(rows: list[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
    for each in rows:
        yield each


async def csv(rows: list[dict[str, Any]], *, excel: bool = False) -> bytes:
    return b"".join([chunk async for chunk in exports.csv(stream(rows), excel=excel)])


def read(data: bytes) -> list[dict[str, str]]:
    return list(stdlib.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


async def test_csv_has_one_line_a_business_and_names_whom_to_thank() -> None:
    data = await csv([row()])
    assert not data.startswith(codecs.BOM_UTF8)
    assert b"\r" not in data
    (line,) = read(data)
    assert list(line) == list(COLUMNS)
    assert line["name"] == "Zum Löwen"
    assert line["phone"] == "+423 2320000"
    assert line["categories"] == "restaurant; cuisine=local"
    assert (line["latitude"], line["longitude"]) == ("47.14", "-9.52")
    assert (line["email"], line["email_status"], line["emails_valid"]) == (
        "info@loewen.example",
        "risky",
        "info@loewen.example",
    )
    assert line["facebook"] == "https://facebook.com/loewen"
    assert line["rating"] == ""
    assert line["attribution"] == "© OpenStreetMap contributors"


async def test_excel_gets_a_byte_order_mark_crlf_and_phones_as_text() -> None:
    data = await csv([row()], excel=True)
    assert data.startswith(codecs.BOM_UTF8)
    assert data.count(b"\r\n") == 2
    assert read(data)[0]["phone"] == "'+423 2320000"


async def test_without_verification_the_first_address_found_is_shown() -> None:
    (line,) = read(await csv([row(emails_verified=[])]))
    assert (line["email"], line["email_status"]) == ("a@loewen.example", "")
    (line,) = read(await csv([row(emails_verified=[], emails_found=[])]))
    assert line["email"] == ""
    (line,) = read(await csv([row(emails_verified=[], emails_found=[], business_email="map@loewen.example")]))
    assert line["email"] == "map@loewen.example"


async def test_a_business_without_coordinates_or_results_is_still_a_line() -> None:
    bare = row(
        gmaps_coordinates=None,
        emails_found=[],
        emails_verified=[],
        social_media={},
        source_license=None,
        attribution=None,
    )
    (line,) = read(await csv([bare]))
    assert (line["latitude"], line["attribution"]) == ("", "")


async def test_exports_come_in_pieces_and_in_order() -> None:
    rows = [row(location_id=n) for n in range(250)]
    chunks = [chunk async for chunk in exports.csv(stream(rows))]
    assert len(chunks) == 4  # the header, then batches of 100
    assert [line["location_id"] for line in read(b"".join(chunks))] == [str(n) for n in range(250)]
    lines = b"".join([chunk async for chunk in exports.jsonl(stream(rows))]).splitlines()
    assert [json.loads(line)["location_id"] for line in lines] == list(range(250))


async def test_jsonl_keeps_the_names_of_the_api() -> None:
    (line,) = [json.loads(chunk) async for chunk in exports.jsonl(stream([row()]))]
    assert line == row()


async def test_no_rows() -> None:
    assert read(await csv([])) == []
    assert [chunk async for chunk in exports.jsonl(stream([]))] == []


@pytest.mark.parametrize(
    ("cell", "guarded"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1+cmd|'/C calc'!A0", "'+1+cmd|'/C calc'!A0"),
        ("-2", "'-2"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\tx", "'\tx"),
        ("\nx", "'\nx"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("a\n=1", "a\n'=1"),
        ("a\r\n =1", "a\n' =1"),
        ("a\rb", "a\nb"),
        ("＝1", "'＝1"),
        ("+423 232 00 00", "+423 232 00 00"),
        ("a=1 - b", "a=1 - b"),
        ("", ""),
    ],
)
def test_guard(cell: str, guarded: str) -> None:
    assert guard(cell, excel=False) == guarded


@given(st.text(st.sampled_from("=+-@\t\r\n \u00a0\u3000\ufeff＝'1ab"), max_size=12), st.booleans())
def test_no_line_of_a_cell_starts_a_formula(cell: str, excel: bool) -> None:
    guarded = guard(cell, excel=excel)
    if not re.fullmatch(r"\+\d[\d ]+", guarded):
        assert not any(DANGEROUS.match(line) for line in guarded.split("\n"))
        assert not guarded.startswith(("\t", "\r", "\n"))
    assert guarded.replace("'", "") == cell.replace("'", "").replace("\r\n", "\n").replace("\r", "\n")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30), st.booleans())
async def test_any_text_comes_back(name: str, excel: bool) -> None:
    (line,) = read(await csv([row(business_name=name)], excel=excel))
    assert line["name"] == guard(name, excel=excel)


async def test_what_may_not_be_kept_is_left_out() -> None:
    rows = [row(), row(expires_at="2999-01-01T00:00:00Z")]
    for export in (exports.csv, exports.jsonl):
        text = b"".join([part async for part in export(stream(rows))])
        assert text.count("Löwen".encode()) == b"".join([part async for part in export(stream(rows[:1]))]).count(
            "Löwen".encode()
        )
