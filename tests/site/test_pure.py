"""URLs, page kinds, frontier, charsets, sitemaps, requests: values in, values out."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.errors import InvalidInput
from orbweave.site import CrawlRequest, site_key, urls
from orbweave.site.charset import decode
from orbweave.site.document import parse, shallow
from orbweave.site.frontier import Frontier
from orbweave.site.sitemap import entries, unpacked


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://WWW.Example.COM:80", "http://www.example.com/"),
        ("https://example.com:443/a#b", "https://example.com/a"),
        ("http://example.com:8080/", "http://example.com:8080/"),
        ("http://user:pw@example.com/", "http://example.com/"),
        ("http://müller.example/Über uns", "http://xn--mller-kva.example/%C3%9Cber%20uns"),
        ("http://example.com/a%2fb%c3%bc", "http://example.com/a%2Fb%C3%BC"),
        ("http://example.com/?utm_source=x&id=1&PHPSESSID=2", "http://example.com/?id=1"),
        ("http://example.com/a;jsessionid=1?x=", "http://example.com/a?x="),
        ("http://[::1]:81/", "http://[::1]:81/"),
        ("ftp://example.com/", None),
        ("javascript:alert(1)", None),
        ("http://", None),
        ("http://exa mple.com/", None),
        ("http://example.com:99999/", None),
        ("http://[::1/", None),
        ("http://" + "a" * 2100 + ".com/", None),
    ],
)
def test_canonical(url: str, expected: str | None) -> None:
    assert urls.canonical(url) == expected


@given(st.text(max_size=60), st.sampled_from(["http://a.example/x/", "https://b.example/?q=1"]))
def test_canonical_is_stable(text: str, base: str) -> None:
    once = urls.canonical(text, base)
    assert once is None or urls.canonical(once) == once


def test_sites_and_keys() -> None:
    assert urls.registrable_domain("www.shop.example.co.uk") == "example.co.uk"
    assert urls.registrable_domain("a.wixsite.com") == "a.wixsite.com"
    assert urls.registrable_domain("shop.practice.test") == "practice.test"
    assert urls.site_of("http://127.0.0.1:81/") != urls.site_of("http://127.0.0.1:82/")
    assert site_key("https://WWW.Example.com:443/x") == "example.com"
    assert site_key("nonsense") == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://a.li/x.pdf",
        "http://a.li/feed/",
        "http://a.li/?add-to-cart=1",
        "http://a.li/a/b/a/b/a/b",
        "http://a.li/wp-login.php",
    ],
)
def test_places_without_a_page_of_their_own(url: str) -> None:
    assert not urls.is_worth_reading(url)
    assert urls.is_worth_reading("http://a.li/kontakt.html")


def order(frontier: Frontier) -> list[str]:
    found = []
    while target := frontier.pop():
        found.append(target.url.removeprefix("http://a.example/"))
    return found


def test_best_first_takes_several_kinds_before_many_of_one() -> None:
    frontier = Frontier("bestfirst", ("contact", "about", "team"))
    for path in ("menu", "contact/a", "contact/b", "contact/c", "impressum", "about", "team", "menu/x"):
        frontier.add(f"http://a.example/{path}", 1)
    assert order(frontier) == ["contact/a", "contact/b", "impressum", "team", "about", "contact/c", "menu", "menu/x"]


def test_breadth_and_depth() -> None:
    for strategy, expected in (("bfs", ["a", "b", "c", "d"]), ("dfs", ["d", "c", "a", "b"])):
        frontier = Frontier(strategy, ())
        for path, depth in (("a", 1), ("b", 1), ("c", 2), ("d", 3)):
            frontier.add(f"http://a.example/{path}", depth)
        assert order(frontier) == expected


def test_words_of_the_callers_own_are_preferred() -> None:
    frontier = Frontier("bestfirst", ("preise",))
    for path in ("menu", "unsere-preise"):
        frontier.add(f"http://a.example/{path}", 1)
    assert order(frontier) == ["unsere-preise", "menu"]


def test_variants_of_a_page_are_few_and_spellings_one() -> None:
    frontier = Frontier("bfs", ())
    for number in range(10):
        frontier.add(f"http://a.example/list?page={number}", 1)
    frontier.add("http://a.example/x", 1)
    frontier.add("https://www.a.example/x/", 1)
    assert len(order(frontier)) == 4


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["contact", "about", "menu", "a", "b", "news"]), st.integers(0, 30), st.integers(0, 4)
        )
    )
)
def test_the_frontier_gives_each_address_once(found: list[tuple[str, int, int]]) -> None:
    for strategy in ("bestfirst", "bfs", "dfs"):
        frontier = Frontier(strategy, ("contact", "about"))
        for word, number, depth in found:
            frontier.add(f"http://a.example/{word}/{number}", depth)
        given_out = order(frontier)
        assert sorted(given_out) == sorted({f"{word}/{number}" for word, number, _ in found})


@given(st.binary(max_size=300), st.text(max_size=40))
def test_decode_never_raises(body: bytes, content_type: str) -> None:
    text, name = decode(body, content_type)
    assert isinstance(text, str)
    assert name


@pytest.mark.parametrize(
    "name", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1251", "cp932", "gb18030", "big5", "euc-kr"]
)
def test_declared_charsets(name: str) -> None:
    text = {"cp1251": "Контакты", "cp932": "連絡先", "gb18030": "联系我们", "big5": "聯絡", "euc-kr": "연락처"}.get(
        name, "Über"
    )
    assert decode(text.encode(name), f"text/html; charset={name}")[0] == text


def test_a_lie_about_the_charset_is_seen_through() -> None:
    text = "<html lang=ja><p>連絡先はこちらです</p>"
    assert decode(text.encode("cp932"), "text/html; charset=utf-8")[0] == text
    assert decode("Grüße aus Köln".encode("cp1252"), "text/html; charset=utf-8")[0] == "Grüße aus Köln"
    long = "Grüße " * 100
    assert decode(long.encode() + b"\xff", "")[0].startswith(long)


def test_sitemaps() -> None:
    assert entries(b"<urlset><url><loc> http://a.li/?a=1&amp;b=2 </loc></url></urlset>", 10) == (
        ["http://a.li/?a=1&b=2"],
        False,
    )
    assert entries(b"<sitemapindex><sitemap><loc><![CDATA[http://a.li/s.xml]]></loc></sitemap></sitemapindex>", 10) == (
        ["http://a.li/s.xml"],
        True,
    )
    assert entries(b"http://a.li/1\nnot one\nhttp://a.li/2", 10) == (["http://a.li/1", "http://a.li/2"], False)
    assert len(entries(b"<loc>http://a.li/</loc>" * 50, 10)[0]) == 10
    assert unpacked(b"\x1f\x8bnot gzip", 10) == b""


def test_nesting_is_cut_and_ordinary_pages_are_not() -> None:
    page = "<div><ul>" + "<li><a href='/x'>x</a><br>" * 3000 + "</ul></div>" * 1000 + "<p>end</p>"
    assert shallow(page) == page
    assert len(shallow("<div>" * 100_000)) < 10_000
    assert parse("<div>" * 100_000 + "x", "http://a.li/").text == ""


PAYLOAD = {"url": "https://example.com"}


def test_request_defaults_modes_and_what_the_caller_says() -> None:
    assert CrawlRequest.from_payload(PAYLOAD) == CrawlRequest("https://example.com")
    assert CrawlRequest.from_payload({**PAYLOAD, "mode": "contacts"}).max_pages == 5
    full = CrawlRequest.from_payload({**PAYLOAD, "mode": "full", "max_pages": 7, "extract_team": False, "other": 1})
    assert (full.max_pages, full.extract_team, full.extract_company_info) == (7, False, True)
    assert CrawlRequest.from_payload({**PAYLOAD, "max_pages": None, "country": "li"}).country == "LI"
    request = CrawlRequest.from_payload({**PAYLOAD, "target_pages": ["Contact", "preise"], "timeout": 10})
    assert CrawlRequest.from_payload(request.payload()) == request


@pytest.mark.parametrize(
    ("field", "values"),
    {
        "url": [None, "", 5, "example.com", "ftp://example.com", "http://" + "a" * 3000],
        "mode": ["fast", 1],
        "max_pages": [0, 101, 2.5, "10", True, float("nan"), float("inf")],
        "crawl_strategy": ["best"],
        "target_pages": ["contact", [1], [""], ["x" * 65]],
        "timeout": [9, 121, "30"],
        "enable_spa": ["yes"],
        "spa_timeout": [5],
        "extract_team": [1],
        "country": ["LIE", 5],
        "product_description": ["x" * 1025],
        "custom_ai_prompt": ["summarise"],
    }.items(),
)
def test_bad_requests_name_the_field(field: str, values: list[object]) -> None:
    for value in values:
        with pytest.raises(InvalidInput) as caught:
            CrawlRequest.from_payload({**PAYLOAD, field: value})
        assert caught.value.field == field, value
        assert field in str(caught.value)


@pytest.mark.parametrize(
    "wish",
    [
        {"extract_pain_points": True},
        {"custom_ai_prompt": {"enabled": True}},
        {"product_description": "soap", "icp_description": "hotels"},
    ],
)
def test_what_needs_a_language_model_says_so(wish: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="no language model is configured"):
        CrawlRequest.from_payload({**PAYLOAD, **wish})


def test_product_and_icp_go_together() -> None:
    for name in ("product_description", "icp_description"):
        with pytest.raises(InvalidInput, match="both or neither"):
            CrawlRequest.from_payload({**PAYLOAD, name: "x"})
    CrawlRequest.from_payload({**PAYLOAD, "extract_pain_points": False, "custom_ai_prompt": {"enabled": False}})


@given(
    st.dictionaries(
        st.sampled_from([*CrawlRequest("x").payload(), "custom_ai_prompt"]),
        st.from_type(object) | st.text() | st.floats(),
    )
)
def test_any_payload_is_a_request_or_invalid_input(payload: dict[str, object]) -> None:
    with suppress(InvalidInput):
        CrawlRequest.from_payload(payload)
