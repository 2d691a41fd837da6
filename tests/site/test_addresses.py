"""Postal addresses in the formats of many countries, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.site.document import parse
from orbweave.site.extract import address_text
from orbweave.site.extract.address_text import in_text
from orbweave.site.extract.addresses import address_key, addresses


def values(text: str, *countries: str) -> list[str]:
    return [one.value for one in in_text(text, countries)]


@pytest.mark.parametrize(
    ("countries", "text", "expected"),
    [
        ("LI", "Muster AG\nLandstrasse 25a\nFL-9490 Vaduz\nTel. 1", "Landstrasse 25a, FL-9490 Vaduz"),
        ("DE", "Müller GmbH, Hauptstraße 5-7, D-10115 Berlin", "Hauptstraße 5-7, D-10115 Berlin"),
        ("DE", "Am Markt 3 · 97070 Würzburg · Tel. 0931", "Am Markt 3, 97070 Würzburg"),
        ("AT", "Mariahilfer Straße 12/3/7\n1070 Wien", "Mariahilfer Straße 12/3/7, 1070 Wien"),
        ("CH", "Rue du Rhône 14\n1204 Genève", "Rue du Rhône 14, 1204 Genève"),
        ("FR", "12, rue de la Paix\n75002 Paris", "12, rue de la Paix, 75002 Paris"),
        ("FR", "45 bis avenue Jean Jaurès - 69007 LYON", "45 bis avenue Jean Jaurès, 69007 LYON"),
        ("IT", "Hotel | Via Roma 12 | 20121 Milano", "Via Roma 12, 20121 Milano"),
        ("IT", "Via Garibaldi, 12/A - 23900 Lecco (LC)", "Via Garibaldi, 12/A, 23900 Lecco (LC)"),
        ("ES", "C/ Mayor, 5, 2º B\n28013 Madrid", "C/ Mayor, 5, 2º B, 28013 Madrid"),
        ("AD", "Carrer Major 3\nAD500 Andorra la Vella", "Carrer Major 3, AD500 Andorra la Vella"),
        ("PT", "Rua Augusta, 24\n1100-053 Lisboa", "Rua Augusta, 24, 1100-053 Lisboa"),
        ("PL", "ul. Długa 5\n00-950 Warszawa", "ul. Długa 5, 00-950 Warszawa"),
        ("NL", "Keizersgracht 123\n1015 CJ Amsterdam", "Keizersgracht 123, 1015 CJ Amsterdam"),
        ("BE", "Kerkstraat 12 bus 3, 9000 Gent", "Kerkstraat 12 bus 3, 9000 Gent"),
        ("LU", "41, rue de l'Alzette, L-4010 Esch-sur-Alzette", "41, rue de l'Alzette, L-4010 Esch-sur-Alzette"),
        ("DK", "Nørregade 12, 2. th.\n1165 København K", "Nørregade 12, 2. th, 1165 København K"),
        ("SE", "Storgatan 1\n111 22 Stockholm", "Storgatan 1, 111 22 Stockholm"),
        ("NO", "Karl Johans gate 5, 0154 Oslo", "Karl Johans gate 5, 0154 Oslo"),
        ("FI", "Mannerheimintie 12 A, 00100 Helsinki", "Mannerheimintie 12 A, 00100 Helsinki"),
        ("CZ", "Národní 123/45, 110 00 Praha 1", "Národní 123/45, 110 00 Praha 1"),
        ("SK", "Hlavná 5\n811 01 Bratislava", "Hlavná 5, 811 01 Bratislava"),
        ("HU", "1051 Budapest, Fő utca 1.", "1051 Budapest, Fő utca 1"),
        ("SI", "Slovenska cesta 5, 1000 Ljubljana", "Slovenska cesta 5, 1000 Ljubljana"),
        ("HR", "Ilica 12, 10000 Zagreb", "Ilica 12, 10000 Zagreb"),
        ("GR", "Ερμού 12, 105 63 Αθήνα", "Ερμού 12, 105 63 Αθήνα"),
        ("RO", "Str. Florilor nr. 5, Cluj-Napoca 400123", "Str. Florilor nr. 5, Cluj-Napoca 400123"),
        ("BG", "ул. Витоша 12, 1000 София", "ул. Витоша 12, 1000 София"),
        ("TR", "Atatürk Cad. No: 12, 34710 Kadıköy/İstanbul", "Atatürk Cad. No: 12, 34710 Kadıköy/İstanbul"),
        ("RU", "Адрес:\nг. Москва\nул. Ленина, д. 5", "г. Москва, ул. Ленина, д. 5"),
        ("RU", "г.Тюмень ул.Республики 12", "г.Тюмень ул.Республики 12"),
        ("IT", "Via Roma n. 12 - Firenze", "Via Roma n. 12 - Firenze"),
        ("CN", "河北省保定市安新县大王镇工业区", "河北省保定市安新县大王镇工业区"),
        ("RU", "620014, г. Екатеринбург, ул. Малышева, д. 31", "620014, г. Екатеринбург, ул. Малышева, д. 31"),
        ("UA", "Адреса: вул. Хрещатик, 22, Київ, тел. 044", "вул. Хрещатик, 22, Київ"),
        ("US", "1600 Main Street, Springfield, CA 94043", "1600 Main Street, Springfield, CA 94043"),
        (
            "US",
            "4801 N. Butler Ave\nSuite 12101\nFarmington, NM 87401",
            "4801 N. Butler Ave, Suite 12101, Farmington, NM 87401",
        ),
        (
            "US",
            "1435 North McDowell Blvd. Suite 300\nPetaluma CA 94954",
            "1435 North McDowell Blvd. Suite 300, Petaluma CA 94954",
        ),
        ("US", "200 Clarendon\nBoston\n,\nMassachusetts\n02116", "200 Clarendon, Boston, Massachusetts 02116"),
        ("US", "P.O. Box 291, Anson, ME 04911", "P.O. Box 291, Anson, ME 04911"),
        ("US", "12 Elm Street, Springfield, IL", "12 Elm Street, Springfield, IL"),
        ("CA", "5320 Roper Road, Edmonton, Alberta T6B 3E9", "5320 Roper Road, Edmonton, Alberta T6B 3E9"),
        ("GB", "221B Baker Street, London NW1 6XE", "221B Baker Street, London NW1 6XE"),
        (
            "GB",
            "Clifton House\nWell Lane\nHalifax\nWest Yorkshire\nHX1 5QN",
            "Clifton House, Well Lane, Halifax, West Yorkshire, HX1 5QN",
        ),
        ("IE", "Ballinure, Thurles, Co. Tipperary, E41 X5P3", "Ballinure, Thurles, Co. Tipperary, E41 X5P3"),
        ("AU", "12 King Street, Perth WA 6000", "12 King Street, Perth WA 6000"),
        ("NZ", "18 Ramshaw Lane, Arrowtown 9302", "18 Ramshaw Lane, Arrowtown 9302"),
        ("IN", "12, Mahatma Gandhi Road, Bengaluru 560001", "12, Mahatma Gandhi Road, Bengaluru 560001"),
        (
            "BR",
            "Av. Paulista, 1000 - Bela Vista, São Paulo - SP, 01310-100",
            "Av. Paulista, 1000, Bela Vista, São Paulo, SP, 01310-100",
        ),
        (
            "MX",
            "Av. Reforma 222, Col. Juárez, 06600 Ciudad de México",
            "Av. Reforma 222, Col. Juárez, 06600 Ciudad de México",
        ),
        ("JP", "〒100-0005 東京都千代田区丸の内1-1-1\nTEL 03", "〒100-0005 東京都千代田区丸の内1-1-1"),
        ("CN", "地址：江苏省常州市武进区鸣新中路256号", "江苏省常州市武进区鸣新中路256号"),
        ("KR", "서울특별시 강남구 테헤란로 123", "서울특별시 강남구 테헤란로 123"),
        ("GR", "25ης Μαρτίου 9Α, 54645, Θεσσαλονίκη", "25ης Μαρτίου 9Α, 54645, Θεσσαλονίκη"),
        ("GR", "Ερμού 15, Αθήνα, Τ.Κ. 10563", "Ερμού 15, Αθήνα, Τ.Κ. 10563"),
        ("CZ", "17. listopadu 5, 301 00 Plzeň", "17. listopadu 5, 301 00 Plzeň"),
        ("RO", "Str. Mihai Eminescu nr. 12, București", "Str. Mihai Eminescu nr. 12, București"),
        ("IT", "via Roma 12, Milano", "via Roma 12, Milano"),
        ("CN", "地　址：江苏省常熟市海虞镇工业园区", "江苏省常熟市海虞镇工业园区"),
        ("JP", "〒460-0008 名古屋市中区栄3-4-5", "〒460-0008 名古屋市中区栄3-4-5"),
        ("FR", "BP 12, 69400 Villefranche", "BP 12, 69400 Villefranche"),
        ("EG", "42 شارع عباس العقاد، مدينة نصر، القاهرة", "42 شارع عباس العقاد، مدينة نصر، القاهرة"),
    ],
)
def test_an_address_in_its_countrys_order(countries: str, text: str, expected: str) -> None:
    assert values(text, *countries.split()) == [expected]


@pytest.mark.parametrize(
    ("countries", "text"),
    [
        ("", "HP 9000 Series, HP 9000 Server"),
        ("", "2900 Series Routers, 3800 Series Routers"),
        ("LI", "Im Jahr 2019 Vaduz besucht, 1234 Menschen kamen"),
        ("LI", "Copyright 2024 Muster AG"),
        ("US", "FAQ\n(855) 733-6736\nSign Up"),
        ("US", "Chattanooga TN 37401 - 37450\nClarksville TN 37040 - 37044"),
        ("DE", "Seit 1998\n10115 Berlin ist schön"),
        ("GB", "Road safety matters to us, says AB1 2CD"),
        ("RU", "Мы работаем на рынке с 2005 года, более 300 клиентов"),
    ],
)
def test_what_only_looks_like_an_address(countries: str, text: str) -> None:
    assert values(text, *countries.split()) == []


def test_structured_data_comes_first_and_spellings_are_merged() -> None:
    html = (
        '<script type="application/ld+json">{"@type":"Store","address":{"@type":"PostalAddress","streetAddress":'
        '"Hauptstr. 5","postalCode":"10115","addressLocality":"Berlin","addressCountry":"DE"}}</script>'
        "<address>Hauptstraße 5<br>10115 Berlin</address>"
    )
    found = addresses(parse(html, "http://x.de/"))
    assert [(fact.method, fact.value) for fact in found] == [
        ("json-ld", "Hauptstr. 5, 10115 Berlin, DE"),
        ("text", "Hauptstraße 5, 10115 Berlin"),
    ]
    assert len({address_key(fact.value) for fact in found}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Google Ireland Limited, Gordon House, Barrow Street, Dublin 4, D04 E5W5, Ireland",
        "OVH SAS, 2 rue Kellermann, 59100 Roubaix",
        "Musterstraße 1, 12345 Musterstadt",
        "東京都渋谷区○○ 2-XX-XX",
        "Der har eksisteret bageri på Skovvej 12, siden ejendommen blev opført i 1953",
    ],
)
def test_placeholders_prose_and_the_makers_of_services_are_none(text: str) -> None:
    assert addresses(parse(f"<p>{text}</p>", "http://x.com/")) == []


def test_evidence_shows_the_words_on_the_page() -> None:
    (fact,) = addresses(parse("<p>Besuchen Sie uns: Hauptstraße 5<br>10115 Berlin</p>", "http://x.de/"))
    assert fact.context == "Hauptstraße 5 10115 Berlin"


def test_the_address_of_who_built_the_site_is_not_theirs() -> None:
    html = "<p>Hauptstraße 5, 10115 Berlin</p><p>Webdesign: Agentur Beispiel, Nebenstraße 7, 10117 Berlin</p>"
    assert [fact.value for fact in addresses(parse(html, "http://x.de/"))] == ["Hauptstraße 5, 10115 Berlin"]


@given(st.text(alphabet=" \n,.-/|0123456789ABHXabcßstrРул東京都", max_size=300))
def test_any_text_is_read_within_its_limits(text: str) -> None:
    for found in in_text(text, ("DE", "US", "GB", "RU", "JP")):
        assert 0 < len(found.value) <= address_text.MAX_LENGTH
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    "piece", ["12345 ", "1234 Ab, ", "AB1 2CD ", "1", ", IL ", "Str. 1\n", "12345 Berlin, ", "東京都港区", "A:\n"]
)
def test_work_is_bounded_on_any_sea_of_postcodes(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    real = address_text._segments

    def counted(*arguments: object) -> object:
        nonlocal asked
        asked += 1
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(address_text, "_segments", counted)
    list(in_text(piece * (200_000 // len(piece)), ("US", "GB", "DE", "RU", "JP")))
    assert asked <= 4_000
