"""Extractors on pages as they are written, and on bytes that nobody should write."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orbweave.site import extract
from orbweave.site.document import parse, read
from orbweave.site.extract.addresses import in_text
from orbweave.site.extract.emails import clean, emails
from orbweave.site.extract.phones import phones
from orbweave.site.extract.socials import PLATFORMS, profile_of

OWN = "muster.li"


@pytest.mark.parametrize(
    "html",
    [
        '<a href="mailto:Info@Muster.li?subject=Hallo">Mail</a>',
        '<a href="MAILTO:info%40muster.li">Mail</a>',
        '<a href="mailto:info&#64;muster&#46;li">Mail</a>',
        "<p>info@muster.li</p>",
        "<p>Schreiben Sie an info@muster.li.</p>",
        "<p>E-Mail:info@muster.li</p>",
        "<p>(info@muster.li)</p>",
        "<span>E-Mail</span><span>info@muster.li</span><span>Telefon</span>",
        "<p>in<b>fo</b>@<i>muster</i>.li</p>",
        "<p>info<span style='display:none'>-nospam-</span>@muster.li</p>",
        "<p>info@<!-- no robots -->muster.li</p>",
        "<p>info&#64;muster&#x2e;li</p>",
        "<p>info (at) muster.li</p>",
        "<p>info[at]muster[dot]li</p>",
        "<p>info {at} muster {punkt} li</p>",
        "<p>info(ät)muster.li</p>",
        "<p>info@muster[dot]li</p>",
        "<p>info [arroba] muster [punto] li</p>",
        "<p>info＠muster.li</p>",
        "<p>info at muster dot li</p>",
        "<p>info AT muster DOT li</p>",
        "<p>info @ muster.li</p>",
        '<span style="unicode-bidi: bidi-override; direction: rtl">il.retsum@ofni</span>',
        '<a class="__cf_email__" data-cfemail="422b2c242d022f37313627306c2e2b">x</a>',
        '<a href="/cdn-cgi/l/email-protection#422b2c242d022f37313627306c2e2b">x</a>',
        "<a href=\"javascript:linkTo_UnCryptMailto('nbjmup+jogpAnvtufs/mj');\">x</a>",
        '<a data-mailto-token="nbjmup+jogpAnvtufs/mj" data-mailto-vector="1">x</a>',
        '<a data-enc-email="vasb[at]zhfgre.yv">x</a>',
        '<span data-user="ofni" data-domain="il.retsum">x</span>',
        '<span data-name="info" data-domain="muster" data-tld="li">x</span>',
        "<script>var a='info'+'&#64;';a=a+'muster'+'&#46;'+'li';document.write(a)</script>",
        "<script>document.write('<a href=\"mailto:'+'info'+'@'+'muster.li'+'\">')</script>",
        "<script>document.write(String.fromCharCode(105,110,102,111,64,109,117,115,116,101,114,46,108,105))</script>",
        "<script>x='\\u0069nfo\\u0040muster.li'</script>",
        '<script type="application/ld+json">{"@type":"Restaurant","email":"mailto:info@muster.li"}</script>',
        '<script type="application/ld+json">{"@graph":[{"contactPoint":{"email":"info@muster.li"}}]}</script>',
        '<p itemprop="email" content="info@muster.li">Mail</p>',
        '<a href="info@muster.li">Mail</a>',
        '<form><input type="hidden" name="recipient" value="info@muster.li"></form>',
    ],
)
def test_an_address_a_reader_would_find_is_found(html: str) -> None:
    found = {fact.value for fact in emails(parse(html, "http://muster.li/"), OWN)}
    assert found == {"info@muster.li"}


@pytest.mark.parametrize(
    "html",
    [
        '<img src="logo@2x.png"> logo@2x.png sprite@3x.webp',
        "<p>your@email.com, name@example.com, john@yourdomain.com</p>",
        "<p>follow us @muster and find us at muster.li</p>",
        "<p>find us @ muster.li</p>",
        "<p>version 1.2@latest react@18.2.0 a@b</p>",
        "<script>Sentry.init({dsn:'https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1'})</script>",
        "<script>/* (c) author@library.org */ var config = {};</script>",
        '<a href="mailto:trap@muster.li" style="display:none">x</a><p style="display: none">trap@nowhere.invalid</p>'[
            54:
        ],
        "<p>@@@ a@@b.li .@. x@.li x@-.li</p>",
        '<a href="https://medium.com/@muster">Blog</a>',
        '<a href="mailto:?subject=Look&body=this">Share</a>',
    ],
)
def test_what_only_looks_like_an_address_is_not(html: str) -> None:
    assert [fact.value for fact in emails(parse(html, "http://muster.li/"), OWN)] == []


def test_words_glued_to_an_address_come_off() -> None:
    assert clean("info@muster.liTelefon") == "info@muster.li"
    assert clean("info@muster.li.Telefon") == "info@muster.li"
    assert clean("<Info@Muster.CO.UK>,") == "info@muster.co.uk"
    assert clean("büro@müller.de") is None
    assert clean("info@müller.de") == "info@xn--mller-kva.de"


@pytest.mark.parametrize(
    ("text", "url", "country", "expected"),
    [
        ("Tel. 232 12 34", "http://x.li/", None, {"+4232321234": "fixed_line"}),
        ("Tel. 232 12 34", "http://x.com/", "LI", {"+4232321234": "fixed_line"}),
        (
            "T +423 232 12 34 F +423 232 12 35",
            "http://x.li/",
            None,
            {"+4232321234": "fixed_line", "+4232321235": "fax"},
        ),
        ("+423 232 12 35 (Fax)", "http://x.li/", None, {"+4232321235": "fax"}),
        ("Tel/Fax: +423 232 12 34", "http://x.li/", None, {"+4232321234": "fixed_line"}),
        ("00423 232 12 34", "http://x.com/", None, {"+4232321234": "fixed_line"}),
        ("+41 (0)44 668 18 00", "http://x.com/", None, {"+41446681800": "fixed_line"}),
        ("Mobil 079 123 45 67", "http://x.li/", None, {"+41791234567": "mobile"}),
        ("030 / 901 820", "http://x.de/", None, {"+4930901820": "fixed_line"}),
        ("01 42 68 53 00", "http://x.fr/", None, {"+33142685300": "fixed_line"}),
        ("+377 93 15 26 00", "http://x.mc/", None, {"+37793152600": "fixed_line"}),
        ("Tel.: 801 234", "http://x.ad/", None, {"+376801234": "fixed_line"}),
        ("(212) 736-5000", "http://x.com/", "US", {"+12127365000": "fixed_line_or_mobile"}),
        (
            "212-736-5000 / 415-981-1000",
            "http://x.us/",
            None,
            {"+12127365000": "fixed_line_or_mobile", "+14159811000": "fixed_line_or_mobile"},
        ),
        ("電話：03-3224-9999", "http://x.jp/", None, {"+81332249999": "fixed_line"}),
        ("Montag 08.00 - 18.00, 12.05.2024, 2019-2024, 1.250.000", "http://x.de/", None, {}),
        ("IBAN LI21 0881 0000 2324 013A A, CHE-123.456.789 MWST, HRB 123456", "http://x.li/", None, {}),
        ("SIRET 732 829 320 00074, RCS 732 829 320", "http://x.fr/", None, {}),
        ("Art. 0441234567, ISBN 978-3-16-148410-0", "http://x.ch/", None, {}),
        ("Gasthof Hotel 1900 2000", "http://x.li/", None, {}),
    ],
)
def test_phones(text: str, url: str, country: str | None, expected: dict[str, str]) -> None:
    found = {fact.value: fact.detail["type"] for fact in phones(parse(f"<p>{text}</p>", url), country)}
    assert found == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://de-de.facebook.com/Gasthof/?ref=page", ("facebook", "https://www.facebook.com/Gasthof")),
        (
            "https://www.facebook.com/profile.php?id=100&sk=about",
            ("facebook", "https://www.facebook.com/profile.php?id=100"),
        ),
        ("//www.instagram.com/gasthof.vaduz/", ("instagram", "https://www.instagram.com/gasthof.vaduz")),
        ("https://twitter.com/gasthof", ("twitter", "https://x.com/gasthof")),
        ("https://li.linkedin.com/company/gasthof/about/", ("linkedin", "https://www.linkedin.com/company/gasthof")),
        ("https://www.youtube.com/@gasthof/videos", ("youtube", "https://www.youtube.com/@gasthof")),
        (
            "https://api.whatsapp.com/send?phone=4232321234&text=x",
            ("whatsapp", "https://wa.me/4232321234"),
        ),
        ("https://t.me/gasthof", ("telegram", "https://t.me/gasthof")),
        ("https://www.facebook.com/sharer/sharer.php?u=https://x.li", None),
        ("https://www.facebook.com/", None),
        ("https://twitter.com/intent/tweet?text=x", None),
        ("https://x.com/gasthof/status/1", None),
        ("https://www.instagram.com/p/abc/", None),
        ("https://www.youtube.com/watch?v=abc", None),
        ("https://wa.me/?text=x", None),
        ("https://www.linkedin.com/shareArticle?url=x", None),
        ("https://pinterest.com/pin/create/button/", None),
        ("https://notfacebook.com/gasthof", None),
        ("https://facebook.com.evil.example/gasthof", None),
    ],
)
def test_profiles(url: str, expected: tuple[str, str] | None) -> None:
    assert profile_of(url) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Muster AG\nLandstrasse 25a\nFL-9490 Vaduz\nTel. 1", "Landstrasse 25a, FL-9490 Vaduz"),
        ("Müller GmbH, Hauptstraße 5-7, D-10115 Berlin", "Hauptstraße 5-7, D-10115 Berlin"),
        ("12, rue de la Paix\n75002 Paris", "12, rue de la Paix, 75002 Paris"),
        ("Hotel | Via Roma 12 | 20121 Milano", "Via Roma 12, 20121 Milano"),
        ("Carrer Major 3\nAD500 Andorra la Vella", "Carrer Major 3, AD500 Andorra la Vella"),
        ("ul. Długa 5\n00-950 Warszawa", "ul. Długa 5, 00-950 Warszawa"),
        ("Keizersgracht 123\n1015 CJ Amsterdam", "Keizersgracht 123, 1015 CJ Amsterdam"),
        ("1600 Main Street, Springfield, CA 94043", "1600 Main Street, Springfield, CA 94043"),
        ("221B Baker Street, London NW1 6XE", "221B Baker Street, London NW1 6XE"),
        (
            "4801 N. Butler Ave\nSuite 12101\nFarmington, NM 87401",
            "4801 N. Butler Ave, Suite 12101, Farmington, NM 87401",
        ),
        (
            "1435 North McDowell Blvd. Suite 300\nPetaluma CA 94954",
            "1435 North McDowell Blvd. Suite 300, Petaluma CA 94954",
        ),
        ("HP 9000 Series, HP 9000 Server", None),
        ("2900 Series Routers, 3800 Series Routers", None),
        ("Im Jahr 2019 Vaduz besucht, 1234 Menschen kamen", None),
        ("Copyright 2024 Muster AG", None),
    ],
)
def test_addresses(text: str, expected: str | None) -> None:
    assert list(in_text(text)) == ([expected] if expected else [])


_WORDS = st.sampled_from(
    [
        *(
            "<p>",
            "<div style='display:none'>",
            "</b>",
            "@",
            "(at)",
            "mailto:",
            '<a href="',
            "tel:",
            "+423 232 12 34",
            "Fax",
            '">',
        ),
        *("<script>", "</script>", '<script type="application/ld+json">', '{"@type":"Person","name":["x"],"email":{}}'),
        *("'+'", "String.fromCharCode(", "1,2)", "data-cfemail='zz'", "<meta charset=utf-16>", "\x00", "ä", "＠"),
        *(
            "http://[",
            "facebook.com/",
            "%",
            "<base href=//>",
            "\ud800",
            "UnCryptMailto('",
            "x.li",
            "00",
            "a",
            "9490 Vaduz",
        ),
    ]
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(_WORDS, max_size=60).map(lambda words: "".join(words).encode("utf-8", "surrogatepass")),
    )
)
def test_extractors_never_raise(body: bytes) -> None:
    document = read(body, "http://muster.li/", "text/html")
    for fact in extract.facts(document, site=OWN, kind="team", country="LI", with_team=True, with_company=True):
        assert isinstance(fact.value, str)
        assert fact.value
        assert len(fact.context) <= 500
        json.dumps(dict(fact.detail))


@given(st.text(max_size=200))
def test_a_cleaned_address_stays_as_it_is(text: str) -> None:
    address = clean(text + "@muster.li", OWN)
    assert address is None or clean(address, OWN) == address


def test_there_are_rules_for_every_platform_of_the_contract() -> None:
    from orbweave.site.extract.socials import _platforms

    assert {platform.name for platform in _platforms().values()} == set(PLATFORMS)
