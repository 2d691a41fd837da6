"""Pages as Markdown: recorded cases (NAME.LEVEL.html and what must come out, NAME.LEVEL.md), and what holds for any."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orbweave.site.compendium import Block, Page, compose, read_page
from orbweave.site.request import CLEANUP_LEVELS

CASES = sorted((Path(__file__).parent / "compendium").glob("*.html"))
URL = "https://example.com/a/page"


def markdown(html: str, level: str = "fit", url: str = URL) -> str:
    return compose([read_page(html, url, level=level, max_chars=100_000)]).text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_recorded_page(case: Path) -> None:
    level = case.stem.rpartition(".")[2]
    assert markdown(case.read_text(encoding="utf-8"), level) + "\n" == case.with_suffix(".md").read_text(
        encoding="utf-8"
    )


def test_links_are_relative_to_the_base() -> None:
    page = read_page('<a href="x">word</a>', URL, base="https://example.com/b/", level="raw", max_chars=1000)
    assert "[word](https://example.com/b/x)" in compose([page]).text


def test_a_mark_in_a_page_is_no_link_of_ours() -> None:
    html = (
        "<title>\ue0007\ue001</title><h2>a\ue0007\ue001</h2><pre>\ue0007\ue001</pre><p><a href='/\ue0007\ue001'>x</a>"
    )
    for level in CLEANUP_LEVELS:
        assert "\ue000" not in markdown(html, level)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<",
        "no markup at all",
        "<table><td colspan=99999999><tr><th rowspan=x><table>",
        "<ul><ul><ul></ul></li></ol><li>x",
        "<ol start=-5><li>a</ol><ol start=99999999999><li>b",
        "<a href='http://[::1'>x</a><img src='//['>",
        "<div>" * 2000 + "deep" + "<b>" * 500 + "er",
        "<blockquote>" * 200 + "x<br>" * 50,
        "<ul><li>" * 200 + "x<br>" * 50,
        "<pre></pre><h1></h1><dl></dl><table></table><ul></ul><blockquote></blockquote>",
        "<body hidden>x</body>",
        "<frameset><frame src=x></frameset>",
        "\x00<p>\x00a",
    ],
)
def test_odd_pages_are_read(html: str) -> None:
    for level in CLEANUP_LEVELS:
        markdown(html, level)


@pytest.mark.parametrize(
    "piece",
    ["a<br><br>", "<ul><li>", "<blockquote>", "<div hidden>", "<div class=menu><a href=x>y</a>", "<dd>x", "[", "<b>x"],
)
def test_size_costs_no_more_than_its_share(piece: str) -> None:
    """Not the time, which depends on the machine, but the text: it must not grow faster than the page."""
    html = f"<body><dl>{piece * 20_000}"
    assert len(markdown(html, "raw")) < 4 * len(html)


TAGS = st.sampled_from([
    "p", "div", "span", "a", "b", "i", "ul", "ol", "li", "table", "tr", "td", "th", "h1", "h2", "h3", "pre", "code",
    "blockquote", "dl", "dt", "dd", "br", "img", "main", "aside", "nav", "article", "header", "footer", "form",
    "button", "details", "summary", "x-y",
])  # fmt: skip
WORDS = st.text("ab *_[]()`#|<>-1.\n\u00a0\u200bäא中\ue000\ue001", max_size=12)


@st.composite
def pages(draw: st.DrawFn) -> str:
    parts = []
    for _ in range(draw(st.integers(0, 25))):
        tag = draw(TAGS)
        parts.append(draw(WORDS))
        parts.append(
            draw(st.sampled_from([f"<{tag}>", f"</{tag}>", f'<{tag} href="/x" class="share menu" src=y alt=z>']))
        )
    return "".join(parts)


@given(st.lists(pages(), max_size=4), st.sampled_from(CLEANUP_LEVELS), st.integers(1, 400), st.booleans())
@settings(max_examples=200, deadline=None)
def test_no_page_breaks_it_and_no_text_is_longer_than_asked(
    htmls: list[str], level: str, max_chars: int, unique: bool
) -> None:
    read = [
        read_page(html, f"https://example.com/{n}", level=level, max_chars=max_chars) for n, html in enumerate(htmls)
    ]
    found = compose(read, max_chars=max_chars, remove_duplicates=unique, priority_sections=["about", "a"])
    assert len(found.text) <= max_chars
    assert "\ue000" not in found.text
    found.text.encode()
    if not found.complete and len(found.text) < max_chars:
        whole = compose(read, max_chars=10**6, remove_duplicates=unique, priority_sections=["about", "a"]).text
        assert len(whole) > max_chars


BLOCKS = st.lists(
    st.builds(Block, st.sampled_from(["text", "list", "table"]), st.sampled_from(["alpha", "Beta!", "gamma", "beta"]))
    | st.builds(lambda level: Block("heading", "#" * level + " Title", level), st.integers(2, 4)),
    max_size=8,
)


@given(st.lists(BLOCKS, max_size=5))
def test_no_block_is_there_twice_and_no_heading_without_anything_below(sites: list[list[Block]]) -> None:
    read = [Page(f"https://example.com/{n}", "", None, tuple(blocks)) for n, blocks in enumerate(sites)]
    parts = re.split(r"\n\n", compose(read).text)
    words = [re.sub(r"\W", "", part).casefold() for part in parts if part and part[0] not in "#<-"]
    assert len(words) == len(set(words))
    assert set(words) == {
        re.sub(r"\W", "", block.text).casefold() for page in sites for block in page if not block.level
    }
    again = compose(read, remove_duplicates=False).text
    assert sum(again.count(word) for word in ("alpha", "Beta", "gamma", "beta")) == sum(
        not block.level for page in sites for block in page
    )


def page(name: str, html: str, kind: str | None = None, level: str = "fit") -> Page:
    return read_page(
        f"<title>{name}</title>{html}", f"https://example.com/{name}", kind=kind, level=level, max_chars=9999
    )


FOOT = "<p>Ring the bell twice and wait for Anna.</p>"


def test_what_pages_share_is_said_once() -> None:
    pages = [
        page("one", f"<h1>One</h1><p>First.</p><h2>Visit</h2>{FOOT}"),
        page("two", f"<h1>Two</h1><p>Second.</p><h2>Visit</h2>{FOOT.upper()}"),
        page("three", f"<h1>Three</h1>{FOOT}"),
        page("four", f"<h1>Four</h1><h2>Visit</h2><p>By bus.</p>{FOOT}"),
    ]
    found = compose(pages, separator="\n\n***\n\n")
    assert found.text == (
        "# One\n\n<https://example.com/one>\n\nFirst.\n\n## Visit\n\nRing the bell twice and wait for Anna."
        "\n\n***\n\n# Two\n\n<https://example.com/two>\n\nSecond."
        "\n\n***\n\n# Four\n\n<https://example.com/four>\n\n## Visit\n\nBy bus."
    )
    assert (found.pages, found.complete) == (3, True)
    assert compose(pages, remove_duplicates=False).text.casefold().count("ring the bell") == 4


def test_what_matters_comes_first() -> None:
    pages = [
        page(
            "home",
            "<h1>Home</h1><p>Hello.</p><h2>Our prices</h2><p>Ten.</p><h3>Extras</h3><p>One.</p><h2>Bye</h2><p>!a</p>",
        ),
        page("team", "<h1>Team</h1><p>Kim.</p>", "team"),
        page("about", "<h1>About</h1><p>Since 1900.</p>", "about"),
    ]
    text = compose(pages, priority_sections=["about", "PRICES", "nothing"]).text
    order = [text.index(word) for word in ("Since 1900", "Ten.", "One.", "Hello.", "!a", "Kim.")]
    assert order == sorted(order)
    assert compose(pages).text.index("Hello.") < compose(pages).text.index("Ten.")


def test_it_ends_between_two_blocks() -> None:
    pages = [
        page("one", "<h1>One</h1><p>First words.</p><p>More words.</p>"),
        page("two", "<h1>Two</h1><p>Second.</p>"),
    ]
    whole = compose(pages).text
    ends = {len(whole[: found.start()]) for found in re.finditer(r"\n\n", whole)} | {len(whole)}
    for max_chars in range(len("# One\n\n<https://example.com/one>\n\nFirst words."), len(whole) + 5):
        found = compose(pages, max_chars=max_chars)
        assert len(found.text) in ends
        assert whole.startswith(found.text)
        assert found.complete == (found.text == whole)
    assert compose(pages, max_chars=40).text == "# One\n\n<https://example.com/one>\n\nFirst"
    assert compose([page("one", "<p>" + "x" * 500)], max_chars=60).text.startswith("# one\n\n<https://example.com/one>")


def test_references_are_numbered_over_all_pages_and_fit_in() -> None:
    pages = [
        page("one", '<h1>One</h1><p>There are <a href="/a">A</a> and <a href="/b">B</a>.</p>', level="citations"),
        page("two", '<h1>Two</h1><p>See <a href="/b">B</a>.</p><p>And <a href="/c">C</a>.</p>', level="citations"),
    ]
    text = compose(pages, remove_duplicates=False).text
    assert "A[1] and B[2]." in text
    assert "See B[2]." in text
    assert "And C[3]." in text
    assert text.endswith("[1]: https://example.com/a\n[2]: https://example.com/b\n[3]: https://example.com/c")
    for max_chars in range(1, len(text) + 1):
        cut = compose(pages, remove_duplicates=False, max_chars=max_chars).text
        assert len(cut) <= max_chars
        assert set(re.findall(r"\w\[(\d)\]", cut)) == set(re.findall(r"^\[(\d)\]:", cut, re.MULTILINE))
    assert cut == text
