"""Phone numbers: in which country, fax or not, and what is none."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.site.document import parse
from orbweave.site.extract import phone_numbers, phone_text
from orbweave.site.extract.phones import likely_countries, phones
from orbweave.site.phone_words import Label, label_after, label_before
from orbweave.site.result import Sighting, SiteResult


def found(html: str, url: str, country: str | None = None) -> dict[str, str]:
    return {fact.value: fact.detail["type"] for fact in phones(parse(html, url), country)}


def faxes(html: str, url: str = "http://x.de/") -> dict[str, bool]:
    return {number: kind == "fax" for number, kind in found(html, url).items()}


@pytest.mark.parametrize(
    ("text", "url", "country", "expected"),
    [
        ("Tel. 232 12 34", "http://x.li/", None, {"+4232321234": "fixed_line"}),
        ("Tel. 232 12 34", "http://x.com/", "LI", {"+4232321234": "fixed_line"}),
        ("+423 232 12 35 (Fax)", "http://x.li/", None, {"+4232321235": "fax"}),
        ("Tel/Fax: +423 232 12 34", "http://x.li/", None, {"+4232321234": "fixed_line"}),
        ("00423 232 12 34", "http://x.com/", None, {"+4232321234": "fixed_line"}),
        ("+41 (0)44 668 18 00", "http://x.com/", None, {"+41446681800": "fixed_line"}),
        ("+39 (0)6 6988 2345", "http://x.com/", None, {"+390669882345": "fixed_line"}),
        ("Mobil 079 214 38 65", "http://x.li/", None, {"+41792143865": "mobile"}),
        ("030 / 901 820", "http://x.de/", None, {"+4930901820": "fixed_line"}),
        ("01 42 68 53 00", "http://x.fr/", None, {"+33142685300": "fixed_line"}),
        ("+377 93 15 26 00", "http://x.mc/", None, {"+37793152600": "fixed_line"}),
        ("Tel.: 801 234", "http://x.ad/", None, {"+376801234": "fixed_line"}),
        ("(212) 736-5000", "http://x.com/", "US", {"+12127365000": "fixed_line_or_mobile"}),
        ("Parts: 212.736.5000", "http://x.com/", "US", {"+12127365000": "fixed_line_or_mobile"}),
        ("電話：03-3224-9999", "http://x.jp/", None, {"+81332249999": "fixed_line"}),
        ("電話：０３－３２２４－９９９９", "http://x.jp/", None, {"+81332249999": "fixed_line"}),
        ("电 话：010-6512 3468", "http://x.cn/", None, {"+861065123468": "fixed_line"}),
        ("هاتف: ٠١١ ٤٦٥ ٤٤٤٤", "http://x.sa/", None, {"+966114654444": "fixed_line"}),
        ("טלפון: 03-695 1234", "http://x.co.il/", None, {"+97236951234": "fixed_line"}),
        ("тел.: 8 (495) 214-38-65", "http://x.ru/", None, {"+74952143865": "fixed_line"}),
        ("Call 1-800-FLOWERS now", "http://x.com/", "US", {"+18003569377": "toll_free"}),
        ("Phone: 020 7946 0991 ext. 12", "http://x.co.uk/", None, {"+442079460991": "fixed_line"}),
        ("Tel: 41 44 668 18 00", "http://x.com/", "US", {"+41446681800": "fixed_line"}),
        ("972 56 31 84", "http://x.es/", None, {"+34972563184": "fixed_line"}),
        ("636 418 207 (Núria)", "http://x.es/", None, {"+34636418207": "mobile"}),
        ("210 3214560", "http://x.gr/", None, {"+302103214560": "fixed_line"}),
        ("1300 654 321", "http://x.com.au/", None, {"+611300654321": "shared_cost"}),
        ("Soccorso: 347.2290581 (Gino)", "http://x.it/", None, {"+393472290581": "mobile"}),
        ("centrala (0-32) 271-44-60", "http://x.pl/", None, {"+48322714460": "fixed_line"}),
        ("_Telefoon:______0117- 41 52 63", "http://x.nl/", None, {"+31117415263": "fixed_line"}),
        ("0757_28634705", "http://x.cn/", None, {"+8675728634705": "fixed_line"}),
        ("王经理186-0473-2915", "http://x.cn/", None, {"+8618604732915": "mobile"}),
        ("4444 465 11 966+", "http://x.com/", None, {"+966114654444": "fixed_line"}),
        ("Hotline<br>0913.482.716 (Anh Minh)<br>0933.417.208 (Em Lan)", "http://x.vn/", None,
         {"+84913482716": "mobile", "+84933417208": "mobile"}),
        ("Serkan: 0178-3 41 82 70", "http://x.de/", None, {"+491783418270": "mobile"}),
    ],
)  # fmt: skip
def test_a_number_in_its_country(text: str, url: str, country: str | None, expected: dict[str, str]) -> None:
    assert found(f"<p>{text}</p>", url, country) == expected


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        ("212-736-5000 / 415-981-1000", "http://x.us/", ["+12127365000", "+14159811000"]),
        ("Tel. 030 90182-67 / -68", "http://x.de/", ["+49309018267", "+49309018268"]),
        ("Tel. 030 90182-67/68", "http://x.de/", ["+49309018267", "+49309018268"]),
        ("Tel.: 030 901820, 030 901830", "http://x.de/", ["+4930901820", "+4930901830"]),
        ("Phone 01 42 68 53 00 01 42 68 53 01", "http://x.fr/", ["+33142685300", "+33142685301"]),
        ("Tel +90 (224) 314 38 65 - 66", "http://x.com.tr/", ["+902243143865", "+902243143866"]),
        ("8 (812) 314 38 65, 314-38-66", "http://x.ru/", ["+78123143865", "+78123143866"]),
        ("Tel +49 30 901820 +49 30 901830", "http://x.com/", ["+4930901820", "+4930901830"]),
    ],
)
def test_several_numbers_in_a_row(text: str, url: str, expected: list[str]) -> None:
    assert list(found(f"<p>{text}</p>", url)) == expected


PHONE, FAX = "+4930901820", "+4930901821"


@pytest.mark.parametrize(
    "html",
    [
        "<p>T +49 30 901820 F +49 30 901821</p>",
        "<p>Tel.: 030 901820<br>Telefax: 030 901821</p>",
        "<p>030 901820 (T) 030 901821 (F)</p>",
        "<p>Tel./Fax: 030 901820 / 030 901821</p>",
        "<p>Tel.: 030 90182-0, Fax -1</p>",
        "<dl><dt>Telefon</dt><dd>030 901820</dd><dt>Fax</dt><dd>030 901821</dd></dl>",
        "<div>030 901820</div><div>Telefon</div><div>030 901821</div><div>Telefax</div>",
        "<table><tr><td>Tel</td><td>030 901820</td></tr><tr><td>Fax</td><td>030 901821</td></tr></table>",
        "<table><tr><th>Büro</th><th>Tel</th><th>Fax</th></tr>"
        "<tr><td>Mitte</td><td>030 901820</td><td>030 901821</td></tr></table>",
        '<p><i class="fa fa-phone"></i> 030 901820<br><i class="fa fa-fax"></i> 030 901821</p>',
        '<p class="phone">030 901820</p><p class="fax">030 901821</p>',
        '<p>Tel: <a href="tel:+4930901820">030 901820</a><br>Fax: <a href="tel:+4930901821">030 901821</a></p>',
        '<p>030 901820</p><p>030 901821 <abbr title="Fax">F</abbr></p><p>Telefax: 030 901821</p>',
        '<script type="application/ld+json">'
        '{"@type":"Store","telephone":"030 901820","faxNumber":"030 901821"}</script>',
        "<p>電話 030 901820</p><p>ファックス 030 901821</p>",
        "<p>тел. 030 901820, факс 030 901821</p>",
        "<p>هاتف 030 901820</p><p>فاكس 030 901821</p>",
        "<p>Τηλ. 030 901820, Φαξ 030 901821</p>",
        "<p>โทร 030 901820 โทรสาร 030 901821</p>",
    ],
)  # fmt: skip
def test_a_fax_is_told_apart(html: str) -> None:
    assert faxes(html) == {PHONE: False, FAX: True}


def test_a_number_called_both_is_a_phone() -> None:
    assert faxes("<p>Telefon: 030 901820</p><p>Tel./Fax: 030 901820</p>") == {PHONE: False}


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Montag 08.00 - 18.00, 12.05.2024, 2019-2024, 1.250.000", "http://x.de/"),
        ("IBAN LI21 0881 0000 2324 013A A, CHE-123.456.789 MWST, HRB 123456", "http://x.li/"),
        ("SIRET 732 829 320 00074, RCS 732 829 320", "http://x.fr/"),
        ("RPR Gent 0476.767.371", "http://x.be/"),
        ("Art. 0441234567, ISBN 978-3-16-148410-0", "http://x.ch/"),
        ("Gasthof Hotel 1900 2000", "http://x.li/"),
        ("Kunden-Nr. 030 901820", "http://x.de/"),
        ("Order no. 212-736-5000", "http://x.us/"),
        ("SKU 212-736-5000-XL", "http://x.us/"),
        ("Drawing 484.221.7740/2", "http://x.us/"),
        ("47.16601, 9.55540", "http://x.li/"),
        ("Lotto: 05 12 23 34 45", "http://x.fr/"),
        ("Tel. 1234567890", "http://x.us/"),
        ("Tel. (555) 123-4567", "http://x.us/"),
        ("Teléfono: (01) 123-4567", "http://x.pe/"),
        ("Телефон: +7 (495) 123-45-67", "http://x.ru/"),
        ("Tel. 0470 12 34 56", "http://x.be/"),
        ("Carrozzeria convenzionata: Zenith, tel. 0444 414020", "http://x.it/"),
        ("NL91 ABNA 0417 1643 00", "http://x.nl/"),
        ("image_0117-415263.jpg", "http://x.nl/"),
        ("4111 1111 1111 1111", "http://x.us/"),
        ("KRS 0000123456, NIP 123-456-78-90, REGON 123456789", "http://x.pl/"),
        ("601 100 300 zł", "http://x.pl/"),
        ("Webdesign: Beispiel Agentur, Tel. 030 901820", "http://x.de/"),
    ],
)
def test_what_is_no_phone_number_of_theirs(text: str, url: str) -> None:
    assert found(f"<p>{text}</p>", url) == {}


@pytest.mark.parametrize(
    "html",
    [
        "<p>Website: www.muster.de</p><p>Tel. 030 901820</p>",
        "<p>Website:</p><p>www.muster.de</p><p>Tel. 030 901820</p>",
        "<li>Webdesign</li><li>Hosting</li><p>Tel. 030 901820</p>",
        "<h2>技术支持</h2><p>电话 030 901820</p>",
        "<p>Напишете ни или тел. 030 901820</p>",
    ],
)
def test_a_heading_or_label_of_the_pages_own_names_nobody_else(html: str) -> None:
    assert list(found(html, "http://muster.de/")) == [PHONE]


def test_the_line_below_a_heading_is_about_whom_it_names() -> None:
    html = "<p>Tel. 030 901820</p><h3>Hosting</h3><p>Beispiel Server GmbH, Nebenstraße 7, Tel. 030 901821</p>"
    assert list(found(html, "http://muster.de/")) == [PHONE]


def test_a_number_beside_an_address_elsewhere_is_not_theirs() -> None:
    html = "<p>info@muster.de</p><p>030 901820</p><p>Schlosserei Nachbar, 030 901821, post@ganzandere.de</p>"
    assert list(found(html, "http://muster.de/")) == [PHONE]


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("tel:+49%20(0)30%20901820", PHONE),
        ("tel://0049-30-901820", PHONE),
        ("callto:+4930901820", PHONE),
        ("https://wa.me/4930901820?text=Hallo", PHONE),
        ("https://api.whatsapp.com/send?text=x&phone=%2B4930901820", PHONE),
        ("viber://chat?number=%2B4930901820", PHONE),
        ("tel:+1234567890", None),
        ("tel:call-us", None),
        ("https://wa.me/?text=share", None),
    ],
)
def test_links(href: str, expected: str | None) -> None:
    assert list(found(f'<a href="{href}">Call</a>', "http://x.de/")) == ([expected] if expected else [])


def test_every_number_has_the_contracts_form_and_its_evidence() -> None:
    (fact,) = phones(parse("<p>" + "a" * 200 + " Telefon: 030 / 90 18 20 " + "b" * 200 + "</p>", "http://x.de/"))
    assert fact.detail == {
        "raw": "030 / 90 18 20",
        "e164": PHONE,
        "national": "030 901820",
        "international": "+49 30 901820",
        "country_code": "DE",
        "type": "fixed_line",
        "valid": True,
    }
    assert fact.method == "label"
    assert "030 / 90 18 20" in fact.context
    assert len(fact.context) <= 120


def test_a_number_of_a_new_range_is_kept_where_a_word_says_so_and_marked() -> None:
    (fact,) = phones(parse("<p>Mobile: +44 7700 900123</p>", "http://x.co.uk/"))
    assert (fact.value, fact.detail["valid"]) == ("+447700900123", False)
    assert phones(parse("<p>Ref 9 +44 7700 900123</p>", "http://x.co.uk/")) == []


@pytest.mark.parametrize(
    ("url", "lang", "hint", "text", "expected"),
    [
        ("http://x.ch/", "en-US", "AT", "", "CH"),
        ("http://x.com/", "en-US", "AT", "", "AT"),
        ("http://x.com/", "de-AT", None, "", "AT"),
        ("http://x.com/", "en", None, "Call +353 1 555 0123", "IE"),
        ("http://x.com/", "en", None, "10 High St, London SW1A 2AA", "GB"),
        ("http://x.com/", "pl", None, "", "PL"),
        ("http://x.io/", "", None, "", "US"),
        ("http://x.io/", "", "IO", "", "IO"),
    ],
)
def test_the_likeliest_country(url: str, lang: str, hint: str | None, text: str, expected: str) -> None:
    assert likely_countries(parse(f"<html lang='{lang}'><p>{text}</p>", url), hint)[0] == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("Tel. ", Label.PHONE), ("objednávka č. ", Label.OTHER), ("C. ", Label.PHONE),
        ("T/F: ", Label.BOTH), ("F ", Label.FAX), ("Suite F ", None), ("Halifax ", None),
        ("Customer service: ", None), ("Order no. ", Label.OTHER), ("Phone number: ", Label.PHONE),
        ("Toll free phone or fax: ", Label.BOTH), ("電話・FAX ", Label.BOTH), ("טל' ", Label.PHONE),
        ("Faxnummer: ", Label.FAX), ("Servicetelefon: ", Label.PHONE), ("फ़ोन: ", Label.PHONE),
    ],
)  # fmt: skip
def test_words_before_a_number(before: str, expected: Label | None) -> None:
    assert label_before(before) is expected


def test_words_behind_a_number() -> None:
    assert label_after(" (Main fax line)") is Label.FAX
    assert label_after(" - Mobil") is Label.PHONE
    assert label_after(" 電話") is Label.PHONE
    assert label_after(" and more") is None


@pytest.mark.parametrize(
    ("pages", "is_fax"),
    [
        (["<p>Fax 030 901820</p>", '<a href="tel:+4930901820">+4930901820</a>', "<p>030 901820</p>"], True),
        (["<p>Fax 030 901820</p>", "<p>Telefon 030 901820</p>"], False),
        (["<p>030 901820</p>"], False),
    ],
)
def test_what_one_page_says_of_a_number_holds_for_its_site(pages: list[str], is_fax: bool) -> None:
    sightings = [
        Sighting(fact, "http://x.de/", "") for page in pages for fact in phones(parse(page, "http://x.de/"), "DE")
    ]
    data = SiteResult("http://x.de/", "success", (), tuple(sightings)).data()
    assert [(phone["e164"], phone["type"] == "fax") for phone in data["phones"]] == [(PHONE, is_fax)]


@given(st.text(alphabet=" \n0123456789+()/-.,:abTelFax電話٠١٢", max_size=300))
def test_any_text_gives_only_numbers(text: str) -> None:
    for fact in phones(parse(f"<p>{text}</p>", "http://x.de/"), "DE"):
        number = phonenumbers.parse(fact.value, None)
        assert phonenumbers.is_possible_number(number)
        assert phonenumbers.is_valid_number(number) == fact.detail["valid"]
        assert len(fact.context) <= 120


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "1 2-", "030 901820 ", "030 901820, ", "(", "+1", "Tel 1/", "0171 1234567\n"]
)
def test_work_is_bounded_on_any_sea_of_digits(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    real = phone_numbers.phonenumbers.parse

    def counted(*arguments: object) -> object:
        nonlocal asked
        asked += 1
        return real(*arguments)

    monkeypatch.setattr(phone_numbers.phonenumbers, "parse", counted)
    phone_numbers.read_number.cache_clear()
    phones(parse("<p>" + piece * (200_000 // len(piece)) + "</p>", "http://x.de/"), "DE")
    assert asked <= phone_text.MAX_CANDIDATES * 40
