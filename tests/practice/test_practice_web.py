from __future__ import annotations

import asyncio
import ssl
from typing import Any

import aiohttp
import pytest

from orbweave.practice import Business, PracticeSite, RawPage, behaviours
from orbweave.practice.authority import Authority
from orbweave.practice.pages import email, paths, render
from orbweave.practice.sites import synthetic
from orbweave.practice.words import WORDS

LIECHTENSTEIN = Business("Gasthaus <Löwen> & Söhne", "Restaurant", "Landstrasse 1, 9490 Vaduz", "+423 232 11 11", "LI")
TABLE = behaviours.load()
CRAWLABLE = sorted(name for name, row in TABLE.web.items() if row.crawlable)
HOSTILE = sorted(name for name, row in TABLE.web.items() if row.hostile)
TRAPS = sorted(set(HOSTILE) & set(CRAWLABLE))


def site(web: str, host: str = "www.alpha.test", **given: Any) -> PracticeSite:
    return PracticeSite(host, (LIECHTENSTEIN,), web=web, mail="accepts", **given)


async def test_https_is_signed_by_the_authority_for_each_name(practice: Any, browser: Any) -> None:
    running = await practice(site("mailto"), PracticeSite("shop.beta.test", web="mailto"))
    client = browser(running)
    assert "Practice page" in await client.text("https://www.alpha.test/")
    assert "Practice page" in await client.text("https://shop.beta.test/")
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=client.session.connector._resolver)
        ) as other:
            await other.get(client.url("https://www.alpha.test/"))


@pytest.mark.parametrize("web", ["expired_certificate", "self_signed", "wrong_name"])
async def test_bad_certificates_are_refused_by_clients(practice: Any, browser: Any, web: str) -> None:
    running = await practice(site(web))
    client = browser(running)
    with pytest.raises((aiohttp.ClientConnectorCertificateError, ssl.SSLError)):
        await client.text("https://www.alpha.test/")
    assert await client.text("http://www.alpha.test/") == ""  # a redirect to the address that fails


def test_no_key_is_left_on_disk(tmp_path: Any) -> None:
    Authority(tmp_path, lambda host: "good").context("alpha.test")
    assert [file.name for file in tmp_path.iterdir()] == ["ca.pem"]
    assert b"PRIVATE" not in (tmp_path / "ca.pem").read_bytes()


@pytest.mark.parametrize("web", CRAWLABLE)
@pytest.mark.parametrize("country", ["LI", "AD", "MC", "GB"])
def test_every_page_says_that_it_is_practice(web: str, country: str) -> None:
    business = Business("Löwen", "Restaurant", "Street 1", "", country)
    one = PracticeSite("www.alpha.test", (business,), web=web)
    for path in paths(one):
        page = render(one, path)
        assert page is not None
        assert b"Practice page: " in page.body


def test_real_facts_are_attributed_and_made_up_ones_are_not() -> None:
    real, made_up = render(site("mailto", open_data=True), "/"), render(site("mailto"), "/")
    assert real is not None
    assert "© OpenStreetMap contributors".encode() in real.body
    assert made_up is not None
    assert b"OpenStreetMap" not in made_up.body


def test_facts_are_escaped() -> None:
    page = render(site("mailto"), "/")
    assert page is not None
    assert b"<L" not in page.body
    assert "Gasthaus &lt;Löwen&gt; &amp; Söhne".encode() in page.body
    data = render(site("json_ld"), "/")
    assert data is not None
    assert b"Gasthaus \\u003cL" in data.body


@pytest.mark.parametrize(
    ("web", "path", "shown"),
    [
        ("mailto", "/", 'href="mailto:info@practice.alpha.test"'),
        ("plain_text", "/kontakt", ": info@practice.alpha.test<"),
        ("brackets", "/kontakt", "info [at] practice [dot] alpha [dot] test"),
        ("parentheses", "/impressum", "info(at)practice.alpha.test"),
        ("brotli", "/kontakt", "info at practice punkt alpha punkt test"),
        ("entities", "/kontakt", "&#105;&#110;&#102;&#111;&#64;"),
        ("json_ld", "/", '"email": "info@practice.alpha.test"'),
        ("cloudflare", "/", 'data-cfemail="42'),
        ("imprint", "/impressum", 'href="mailto:info@practice.alpha.test"'),
        ("stale", "/kontakt", "petra.ehemals@practice.alpha.test"),
    ],
)
async def test_addresses_are_written_in_each_manner(
    practice: Any, browser: Any, web: str, path: str, shown: str
) -> None:
    client = browser(await practice(site(web)))
    assert shown in await client.text(f"https://www.alpha.test{path}")


def test_cloudflare_codes_decode() -> None:
    shown = email("info@practice.alpha.test", "cloudflare", WORDS["en"])
    code = bytes.fromhex(shown.split('data-cfemail="')[1].split('"')[0])
    assert bytes(byte ^ code[0] for byte in code[1:]).decode() == "info@practice.alpha.test"


@pytest.mark.parametrize(
    ("web", "declared", "real"),
    [
        ("imprint", "text/html; charset=iso-8859-1", "iso-8859-1"),
        ("meta_charset", "text/html", "windows-1252"),
        ("wrong_charset", "text/html; charset=utf-8", "windows-1252"),
    ],
)
async def test_charsets(practice: Any, browser: Any, web: str, declared: str, real: str) -> None:
    client = browser(await practice(site(web)))
    async with client.get("https://www.alpha.test/") as response:
        assert response.headers["Content-Type"] == declared
        assert "Gasthaus &lt;Löwen&gt;" in (await response.read()).decode(real)


@pytest.mark.parametrize(
    ("web", "asked", "target"),
    [
        ("to_https", "http://www.alpha.test/kontakt?a=b", "https://www.alpha.test/kontakt?a=b"),
        ("to_www", "http://alpha.test/", "http://www.alpha.test/"),
        ("to_bare", "https://www.alpha.test/", "https://alpha.test/"),
        ("to_bare", "http://www.alpha.test/", "https://alpha.test/"),
    ],
)
async def test_redirects(practice: Any, browser: Any, web: str, asked: str, target: str) -> None:
    client = browser(await practice(site(web)))
    async with client.get(asked) as response:
        assert (response.status, response.headers["Location"]) == (301, target)
    assert "Practice page" in await client.text(target)


@pytest.mark.parametrize(("web", "coding"), [("entities", "gzip"), ("brotli", "br")])
async def test_compression_is_negotiated(practice: Any, browser: Any, web: str, coding: str) -> None:
    client = browser(await practice(site(web)))
    async with client.get("https://www.alpha.test/", headers={"Accept-Encoding": "gzip, br"}) as response:
        assert response.headers["Content-Encoding"] == coding
        assert "Practice page" in await response.text()
    async with client.get("https://www.alpha.test/", headers={"Accept-Encoding": "identity"}) as response:
        assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    ("web", "status", "text"),
    [
        ("mailto", 404, ""),
        ("plain_text", 200, "Allow: /"),
        ("off_limits", 200, "Disallow: /intern/"),
        ("polite", 200, "Crawl-delay: 1"),
        ("robots_forbidden", 403, ""),
        ("robots_error", 500, ""),
        ("robots_html", 200, "<html>"),
        ("to_https", 200, "Sitemap: https://www.alpha.test/sitemap.xml"),
    ],
)
async def test_robots(practice: Any, browser: Any, web: str, status: int, text: str) -> None:
    client = browser(await practice(site(web)))
    async with client.get("https://www.alpha.test/robots.txt") as response:
        assert response.status == status
        assert text in await response.text()


async def test_the_sitemap_lists_pages_that_exist(practice: Any, browser: Any) -> None:
    client = browser(await practice(site("to_https")))
    listed = (await client.text("https://www.alpha.test/sitemap.xml")).split("<loc>")[1:]
    assert len(listed) == 5
    for entry in listed:
        async with client.get(entry.split("<")[0]) as response:
            assert response.status == 200


async def test_links_lead_to_pages(practice: Any, browser: Any) -> None:
    client = browser(await practice(site("team")))
    home = await client.text("https://www.alpha.test/")
    links = [part.split('"')[0] for part in home.split("<nav>")[1].split("</nav>")[0].split('href="')[1:]]
    assert len(links) == 6
    for link in links:
        async with client.get(f"https://www.alpha.test{link}") as response:
            assert response.status == 200
    async with client.get("https://www.alpha.test/nowhere") as response:
        assert response.status == 404


async def test_businesses_of_one_host_have_a_page_each(practice: Any, browser: Any) -> None:
    both = (LIECHTENSTEIN, Business("Second", phone="+423 232 22 22", country="LI", path="/second"))
    client = browser(await practice(PracticeSite("www.alpha.test", both, web="mailto")))
    assert "<h1>Second</h1>" in await client.text("https://www.alpha.test/second")
    assert 'href="/second"' in await client.text("https://www.alpha.test/")


async def test_pages_may_be_given_byte_by_byte(practice: Any, browser: Any) -> None:
    raw = RawPage(b"\xff\xfe", "text/plain", 418, {"X-Test": "yes"})
    client = browser(await practice(site("mailto", pages={"/odd": raw})))
    async with client.get("https://www.alpha.test/odd") as response:
        assert (response.status, response.headers["X-Test"], await response.read()) == (418, "yes", b"\xff\xfe")


async def test_unknown_hosts_are_told_apart(practice: Any, browser: Any) -> None:
    client = browser(await practice(site("mailto")))
    async with client.get("https://other.test/") as response:
        assert response.status == 421


async def test_the_log_counts_requests_at_once(practice: Any, browser: Any) -> None:
    running = await practice(site("mailto"), latency=0.02)
    client = browser(running)
    await asyncio.gather(*(client.text("http://www.alpha.test/") for _ in range(3)))
    assert running.log.busiest_host() == ("alpha.test", 3)
    running.log.clear()
    for path in ("/", "/kontakt", "/robots.txt"):
        await client.text(f"http://www.alpha.test{path}", headers={"User-Agent": "Test/1"})
    assert running.log.busiest_host() == ("alpha.test", 1)
    seen = running.log.requests_to("alpha.test")
    assert [(one.path, one.status, one.user_agent) for one in seen] == [
        ("/", 200, "Test/1"),
        ("/kontakt", 200, "Test/1"),
        ("/robots.txt", 404, "Test/1"),
    ]


@pytest.mark.parametrize("web", HOSTILE)
async def test_hostile_sites_end(practice: Any, browser: Any, web: str) -> None:
    """Whatever a hostile site does, a client that reads all of it comes to an end, and other sites go on."""
    running = await practice(site(web), site("mailto", "www.beta.test"), hostile_seconds=0.3)
    client = browser(running)
    try:
        path = "trap" if web in TRAPS else ""
        async with client.get(f"http://www.alpha.test/{path}", headers={"Accept-Encoding": "identity"}) as response:
            async for _ in response.content.iter_chunked(1 << 20):
                pass
    except (aiohttp.ClientError, ssl.SSLError):
        pass
    assert "Practice page" in await client.text("http://www.beta.test/")
    assert all(request.ended is not None for request in running.log.http)


@pytest.mark.parametrize(
    ("web", "location"),
    [
        ("redirect_private", "http://10.0.0.1/"),
        ("redirect_metadata", "http://169.254.169.254/latest/meta-data/"),
        ("redirect_loop", "/b"),
        ("redirect_endless", "/step/1"),
    ],
)
async def test_hostile_redirects(practice: Any, browser: Any, web: str, location: str) -> None:
    client = browser(await practice(site(web)))
    async with client.get("https://www.alpha.test/") as response:
        assert (response.status, response.headers["Location"]) == (302, location)


@pytest.mark.parametrize("web", ["drop", "drop_in_body", "wrong_length", "no_headers"])
async def test_broken_answers_are_seen_as_broken(practice: Any, browser: Any, web: str) -> None:
    client = browser(await practice(site(web)))
    with pytest.raises(aiohttp.ClientError):
        await client.text("http://www.alpha.test/")


async def test_busy_sites_say_when_to_come_back(practice: Any, browser: Any) -> None:
    client = browser(await practice(site("busy")))
    async with client.get("https://www.alpha.test/") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "2")


async def test_bombs_are_small_on_the_wire(practice: Any, browser: Any) -> None:
    client = browser(await practice(site("gzip_bomb"), site("brotli_bomb", "www.beta.test")))
    client.session._auto_decompress = False
    for host in ("alpha", "beta"):
        async with client.get(f"https://www.{host}.test/") as response:
            assert len(await response.read()) < 1 << 20


def test_synthetic_sites_differ_and_repeat() -> None:
    once, again = list(synthetic(200)), list(synthetic(200))
    assert [one.web_behaviour for one in once] == [one.web_behaviour for one in again]
    assert len({one.host for one in once}) == len({one.email_domain for one in once}) == 200
    assert all(one.web_behaviour.crawlable for one in synthetic(200, kind="good"))
    assert not all(one.web_behaviour.crawlable for one in once)


@pytest.mark.parametrize("web", TRAPS)
async def test_traps_lie_beside_proper_pages(practice: Any, browser: Any, web: str) -> None:
    client = browser(await practice(site(web)))
    assert "mailto:info@practice.alpha.test" in await client.text("https://www.alpha.test/kontakt")
    assert 'href="/trap"' in await client.text("https://www.alpha.test/")
    for path in ("/trap", "/trap/1", "/nowhere"):
        async with client.get(f"https://www.alpha.test{path}") as response:
            assert response.status == 200
            assert "mailto:" not in await response.text()
