"""Whole crawls over real connections to well-behaved sites."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import brotli
import pytest
from aiohttp import web

from orbweave.site import Limits, Pace
from orbweave.site.fetch import FetchError
from orbweave.site.request import CompendiumOptions
from orbweave.site.unpack import zstd

HOME = """<html lang="de"><head><title>Gasthof</title></head><body>
<nav><a href="/speisekarte">Speisekarte</a> <a href="/ueber-uns">Über uns</a> <a href="/kontakt">Kontakt</a>
<a href="/impressum">Impressum</a> <a href="https://www.facebook.com/gasthof.vaduz/">Facebook</a>
<a href="https://other.example/">Partner</a> <a href="/menu.pdf">PDF</a></nav><h1>Willkommen</h1></body></html>"""
CONTACT = """<html lang="de"><body><h1>Kontakt</h1><p>Gasthof Muster<br>Städtle 1<br>9490 Vaduz</p>
<p>Telefon +423 232 12 34</p><p>info (at) gasthof-muster.li</p></body></html>"""


def site(**pages: str) -> dict[str, str]:
    return {f"gasthof-muster.li/{path.replace('_', '-')}": page for path, page in pages.items()}


async def test_contact_like_pages_come_first_and_every_fact_has_its_page(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "gasthof-muster.li/": HOME,
        **site(kontakt=CONTACT, speisekarte="<p>Suppe</p>", ueber_uns="<p>Seit 1900</p>", impressum="<p>Muster AG</p>"),
    }
    result = await internet.crawl("http://gasthof-muster.li", max_pages=3, country="LI")
    data = result.data()
    assert internet.asked[:2] == ["gasthof-muster.li/robots.txt", "gasthof-muster.li/"]
    assert set(internet.asked[2:]) == {"gasthof-muster.li/kontakt", "gasthof-muster.li/impressum"}
    assert data["crawl_status"] == "success"
    assert data["pages_crawled"] == 3
    assert data["emails"] == ["info@gasthof-muster.li"]
    assert data["phones"] == [
        {
            "raw": "+423 232 12 34",
            "e164": "+4232321234",
            "national": "232 12 34",
            "international": "+423 232 12 34",
            "country_code": "LI",
            "type": "fixed_line",
            "valid": True,
        }
    ]
    assert data["addresses"] == ["Städtle 1, 9490 Vaduz"]
    assert data["facebook"] == "https://www.facebook.com/gasthof.vaduz"
    assert data["metadata"]["error"] is None
    sources = {(proof["kind"], proof["value"]): proof for proof in data["evidence"]}
    assert sources["email", "info@gasthof-muster.li"]["source_url"] == "http://gasthof-muster.li/kontakt"
    assert sources["email", "info@gasthof-muster.li"]["method"] == "obfuscated"
    assert sources["social", "https://www.facebook.com/gasthof.vaduz"]["source_url"] == "http://gasthof-muster.li/"
    assert sources["phone", "+4232321234"]["found_at"].endswith("Z")


async def test_every_field_of_the_contract_is_there_even_when_nothing_was_read(internet) -> None:  # type: ignore[no-untyped-def]
    data = (await internet.crawl("http://gasthof-muster.li/")).data()
    assert set(data) == {
        *("linkedin", "twitter", "facebook", "instagram", "youtube", "github", "tiktok", "pinterest", "medium"),
        *("discord", "whatsapp", "telegram", "snapchat", "reddit"),
        *("url", "pages_crawled", "crawl_status", "emails", "phones", "addresses", "logo", "markdown_compendium"),
        *("compendium", "company_vitals", "team_members", "pain_points", "lead_scoring", "personalization_hooks"),
        *("custom_analysis", "metadata", "evidence"),
    }
    assert data["crawl_status"] == "failed"
    assert data["compendium"]["available"] is False
    assert data["metadata"]["error"] == "There is no such page (404)."
    assert data["metadata"]["pages"][0]["status"] == 404
    assert data["metadata"]["pages"][0]["outcome"] == "http_error"


async def test_robots_rules_are_obeyed_for_us_and_reported(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/robots.txt": "User-agent: *\nDisallow: /private\nUser-agent: orbweave\nDisallow: /kontakt\n",
        "a.example/": '<a href="/kontakt">Kontakt</a><a href="/private">Team</a>',
        "a.example/private": "<p>fine for us</p>",
    }
    result = await internet.crawl("http://a.example/")
    assert "a.example/kontakt" not in internet.asked
    assert "a.example/private" in internet.asked
    assert {page.url: page.outcome for page in result.pages}["http://a.example/kontakt"] == "robots"


@pytest.mark.parametrize(
    ("status", "read"), [(404, True), (403, True), (410, True), (500, False), (503, False), (429, False)]
)
async def test_a_robots_txt_that_cannot_be_had(internet, status: int, read: bool) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/robots.txt": (status, {}, b"x"), "a.example/": "<p>Hello</p>"}
    result = await internet.crawl("http://a.example/")
    assert (result.pages_crawled == 1) is read
    if not read:
        assert result.pages[0].outcome == "robots_unavailable"
        assert "a.example/" not in internet.asked


async def test_robots_txt_is_asked_of_each_origin_on_the_way(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "old.example/": (301, {"Location": "http://new.example/"}, b""),
        "new.example/robots.txt": "User-agent: *\nDisallow: /\n",
        "new.example/": "<p>secret</p>",
    }
    result = await internet.crawl("http://old.example/")
    assert result.pages[0].outcome == "robots"
    assert "new.example/" not in internet.asked


async def test_the_start_may_lead_to_another_domain_later_links_may_not(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "old.example/": (302, {"Location": "http://www.new.example/home"}, b""),
        "www.new.example/home": '<a href="/contact">Contact</a> <a href="http://old.example/x">x</a> info@new.example',
        "www.new.example/contact": (302, {"Location": "http://elsewhere.example/"}, b""),
        "elsewhere.example/": "<p>a@elsewhere.example</p>",
    }
    result = await internet.crawl("http://old.example/")
    assert result.data()["emails"] == ["info@new.example"]
    assert [page.outcome for page in result.pages] == ["ok", "left_site"]
    assert result.pages[0].final_url == "http://www.new.example/home"
    assert "elsewhere.example/" not in internet.asked


async def test_a_redirect_to_a_profile_is_not_a_site_but_a_fact(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": (302, {"Location": "http://www.facebook.com/gasthof"}, b"")}
    data = (await internet.crawl("http://a.example/")).data()
    assert data["crawl_status"] == "failed"
    assert data["facebook"] == "https://www.facebook.com/gasthof"
    assert internet.asked == ["a.example/robots.txt", "a.example/"]


@pytest.mark.parametrize("by_refresh", [False, True])
async def test_where_a_site_moved_is_told(internet, by_refresh: bool) -> None:  # type: ignore[no-untyped-def]
    there = "http://www.new.example/"
    internet.pages = {
        "old.example/": f'<meta http-equiv="refresh" content="0;url={there}">'
        if by_refresh
        else (301, {"Location": there}, b""),
        "www.new.example/": "<p>info@new.example</p>",
    }
    data = (await internet.crawl("http://old.example/")).data()
    assert data["metadata"]["redirected_to"] == there
    assert data["emails"] == ["info@new.example"]


async def test_a_site_that_stayed_is_not_said_to_have_moved(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": (301, {"Location": "http://www.a.example/home"}, b""),
        "www.a.example/home": "<p>Home</p>",
    }
    assert (await internet.crawl("http://a.example/")).redirected_to is None


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        ("http://www.facebook.com/gasthof", "left_site"),
        ("http://www.sedo.com/search/details/?domain=a.example", "parked"),
        ("http://b.example/", "left_site"),
    ],
    ids=["profile", "parking", "a third domain"],
)
@pytest.mark.parametrize("by_refresh", [False, True])
async def test_some_places_are_no_new_home(internet, target: str, outcome: str, by_refresh: bool) -> None:  # type: ignore[no-untyped-def]
    onward = f'<meta http-equiv="refresh" content="0;url={target}">' if by_refresh else (302, {"Location": target}, b"")
    internet.pages = {"a.example/": onward, "b.example/": (302, {"Location": "http://c.example/"}, b"")}
    result = await internet.crawl("http://a.example/")
    assert result.pages[-1].outcome == outcome
    assert (result.status, result.redirected_to) == ("failed", None)


async def test_a_link_may_gain_its_final_slash(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": '<p>Home</p><a href="/contact">Contact</a>',
        "a.example/contact": (301, {"Location": "http://www.a.example/contact/"}, b""),
        "www.a.example/contact/": "<p>info@a.example</p>",
    }
    assert (await internet.crawl("http://a.example/")).data()["emails"] == ["info@a.example"]


async def test_an_empty_page_that_refreshes_elsewhere_is_followed(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": '<meta http-equiv="refresh" content="0; url=/start.html">',
        "a.example/start.html": "<p>info@a.example</p>",
    }
    assert (await internet.crawl("http://a.example/")).data()["emails"] == ["info@a.example"]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("br", brotli.compress),
        ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
        ("zstd", zstd.compress),
    ],
)
async def test_compressed_pages(internet, encoding: str, pack) -> None:  # type: ignore[no-untyped-def]
    body = b"<p>info@a.example</p>" + b"<p>words that repeat</p>" * 500
    internet.pages = {"a.example/": (200, {"Content-Encoding": encoding}, pack(body))}
    result = await internet.crawl("http://a.example/")
    assert result.data()["emails"] == ["info@a.example"], result.pages


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html; charset=windows-1251", "<p>Почта: info@a.example, улица Мира</p>".encode("cp1251")),
        ("text/html", '<meta charset="shift_jis"><p>連絡先 info@a.example</p>'.encode("shift_jis")),
        ("text/html; charset=utf-8", '<html lang="ja"><p>連絡先とアクセス info@a.example</p>'.encode("euc-jp")),
        ("text/html", "<html><p>info@a.example</p></html>".encode("utf-16-le")),
        ("text/html; charset=nonsense", "<p>Büro info@a.example</p>".encode("latin-1")),
        ("text/html; charset=zlib", b"<p>info@a.example</p>"),
    ],
)
async def test_charsets(internet, content_type: str, body: bytes) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": (200, {"Content-Type": content_type}, body)}
    result = await internet.crawl("http://a.example/")
    assert result.data()["emails"] == ["info@a.example"], result.pages


async def test_sitemap_named_in_robots_is_read_first(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/robots.txt": "Sitemap: http://a.example/index.xml\n",
        "a.example/index.xml": "<sitemapindex><sitemap><loc>http://a.example/pages.xml.gz</loc></sitemap></sitemapindex>",
        "a.example/pages.xml.gz": gzip.compress(
            b"<urlset><url><loc>http://a.example/hidden/contact</loc></url><url><loc>http://b.example/contact</loc></url></urlset>"
        ),
        "a.example/": "<p>nothing here</p>",
        "a.example/hidden/contact": "<p>info@a.example</p>",
    }
    data = (await internet.crawl("http://a.example/")).data()
    assert data["emails"] == ["info@a.example"]
    assert data["metadata"]["sitemap_used"] is True
    assert not any(asked.startswith("b.example") for asked in internet.asked)


@pytest.mark.parametrize("strategy", ["bestfirst", "bfs", "dfs"])
async def test_max_pages_bounds_every_strategy(internet, strategy: str) -> None:  # type: ignore[no-untyped-def]
    for number in range(30):
        links = "".join(f'<a href="/p{other}">page {other}</a>' for other in range(30))
        internet.pages[f"a.example/p{number}"] = f"<p>text of {number}</p>{links}"
    internet.pages["a.example/"] = internet.pages["a.example/p0"]
    result = await internet.crawl("http://a.example/", max_pages=7, crawl_strategy=strategy)
    assert result.pages_crawled == 7
    assert result.status == "success"
    assert len(set(internet.asked)) == len(internet.asked)


async def test_never_more_connections_than_the_pace_allows(internet) -> None:  # type: ignore[no-untyped-def]
    now = most = 0
    both = asyncio.Event()

    async def page(request: web.Request) -> web.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == 2:
            both.set()
        await asyncio.wait_for(both.wait(), 5)
        now -= 1
        return web.Response(text=f"<p>{request.path}</p>", content_type="text/html")

    internet.pages["a.example/"] = "".join(f'<a href="/p{number}">{number}</a>' for number in range(8))
    internet.pages |= {f"a.example/p{number}": page for number in range(8)}
    result = await internet.crawl("http://a.example/", max_pages=9, pace=Pace(0, 2))
    assert result.pages_crawled == 9
    assert most == 2


async def test_the_pace_and_the_sites_own_delay_space_requests(internet, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("orbweave.site.fetch.asyncio.sleep", sleep)
    internet.pages = {
        "a.example/robots.txt": "User-agent: *\nCrawl-delay: 86400\n",
        "a.example/": '<a href="/contact">Contact</a>',
        "a.example/contact": "<p>info@a.example</p>",
    }
    result = await internet.crawl("http://a.example/", pace=Pace(host_delay=3, max_crawl_delay=10))
    assert result.pages_crawled == 2
    assert 2 < waits[0] <= 3
    assert 9 < waits[1] <= 13


async def test_retry_after_is_honoured_once(internet, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    calls = 0

    async def busy(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        if calls == 1:
            return web.Response(status=429, headers={"Retry-After": "0"})
        return web.Response(text="<p>info@a.example</p>", content_type="text/html")

    internet.pages = {"a.example/": busy, "b.example/": (429, {"Retry-After": "3600"}, b"")}
    assert (await internet.crawl("http://a.example/")).data()["emails"] == ["info@a.example"]
    result = await internet.crawl("http://b.example/")
    assert (result.pages[0].outcome, result.pages[0].status) == ("blocked", 429)


async def test_a_site_that_says_the_same_everywhere_is_read_once(internet) -> None:  # type: ignore[no-untyped-def]
    async def same(request: web.Request) -> web.Response:
        links = f'<a href="{request.path}x">x</a><a href="{request.path}y">y</a>'
        return web.Response(text=f"<p>This is all there is.</p>{links}", content_type="text/html")

    class Everything(dict):  # type: ignore[type-arg]
        def get(self, key: str, default: object = None) -> object:
            return None if key.endswith((".txt", ".xml")) else same

    internet.pages = Everything()
    result = await internet.crawl("http://a.example/", max_pages=5)
    assert result.pages_crawled == 1
    assert result.error == "Too many of the site's links lead to no page."
    assert result.status == "partial"


async def test_what_is_not_a_page_is_not_read_as_one(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": '<a href="/contact">Contact</a><a href="/about">About</a><a href="/team">Team</a>',
        "a.example/contact": (200, {"Content-Type": "image/png"}, b"\x89PNG a@a.example"),
        "a.example/about": (200, {"Content-Type": "text/html"}, b"%PDF-1.7 a@a.example"),
        "a.example/team": (200, {"Content-Type": "application/octet-stream"}, b"<!DOCTYPE html><p>b@a.example"),
    }
    result = await internet.crawl("http://a.example/")
    assert result.data()["emails"] == ["b@a.example"]
    assert sorted(page.outcome for page in result.pages) == ["not_html", "not_html", "ok", "ok"]


async def test_a_long_header_is_no_fault(internet) -> None:  # type: ignore[no-untyped-def]
    headers = {"Content-Security-Policy": "img-src " + "https://images.example " * 1500}
    internet.pages = {"a.example/": (200, headers, b"<p>info@a.example</p>")}
    assert (await internet.crawl("http://a.example/")).data()["emails"] == ["info@a.example"]


async def test_a_long_page_is_read_to_its_limit(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": "<p>info@a.example</p>" + "<p>text</p>" * 50_000 + "<p>late@a.example</p>"}
    result = await internet.crawl("http://a.example/", limits=Limits(page_bytes=100_000))
    assert result.data()["emails"] == ["info@a.example"]
    assert result.pages[0].reason == "Only its first 100,000 bytes were read."


async def test_a_page_made_by_javascript_says_so(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": '<div id="root"></div><script src="/app.js"></script>' + "<!-- x -->" * 100}
    result = await internet.crawl("http://a.example/")
    assert "JavaScript" in (result.pages[0].reason or "")


class Scripts:
    """Stands for a browser."""

    def __init__(self, html: str = "", error: FetchError | None = None) -> None:
        self.html, self.error = html, error
        self.final_url = "http://a.example/app"

    async def render(self, url, timeout_seconds, *, answer, check):  # type: ignore[no-untyped-def]
        await check(url, None)
        if self.error is not None:
            raise self.error
        return self


SHELL = '<div id="root"></div><script src="/app.js"></script>' + "<!-- x -->" * 100


async def test_a_page_made_by_javascript_is_rendered_when_there_is_a_browser(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": SHELL}
    browser = Scripts("<p>info@a.example</p>")
    data = (await internet.crawl("http://a.example/", crawler={"browser": browser})).data()
    assert data["emails"] == ["info@a.example"]
    assert data["metadata"]["spa_enabled"] is True
    assert data["metadata"]["pages"][0]["final_url"] == "http://a.example/app"
    assert data["metadata"]["pages"][0]["reason"] is None


async def test_a_page_that_cannot_be_rendered_is_read_as_it_came(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": SHELL + "<p>info@a.example</p>"}
    browser = Scripts(error=FetchError("crashed", "The browser ended."))
    result = await internet.crawl("http://a.example/", crawler={"browser": browser})
    assert result.data()["emails"] == ["info@a.example"]
    assert "The browser ended." in (result.pages[0].reason or "")


@pytest.mark.parametrize(("enable_spa", "reason"), [(True, "no browser is there"), (False, "switched off")])
async def test_that_rendering_was_skipped_is_said(internet, enable_spa: bool, reason: str) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": SHELL}
    browser = None if enable_spa else Scripts()
    result = await internet.crawl("http://a.example/", enable_spa=enable_spa, crawler={"browser": browser})
    assert reason in (result.pages[0].reason or "")
    assert result.data()["metadata"]["spa_enabled"] is False


@pytest.mark.parametrize(
    ("headers", "tag"), [({}, '<meta name="robots" content="nofollow">'), ({"X-Robots-Tag": "nofollow"}, "")]
)
async def test_links_of_a_page_that_says_nofollow_are_not_followed(internet, headers, tag: str) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": (200, headers, f'{tag}<p>Home</p><a href="/contact">Contact</a>'.encode()),
        "a.example/contact": "<p>info@a.example</p>",
    }
    result = await internet.crawl("http://a.example/")
    assert [page.url for page in result.pages] == ["http://a.example/"]


async def test_contacts_of_a_page_that_says_noindex_are_read_and_its_text_is_not_kept(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": '<p>Welcome to our small hotel by the lake.</p><a href="/imprint">Imprint</a>',
        "a.example/imprint": '<meta name="robots" content="noindex"><p>All about the owner</p><p>info@a.example</p>',
    }
    data = (await internet.crawl("http://a.example/", compendium=CompendiumOptions(enabled=True))).data()
    assert data["emails"] == ["info@a.example"]
    assert "small hotel" in data["markdown_compendium"]
    assert "owner" not in data["markdown_compendium"]


async def test_pages_in_other_languages_are_not_read_besides(internet) -> None:  # type: ignore[no-untyped-def]
    alternates = '<link rel="alternate" hreflang="{0}" href="{1}">'
    both = "".join(alternates.format(*one) for one in (("de", "/kontakt"), ("en", "/en/contact")))
    words = "<p>" + "Wir begrüßen Sie herzlich in unserem Haus. " * 20 + "</p>"
    internet.pages = {
        "a.example/": f'<html lang="de">{words}<a href="/en/">English</a><a href="/en/contact">Contact</a>'
        '<a href="/kontakt">Kontakt</a><a href="/menu">Menü</a><a href="/fr/menu">Carte</a>',
        "a.example/kontakt": f"<html lang='de'><head>{both}</head><p>info@a.example</p>",
        "a.example/en/contact": "<p>info@a.example too</p>",
        "a.example/menu": "<p>Suppe</p>",
        "a.example/fr/menu": "<p>Soupe</p>",
        "a.example/en/": "<p>Welcome</p>",
    }
    result = await internet.crawl("http://a.example/", pace=Pace(0, 1))
    assert [page.url.removeprefix("http://a.example") for page in result.pages] == ["/", "/kontakt", "/menu"]


async def test_a_page_that_asks_for_the_language_is_no_page_in_one(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": '<html lang="en"><a href="/de/">Deutsch</a><a href="/en/">English</a>',
        "a.example/en/": "<html lang=en><p>info@a.example</p>",
        "a.example/de/": "<html lang=de><p>Willkommen</p>",
    }
    result = await internet.crawl("http://a.example/", pace=Pace(0, 1))
    assert result.data()["emails"] == ["info@a.example"]


@pytest.mark.parametrize("stop_early", [True, False])
async def test_a_crawl_for_contacts_ends_when_there_are_no_more_to_find(internet, stop_early: bool) -> None:  # type: ignore[no-untyped-def]
    menu = "".join(f'<a href="/{page}">{page}</a>' for page in ("kontakt", "speisekarte", "zimmer", "preise"))
    internet.pages = {
        **site(kontakt=CONTACT, speisekarte="<p>Suppe</p>", zimmer="<p>Bett</p>", preise="<p>10</p>"),
        "gasthof-muster.li/": menu,
    }
    result = await internet.crawl("http://gasthof-muster.li/", country="LI", stop_early=stop_early, pace=Pace(0, 1))
    assert result.pages_crawled == (2 if stop_early else 5)
    assert result.data()["metadata"]["ended_early"] is stop_early
    assert result.status == "success"


async def test_company_and_team_when_asked(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": '<a href="/team">Team</a><p>anna.muster@a.example</p>',
        "a.example/team": '<meta property="og:site_name" content="Muster"><h3>Anna Muster</h3><p>Geschäftsführerin</p>',
    }
    asked = (await internet.crawl("http://a.example/", extract_team=True, extract_company_info=True)).data()
    assert asked["team_members"] == [
        {
            "name": "Anna Muster",
            "title": "Geschäftsführerin",
            "email": "anna.muster@a.example",
            "linkedin": None,
            "phone": None,
        }
    ]
    assert asked["company_vitals"]["name"] == "Muster"
    plain = (await internet.crawl("http://a.example/")).data()
    assert (plain["team_members"], plain["company_vitals"]) == ([], None)
