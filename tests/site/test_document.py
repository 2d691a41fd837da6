"""What one reading of a page gives its extractors."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.growth import SHAPES, page
from bench.quality import CORPUS
from orbweave.site import extract
from orbweave.site.document import parse, read


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<p>a<br>b</p>", "a\nb"),
        ("<p>a<b>b</b>c</p>", "abc"),
        ("<div>a<div>b</div>c</div>", "a\nb\nc"),
        ("<p>one\n   two\tthree\u00a0four</p>", "one two three four"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a\nb\nc"),
        ("<pre>a\nb</pre>", "a\nb"),
        ('<p style="white-space: pre-line">a\nb</p>', "a\nb"),
        ("<p>a<!-- x -->b</p>", "ab"),
        ("<p>a<wbr>b<i></i>c</p>", "abc"),
        ("<p>so&shy;ft</p>", "soft"),
        ("<head><title>t</title></head><p>a</p><script>s</script><style>s</style><svg><text>s</text></svg>", "a"),
        ('<p>a</p><p style="display:none">trap</p><p hidden>trap</p>', "a"),
        ('<p>a</p><div style="display:none">' + "tab " * 40 + "</div>", "a\n" + ("tab " * 40).strip()),
        ("<p>a</p><ol class='commentlist'><li>b</li></ol>", "a"),
        ("<frameset cols=1,2><frame src=a.htm><noframes><body><p>a</p></body></noframes></frameset>", "a"),
        ("", ""),
        ("<", "<"),
    ],
)
def test_text(html: str, text: str) -> None:
    assert parse(html, "http://a.example/").text == text


def test_pieces_end_where_markup_does() -> None:
    document = parse("<p>E-Mail<span>info@muster.li</span></p><p>x</p>", "http://muster.li/")
    assert document.text == "E-Mailinfo@muster.li\nx"
    assert document.pieces == "E-Mail\ninfo@muster.li\nx"


def test_links_keep_what_stands_for_their_text() -> None:
    html = (
        '<a href="/a"> A  <b>b</b></a><a href="/c" title="C"><i></i></a><a href="/d"><img alt="D"></a><a>none</a>'
        '<map><area href="/e" aria-label="E"></map><p style="display:none"><a href="/f">F</a><a href="mailto:x">x</a>'
    )
    links = parse(html, "http://a.example/").links
    assert [(link.href, link.text) for link in links] == [
        ("/a", "A b"),
        ("/c", "C"),
        ("/d", "D"),
        ("/f", "F"),
        ("/e", "E"),
    ]


def test_frames_are_links() -> None:
    html = '<frameset><frame name=a src="nav.htm"><frame src=main.htm></frameset>'
    assert [link.href for link in parse(html, "http://a.example/").links] == ["nav.htm", "main.htm"]


def test_what_is_asked_for_seldom() -> None:
    document = parse(
        "<html lang='de-CH'><head><title> A \n b </title><base href=/x/><meta name=Description content=d>"
        '<meta http-equiv=refresh content="0; url=/y"><link rel="shortcut icon" href=/i.ico></head>'
        "<body><img src=l.png class=Logo><address>a<br>b</address><span itemprop=email>e</span><iframe src=/f></iframe>"
        "<noscript>n</noscript><script>var a</script><script src=x></script>"
        '<script type="application/json">{"a":1}</script>'
        '<script type="application/ld+json">{"@graph":[{"@type":"Hotel","name":"H",}]}</script>',
        "http://a.example/",
    )
    assert (document.title, document.lang, document.base, document.refresh) == ("A b", "de-ch", "/x/", "/y")
    assert document.metas["description"] == "d"
    assert document.icons == (("shortcut icon", "/i.ico"),)
    assert document.images == (("l.png", "logo l.png"),)
    assert document.addresses == ("a\nb",)
    assert document.microdata == (("email", "e"),)
    assert document.frames == ["/f"]
    assert document.noscript_text == "n"
    assert document.scripts == ["var a"]
    assert document.states == ['{"a":1}']
    assert [thing.get("name") for thing in document.json_ld] == [None, "H"]


def test_bytes_and_text_are_read_alike() -> None:
    html = "<p>Grüße, 電話 &amp; Ünïcode</p><!-- c -->"
    expected = parse(html, "http://a.example/").text
    for body, content_type in (
        (html.encode(), "text/html; charset=utf-8"),
        (html.encode("utf-8-sig"), "text/html"),
        (html.encode("utf-16"), "text/html"),
        (html.replace("Grüße", "Gr\x00üße").encode(), "text/html; charset=utf-8"),
    ):
        assert read(body, "http://a.example/", content_type).text == expected


_PAGES = [path.read_bytes() for path in sorted(Path(CORPUS).glob("*/input.html"))]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(st.data())
def test_pages_cut_and_mixed_never_raise(data: st.DataObject) -> None:
    """Real mark-up with its bytes lost, doubled and spliced."""
    one, other = (data.draw(st.sampled_from(_PAGES)) for _ in range(2))
    start, end = sorted(data.draw(st.integers(0, min(len(one), 20_000))) for _ in range(2))
    place = data.draw(st.integers(0, min(len(other), 20_000)))
    noise = data.draw(st.binary(max_size=20))
    body = one[:start] + noise + other[place : place + 4_000] + one[end : end + 4_000]
    document = read(body, "http://muster.li/", "text/html")
    for fact in extract.facts(
        document, site="muster.li", kind="contact", country="LI", with_team=True, with_company=True
    ):
        assert fact.value


def _calls(body: bytes) -> int:
    """How many functions reading ``body`` calls: the work done, whatever the machine."""
    count = 0

    def on_event(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(on_event)
    try:
        document = read(body, "https://muster.li/kontakt", "text/html")
        extract.facts(document, site="muster.li", kind="contact", country="LI", with_team=True, with_company=True)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_twice_the_page_is_at_most_twice_the_work(shape: str | tuple[str, str, str]) -> None:
    """What native code does inside one call isn't seen here: ``python -m bench.growth`` shows the processor time."""
    _calls(page(shape, 1_000))
    once, twice = _calls(page(shape, 8_000)), _calls(page(shape, 16_000))
    assert twice <= 2.3 * once + 2_000


@given(st.text(alphabet="ab@ .ä漢😀", max_size=60), st.text(alphabet="ab@ .ä漢😀", max_size=4))
def test_words_are_found_where_they_stand(shown: str, words: str) -> None:
    document = parse(f"<p>x{shown}", "https://a.example/")
    assert document.find(words) == document.text.find(words)


def test_half_a_character_is_not_found_and_does_no_harm() -> None:
    document = parse("<p>a \ud800 b \udfff", "https://a.example/")
    assert document.find("\ud800 c") == -1
    assert document.is_in_source(b" b ")
