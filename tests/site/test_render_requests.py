"""What a page that is rendered may ask for; needs no browser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.site.render.requests import Reply, Request, Scripts, decide, trackers


def request(kind: str, url: str, method: str = "GET") -> Request:
    return Request(kind, method, url, {}, None, "https://shop.example.co.uk")


@pytest.mark.parametrize(
    ("kind", "method", "url", "decision"),
    [
        ("Script", "GET", "https://shop.example.co.uk/app.js", "fetch"),
        ("Script", "GET", "https://cdn.example.net/app.js", "fetch"),
        ("XHR", "GET", "http://api.example.net:8080/v1", "fetch"),
        ("Fetch", "HEAD", "https://api.example.net/v1", "fetch"),
        ("XHR", "OPTIONS", "https://api.example.net/v1", "allow"),
        ("Stylesheet", "GET", "https://cdn.example.net/app.css", "empty"),
        # What is sent goes to the page's own site alone.
        ("XHR", "POST", "https://api.example.co.uk/graphql", "fetch"),
        ("XHR", "POST", "https://other.co.uk/graphql", "refuse"),
        ("XHR", "PUT", "https://shop.example.co.uk/cart", "refuse"),
        ("XHR", "DELETE", "https://shop.example.co.uk/cart", "refuse"),
        *((kind, "GET", "https://shop.example.co.uk/x", "refuse") for kind in ("Image", "Font", "Media", "Ping")),
        *((kind, "GET", "https://shop.example.co.uk/x", "refuse") for kind in ("EventSource", "WebSocket", "Other")),
        ("Script", "GET", "https://www.googletagmanager.com/gtm.js", "refuse"),
        ("Script", "GET", "https://nevergoogletagmanager.com/gtm.js", "fetch"),
        ("XHR", "GET", "https://a.left.example/", "refuse"),
        ("XHR", "GET", "https://shop.example.co.uk:25/", "refuse"),
        ("XHR", "GET", "https://shop.example.co.uk:99999/", "refuse"),
        ("XHR", "GET", "https://[::1/", "refuse"),
        ("XHR", "GET", "https://shop.example.co.uk/" + "x" * 9000, "refuse"),
        *(("XHR", "GET", url, "refuse") for url in ("file:///etc/passwd", "ftp://x.example/", "chrome://settings/")),
    ],
)
def test_what_is_fetched_for_a_page(kind: str, method: str, url: str, decision: str) -> None:
    assert decide(request(kind, url, method), trackers() | {"left.example"}) == decision


@given(st.text(), st.sampled_from(["GET", "POST", "PURGE"]), st.sampled_from(["Script", "XHR", "Document", ""]))
def test_only_web_addresses_are_ever_fetched(url: str, method: str, kind: str) -> None:
    if decide(request(kind, url, method)) == "fetch":
        assert url.startswith(("http://", "https://"))


def test_scripts_are_kept_up_to_a_size_the_oldest_leaving_first() -> None:
    scripts = Scripts(max_bytes=10)
    for name in "abc":
        scripts.put(name, Reply(200, {}, b"1234"))
    assert [name for name in "abc" if scripts.get(name)] == ["b", "c"]
    scripts.put("b", Reply(200, {}, b"x" * 11))
    assert [name for name in "abc" if scripts.get(name)] == []


def test_scripts_are_kept_for_a_while_only() -> None:
    scripts = Scripts(seconds=-1)
    scripts.put("a", Reply(200, {}, b"1234"))
    assert scripts.get("a") is None
