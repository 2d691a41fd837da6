"""Overture's Parquet read as features in OpenStreetMap's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orbweave.errors import InvalidInput
from orbweave.maps.dictionary import dictionary
from orbweave.maps.feature import Feature
from orbweave.maps.osm import FEATURE_KEYS, is_feature
from orbweave.maps.sources.overture import Places, category_tags, connect, license_of

COLUMNS = """
    id varchar, names struct("primary" varchar, common map(varchar, varchar)), basic_category varchar,
    taxonomy struct("primary" varchar, hierarchy varchar[], alternates varchar[]),
    categories struct("primary" varchar, alternate varchar[]), confidence double, operating_status varchar,
    websites varchar[], socials varchar[], emails varchar[], phones varchar[],
    brand struct(names struct("primary" varchar), wikidata varchar),
    addresses struct(freeform varchar, locality varchar, postcode varchar, region varchar, country varchar)[],
    sources struct(dataset varchar, license varchar)[],
    bbox struct(xmin float, xmax float, ymin float, ymax float)
"""
ADLER: dict[str, Any] = {
    "id": "08f1",
    "names": {"primary": "Gasthof  Adler", "common": {"en": "Eagle Inn"}},
    "basic_category": "restaurant",
    "taxonomy": {"primary": "pizza_restaurant", "hierarchy": ["food_and_drink", "restaurant"], "alternates": ["bar"]},
    "categories": {"primary": "pizza_restaurant", "alternate": ["bar"]},
    "confidence": 0.9,
    "operating_status": "open",
    "websites": ["http://adler.example"],
    "socials": ["https://www.facebook.com/adler", "https://x.com/adler", "https://example.org/adler"],
    "emails": ["info@adler.example"],
    "phones": ["+4232322288", "+4232322289"],
    "brand": {"names": {"primary": "Adler Group"}, "wikidata": "Q1"},
    "addresses": [
        {"freeform": "Städtle 1", "locality": "Vaduz", "postcode": "9490", "region": "LI-11", "country": "LI"}
    ],
    "sources": [{"dataset": "meta", "license": None}],
    "bbox": {"xmin": 9.52, "xmax": 9.52, "ymin": 47.14, "ymax": 47.14},
}


def parquet(path: Path, *records: dict[str, Any], columns: str = COLUMNS) -> Path:
    with connect() as connection:
        connection.execute(f"create table places ({columns})")
        names = [name for name in ADLER if name in columns]
        for record in records:
            values = [record.get(name) for name in names]
            connection.execute(
                f"insert into places ({', '.join(names)}) values ({', '.join('?' * len(names))})", values
            )
        connection.execute(f"copy places to '{path}' (format parquet)")
    return path


def read(*paths: Path, **options: Any) -> tuple[list[Feature], Places]:
    with connect() as connection:
        places = Places(connection, list(map(str, paths)), "LI", version="2026-08-19.0", **options)
        return list(places.features()), places


def test_every_field(tmp_path: Path) -> None:
    ((feature,), places) = read(parquet(tmp_path / "a.parquet", ADLER))
    assert feature == Feature(
        "overture:08f1",
        47.14,
        9.52,
        {
            "name": "Gasthof Adler",
            "name:en": "Eagle Inn",
            "amenity": "restaurant",
            "cuisine": "pizza",
            "phone": "+4232322288;+4232322289",
            "website": "http://adler.example",
            "email": "info@adler.example",
            "contact:facebook": "https://www.facebook.com/adler",
            "contact:twitter": "https://x.com/adler",
            "addr:full": "Städtle 1",
            "addr:city": "Vaduz",
            "addr:postcode": "9490",
            "addr:country": "LI",
            "brand": "Adler Group",
            "brand:wikidata": "Q1",
        },
        "CDLA-Permissive-2.0",
    )
    assert places.dataset.version == "2026-08-19.0"
    assert not places.dropped


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"operating_status": "permanently_closed"}, "closed"),
        ({"confidence": 0.2}, "confidence"),
        ({"names": None}, "name"),
        ({"names": {"primary": " ", "common": None}}, "name"),
        ({"taxonomy": None, "categories": None, "basic_category": None}, "category"),
        (
            {"taxonomy": None, "categories": {"primary": "lake", "alternate": None}, "basic_category": "river"},
            "category",
        ),
        ({"bbox": None}, "position"),
        ({"id": None}, "id"),
    ],
)
def test_what_is_dropped_is_counted(tmp_path: Path, changed: dict[str, Any], why: str) -> None:
    found, places = read(parquet(tmp_path / "a.parquet", {**ADLER, **changed}, ADLER))
    assert len(found) == 1
    assert places.dropped == {why: 1}


def test_nothing_but_what_is_needed(tmp_path: Path) -> None:
    bare = {name: ADLER[name] if name in ("id", "names", "bbox", "basic_category") else None for name in ADLER}
    ((feature,), _) = read(parquet(tmp_path / "a.parquet", bare))
    assert feature.tags == {"name": "Gasthof Adler", "name:en": "Eagle Inn", "amenity": "restaurant"}
    old = parquet(
        tmp_path / "b.parquet",
        ADLER,
        columns='id varchar, names struct("primary" varchar, common map(varchar, varchar)),'
        ' categories struct("primary" varchar, alternate varchar[]),'
        " bbox struct(xmin float, xmax float, ymin float, ymax float)",
    )
    ((feature,), _) = read(old)
    assert feature.tags["cuisine"] == "pizza"


def test_other_countries_and_what_is_far_are_left_out(tmp_path: Path) -> None:
    abroad = {**ADLER, "id": "2", "addresses": [{**ADLER["addresses"][0], "country": "CH"}]}
    far = {**ADLER, "id": "3", "bbox": {"xmin": 20.0, "xmax": 20.0, "ymin": 10.0, "ymax": 10.0}}
    file = parquet(tmp_path / "a.parquet", ADLER, abroad, far)
    assert [one.id for one in read(file, extent=(9.4, 47.0, 9.7, 47.3))[0]] == ["overture:08f1"]


def test_the_broad_category_only_where_nothing_better_is_known(tmp_path: Path) -> None:
    shop = {**ADLER, "taxonomy": None, "basic_category": "specialty_store"}
    special = {**shop, "categories": {"primary": "shopping", "alternate": ["butcher_shop"]}}
    unknown = {**shop, "categories": {"primary": "unheard_of", "alternate": None}}
    (one, other), _ = read(parquet(tmp_path / "a.parquet", special, unknown))
    assert (one.tags["shop"], other.tags["shop"]) == ("butcher", "yes")


def test_licences() -> None:
    assert license_of([{"dataset": "Foursquare", "license": None}]) == "Apache-2.0"
    assert license_of([{"dataset": "AllThePlaces"}]) == "CC0-1.0"
    assert license_of([{"dataset": "meta", "license": "X-1"}]) == "X-1"
    assert license_of(None) == license_of([]) == "CDLA-Permissive-2.0"


def test_files_that_are_none(tmp_path: Path) -> None:
    wrong = parquet(tmp_path / "wrong.parquet", ADLER, columns="id varchar, confidence double")
    with pytest.raises(InvalidInput, match="no column names or bbox or categories"):
        read(wrong)
    text = tmp_path / "text.parquet"
    text.write_text("<html>")
    with pytest.raises(InvalidInput, match="cannot be read as Overture places"):
        read(text)
    half = tmp_path / "half.parquet"
    half.write_bytes(parquet(tmp_path / "a.parquet", ADLER).read_bytes()[:-200])
    with pytest.raises(InvalidInput, match="cannot be read as Overture places"):
        read(half)
    with pytest.raises(InvalidInput, match="cannot be read as Overture places"):
        read(tmp_path / "missing.parquet")


def test_the_table_of_categories() -> None:
    kinds = dictionary().categories
    table = category_tags()
    assert len(table) > 700
    for category, tags in table.items():
        assert is_feature(tags), category
        assert any(key in FEATURE_KEYS for key in tags), category
        special = [key for key in tags if key in FEATURE_KEYS and tags[key] != "yes"]
        if special and not any(kind.matches(tags) for kind in kinds):
            assert category in _BEYOND, category


_BEYOND = {"art_school", "cooking_school", "flight_school", "topic_concert_venue", "music_venue"}
"""Kinds that the dictionary has no word for."""
