"""What is read by an index is what reading everything would find."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from orbweave.locations import load
from orbweave.maps import (
    Circle,
    Dataset,
    Feature,
    Interpretation,
    Place,
    Source,
    Understanding,
    UnknownQuery,
    Wanted,
    understand,
)
from orbweave.maps.sources.openstreetmap import Extract
from orbweave.maps.understanding import as_name
from orbweave.places.importing import Reading, import_places, of_extract
from orbweave.places.stored import StoredSource
from orbweave.store import places as store
from orbweave.store.database import Database

LIECHTENSTEIN = Path(__file__).parent.parent / "maps" / "extracts" / "liechtenstein.osm.pbf"

NAMES = """
    歯医者 田中|田中歯科|北京 烤鸭店|서울식당 강남점|한국 BBQ & 치킨|สยาม คลินิก|कमल रेस्टोरेंट|தமிழ் உணவகம்|ලංකා හෝටලය|ខ្មែរ អាហារ|မြန်မာ စား
    |ქართული სახლი|مطعم السلام|Кафе «Ёлка»|Πέτρος Ταβέρνα|İstanbul Döner|IŞIK Kebap|Straße & Söhne|L'Étoile d'Or|naïve-co op bar
    |A-B Tech|v1.2 Bar|3.5 Hotel|booking.com Office|info@cafe.li|<b>Bold</b> Bar|foo/bar baz|http://x.y/z w|~home/dir it|&amp; cafe|24/7 Shop
    |7-Eleven|-5 Degrees|+49 Bar|1e5 Club|0x1F lab|½ Price|a²b c|Café № 5|①号店|H&M|a.b.c. gmbh|ﬁne ﬂour|Pizza 🍕 Haus|zero\u200bwidth|soft\u00adhyphen
"""  # noqa: E501 -- of many scripts
NAMED = [name.strip() for name in NAMES.split("|")]
KINDS: list[dict[str, str]] = [
    {"amenity": "restaurant", "cuisine": "pizza;italian"},
    {"amenity": "restaurant", "diet:vegan": "only", "operator:wikidata": "Q38076"},
    {"amenity": "fast_food", "brand": "McDonald's", "brand:wikidata": "Q38076"},
    {"amenity": "fast_food", "brand": "McDonald's"},
    {"amenity": "cafe", "internet_access": "wlan", "wheelchair": "yes"},
    {"amenity": "pharmacy", "opening_hours": "24/7"},
    {"amenity": "dentist", "healthcare": "dentist"},
    {"shop": "bakery;pastry"},
    {"shop": "supermarket", "organic": "only"},
    {"shop": "no", "craft": "plumber"},
]


def businesses(count: int) -> Iterator[Feature]:
    choice = random.Random(6)
    for number in range(count):
        city = choice.choice(load("LI"))
        tags = {"name": choice.choice(NAMED), **choice.choice(KINDS)}
        tags |= {key: choice.choice(NAMED) for key in ("name:en", "alt_name", "operator") if choice.random() < 0.2}
        place = city.latitude + choice.uniform(-0.02, 0.02), city.longitude + choice.uniform(-0.02, 0.02)
        yield Feature(f"x:{number}", *place, tags)


def meant(**meaning: object) -> Understanding:
    return Understanding("?", None, (Interpretation("?", 1.0, "exact", **meaning),))  # type: ignore[arg-type]


def queries() -> Iterator[Understanding]:
    for name in NAMED:
        for part in {name, *name.split()}:
            try:
                yield as_name(part)
            except UnknownQuery:
                continue
    for query in (
        "restaurants", "Zahnarzt", "歯医者", "pizza places", "vegan restaurant", "24h pharmacy", "mcdonalds", "bakery",
        "organic supermarket", "cafe with wifi", "wheelchair accessible cafe", "plumber", "shops", "vegan",
        "Hotel Ritz",
    ):  # fmt: skip
        yield understand(query)
    yield meant(tags=({},))
    yield meant(tags=({"amenity": "restaurant"}, {"shop": "*"}))
    yield meant(tags=({"cuisine": "pizza"}, {"shop": "bakery"}))
    yield meant(tags=({"amenity": "*", "wheelchair": "yes"},))
    yield meant(tags=({"shop": "yes"},))
    yield meant(tags=({"amenity": "dentist"},), name="田中")
    yield meant(name="h m", brands=("Q38076",))
    yield meant(name="no such name", brands=("Q38076", "Q1"))


async def found(source: Source, wanted: Wanted) -> list[str]:
    return [place.place_id async for place in source.places(wanted)]


async def test_every_index_finds_all_that_matches(db: Database) -> None:
    made = list(businesses(1500))
    await import_places(db, Reading(Dataset("x", "CC0-1.0", "© x"), "by hand", lambda: iter(made)), country="LI")
    branded = [
        Feature(f"y:{number}", of.latitude, of.longitude, {**of.tags, "brand": "Kette", "brand:wikidata": "Q1"})
        for number, of in enumerate(made[:200])
        if "brand" not in of.tags
    ]
    await import_places(db, Reading(Dataset("y", "CC0-1.0", "© y"), "by hand", lambda: iter(branded)), country="LI")
    source = StoredSource(db)
    every = [place async for place in source.places(Wanted("LI", meant()))]
    for asked in [*queries(), as_name("Kette")]:
        expected = Counter(place.place_id for place in every if asked.matches(place.tags))
        assert Counter(await found(source, Wanted("LI", asked))) == expected, asked.best
    for city in load("LI"):
        circle = Circle(city.latitude, city.longitude, 1500)
        for asked in (understand("restaurants"), as_name("bar"), understand("mcdonalds")):
            for wanted in (Wanted("LI", asked, city), Wanted("LI", asked, city, circle)):
                there = {place.place_id for place in every if asked.matches(place.tags) and wanted.covers(place)}
                assert set(await found(source, wanted)) == there


@pytest.mark.parametrize(
    ("latitude", "longitude", "metres"), [(-16.8, 179.99, 5_000), (-16.8, -179.99, 5_000), (89.99, 10.0, 5_000)]
)
async def test_circles_reach_across_180_degrees_and_poles(
    db: Database, latitude: float, longitude: float, metres: int
) -> None:
    tags = {"amenity": "restaurant", "name": "Rand der Welt"}
    made = [
        Feature(f"x:{number}", at, east, {**tags, "name": f"Rand {number}"})
        for number, (at, east) in enumerate(
            [(-16.8, 179.999), (-16.8, -179.999), (-16.8, 179.9), (89.99, -170.0), (89.98, 100.0)]
        )
    ]
    await import_places(db, Reading(Dataset("x", "CC0-1.0", "© x"), "by hand", lambda: iter(made)), country="FJ")
    circle = Circle(latitude, longitude, metres)
    every: list[Place] = [place async for place in StoredSource(db).places(Wanted("FJ", meant()))]
    expected = {place.place_id for place in every if circle.covers(place)}
    assert len(expected) == 2
    assert set(await found(StoredSource(db), Wanted("FJ", meant(), None, circle))) == expected


async def test_a_location_that_is_no_more_loses_nothing(db: Database) -> None:
    """As after an upgrade with a newer gazetteer: its places are those of the nearest locations that there are."""
    await import_places(db, of_extract(Extract(LIECHTENSTEIN)))
    asked = understand("restaurants")
    source = StoredSource(db)
    before = Counter(await found(source, Wanted("LI", asked)))
    (of,) = await store.current(db.pool, "LI")
    vaduz = next(city for city in load("LI") if city.name == "Vaduz")
    assert await found(source, Wanted("LI", asked, vaduz))
    for table in ("place_shares", f"places_{of.set_id}"):
        await db.pool.execute(f"update {table} set location_id = 999999999 where location_id = {vaduz.location_id}")
    source = StoredSource(db)
    assert Counter(await found(source, Wanted("LI", asked))) == before
    parts: Counter[str] = Counter()
    for city in load("LI"):
        parts.update(await found(source, Wanted("LI", asked, city)))
    assert parts == before
