"""What a source's terms want gone goes from results and leads too; what we found out ourselves stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orbweave.maps import Dataset, Feature, Place, Wanted, understand
from orbweave.places.importing import Reading, import_places
from orbweave.places.stored import StoredSource
from orbweave.store import places as store
from orbweave.store.database import Database

PAST, FUTURE = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"


def business(id: str, expires_at: str | None) -> dict[str, Any]:
    return {"place_id": id, "name": f"Name of {id}", "source": "x", "source_license": "y", "expires_at": expires_at}


async def run(db: Database) -> None:
    async with db.transaction() as conn:
        await store.expire_places(conn)


async def test_results_of_searches(db: Database) -> None:
    async def put(job: int, *businesses: dict[str, Any], first: str | None) -> None:
        data = {"businesses": list(businesses), "metadata": {"expires_at": first, "source": "x"}}
        await db.pool.execute("insert into results (job, data) values ($1, $2)", job, data)

    kept, later, gone = business("a", None), business("b", FUTURE), business("c", PAST)
    await put(1, kept, later, gone, first=PAST)
    await put(2, kept, first=None)
    await put(3, later, first=FUTURE)
    await put(4, gone, first=PAST)
    for _ in range(2):
        await run(db)
    found = {row["job"]: row["data"] for row in await db.pool.fetch("select job, data from results")}
    assert found[1] == {"businesses": [kept, later], "metadata": {"expires_at": FUTURE, "source": "x"}}
    assert found[2]["businesses"] == [kept]
    assert found[3]["businesses"] == [later]
    assert found[4] == {"businesses": [], "metadata": {"expires_at": None, "source": "x"}}


async def test_leads(db: Database) -> None:
    for id, expires_at in (("a", None), ("b", FUTURE), ("c", PAST)):
        await db.pool.execute(
            "insert into leads (campaign_id, business_key, ord, location_id, place, domain)"
            " values ('camp', $1, 1, 1, $2, 'own.example')",
            id,
            business(id, expires_at),
        )
    for _ in range(2):
        await run(db)
    rows = {row["business_key"]: row for row in await db.pool.fetch("select business_key, place, domain from leads")}
    assert rows["a"]["place"] == business("a", None)
    assert rows["b"]["place"] == business("b", FUTURE)
    assert rows["c"]["place"] == {
        "place_id": "c",
        "source": "x",
        "source_license": "y",
        "attribution": None,
        "expires_at": PAST,
        "expired": True,
    }
    assert rows["c"]["domain"] == "own.example"


SOON, NEVER = datetime.now(UTC) + timedelta(hours=1), None
ADLER = {"amenity": "restaurant", "name": "Zum Adler"}


async def put(db: Database, source: str, *features: Feature) -> None:
    reading = Reading(Dataset(source, "CC0-1.0", f"© {source}", None), "by hand", lambda: iter(features))
    await import_places(db, reading, country="LI")


async def restaurants(db: Database) -> list[Place]:
    return [place async for place in StoredSource(db).places(Wanted("LI", understand("restaurants")))]


async def an_hour_goes_by(db: Database) -> None:
    (of,) = await store.current(db.pool, "LI")
    await db.pool.execute(f"update places_{of.set_id} set expires_at = expires_at - interval '2 hours'")


async def test_reading_goes_on_beyond_places_that_are_gone(db: Database) -> None:
    await put(
        db,
        "x",
        *(
            Feature(f"x:{n}", 47.1, 9.52 + n * 1e-5, {**ADLER, "name": f"Wirt {n}"}, None, NEVER if n % 5 else SOON)
            for n in range(1200)
        ),
    )
    await an_hour_goes_by(db)
    await run(db)
    assert len(await restaurants(db)) == 960


@pytest.mark.parametrize("names", [("x", "y"), ("y", "x")])
async def test_what_may_be_kept_takes_nothing_of_what_may_not(db: Database, names: tuple[str, str]) -> None:
    keeps, passes = names
    await put(db, passes, Feature("p:1", 47.141, 9.5215, {**ADLER, "phone": "+423 232 22 88"}, None, SOON))
    await put(db, keeps, Feature("k:1", 47.141, 9.5215, ADLER))
    for _ in range(2):
        (place,) = await restaurants(db)
        assert (place.place_id, place.phone, place.expires_at) == ("k:1", None, None)
        assert [origin.id for origin in place.origins] == ["k:1"]
        await an_hour_goes_by(db)
        await run(db)


async def test_what_is_gone_is_in_no_later_set(db: Database) -> None:
    await put(db, "x", Feature("x:1", 47.141, 9.5215, ADLER, None, SOON))
    await an_hour_goes_by(db)
    await put(db, "y", Feature("y:1", 47.15, 9.5215, {**ADLER, "name": "Neu"}))
    (of,) = await store.current(db.pool, "LI")
    assert [row["id"] for row in await db.pool.fetch(f"select id from places_{of.set_id}")] == ["y:1"]
