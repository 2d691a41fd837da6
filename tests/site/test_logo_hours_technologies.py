"""Logos, opening hours, technologies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.site.document import parse
from orbweave.site.extract.hours import normal, opening_hours, written_hours
from orbweave.site.extract.logo import logos
from orbweave.site.extract.technologies import technologies


def logo(html: str) -> tuple[str, str] | None:
    found = logos(parse(html, "https://www.muster-holz.li/"))
    return (found[0].value, found[0].method) if found else None


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            '<script type="application/ld+json">{"@type": "Organization", "logo": {"url": "/l.png"}}</script>'
            "<img class=logo src=/x.png>",
            ("/l.png", "json-ld"),
        ),
        (
            '<script type="application/ld+json">{"@graph": [{"@type": "Organization", "logo": {"@id": "#logo"}},'
            '{"@id": "#logo", "@type": "ImageObject", "contentUrl": "/g.svg"}]}</script>',
            ("/g.svg", "json-ld"),
        ),
        ('<div itemscope><img itemprop="logo" src="/m.png" content="/m.png"></div>', ("/m.png", "microdata")),
        ('<header><a href="/"><img class="custom-logo" src="/c.png"></a></header>', ("/c.png", "image")),
        ('<img src="/uploads/logo-muster.svg">', ("/uploads/logo-muster.svg", "image")),
        ('<img alt="Muster-Holz" src="/head.png">', ("/head.png", "image")),
        ('<img alt="Muster-Holz AG" src="/1.png"><link rel="apple-touch-icon" href="/t.png">', ("/1.png", "image")),
        ('<img class="partner-logo" src="/p.png"><img src="/visa-logo.png"><img alt="PayPal Logo" src="/p.svg">', None),
        ('<link rel="apple-touch-icon" href="/touch.png"><meta property="og:image" content="/s.jpg">',
         ("/touch.png", "icon")),
        ('<meta property="og:image" content="https://cdn.example/share.jpg">',
         ("https://cdn.example/share.jpg", "share-image")),
        ('<img class="logo" src="data:image/gif;base64,R0">', None),
        ("<p>none</p>", None),
    ],
)  # fmt: skip
def test_logo(html: str, expected: tuple[str, str] | None) -> None:
    assert logo(html) == expected


@given(st.text(max_size=200))
def test_any_source_may_be_a_logo(text: str) -> None:
    for fact in logos(parse(f'<img class=logo src="{text}"><img class="{text}" src=x.png>', "https://a.example/")):
        assert fact.value


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Monday to Friday 9am - 5.30pm\nSaturday 10am - 2pm\nSunday closed",
         "Mo-Fr 09:00-17:30; Sa 10:00-14:00; Su closed"),
        ("en", "Mon-Fri: 8:00 AM – 6:00 PM, Sat: 9:00 AM – 1:00 PM", "Mo-Fr 08:00-18:00; Sa 09:00-13:00"),
        ("de", "Mo - Fr 08.00 - 12.00 und 13.30 - 17.00 Uhr\nSa nach Vereinbarung", "Mo-Fr 08:00-12:00, 13:30-17:00"),
        ("de", "Dienstag bis Samstag: 11:30 – 14:00 Uhr\nMontag Ruhetag", "Mo closed; Tu-Sa 11:30-14:00"),
        ("de", "Montag\n9:00 - 12:00\nDienstag\n9:00 - 12:00\nMittwoch\ngeschlossen",
         "Mo,Tu 09:00-12:00; We closed"),
        ("fr", "Du lundi au vendredi : 9h00 - 12h30 / 14h - 18h\nSamedi : fermé",
         "Mo-Fr 09:00-12:30, 14:00-18:00; Sa closed"),
        ("it", "Lunedì - Venerdì 9.00 - 13.00\nSabato e domenica chiuso", "Mo-Fr 09:00-13:00; Sa,Su closed"),
        ("es", "Lunes a viernes de 9:00 a 14:00\nSábado cerrado", "Mo-Fr 09:00-14:00; Sa closed"),
        ("pl", "poniedziałek - piątek: 8:00 - 16:00\nsobota: 9:00 - 13:00", "Mo-Fr 08:00-16:00; Sa 09:00-13:00"),
        ("nl", "ma t/m vr 9:00 - 17:30\nza 10:00 - 16:00", "Mo-Fr 09:00-17:30; Sa 10:00-16:00"),
        ("cs", "Po-Pá 7:30-16:00\nSo zavřeno", "Mo-Fr 07:30-16:00; Sa closed"),
        ("ru", "Пн-Пт: 9:00-18:00\nСб-Вс: выходной", "Mo-Fr 09:00-18:00; Sa,Su closed"),
        ("el", "Δευτέρα - Παρασκευή 09:00 - 17:00", "Mo-Fr 09:00-17:00"),
        ("tr", "Pazartesi - Cumartesi 09:00 - 19:00\nPazar kapalı", "Mo-Sa 09:00-19:00; Su closed"),
        ("ja", "月曜日～金曜日 9:00～18:00", "Mo-Fr 09:00-18:00"),
        ("zh", "周一至周五 9:00-18:00", "Mo-Fr 09:00-18:00"),
        ("sv", "Mån-fre 9-17\nLör 10-14", "Mo-Fr 09:00-17:00; Sa 10:00-14:00"),
        ("fi", "Ma-Pe 8:00-16:00", "Mo-Fr 08:00-16:00"),
        ("en", "We met on Monday and left on Friday.", None),
        ("en", "Open Sunday 10-12", None),
        ("de", "Tel. 05271 / 9 41 82, Di 12.03.2024", None),
    ],
)  # fmt: skip
def test_written_hours(language: str, text: str, expected: str | None) -> None:
    week = written_hours(text, language)
    assert (normal(week) if week else None) == expected


def test_structured_hours() -> None:
    html = """<script type="application/ld+json">{"@type": "Restaurant", "openingHoursSpecification": [
    {"dayOfWeek": ["http://schema.org/Monday", "Tuesday"], "opens": "11:30:00", "closes": "14:00"},
    {"dayOfWeek": "Monday", "opens": "18:00", "closes": "23:00"},
    {"dayOfWeek": "Sunday", "opens": "00:00", "closes": "00:00"}]}</script>"""
    assert opening_hours(parse(html, "https://a.li/")) == "Mo 11:30-14:00, 18:00-23:00; Tu 11:30-14:00; Su closed"
    given = '{"@type": "Store", "openingHours": ["Mo-Fr 09:00-18:00", "Sa 10:00-14:00"]}'
    html = f'<script type="application/ld+json">{given}</script>'
    assert opening_hours(parse(html, "https://a.li/")) == "Mo-Fr 09:00-18:00; Sa 10:00-14:00"
    assert opening_hours(parse("<p>x", "https://a.li/")) is None


@given(st.text(max_size=120), st.sampled_from(["en", "de", "ja", "xx", ""]))
def test_any_text_may_be_hours(text: str, language: str) -> None:
    week = written_hours(f"{text}\nMon {text}\nMo-Fr 9-17 {text}", language)
    assert all(0 <= day <= 6 for day in week)
    normal(week)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<meta name="generator" content="WordPress 6.5"><script src="/wp-content/plugins/elementor/a.js"></script>',
         ["WordPress", "Elementor"]),
        ("<meta name='generator' content='TYPO3 CMS'>", ["TYPO3"]),
        ('<link href="https://cdn.shopify.com/s/x.css">', ["Shopify"]),
        ('<img src="https://static.wixstatic.com/media/x.png">', ["Wix"]),
        ('<script id="__NEXT_DATA__" type="application/json">{}</script><img src="/_next/static/x.png">', ["Next.js"]),
        ('<script src="https://www.googletagmanager.com/gtm.js?id=GTM-1"></script>', ["Google Tag Manager"]),
        ("<script>var _paq=[];_paq.push(['trackPageView']);</script>", ["Matomo"]),
        ("<p>We build with care and drive on the highway</p>", []),
    ],
)  # fmt: skip
def test_technologies(html: str, expected: list[str]) -> None:
    assert technologies(parse(html, "https://a.li/")) == expected
