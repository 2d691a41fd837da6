"""Pages kept for crawls that begin again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orbweave.site import StoredPage
from orbweave.store.database import Database
from orbweave.store.pages import StoredPages, prune_pages

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def page(url: str, body: bytes = b"<html>", at: datetime = NOW) -> StoredPage:
    return StoredPage(url, f"{url}index.html", 200, "text/html", body, at, '"1"', "Mon, 04 May 2026 03:02:01 GMT")


async def test_a_page_comes_back_as_it_went(db: Database) -> None:
    pages = StoredPages(db)
    kept = page("http://one.example/", bytes(range(256)) * 40)
    await pages.put(kept)
    assert await pages.get("http://one.example/") == kept
    assert await pages.get("http://two.example/") is None
    newer = page("http://one.example/", b"new", NOW + timedelta(hours=1))
    await pages.put(newer)
    assert await pages.get("http://one.example/") == newer


async def test_the_newest_are_kept_within_the_limit(db: Database) -> None:
    pages = StoredPages(db)
    now = datetime.now(UTC)
    await db.pool.execute(
        "insert into pages select 'http://' || n || '/', '', 200, '', null, null,"
        " $1::timestamptz - n * interval '1 day', 400000, '' from generate_series(1, 9) n",
        now,
    )
    await pages.put(page("http://today/", at=now))
    async with db.transaction() as conn:
        await prune_pages(megabytes=1, days=30)(conn)
    assert {row["url"] for row in await db.pool.fetch("select url from pages")} == {
        "http://today/",
        "http://1/",
        "http://2/",
    }
    async with db.transaction() as conn:
        await prune_pages(megabytes=1, days=1.5)(conn)
    assert {row["url"] for row in await db.pool.fetch("select url from pages")} == {"http://today/", "http://1/"}


async def test_without_a_database_there_is_no_page(db: Database) -> None:
    pages = StoredPages(db)
    await db.pool.close()
    await pages.put(page("http://one.example/"))
    assert await pages.get("http://one.example/") is None
