"""Overture Maps places: GeoParquet, read by DuckDB (extra ``overture``), as features in OpenStreetMap's words.

Schema: https://docs.overturemaps.org/schema/reference/places/place/ -- releases differ, so what a file has is looked at
first. Categories are mapped by data/overture_categories.txt.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from orbweave.errors import InvalidInput, SetupError
from orbweave.maps.feature import Dataset, Feature

if TYPE_CHECKING:
    import duckdb

SOURCE = "overture"
ATTRIBUTION = "© Overture Maps Foundation"
LICENSE = "CDLA-Permissive-2.0"
LICENSES = {"Foursquare": "Apache-2.0", "foursquare": "Apache-2.0", "AllThePlaces": "CC0-1.0"}
"""Of the records of a contributor that does not license them as most do; newer releases say it themselves."""

CONFIDENCE = 0.5
MEMORY = "1GB"
THREADS = 2
_BATCH = 2_000
_CLOSED = frozenset({"permanently_closed", "closed"})
# Columns that are read where a file has them, and those without which it is none.
_WANTED = (
    "id", "names", "basic_category", "taxonomy", "categories", "confidence", "operating_status", "websites", "socials",
    "emails", "phones", "brand", "addresses", "sources", "bbox",
)  # fmt: skip
_NEEDED = ("id", "names", "bbox")
_SOCIAL = re.compile(
    r"https?://(?:www\.|m\.)?(facebook|instagram|twitter|x|linkedin|youtube|tiktok)\.com/", re.IGNORECASE
)
_PLATFORMS = {"x": "twitter"}


class Places:
    """``paths``: Parquet files, as DuckDB opens them (``connection`` may know more file systems). ``extent``: (west,
    south, east, north) of the country, which spares row groups; the addresses decide. ``dropped`` counts after reading.

    Raises InvalidInput for files that are no Overture places.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        paths: Sequence[str],
        country: str,
        *,
        version: str | None,
        extent: tuple[float, float, float, float] | None = None,
        confidence: float = CONFIDENCE,
    ) -> None:
        self.dataset = Dataset(SOURCE, LICENSE, ATTRIBUTION, version)
        self.dropped: Counter[str] = Counter()
        self._connection = connection
        self._paths = list(paths)
        self._country = country
        self._extent = extent
        self._confidence = confidence

    def features(self) -> Iterator[Feature]:
        import duckdb

        try:
            columns = self._columns()
            where, values = self._conditions(columns)
            found = self._connection.execute(
                f"select {', '.join(columns)} from read_parquet(?) where {where}",  # noqa: S608 -- names of _WANTED
                [self._paths, *values],
            )
            while rows := found.fetchmany(_BATCH):
                for row in rows:
                    if feature := self._feature(dict(zip(columns, row, strict=True))):
                        yield feature
        except duckdb.Error as error:
            raise InvalidInput(
                f"{self._paths[0]} cannot be read as Overture places ({_reason(error)}).", field="from"
            ) from None

    def _columns(self) -> list[str]:
        described = self._connection.execute("describe select * from read_parquet(?)", [self._paths]).fetchall()
        have = {row[0] for row in described}
        lacks = [name for name in _NEEDED if name not in have]
        if not have & {"basic_category", "taxonomy", "categories"}:
            lacks.append("categories")
        if lacks:
            raise InvalidInput(
                f"{self._paths[0]} holds no Overture places: it has no column {' or '.join(lacks)}.", field="from"
            )
        return [name for name in _WANTED if name in have]

    def _conditions(self, columns: Sequence[str]) -> tuple[str, list[Any]]:
        conditions: list[str] = ["true"]
        values: list[Any] = []
        if self._extent:
            west, south, east, north = self._extent
            conditions.append("bbox.xmin between ? and ? and bbox.ymin between ? and ?")
            values += [west, east, south, north]
        if "addresses" in columns:
            conditions.append("(addresses[1].country is null or upper(addresses[1].country) = ?)")
            values.append(self._country)
        return " and ".join(conditions), values

    def _feature(self, row: Mapping[str, Any]) -> Feature | None:
        box, confidence = row["bbox"], row.get("confidence")
        tags = tags_of(row)
        reason = (
            "closed" if str(row.get("operating_status") or "").lower() in _CLOSED
            else "confidence" if confidence is not None and confidence < self._confidence
            else "name" if not tags.get("name")
            else "category" if not any(key in tags for key in _GENERAL)
            else "position" if not box or None in (box.get("xmin"), box.get("ymin"))
            else "id" if not row["id"]
            else None
        )  # fmt: skip
        if reason:
            self.dropped[reason] += 1
            return None
        return Feature(
            f"overture:{row['id']}",
            # The box of a point, in single precision.
            round(box["ymin"], 5),
            round(box["xmin"], 5),
            tags,
            license_of(row.get("sources")),
        )


@contextmanager
def connect() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB that fetches nothing by itself. SetupError when the extra is not installed."""
    try:
        import duckdb
    except ImportError:
        raise SetupError("Overture places need DuckDB: pip install 'orbweave[overture]'.") from None
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    connection.execute(f"set memory_limit = '{MEMORY}'; set threads = {THREADS}; set preserve_insertion_order = false")
    try:
        yield connection
    except BaseException:
        connection.interrupt()  # what a thread that nobody waits for still reads
        raise
    finally:
        with suppress(duckdb.Error):  # of that thread; it is closed when that has ended
            connection.close()


def tags_of(row: Mapping[str, Any]) -> dict[str, str]:
    """A record in OpenStreetMap's words."""
    names = row.get("names") or {}
    tags = {"name": names.get("primary")}
    tags |= {f"name:{lang}": name for lang, name in (names.get("common") or {}).items()}
    tags |= _kind(row)
    tags["phone"] = ";".join(row.get("phones") or ())
    tags["website"] = ";".join(row.get("websites") or ())
    tags["email"] = ";".join(row.get("emails") or ())
    for url in row.get("socials") or ():
        if found := _SOCIAL.match(url or ""):
            platform = found.group(1).lower()
            tags.setdefault(f"contact:{_PLATFORMS.get(platform, platform)}", url)
    for address in (row.get("addresses") or ())[:1]:
        address = address or {}
        tags["addr:full"] = address.get("freeform")
        tags["addr:city"], tags["addr:postcode"] = address.get("locality"), address.get("postcode")
        tags["addr:country"] = address.get("country")
    brand = row.get("brand") or {}
    tags["brand"], tags["brand:wikidata"] = (brand.get("names") or {}).get("primary"), brand.get("wikidata")
    return {key: " ".join(str(value).split()) for key, value in tags.items() if value and str(value).strip()}


def _kind(row: Mapping[str, Any]) -> dict[str, str]:
    """The tags of the first category that is known; else of the broadest one above it that is."""
    taxonomy, categories = row.get("taxonomy") or {}, row.get("categories") or {}
    hierarchy = list(taxonomy.get("hierarchy") or ())
    names = [
        taxonomy.get("primary"), categories.get("primary"), row.get("basic_category"), *reversed(hierarchy),
        *(taxonomy.get("alternates") or ()), *(categories.get("alternate") or ()),
    ]  # fmt: skip
    known = [category_tags()[name] for name in names if name in category_tags()]
    return next((tags for tags in known if "yes" not in tags.values()), known[0] if known else {})


@lru_cache(maxsize=1)
def category_tags() -> dict[str, dict[str, str]]:
    """Overture's category -> tags. Lines ``category category: key=value key=value``."""
    text = (files("orbweave.maps") / "data" / "overture_categories.txt").read_text("utf-8")
    lines = (line.partition(": ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: dict(tag.split("=", 1) for tag in tags.split()) for names, _, tags in lines for name in names.split()}


_GENERAL = ("amenity", "shop", "office", "craft", "tourism", "leisure", "healthcare", "club", "education")


def license_of(sources: Sequence[Mapping[str, Any]] | None) -> str:
    """Of a record: what its first source says, else what is known of that source."""
    first = next(iter(sources or ()), None) or {}
    return str(first.get("license") or LICENSES.get(str(first.get("dataset")), LICENSE))


def _reason(error: Exception) -> str:
    """In one line; what a file system of ours raised comes as a traceback, whose last line says it."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return re.sub(r"^(?:\w+\.)+\w+: ", "", lines[-1] if "Traceback" in lines[0] else lines[0])[:200].rstrip(".")
