"""Page kinds from addresses, link texts and titles."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.site.document import parse
from orbweave.site.kinds import KINDS, fold, languages, page_kind, page_kind_of

TABLE = [
    line.split("\t")
    for line in (Path(__file__).parent / "kind_words.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
BY_LANGUAGE: dict[str, list[tuple[str, str, str | None]]] = defaultdict(list)
for _language, _path, _anchor, _kind in TABLE:
    BY_LANGUAGE[_language].append((_path, _anchor, None if _kind == "-" else _kind))


@pytest.mark.parametrize("language", BY_LANGUAGE)
def test_links_of_the_language(language: str) -> None:
    found = {
        (path, anchor): page_kind(f"https://www.a.example{path}", anchor) for path, anchor, _ in BY_LANGUAGE[language]
    }
    assert found == {(path, anchor): kind for path, anchor, kind in BY_LANGUAGE[language]}


@pytest.mark.parametrize("language", languages())
def test_every_phrase_of_every_language_is_recognised(language: str) -> None:
    for kind, phrases in languages()[language].items():
        assert kind in (*KINDS, "-")
        for phrase in phrases:
            text, expected = phrase.strip("=~*"), None if kind == "-" else kind
            assert page_kind("http://a.example/x", text) == expected, phrase
            assert page_kind(f"http://a.example/{text.replace(' ', '-')}") == expected, phrase


def test_languages_are_many_and_each_has_the_kinds_asked_for_by_default() -> None:
    assert len(languages()) >= 36
    assert all({"contact", "about", "team", "news"} <= set(kinds) for kinds in languages().values())
    assert len(BY_LANGUAGE) >= 36


@pytest.mark.parametrize(
    ("path", "anchor", "expected"),
    [
        ("/kontakt.html", "", "contact"),
        ("/de/kontaktformular", "", "contact"),
        ("/UeberUns.aspx", "", "about"),
        ("/OurTeam", "", "team"),
        ("/quisommesnous.html", "", "about"),
        ("/p/12", "Über  uns", "about"),
        ("/?page_id=12", "Über uns", "about"),
        ("/node/3", "Legal notice", "imprint"),
        ("/index.php?id=7", "Our team", "team"),
        ("/index.php?page=kontakt", "", "contact"),
        ("/index.php?option=com_contact&view=contact&id=1", "", "contact"),
        ("/?impressum", "", "imprint"),
        ("/#/contact", "", "contact"),
        ("/%C3%BCber-uns", "", "about"),
        ("/%E4%BC%9A%E7%A4%BE%E6%A6%82%E8%A6%81/", "", "about"),
        ("/会社概要", "", "about"),
        ("/x", "お問い合わせはこちら", "contact"),
        ("/x", "スタッフブログ", "blog"),
        ("/impressum-datenschutz", "", "imprint"),
        # A page's own segment says more than those it lies in.
        ("/about/team", "", "team"),
        ("/about-us/our-history-since-1950-and-before", "", "about"),
        ("/company/careers", "Jobs", "careers"),
        ("/team/john-smith", "John Smith", "team"),
        ("/people/anna-meier", "Anna Meier", "team"),
        ("/locations/london", "London", "locations"),
        ("/blog/2024/03/oiling-wood", "Read more", "blog"),
        ("/post/batch-cooking", "Batch cooking", "blog"),
        ("/company/products", "Products", None),
        ("/blog/10-reasons-to-contact-your-dentist", "", "blog"),
        ("/news/unser-neues-team", "Unser neues Team stellt sich vor", "news"),
        ("/blog/contact/", "", "contact"),
        ("/en/10-reasons-to-contact-your-dentist-today", "Read more", None),
        # One word of a sentence or of a ware.
        ("/speisekarte", "Speisekarte", None),
        ("/contact-lenses", "Contact lenses", None),
        ("/kontaktlinsen/", "Kontaktlinsen", None),
        ("/lentilles-de-contact", "Lentilles de contact", None),
        ("/services/team-building", "Team building", None),
        ("/shop/team-shirts", "", None),
        ("/products/about-face-serum", "About-Face Serum", None),
        ("/newsstand", "News-stand", None),
        ("/contact-lenses/daily", "Daily contacts", None),
        ("/about-our-mulch-sale", "Mulch sale", None),
        ("/blog-writing-services", "Blog writing services", None),
        ("/team-jacken", "Teamjacken", None),
        ("/privacy-law", "Privacy law", None),
        ("/ratgeber/impressumspflicht", "Impressumspflicht im Handwerk", None),
        ("/login", "Mitarbeiter-Login", None),
        ("/daily-specials", "Daily contacts", "contact"),
        ("/volne-pracovne-miesta", "Pridaj sa k nám", "careers"),
        ("/property-management", "Property management", None),
        ("/shop/contact", "Contact", "contact"),
        ("/coffee/french-press", "French press", None),
        ("/newsletter", "Newsletter", None),
        ("/plan-du-site", "Plan du site", None),
        ("/pl/oferta", "Oferta", None),
        ("/", "", None),
    ],
)
def test_page_kind(path: str, anchor: str, expected: str | None) -> None:
    assert page_kind(f"http://a.example{path}", anchor) == expected


def test_a_host_of_its_own() -> None:
    assert page_kind("https://blog.shop.example/2024/one") == "blog"
    assert page_kind("https://karriere.shop.example/") == "careers"
    assert page_kind("https://contact.example/") is None


@pytest.mark.parametrize(
    ("path", "title", "expected"),
    [
        ("/?page_id=12", "Kontakt | Gasthof Adler", "contact"),
        ("/p7.html", "Gasthof Adler – Über uns", "about"),
        ("/node/3", "株式会社さくら | 会社概要", "about"),
        ("/x", "Team Müller Fahrschule", None),
        ("/x", "Contact lenses | Optics", None),
        ("/", "Contact us", None),
        ("/x", "", None),
    ],
)
def test_the_title_tells_when_the_link_does_not(path: str, title: str, expected: str | None) -> None:
    document = parse(f"<title>{title}</title><p>x", f"http://a.example{path}")
    assert page_kind_of(document) == expected
    assert page_kind_of(document, "news") == "news"


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_link_has_a_kind_or_none(path: str, anchor: str) -> None:
    assert page_kind(f"http://a.example/{path}", anchor) in (*KINDS, None)


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
