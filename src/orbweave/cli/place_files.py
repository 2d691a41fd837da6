"""Places -> JSON lines, CSV or GeoJSON, written as they are found: whole lines, whenever it ends, and no memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import orjson

from orbweave.errors import InvalidInput
from orbweave.exports.csv import guard

Business = Mapping[str, Any]
BATCH = 100
"""Lines that go out together, but for the first, which goes at once."""


class Format(Protocol):
    def head(self) -> bytes: ...

    def line(self, business: Business) -> bytes:
        """Called once a business, in order."""
        ...

    def tail(self) -> bytes: ...


class PlaceFile:
    """Writes to ``stream``. What ``end`` leaves is whole also when not all places came."""

    def __init__(self, stream: BinaryIO, format: Format) -> None:
        self._stream, self._format = stream, format
        self._lines: list[bytes] = []
        self._is_first = True
        self._write(format.head())

    def add(self, business: Business) -> None:
        self._lines.append(self._format.line(business))
        if self._is_first or len(self._lines) >= BATCH:
            self._is_first = False
            self._flush()

    def end(self) -> None:
        self._flush()
        self._write(self._format.tail())

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        self._write(b"".join(lines))

    def _write(self, data: bytes) -> None:
        if data:
            self._stream.write(data)
            self._stream.flush()


class JsonLines:
    def head(self) -> bytes:
        return b""

    def line(self, business: Business) -> bytes:
        return orjson.dumps(business, option=orjson.OPT_APPEND_NEWLINE)

    def tail(self) -> bytes:
        return b""


class GeoJson:
    """A FeatureCollection, a feature a line, that says whom to name."""

    def __init__(self, attribution: str) -> None:
        self._attribution = attribution
        self._between = b""

    def head(self) -> bytes:
        return b'{"type":"FeatureCollection","attribution":%b,"features":[\n' % orjson.dumps(self._attribution)

    def line(self, business: Business) -> bytes:
        at = business["coordinates"]
        feature = {
            "type": "Feature",
            "id": business["place_id"],
            "geometry": {"type": "Point", "coordinates": [at["longitude"], at["latitude"]]},
            "properties": {key: value for key, value in business.items() if key != "coordinates"},
        }
        between, self._between = self._between, b",\n"
        return between + orjson.dumps(feature)

    def tail(self) -> bytes:
        return b"\n]}\n"


def _field(of: str) -> Callable[[Business], Any]:
    return lambda business: business[of]


def _social(name: str) -> Callable[[Business], Any]:
    return lambda business: business["social_media"].get(name)


COLUMNS: dict[str, Callable[[Business], Any]] = {
    "name": _field("name"),
    "categories": _field("categories"),
    "address": _field("address"),
    "phone": lambda business: business["phone_e164"] or business["phone"],
    "phones": lambda business: [phone["e164"] or phone["raw"] for phone in business["phones"]],
    "website": _field("website"),
    "email": _field("email"),
    "opening_hours": _field("opening_hours"),
    **{
        name: _social(name)
        for name in ("facebook", "instagram", "twitter", "linkedin", "youtube", "tiktok", "whatsapp", "telegram")
    },
    "brand": _field("brand"),
    "brand_wikidata": _field("brand_wikidata"),
    "cuisine": _field("cuisine"),
    "wheelchair": _field("wheelchair"),
    "latitude": lambda business: business["coordinates"]["latitude"],
    "longitude": lambda business: business["coordinates"]["longitude"],
    "place_id": _field("place_id"),
    "link": _field("link"),
    "source": _field("source"),
    "source_license": _field("source_license"),
    "source_version": _field("source_version"),
    "attribution": _field("attribution"),
}


class Csv:
    """UTF-8 with a header, lists joined by "; ", and no cell that a spreadsheet would run."""

    def __init__(self) -> None:
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, lineterminator="\n")

    def head(self) -> bytes:
        return self._row(COLUMNS)

    def line(self, business: Business) -> bytes:
        return self._row(_cell(column(business)) for column in COLUMNS.values())

    def tail(self) -> bytes:
        return b""

    def _row(self, cells: Any) -> bytes:
        self._writer.writerow(cells)
        text = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return text.encode()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(guard(part, excel=False) for part in value)
    return guard(value, excel=False) if isinstance(value, str) else value


SUFFIXES = {".jsonl": "json", ".ndjson": "json", ".csv": "csv", ".geojson": "geojson"}


def made(format: str, attribution: str) -> Format:
    """The format called ``json``, ``csv`` or ``geojson``."""
    formats: dict[str, Callable[[], Format]] = {
        "json": JsonLines,
        "csv": Csv,
        "geojson": lambda: GeoJson(attribution),
    }
    return formats[format]()


def opened(path: Path, under: Path | None = None) -> BinaryIO:
    """``under``: the name it has meanwhile. Raises InvalidInput when it cannot be written."""
    try:
        return (under or path).open("wb")
    except OSError as error:
        raise InvalidInput(f"Cannot write {path}: {error.strerror}.", field="output") from None
