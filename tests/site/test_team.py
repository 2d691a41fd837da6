"""People: cards, tables, lists, lines of text, structured data; and those who only look like staff."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.site.document import parse
from orbweave.site.extract.names import is_name, is_title
from orbweave.site.extract.team import address_of, person_key, team


def people(html: str, kind: str | None = "team") -> list[tuple[object, ...]]:
    facts = team(parse(html, "https://www.muster.li/team"), kind, "muster.li")
    return [tuple(fact.detail[name] for name in ("name", "title", "email", "linkedin", "phone")) for fact in facts]


def test_cards() -> None:
    html = """<h2>Our Team</h2>
    <div class=card><img src=a.jpg alt="Anna Meier"><h3>Dr. Anna Meier</h3><p>Managing Director</p>
      <a href="mailto:anna.meier@muster.li">E-mail</a> <a href="tel:+4232321212">Call</a>
      <a href="https://www.linkedin.com/in/anna-meier">LinkedIn</a></div>
    <div class=card><h3>Tom O'Neill</h3><span>Senior Associate</span><p>t.oneill(at)muster.li</p></div>
    <div class=card><h3>Lea van den Berg, MSc</h3><div>Violin and chamber music</div></div>
    <footer><a href="mailto:info@muster.li">info@muster.li</a></footer>"""
    assert people(html) == [
        ("Dr. Anna Meier", "Managing Director", "anna.meier@muster.li", "https://www.linkedin.com/in/anna-meier",
         "+4232321212"),
        ("Tom O'Neill", "Senior Associate", "t.oneill@muster.li", None, None),
        ("Lea van den Berg, MSc", "Violin and chamber music", "info@muster.li", None, None),
    ]  # fmt: skip


def test_tables_and_lines() -> None:
    html = """<table><tr><td>Petra Hladíková</td><td>majitelka</td><td>hladikova@muster.li</td></tr>
    <tr><td>Tomáš Zbořil</td><td>recepce</td><td>585 204 772</td></tr></table>"""
    assert people(html, "contact") == [
        ("Petra Hladíková", "majitelka", "hladikova@muster.li", None, None),
        ("Tomáš Zbořil", "recepce", None, None, "585 204 772"),
    ]
    assert [one[:2] for one in people("<p>Mandy Hoyer · Pflegedienstleitung", None)] == [
        ("Mandy Hoyer", "Pflegedienstleitung")
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Heloísa Tavares – Sócia fundadora", ("Heloísa Tavares", "Sócia fundadora")),
        ("Trevor Haines, Director", ("Trevor Haines", "Director")),
        ("Mr. Jignesh Kothari (Proprietor) - 99251 08346", ("Jignesh Kothari", "Proprietor")),
        ("Registrar: Joanne Lachance (registrar at camp)", ("Joanne Lachance", "Registrar")),
        ("Inh. Dörte Paulsen", ("Dörte Paulsen", "Inh.")),
        ("Daglig leder Ragnhild Storvik er ansvarlig.", ("Ragnhild Storvik", "Daglig leder")),
        ("VD Lars-Göran Ek, 070-418 27 36", ("Lars-Göran Ek", "VD")),
        ("Gérant : Luc Martin", ("Luc Martin", "Gérant")),
        ("Amministratore unico: Mario Rossi", ("Mario Rossi", "Amministratore unico")),
        ("Prezes zarządu: Jan Kowalski", ("Jan Kowalski", "Prezes zarządu")),
        ("Ügyvezető: Bakos László", ("Bakos László", "Ügyvezető")),
        ("Υπεύθυνη προσωπικού: Μαρία Δήμου, εσωτ. 14", ("Μαρία Δήμου", "Υπεύθυνη προσωπικού")),
        ("Генеральный директор: Анна Иванова", ("Анна Иванова", "Генеральный директор")),
        ("Румяна Стойчева – управител", ("Румяна Стойчева", "управител")),
        ("Остап Гнатюк – засновник", ("Остап Гнатюк", "засновник")),
        ("İnsan Kaynakları Müdürü Selin Kaptan, ik@muster.li", ("Selin Kaptan", "İnsan Kaynakları Müdürü")),
        ("निदेशक: श्री राजेश पाटीदार (+91 94250 61837)", ("राजेश पाटीदार", "निदेशक")),
        ("المدير العام: خالد المنصوري", ("خالد المنصوري", "المدير العام")),
        ("院長 柏木 奈緒子（皮膚科専門医）", ("柏木 奈緒子", "院長")),
        ("대표 : 오세진", ("오세진", "대표")),
        ("董事长徐立民", ("徐立民", "董事长")),
        ("Giám đốc: Nguyễn Văn Minh", ("Nguyễn Văn Minh", "Giám đốc")),
        ("Toimitusjohtaja Jukka Korpela", ("Jukka Korpela", "Toimitusjohtaja")),
        ("Valdes loceklis: Guntis Kalniņš", ("Guntis Kalniņš", "Valdes loceklis")),
    ],
)
def test_a_line_that_names_somebody(line: str, expected: tuple[str, str]) -> None:
    assert [one[:2] for one in people(f"<p>{line}</p>", "contact")] == [expected]


def test_several_who_share_a_title_or_a_name() -> None:
    html = "<p>Geschäftsführer: Anna Meier, Dipl.-Ing. (FH) Paul Huber</p><p>Hôtes : Blaise et Corinne Darbellay</p>"
    assert [one[:2] for one in people(html, "imprint")] == [
        ("Anna Meier", "Geschäftsführer"),
        ("Paul Huber", "Geschäftsführer"),
        ("Blaise Darbellay", "Hôtes"),
        ("Corinne Darbellay", "Hôtes"),
    ]


@pytest.mark.parametrize(
    ("html", "kind", "expected"),
    [
        ("<p>Jonas Brandt<br>Alte Twiete 7<br>20095 Hamburg</p>", "imprint", [("Jonas Brandt", None)]),
        ("<p>Richard B. Coleman, D.D.S.<br>418 Elmwood Avenue<br>Suite 200<br>Atlanta, GA 30307</p>", None,
         [("Richard B. Coleman, D.D.S.", None)]),
        ("<p>Anna Meier<br>Tel. 030 901820</p>", "contact", [("Anna Meier", None)]),
        ("<p>Dipl.-Ing. Christian Vogt - Gutachten</p>", "contact", [("Christian Vogt", None)]),
        ("<p>Contactpersonen: John of Diana Kramer</p>", "contact", [("John Kramer", None), ("Diana Kramer", None)]),
        ("President<p>Mary Jones<p>Treasurer<p>Adam Smith<p>Secretary<p>Ruth Cole", "contact",
         [("Mary Jones", "President"), ("Adam Smith", "Treasurer"), ("Ruth Cole", "Secretary")]),
        ("<p>Vorstand: Anna Meier (1. Vorsitzende), Paul Huber (Kassenwart)</p>", "imprint",
         [("Anna Meier", "1. Vorsitzende"), ("Paul Huber", "Kassenwart")]),
        ("<p>Praxis Dr. med. Anna Meier<br>Hauptstr. 5</p>", "imprint", [("Dr. med. Anna Meier", None)]),
        ("<p>Contact: John Smith</p>", "contact", [("John Smith", None)]),
        ("<p>Ansprechpartnerin: Frau Anna Meier</p>", "contact", [("Anna Meier", None)]),
        ("<p>Matti Virtanen p. 040 123 4569</p>", "contact", [("Matti Virtanen", None)]),
        ("<p>联系人：张伟</p>", "contact", [("张伟", None)]),
        ("<p>I'm Emily Carter, a wedding photographer based in York.</p>", "about",
         [("Emily Carter", "wedding photographer")]),
        ("<h3>Emily Carter</h3><p>Emily joined us in 2010 and leads the design team of the whole company.</p>", "about",
         [("Emily Carter", None)]),
        ("<p>Emily Carter<p>Key Account<p>emily@muster.li", "contact",
         [("Emily Carter", "Key Account")]),
        ("<p>Satış – Serkan Demirsoy, Satış Müdürü – dahili 112</p>", "contact", [("Serkan Demirsoy", "Satış Müdürü")]),
        ("<p>Consultas: Mariana Otero, Recursos Humanos, int. 214.</p>", None, [("Mariana Otero", "Recursos Humanos")]),
        ("<p>Els Dujardin<br>– Office Manager –</p>", "contact", [("Els Dujardin", "Office Manager")]),
        ("<p>Alte Mühle<br>Alte Twiete 7<br>20095 Hamburg</p>", "imprint", []),
        ("<p>Erstellt mit dem Impressum-Generator von Holger Winter, Rechtsanwalt</p>", "imprint", []),
        ("<li><a href=/a>Community Nursing</a><li><a href=/b>Office Manager</a>", None, []),
        ("<p>工程图集</p><p>销售经理</p>", None, []),
    ],
)  # fmt: skip
def test_somebody_without_a_title_and_what_is_nobody(
    html: str, kind: str | None, expected: list[tuple[str, str | None]]
) -> None:
    assert [one[:2] for one in people(html, kind)] == expected


def test_structured_data() -> None:
    html = """<script type="application/ld+json">[{"@type": "Person", "name": "Anna Meier", "jobTitle": "CEO",
    "email": "mailto:anna@muster.li", "sameAs": ["https://www.linkedin.com/in/anna-meier/"]},
    {"@type": "Article", "author": {"@type": "Person", "name": "Some Blogger"}}]</script>"""
    assert people(html, None) == [
        ("Anna Meier", "CEO", "anna@muster.li", "https://www.linkedin.com/in/anna-meier", None)
    ]


@pytest.mark.parametrize(
    "html",
    [
        '<div class="testimonial"><p>Great!</p><h4>John Smith</h4><span>Marketing Director, Acme</span></div>',
        "<blockquote>Great! <b>John Smith</b> <span>Director</span></blockquote>",
        '<p class="post-author">John Smith</p><p>Editor</p>',
        "<h3>Opening Hours</h3><p>Monday to Friday</p>",
        "<p>Bahnhofstrasse West</p><p>Service</p>",
        "<h2>Private Client</h2><h2>Residential Property</h2>",
        "<p>Hasler Anstalt</p><p>Schreinerei</p>",
        "<p>Foto: Lisa Ortner</p>",
        "<p>담당자 : 주소</p>",
    ],
)
def test_who_is_no_staff(html: str) -> None:
    assert people(html, "contact") == []


@pytest.mark.parametrize(
    "name",
    ["Anna Meier", "Dr. med. Anna Meier-Huber", "J. R. Smith", "Katharina von der Tann", "Nadia Okafor, DDS, MS",
     "José García López",
     "Sabine Koch",
     "Kent \"Kenta\" Bergqvist", "др Милица Вукотић", "Μαρία Δήμου", "柏木 奈緒子", "오세진", "Emre Yıldız"],
)  # fmt: skip
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "text",
    ["Our Team", "Managing Director", "Hart Legal Ltd", "Unsere Leistungen", "anna meier", "Anna", "Kontakt Anfahrt",
     "12 Main Street", "Über Uns", "Senior Associate", "Öffnungszeiten Montag", "会社概要", "채용 정보", ""],
)  # fmt: skip
def test_what_is_no_name(text: str) -> None:
    assert not is_name(text)


def test_titles() -> None:
    for title in (
        "CEO",
        "Head of Sales",
        "Bauleiter",
        "Zahnmedizinische Fachangestellte",
        "Secrétaire",
        "薬剤師",
        "рекламный менеджер",
    ):
        assert is_title(title), title
    for text in ("Bahnhof", "Anna Meier", "We love what we do"):
        assert not is_title(text), text


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("Anna Meier", "anna.meier"), ("Anna Meier", "a.meier"), ("Anna Meier", "ameier"), ("Anna Meier", "meier"),
        ("Dr. Henning Voßberg", "vossberg"), ("Jörg Müller", "mueller.joerg"), ("Jörg Müller", "j-muller"),
        ("Anna Meier", None),
    ],
)  # fmt: skip
def test_whose_address_it_is(name: str, local: str | None) -> None:
    emails = ["info@muster.li", "tom@muster.li", *([f"{local}@muster.li"] if local else [])]
    assert address_of(name, emails) == (f"{local}@muster.li" if local else None)


def test_who_is_responsible_and_who_is_a_firm() -> None:
    html = "<p>Verantwortlich im Sinne der DSGVO: Svenja Lüdtke</p><p>Adatkezelő: Minta Dental Kft.</p>"
    assert [one[:2] for one in people(html, "privacy")] == [("Svenja Lüdtke", None)]


def test_one_person_in_two_spellings() -> None:
    assert person_key("Dr. Anna Meier") == person_key("Anna Meier, MSc") == person_key("ANNA MEIER")


@given(st.text(max_size=200), st.sampled_from(["team", "contact", None]))
def test_any_text_may_be_a_team_page(text: str, kind: str | None) -> None:
    for fact in team(parse(f"<p>{text}</p><p>Director</p>", "https://a.example/"), kind, "a.example"):
        assert fact.kind == "person"
        assert fact.value
        assert set(fact.detail) == {"name", "title", "email", "linkedin", "phone"}
        assert len(fact.context) <= 120
