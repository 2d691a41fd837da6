"""Pages kept from a crawl before: taken while they are fresh, asked for with their validators when they are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from aiohttp import web

from orbweave.net import LocalGate
from orbweave.site import Limits, StoredPage

HOME = '<p>Home</p><a href="/contact">Contact</a>'
CONTACT = "<p>info@a.example</p>"


class Kept(dict[str, StoredPage]):
    """A PageStore in memory."""

    async def get(self, url: str) -> StoredPage | None:  # type: ignore[override]
        return super().get(url)

    async def put(self, page: StoredPage) -> None:
        self[page.url] = page

    def grow_older(self, **by: float) -> None:
        for url, page in self.items():
            self[url] = replace(page, fetched_at=page.fetched_at - timedelta(**by))


@pytest.fixture
def kept() -> Kept:
    return Kept()


def pages(internet) -> list[str]:  # type: ignore[no-untyped-def]
    return [asked for asked in internet.asked if not asked.endswith((".txt", ".xml"))]


async def test_fresh_pages_are_not_asked_for_again(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": HOME, "a.example/contact": CONTACT}
    first = await internet.crawl("http://a.example/", crawler={"pages": kept})
    asked = pages(internet)
    again = await internet.crawl("http://a.example/", crawler={"pages": kept})
    assert pages(internet) == asked == ["a.example/", "a.example/contact"]
    assert [page.source for page in first.pages] == ["fetched", "fetched"]
    assert [page.source for page in again.pages] == ["cached", "cached"]
    assert [page.data()["source"] for page in again.pages] == ["cached", "cached"]
    assert again.data()["emails"] == first.data()["emails"] == ["info@a.example"]
    assert again.status == "success"


async def test_what_a_killed_crawl_had_fetched_is_not_fetched_twice(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": HOME, "a.example/contact": CONTACT}
    await internet.crawl("http://a.example/", crawler={"pages": kept}, max_pages=1)
    result = await internet.crawl("http://a.example/", crawler={"pages": kept})
    assert [page.source for page in result.pages] == ["cached", "fetched"]
    assert pages(internet) == ["a.example/", "a.example/contact"]


async def test_robots_rules_hold_for_kept_pages(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": HOME, "a.example/contact": CONTACT}
    await internet.crawl("http://a.example/", crawler={"pages": kept})
    internet.pages["a.example/robots.txt"] = "User-agent: *\nDisallow: /contact\n"
    again = await internet.crawl("http://a.example/", crawler={"pages": kept})
    assert [page.outcome for page in again.pages] == ["ok", "robots"]


async def test_a_redirect_is_kept_with_where_it_led(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": (301, {"Location": "http://b.example/home"}, b""),
        "b.example/home": "<p>a@b.example</p>",
    }
    await internet.crawl("http://a.example/", crawler={"pages": kept})
    again = await internet.crawl("http://a.example/", crawler={"pages": kept})
    assert pages(internet) == ["a.example/", "b.example/home"]
    assert again.redirected_to == "http://b.example/home"
    assert again.data()["emails"] == ["a@b.example"]


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
async def test_old_pages_are_asked_for_with_their_validators(internet, kept: Kept, header: str) -> None:  # type: ignore[no-untyped-def]
    conditions: list[str | None] = []
    validator = '"1"' if header == "ETag" else "Wed, 21 Oct 2015 07:28:00 GMT"

    async def answer(request: web.Request) -> web.Response:
        condition = request.headers.get("If-None-Match" if header == "ETag" else "If-Modified-Since")
        conditions.append(condition)
        if condition == validator:
            return web.Response(status=304)
        return web.Response(text=CONTACT, content_type="text/html", headers={header: validator})

    internet.pages = {"a.example/": answer}
    await internet.crawl("http://a.example/", crawler={"pages": kept})
    kept.grow_older(hours=2)
    again = await internet.crawl("http://a.example/", crawler={"pages": kept})
    assert conditions == [None, validator]
    assert (again.pages[0].source, again.pages[0].status, again.pages[0].outcome) == ("not_modified", 200, "ok")
    assert again.data()["emails"] == ["info@a.example"]
    # It counts as fetched now.
    third = await internet.crawl("http://a.example/", crawler={"pages": kept})
    assert third.pages[0].source == "cached"
    assert len(conditions) == 2


async def test_a_changed_page_replaces_the_kept_one(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": (200, {"ETag": '"1"'}, CONTACT.encode())}
    await internet.crawl("http://a.example/", crawler={"pages": kept})
    kept.grow_older(hours=2)
    internet.pages = {"a.example/": (200, {"ETag": '"2"'}, b"<p>new@a.example</p>")}
    again = await internet.crawl("http://a.example/", crawler={"pages": kept})
    assert again.pages[0].source == "fetched"
    assert again.data()["emails"] == ["new@a.example"]
    assert kept["http://a.example/"].etag == '"2"'


async def test_how_long_a_page_is_fresh_can_be_set(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": CONTACT}
    for _ in range(2):
        await internet.crawl("http://a.example/", crawler={"pages": kept}, limits=Limits(fresh_seconds=0))
    assert pages(internet) == ["a.example/"] * 2


@pytest.mark.parametrize(
    ("headers", "body", "limits"),
    [
        ({"X-Robots-Tag": "noarchive"}, CONTACT, Limits()),
        ({}, CONTACT + "x" * 2000, Limits(page_bytes=1000)),
    ],
    ids=["forbidden", "cut"],
)
async def test_some_pages_are_not_kept(internet, kept: Kept, headers, body: str, limits: Limits) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": (200, headers, body.encode())}
    assert (await internet.crawl("http://a.example/", crawler={"pages": kept}, limits=limits)).pages_crawled == 1
    assert not kept


async def test_errors_are_not_kept(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": (500, {}, b"x")}
    await internet.crawl("http://a.example/", crawler={"pages": kept})
    assert not kept


async def test_what_is_kept_is_what_came(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    before = datetime.now(UTC)
    internet.pages = {"a.example/": (200, {"ETag": 'W/"1"', "Content-Type": "text/html; charset=x"}, CONTACT.encode())}
    await internet.crawl("http://a.example/", crawler={"pages": kept, "gate": LocalGate()})
    page = kept["http://a.example/"]
    assert (page.final_url, page.status, page.content_type) == ("http://a.example/", 200, "text/html; charset=x")
    assert (page.body, page.etag, page.last_modified) == (CONTACT.encode(), 'W/"1"', None)
    assert before <= page.fetched_at <= datetime.now(UTC)


async def test_a_page_without_validators_takes_none_over(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": (200, {"ETag": '"1"'}, b"<p>old@a.example</p>")}
    await internet.crawl("http://a.example/", crawler={"pages": kept})
    kept.grow_older(hours=2)
    internet.pages = {"a.example/": "<p>new@a.example</p>"}
    await internet.crawl("http://a.example/", crawler={"pages": kept})
    assert kept["http://a.example/"].etag is None


async def test_a_check_for_robots_is_not_kept_as_the_page(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    challenge = "<html><head><title>Just a moment...</title></head><body><p>Checking your browser</p></body></html>"
    internet.pages = {"a.example/": challenge}
    assert (await internet.crawl("http://a.example/", crawler={"pages": kept})).status == "failed"
    internet.pages = {"a.example/": CONTACT}
    assert (await internet.crawl("http://a.example/", crawler={"pages": kept})).data()["emails"] == ["info@a.example"]


async def test_pages_with_conditions_in_their_header_are_not_kept_without_them(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": (200, {"X-Robots-Tag": "NoIndex, nofollow"}, HOME.encode())}
    await internet.crawl("http://a.example/", crawler={"pages": kept})
    assert not kept


async def test_what_servers_and_pages_say_can_be_stored_and_sent(internet, kept: Kept) -> None:  # type: ignore[no-untyped-def]
    body = (
        b'<a href="tel:+41446681800%00">x</a><a href="https://www.facebook.com/muster%00er">f</a><p>info@a.example</p>'
    )
    headers = {"Content-Type": "text/html; charset=\udcff", "ETag": '"\udcff"'}
    internet.pages = {"a.example/": (200, headers, body)}
    data = (await internet.crawl("http://a.example/", crawler={"pages": kept})).data()
    assert data["emails"] == ["info@a.example"]
    assert "\\u0000" not in orjson.dumps(data).decode()
    assert all(page.etag is None or page.etag.encode() for page in kept.values())


async def test_robots_rules_that_come_a_little_later_are_waited_for(internet) -> None:  # type: ignore[no-untyped-def]
    asked = 0

    async def rules(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=429, headers={"Retry-After": "1"}) if asked == 1 else web.Response(text="")

    internet.pages = {"a.example/robots.txt": rules, "a.example/": CONTACT}
    assert (await internet.crawl("http://a.example/")).status == "success"
    assert asked == 2
