"""What a source's terms want gone goes from results and leads too; what we found out ourselves stays."""

from __future__ import annotations

from typing import Any

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
