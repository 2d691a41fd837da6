"""Companies: VAT numbers, register numbers, legal names, who runs them, and everything merged over a site."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.site.document import parse
from orbweave.site.extract import vat
from orbweave.site.extract.company import FIELDS, company, vitals
from orbweave.site.extract.languages import languages


def read(
    html: str, url: str = "https://www.muster.example/impressum", kind: str | None = "imprint"
) -> dict[str, object]:
    return vitals(company(parse(html, url), kind, "muster.example"))


@pytest.mark.parametrize(
    "number",
    [
        "ATU13585627", "BE0428759497", "BG175074752", "CHE100155212", "CY10259033P", "CZ25123891", "DE136695976",
        "DK13585628", "EE100931558", "EL094259216", "ESA13585625", "ESB64717838", "ES54362315K", "FI20774740",
        "FR40303265045", "GB980780684", "HR33392005961", "HU12892312", "IE6433435F", "IE6433435OA", "IT00743110157",
        "LT119511515", "LU15027442", "LV40003521600", "MT11679112", "NL004495445B01", "NO995525828", "PL8567346215",
        "PT501964843", "RO18547290", "SE123456789701", "SI50223054", "SK2022749619",
    ],
)  # fmt: skip
def test_vat_numbers_with_right_check_digits(number: str) -> None:
    assert vat.compact(number) == number
    assert vat.is_valid(number)
    digits = [place for place, letter in enumerate(number) if letter.isdigit()]
    place = digits[-3] if number[:2] in ("NL", "SE") else digits[3]
    wrong = f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}"
    assert not vat.is_valid(wrong) or number[:2] in ("NL", "SE")


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [
        ("DE 136 695 976", None, "DE136695976"),
        ("CHE-100.155.212 MWST", None, "CHE100155212"),
        ("GR 094259216", None, "EL094259216"),
        ("00743110157", "IT", "IT00743110157"),
        ("12892312-2-08", "HU", "HU12892312"),
        ("FR 40 303265045", None, "FR40303265045"),
        ("136695976", None, None),
        ("hello", "DE", None),
    ],
)
def test_vat_numbers_as_people_write_them(written: str, country: str | None, expected: str | None) -> None:
    assert vat.compact(written, country) == expected


@given(st.text(max_size=20), st.sampled_from(["DE", "ES", "IE", "FR", "HU", None]))
def test_any_text_is_a_vat_number_or_none(text: str, country: str | None) -> None:
    number = vat.compact(text, country)
    assert number is None or vat.is_valid(number) in (True, False)


IMPRINTS = {
    "de": (
        "<h1>Impressum</h1><p>Muster Holzbau GmbH & Co. KG<br>Hauptstr. 1<br>80331 München</p>"
        "<p>Geschäftsführer: Anna Muster, Dr. Paul Beispiel</p><p>Registergericht: Amtsgericht München, HRA 12345</p>"
        "<p>Umsatzsteuer-Identifikationsnummer gemäß § 27 a Umsatzsteuergesetz:<br>DE 136 695 976</p>",
        {
            "legal_name": "Muster Holzbau GmbH & Co. KG", "legal_form": "GmbH & Co. KG", "vat_id": "DE136695976",
            "vat_valid": True, "registration_number": "HRA 12345", "register_court": "Amtsgericht München",
            "managing_directors": ["Anna Muster", "Dr. Paul Beispiel"],
        },
    ),
    "at": (
        "<p>Gasthof Muster e.U., Inh. Josef Huber</p><p>UID: ATU13585627, FN 318204 k, Landesgericht Salzburg</p>",
        {"legal_name": "Gasthof Muster e.U.", "vat_id": "ATU13585627", "registration_number": "FN 318204 k"},
    ),
    "fr": (
        "<p>SARL Muster et Fils au capital de 8 000 €</p><p>RCS Libourne 445 118 094</p><p>Gérant : Luc Martin</p>"
        "<p>TVA intracommunautaire : FR 40 303265045</p><p>Hébergeur : OVH SAS, 2 rue Kellermann, Roubaix</p>",
        {
            "legal_name": "SARL Muster et Fils", "legal_form": "SARL", "registration_number": "445 118 094",
            "register_court": "RCS Libourne", "managing_directors": ["Luc Martin"], "vat_id": "FR40303265045",
        },
    ),
    "en": (
        "<p>© 2024 Muster Boilers Ltd. Registered in England & Wales no. 09482713. VAT no. GB 980 7806 84.</p>",
        {"legal_name": "Muster Boilers Ltd", "registration_number": "09482713", "vat_id": "GB980780684"},
    ),
    "it": (
        "<p>Ragione sociale: Muster S.r.l.</p><p>P. IVA 00743110157 - REA MI-118842</p>"
        "<p>Amministratore unico: Mario Rossi</p>",
        {"legal_name": "Muster S.r.l.", "vat_id": "IT00743110157", "managing_directors": ["Mario Rossi"]},
    ),
    "pl": (
        "<p>Muster Meble sp. z o.o.</p><p>NIP 856-734-62-15, KRS 0000123456</p><p>Prezes zarządu: Jan Kowalski</p>",
        {"legal_name": "Muster Meble sp. z o.o.", "vat_id": "PL8567346215", "registration_number": "0000123456"},
    ),
    "cs": (
        "<p>Muster stavby s.r.o.</p><p>IČ: 25123891 DIČ: CZ25123891</p><p>Jednatel: Petr Novák</p>",
        {"legal_name": "Muster stavby s.r.o.", "vat_id": "CZ25123891", "registration_number": "25123891"},
    ),
    "ru": (
        "<p>ООО «Мустер»</p><p>ИНН 9100162308 ОГРН 1146671018842</p><p>Генеральный директор: Анна Иванова</p>",
        {"vat_id": "9100162308", "registration_number": "1146671018842", "managing_directors": ["Анна Иванова"]},
    ),
    "el": ("<p>Μούστερ ΕΠΕ</p><p>ΑΦΜ 094259216</p>", {"vat_id": "EL094259216", "legal_form": "ΕΠΕ"}),
    "ja": (
        "<dl><dt>会社名</dt><dd>株式会社見本工務店</dd><dt>代表者</dt><dd>代表取締役 見本 太郎</dd></dl>",
        {"legal_name": "株式会社見本工務店", "managing_directors": ["見本 太郎"]},
    ),
    "ko": (
        "<p>상호 : 견본공방 대표 : 김견본 사업자등록번호 : 531-81-33629</p>",
        {"legal_name": "견본공방", "managing_directors": ["김견본"], "registration_number": "531-81-33629"},
    ),
    "tr": (
        "<p>Muster San. ve Tic. Ltd. Şti. — Çekirge V.D. 4540536920 — Mersis No: 0454053692000017 —"
        " Tic. Sicil 58214</p>",
        {"legal_name": "Muster San. ve Tic. Ltd. Şti.", "vat_id": "4540536920", "registration_number": "58214"},
    ),
    "vi": (
        "<p>CÔNG TY TNHH NỘI THẤT MUSTER</p><p>MST: 0300588569 do Sở KHĐT cấp</p>",
        {"vat_id": "0300588569", "registration_number": "0300588569"},
    ),
    "hr": ("<p>Muster d.o.o.</p><p>OIB 32049668892</p>", {"vat_id": "HR32049668892", "vat_valid": True}),
    "lt": ("<p>UAB Muster</p><p>PVM mok. kodas LT932241114</p>", {"vat_id": "LT932241114"}),
    "zh": ("<p>统一社会信用代码：91330206MA2AK4417X</p>", {"registration_number": "91330206MA2AK4417X"}),
    "et": ("<p>Regkood: 80650999</p>", {"registration_number": "80650999"}),
    "nl": (
        "<p>Muster Fietsen B.V.</p><p>KvK 67214480 · BTW NL004495445B01</p>",
        {"legal_name": "Muster Fietsen B.V.", "registration_number": "67214480", "vat_id": "NL004495445B01"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", IMPRINTS)
def test_imprints(language: str) -> None:
    html, expected = IMPRINTS[language]
    top = {"de": "de", "at": "at", "en": "co.uk", "vi": "com.vn"}.get(language, language)
    found = read(f"<html lang={language}>{html}", f"https://www.muster.{top}/impressum")
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("top", "name", "rest"),
    [
        ("it", "Officina Muster S.n.c. di Rossi G. & C.", " Via Roma 1"),
        ("it", "Muster s.a.s. di Rossi Mario e Figli", ", Vicenza"),
        ("it", "Az. Agr. Muster s.s.", ""),
        ("it", "Muster S.p.A.", " di Torino"),
        ("pl", "P.P.H.U. „MUSTER” Sp. z o.o.", ""),
        ("pl", "FHU Muster Jan Kowalski", ", Kraków"),
        ("com.br", "Muster Hospedagem Ltda ME", " – CNPJ"),
        ("pe", "Grupo Muster S.A.C", " | Correos"),
        ("at", "Tischlerei Muster e.U.", ", Graz"),
        ("ru", "ИП Мустер Иван Иванович", ", ИНН 500100732259"),
    ],
)
def test_legal_names_are_kept_whole(top: str, name: str, rest: str) -> None:
    assert read(f"<p>{name}{rest}</p>", f"https://www.muster.{top}/kontakt")["legal_name"] == name


@pytest.mark.parametrize(
    ("country", "number"),
    [("RU", "7707083893"), ("RU", "500100732259"), ("TR", "4540536920"), ("VN", "0100109106"), ("RS", "101134702")],
)
def test_check_digits_of_national_tax_numbers(country: str, number: str) -> None:
    assert vat.national(number, country) == (number, True)
    changed = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    assert vat.national(changed, country) == (changed, False)
    assert vat.national("123", country) is None


def test_a_wrong_check_digit_is_said() -> None:
    found = read("<html lang=de><p>USt-IdNr.: DE136695977</p>")
    assert (found["vat_id"], found["vat_valid"]) == ("DE136695977", False)


def test_service_providers_are_not_the_company() -> None:
    html = "<p>Wir nutzen Google Analytics der Google Ireland Limited, Dublin.</p><p>Muster Bau GmbH</p>"
    assert read(html, kind="privacy")["legal_name"] == "Muster Bau GmbH"
    assert read("<p>Cloudflare Inc., 101 Townsend St</p>", kind="privacy")["legal_name"] is None


def test_structured_data_is_believed_first() -> None:
    html = """<script type="application/ld+json">{"@graph": [{"@type": ["Dentist"], "name": "Praxis Muster",
    "legalName": "Muster GmbH", "vatID": "DE136695976", "foundingDate": "1998-05-01", "priceRange": "€€",
    "numberOfEmployees": {"value": 12}, "founder": {"@type": "Person", "name": "Anna Muster"}}]}</script>
    <meta name=description content="Zahnarzt in Musterstadt"><p>Seit 2001. Andere Muster AG</p>"""
    found = read(html)
    expected = {
        "name": "Praxis Muster", "legal_name": "Muster GmbH", "vat_id": "DE136695976", "vat_valid": True,
        "founded": "1998", "price_range": "€€", "employees": "12", "industry": "dentist",
        "description": "Zahnarzt in Musterstadt", "managing_directors": ["Anna Muster"],
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected


def test_of_what_pages_say_differently_most_pages_win() -> None:
    facts = [
        fact
        for html in ("<p>Alt Muster GmbH", "<p>Muster Neu GmbH", "<p>Muster Neu GmbH")
        for fact in company(parse(html, "https://muster.example/impressum"), "imprint", "muster.example")
    ]
    assert vitals(facts)["legal_name"] == "Muster Neu GmbH"
    assert set(vitals([])) == set(FIELDS)


def test_languages() -> None:
    document = parse(
        '<html lang="de-CH"><head><meta property="og:locale" content="de_CH">'
        "<link rel=alternate hreflang=fr href=/fr><link rel=alternate hreflang=x-default href=/>"
        "<link rel=alternate hreflang=en-GB href=/en></head><body>x",
        "https://a.example/",
    )
    assert languages(document) == ["de", "fr", "en"]


@given(st.text(max_size=300), st.sampled_from(["imprint", "contact", None]))
def test_any_text_may_be_an_imprint(text: str, kind: str | None) -> None:
    for fact in company(parse(f"<p>{text}", "https://a.example/x"), kind, "a.example"):
        assert fact.kind == "company"
        assert fact.detail["field"] in FIELDS
        assert fact.value
        assert len(fact.context) <= 120


def test_long_pages_take_no_longer_than_their_length() -> None:
    """Ends at all: patterns that try every start against every end would not."""
    for text in ("GmbH " * 40_000, "VAT " * 40_000, "A & " * 40_000 + "GmbH", "1 " * 80_000, "Director: " * 20_000):
        company(parse(f"<p>{text}", "https://a.example/x"), "imprint", "a.example")
