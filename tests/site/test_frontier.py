"""What is read next, what is never read, and when nothing more is needed: values in, values out."""

from __future__ import annotations

import itertools
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from orbweave.site import CrawlRequest, sitemap, urls, variants
from orbweave.site.charset import decode
from orbweave.site.condition import of, of_error
from orbweave.site.document import parse
from orbweave.site.doors import next_door
from orbweave.site.enough import is_enough, may_stop_early
from orbweave.site.facts import Fact
from orbweave.site.failures import seconds_until
from orbweave.site.frontier import Frontier
from orbweave.site.links import Links
from orbweave.site.request import CompendiumOptions
from orbweave.site.result import Sighting
from orbweave.site.robots import directives
from orbweave.site.robots import parse as parse_robots
from orbweave.site.unpack import ACCEPTED, Broken, Unpacker

BASE = "http://a.example/"


def order(frontier: Frontier) -> list[str]:
    found = []
    while target := frontier.pop():
        found.append(target.url.removeprefix(BASE))
    return found


def frontier(*paths: str, language: str = "de", start: str = "", strategy: str = "bestfirst") -> Frontier:
    made = Frontier(strategy, ("contact", "about", "team"))
    made.started(f"{BASE}{start}", language)
    made.read(f"{BASE}{start}")
    for path in paths:
        made.add(path if "://" in path else f"{BASE}{path}", 1)
    return made


# One page in several languages


@pytest.mark.parametrize(
    ("name", "plain", "language"),
    [
        ("a.example/de/kontakt", "a.example/kontakt", "de"),
        ("a.example/de", "a.example", "de"),
        ("a.example/de-CH/kontakt", "a.example/kontakt", "de"),
        ("a.example/en_us/x", "a.example/x", "en"),
        ("a.example/jp/x", "a.example/x", "ja"),
        ("a.example/x?lang=fr", "a.example/x", "fr"),
        ("a.example/x?a=1&L=2", "a.example/x?a=1", "2"),
        ("en.a.example/x", "a.example/x", "en"),
        ("a.example/x", "a.example/x", ""),
        ("a.example/xx/y", "a.example/xx/y", ""),
        ("a.example/design/y", "a.example/design/y", ""),
        ("it.example", "it.example", ""),
    ],
)
def test_language_marks(name: str, plain: str, language: str) -> None:
    assert variants.language(name) == (plain, language)


@pytest.mark.parametrize(
    ("paths", "start", "language", "expected"),
    [
        (["en/contact", "de/contact", "fr/contact"], "", "de", ["de/contact"]),
        (["de/contact", "en/contact"], "", "de", ["de/contact"]),
        (["en/contact", "contact"], "", "de", ["contact"]),
        (["contact?lang=en", "contact?lang=de"], "", "de", ["contact?lang=de"]),
        (["en/contact", "de/contact"], "en", "en", ["en/contact"]),
        (["de/", "en/"], "", "de", []),
        (["http://en.a.example/about", "http://de.a.example/about"], "", "de", ["http://de.a.example/about"]),
    ],
)
def test_of_one_page_in_several_languages_the_start_pages_is_read(
    paths: list[str], start: str, language: str, expected: list[str]
) -> None:
    assert order(frontier(*paths, start=start, language=language)) == expected


def test_what_is_there_in_another_language_alone_comes_after_what_is_not() -> None:
    assert order(frontier("en/contact", "ueber-uns", "fr/x", "y")) == ["ueber-uns", "en/contact", "y", "fr/x"]


def test_alternates_of_a_page_that_was_read_are_not() -> None:
    pages = frontier("en/contact", "kontakt", "en/team")
    first = pages.pop()
    assert first is not None
    assert first.url == f"{BASE}kontakt"
    pages.read(first.url, [("de", f"{BASE}kontakt"), ("en", f"{BASE}en/contact"), ("fr", f"{BASE}fr/contact")])
    pages.add(f"{BASE}fr/contact", 1)
    assert order(pages) == ["en/team"]
    assert len(pages) == 0


# Addresses that machines make


@pytest.mark.parametrize(
    ("made", "most"),
    [
        ([f"calendar/2026/{month:02}" for month in range(1, 13)], variants.DATES),
        ([f"events/2026-{month:02}-01" for month in range(1, 13)], variants.DATES),
        ([f"s/{number:032x}/menu" for number in range(40)], variants.TOKENS),
        ([f"list?page={number}" for number in range(40)], variants.FACETS),
        ([f"list?size={number}&color=red" for number in range(40)], variants.FACETS),
        ([f"list/{number}" for number in range(200)], variants.NUMBERS),
        ([f"index.php?page=x{number}" for number in range(200)], variants.PAGES),
    ],
)
def test_shapes_without_end_are_cut(made: list[str], most: int) -> None:
    assert len(order(frontier(*made, strategy="bfs"))) == most


def test_pages_of_old_programs_are_all_read() -> None:
    made = [f"index.php?page={word}" for word in ("home", "speisekarte", "anfahrt", "zimmer", "preise")]
    made += [f"index.php?option=com_content&id={number}" for number in range(5)]
    assert len(order(frontier(*made))) == 10


def test_a_page_that_says_what_it_is_for_is_read_whatever_its_shape() -> None:
    pages = frontier(*(f"x/y?a=1&b={number}" for number in range(3)))
    pages.add(f"{BASE}x/y?a=1&b=9", 1, "Kontakt")
    assert order(pages)[0] == "x/y?a=1&b=9"


def test_dated_articles_with_titles_are_no_calendar() -> None:
    assert len(order(frontier(*(f"2026/{month:02}/article-{month}-title" for month in range(1, 11))))) == 10


# What links say


def test_a_second_link_may_say_what_a_page_is() -> None:
    pages = frontier("p1", "p2")
    pages.add(f"{BASE}p2", 1, "Kontakt")
    assert pages.waiting("contact") == 1
    assert order(pages) == ["p2", "p1"]


def test_links_of_menus_come_before_links_in_articles() -> None:
    html = '<nav><a href="/b">b</a></nav><main><a href="/a">a</a></main><footer><a href="/c">c</a></footer>'
    document = parse(html, BASE)
    found = {link.url: link.in_menu for link in Links(99).of(document, "a.example", in_menus=True)}
    assert found == {f"{BASE}a": False, f"{BASE}b": True, f"{BASE}c": True}
    pages = frontier()
    for url, in_menu in found.items():
        pages.add(url, 1, "", in_menu)
    assert order(pages) == ["b", "c", "a"]


def test_links_are_given_once_however_many_pages_repeat_them() -> None:
    links = Links(99)
    menu = "<a href=/a>a</a><a href=b>b</a><a href='?x=1'>x</a><a href=/c rel=nofollow>c</a><a href=//z.example/>z</a>"
    first = parse(menu, f"{BASE}one/")
    assert [link.url for link in links.of(first, "a.example")] == [f"{BASE}a", f"{BASE}one/b", f"{BASE}one/?x=1"]
    assert list(links.of(first, "a.example")) == []
    second = parse(menu, f"{BASE}two/")
    assert [link.url for link in links.of(second, "a.example")] == [f"{BASE}two/b", f"{BASE}two/?x=1"]


# The rule for an early end


def sightings(*kinds: str) -> list[Sighting]:
    return [Sighting(Fact(kind, "x", "text"), BASE, "") for kind in kinds]


@pytest.mark.parametrize(
    ("waiting", "kinds_read", "found", "expected"),
    [
        (["menu", "news", "agb"], {"contact"}, ["email", "phone"], True),
        (["menu"], {"imprint"}, ["email", "phone"], True),
        (["menu"], set(), ["email", "phone"], False),
        (["menu"], {"contact"}, ["email"], False),
        (["menu"], {"contact"}, ["phone", "social"], False),
        (["menu", "impressum"], {"contact"}, ["email", "phone"], False),
        (["menu", "team"], {"contact"}, ["email", "phone"], False),
        (["menu", "ueber-uns"], {"contact"}, ["email", "phone"], False),
    ],
)
def test_enough(waiting: list[str], kinds_read: set[str], found: list[str], expected: bool) -> None:
    assert is_enough(CrawlRequest(BASE), frontier(*waiting), kinds_read, sightings(*found)) is expected


def test_pages_the_caller_asks_for_are_waited_for() -> None:
    for targets, path in ((("news",), "news"), (("preise",), "unsere-preise")):
        pages = Frontier("bestfirst", targets)
        pages.add(f"{BASE}{path}", 1)
        request = CrawlRequest(BASE, target_pages=targets)
        assert not is_enough(request, pages, {"contact"}, sightings("email", "phone"))
        pages.pop()
        assert is_enough(request, pages, {"contact"}, sightings("email", "phone"))


def test_only_a_crawl_for_contacts_ends_early() -> None:
    assert may_stop_early(CrawlRequest(BASE))
    for options in (
        {"stop_early": False},
        {"mode": "full"},
        {"extract_team": True},
        {"extract_company_info": True},
        {"compendium": CompendiumOptions(enabled=True)},
        {"extract_pain_points": True},
    ):
        assert not may_stop_early(CrawlRequest(BASE, **options)), options  # type: ignore[arg-type]


# Doors


def doors(start: str, outcome: str, *, scheme_given: bool) -> list[str]:
    found: list[str] = []
    while door := next_door(start, [outcome] * len(found), scheme_given):
        found.append(door)
    return found


@pytest.mark.parametrize(
    ("start", "outcome", "scheme_given", "expected"),
    [
        ("https://a.li/", "tls_expired", True, ["https://a.li/", "https://www.a.li/"]),
        ("https://a.li/", "connection", True, ["https://a.li/", "https://www.a.li/"]),
        ("https://a.li/", "tls_expired", False, ["https://a.li/", "http://a.li/", "https://www.a.li/", "http://www.a.li/"]),
        ("http://a.li/x", "connection", True, ["http://a.li/x", "https://a.li/x", "https://www.a.li/x", "http://www.a.li/x"]),
        ("http://www.a.li/", "name_not_found", True, ["http://www.a.li/", "https://a.li/", "http://a.li/"]),
        ("https://a.li/", "name_not_found", False, ["https://a.li/", "https://www.a.li/", "http://www.a.li/"]),
        ("https://a.li:8443/", "connection", False, ["https://a.li:8443/"]),
        ("https://9.9.9.9/", "tls_wrong_host", False, ["https://9.9.9.9/"]),
        ("https://a.li/", "timeout", False, ["https://a.li/"]),
        ("https://a.li/", "blocked", False, ["https://a.li/"]),
        ("https://a.li/", "ok", False, ["https://a.li/"]),
    ],
)  # fmt: skip
def test_doors(start: str, outcome: str, scheme_given: bool, expected: list[str]) -> None:
    assert doors(start, outcome, scheme_given=scheme_given) == expected


# Robots, sitemaps, headers


@pytest.mark.parametrize(
    ("html", "header", "expected"),
    [
        ('<meta name="robots" content="noindex, nofollow">', "", {"noindex", "nofollow"}),
        ('<meta name="ROBOTS" content="NONE">', "", {"none", "noindex", "nofollow"}),
        ('<meta name="orbweave" content="nofollow">', "", {"nofollow"}),
        ('<meta name="googlebot" content="nofollow">', "", set()),
        ("<p>robots</p>", "noindex", {"noindex"}),
        ("", "googlebot: noindex, nofollow, orbweave: noarchive", {"noarchive"}),
        ("", "unavailable_after: 25 Jun 2030 15:00:00 PST, nofollow", {"nofollow"}),
        ("", "", set()),
    ],
)
def test_robots_tags(html: str, header: str, expected: set[str]) -> None:
    found = directives(parse(html, BASE), header, "orbweave")
    assert {word for word in found if word and not word.startswith("unavailable")} == expected


def test_of_a_sitemaps_pages_in_several_languages_one_is_listed() -> None:
    entry = """<url><loc>{0}</loc><xhtml:link rel="alternate" hreflang="de-CH" href="http://a.example/kontakt"/>
    <xhtml:link rel="alternate" hreflang="en" href="http://a.example/en/contact"/></url>"""
    body = "".join(entry.format(url) for url in (f"{BASE}en/contact", f"{BASE}kontakt"))
    text = f"<urlset>{body}<url><loc>{BASE}x</loc></url></urlset>".encode()
    assert sitemap.entries(text, 99, "de") == ([f"{BASE}kontakt", f"{BASE}x"], False)
    assert sitemap.entries(text, 99, "en") == ([f"{BASE}en/contact", f"{BASE}x"], False)
    assert sitemap.entries(text, 99, "fr")[0] == [f"{BASE}kontakt", f"{BASE}x"]


def test_the_part_of_a_sitemap_with_pages_comes_first() -> None:
    parts = ["post-sitemap.xml", "product-sitemap1.xml", "page-sitemap.xml", "sitemap-7.xml"]
    assert sitemap.first_those_of_pages(parts)[:2] == ["page-sitemap.xml", "sitemap-7.xml"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("120", 120), ("0", 0), ("99999999999999", 999999999), ("", None), ("soon", None), ("-5", None), ("1.5", None)],
)
def test_retry_after(value: str, expected: float | None) -> None:
    assert seconds_until(value) == expected


def test_retry_after_a_date_that_is_past() -> None:
    assert seconds_until("Wed, 21 Oct 2015 07:28:00 GMT") == 0


# Whatever is thrown at them


@given(st.text(max_size=80), st.sampled_from([BASE, "https://b.example/a/b?q=1", "http://[::1]:81/x/"]))
def test_join_is_canonical(href: str, base: str) -> None:
    joined = urls.join(href, base)
    if joined is not None:
        assert joined == urls.canonical(joined)
        urls.site_of(joined)
        urls.path_of(joined)
        variants.language(variants.identity(joined))
        variants.shape(variants.identity(joined))


ORDINARY = r"(\.\./|\./|/|//b\.example/|https://c\.example/)?[a-z0-9]{1,5}(/[a-z0-9]{1,5}){0,3}/?(\?[a-z]=[0-9])?(#x)?"


@given(st.from_regex(ORDINARY, fullmatch=True), st.sampled_from([BASE, "https://b.example/a/b?q=1", "http://a.li/x/"]))
def test_join_is_what_the_library_does(href: str, base: str) -> None:
    assert urls.join(href, base) == urls.canonical(href, base)


WORDS = st.sampled_from(
    ["de", "en", "contact", "2026", "11", "a" * 20, "index.php", "?lang=de", "?page=2", "&x=1", "%C3%BC"]
)


@given(st.lists(st.lists(WORDS, max_size=5), max_size=40), st.sampled_from(["bestfirst", "bfs", "dfs"]))
def test_the_frontier_is_sound(found: list[list[str]], strategy: str) -> None:
    pages = Frontier(strategy, ("contact", "preise"))
    pages.started(BASE, "de")
    for depth, words in enumerate(found):
        if url := urls.join("/" + "/".join(words), BASE):
            pages.add(url, depth)
        if depth % 7 == 3:
            target = pages.pop()
            if target is not None:
                pages.read(target.url, [("en", f"{BASE}en/contact")])
    counted = len(pages)
    given_out = [target.url for target in itertools.takewhile(bool, iter(pages.pop, None))]
    assert len(given_out) == counted == len(set(given_out))
    assert len(pages) == 0


@given(st.binary(max_size=400))
def test_sitemaps_of_any_bytes(body: bytes) -> None:
    found, _ = sitemap.entries(sitemap.unpacked(body, 300), 5, "de")
    assert len(found) <= 5


@given(st.text(max_size=300), st.integers(1, 200))
def test_robots_of_any_text(text: str, times: int) -> None:
    large = text * times
    rules = parse_robots(large + " " * 40_000, "orbweave")
    assert isinstance(rules, Protego)
    rules.can_fetch(f"{BASE}x", "orbweave")
    rules.crawl_delay("orbweave")


@given(st.text(alphabet="UserAgent-agent: *orbweavexDisallow/\n\r#", max_size=200))
def test_large_robots_mean_what_small_ones_mean(text: str) -> None:
    small = Protego.parse(text)
    large = parse_robots(text + "\n" + "#" * 40_000, "orbweave")
    for path in ("", "x", "orbweave"):
        assert small.can_fetch(BASE + path, "orbweave") == large.can_fetch(BASE + path, "orbweave")


ENCODINGS = [*ACCEPTED.split(", "), "x-gzip", "identity", "compress"]


@given(st.binary(max_size=300), st.lists(st.sampled_from(ENCODINGS), max_size=3))
def test_unpacking_any_bytes(body: bytes, encodings: list[str]) -> None:
    with suppress(Broken):
        unpacker = Unpacker(", ".join(encodings))
        for start in range(0, len(body), 50):
            assert len(unpacker.feed(body[start : start + 50], 1000)) <= 1000


@given(st.binary(max_size=400), st.sampled_from(["", "text/html; charset=gb2312", "text/html; charset=latin1"]))
def test_any_bytes_are_some_text(body: bytes, content_type: str) -> None:
    text, name = decode(body, content_type)
    assert name
    assert text is not None


@given(st.text(max_size=200), st.booleans(), st.sampled_from([None, "", "Home"]))
def test_any_page_is_judged(text: str, with_facts: bool, home: str | None) -> None:
    found = of(parse(f"<title>{text}</title><p>{text}", BASE), with_facts=with_facts, home=home)
    assert found is None or found.reason.endswith(".")
    of_error(text)
