"""Words and paths of the practice pages in each language they are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orbweave.practice.behaviours import PageKind


@dataclass(frozen=True, slots=True)
class Words:
    """``titles`` and ``paths`` by page kind; ``at`` and ``dot`` as people write them to hide an address."""

    titles: Mapping[PageKind, str]
    paths: Mapping[PageKind, str]
    phone: str
    email: str
    address: str
    hours: str
    responsible: str
    internal: str
    at: str
    dot: str
    copy: tuple[str, ...]


WORDS: Mapping[str, Words] = {
    "en": Words(
        titles={
            "home": "Home",
            "contact": "Contact",
            "imprint": "Legal notice",
            "about": "About us",
            "services": "What we offer",
            "team": "Our team",
        },
        paths={
            "home": "/",
            "contact": "/contact",
            "imprint": "/legal-notice",
            "about": "/about",
            "services": "/services",
            "team": "/team",
        },
        phone="Phone",
        email="E-mail",
        address="Address",
        hours="Open Monday to Saturday",
        responsible="Responsible for this website",
        internal="Internal",
        at="at",
        dot="dot",
        copy=(
            "We look forward to your visit.",
            "Good work, fair prices and time for a word: that is what we stand for.",
            "Do you have a question? Write to us or give us a call.",
            "We are close to the station, with parking in front of the house.",
        ),
    ),
    "de": Words(
        titles={
            "home": "Startseite",
            "contact": "Kontakt",
            "imprint": "Impressum",
            "about": "Über uns",
            "services": "Unser Angebot",
            "team": "Unser Team",
        },
        paths={
            "home": "/",
            "contact": "/kontakt",
            "imprint": "/impressum",
            "about": "/ueber-uns",
            "services": "/angebot",
            "team": "/team",
        },
        phone="Telefon",
        email="E-Mail",
        address="Adresse",
        hours="Geöffnet Montag bis Samstag",
        responsible="Verantwortlich für diese Website",
        internal="Intern",
        at="at",
        dot="punkt",
        copy=(
            "Wir freuen uns auf Ihren Besuch.",
            "Gute Arbeit, faire Preise und Zeit für ein Gespräch: dafür stehen wir.",
            "Haben Sie eine Frage? Schreiben Sie uns oder rufen Sie an.",
            "Sie finden uns in der Nähe des Bahnhofs, Parkplätze sind vor dem Haus.",
        ),
    ),
    "fr": Words(
        titles={
            "home": "Accueil",
            "contact": "Contact",
            "imprint": "Mentions légales",
            "about": "À propos",
            "services": "Nos services",
            "team": "Notre équipe",
        },
        paths={
            "home": "/",
            "contact": "/contact",
            "imprint": "/mentions-legales",
            "about": "/a-propos",
            "services": "/nos-services",
            "team": "/equipe",
        },
        phone="Téléphone",
        email="E-mail",
        address="Adresse",
        hours="Ouvert du lundi au samedi",
        responsible="Responsable de ce site",
        internal="Interne",
        at="arobase",
        dot="point",
        copy=(
            "Nous nous réjouissons de votre visite.",
            "Du bon travail, des prix justes et le temps d'un mot : voilà ce qui compte pour nous.",
            "Une question ? Écrivez-nous ou appelez-nous.",
            "Nous sommes près de la gare, avec des places devant la maison.",
        ),
    ),
    "ca": Words(
        titles={
            "home": "Inici",
            "contact": "Contacte",
            "imprint": "Avís legal",
            "about": "Qui som",
            "services": "Serveis",
            "team": "El nostre equip",
        },
        paths={
            "home": "/",
            "contact": "/contacte",
            "imprint": "/avis-legal",
            "about": "/qui-som",
            "services": "/serveis",
            "team": "/equip",
        },
        phone="Telèfon",
        email="Correu electrònic",
        address="Adreça",
        hours="Obert de dilluns a dissabte",
        responsible="Responsable d'aquest lloc web",
        internal="Intern",
        at="arrova",
        dot="punt",
        copy=(
            "Us esperem amb il·lusió.",
            "Bona feina, preus justos i temps per parlar: això és el que volem oferir.",
            "Teniu cap pregunta? Escriviu-nos o truqueu-nos.",
            "Ens trobareu a prop de la parada d'autobús, amb aparcament davant de casa.",
        ),
    ),
}
