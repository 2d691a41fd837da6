"""A practice website and its mail domain: real facts where there are some, the rest made up from the host's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Literal
from urllib.parse import urlsplit

import phonenumbers
from publicsuffixlist import PublicSuffixList

from orbweave.errors import InvalidInput
from orbweave.maps import Place
from orbweave.practice import behaviours
from orbweave.practice.behaviours import MailBehaviour, WebBehaviour

#: Label in front of a business's domain that makes a practice mail domain: nobody has such an address in earnest.
MAIL_LABEL = "practice"

_LANGUAGES = {"LI": "de", "DE": "de", "AT": "de", "CH": "de", "AD": "ca", "MC": "fr", "FR": "fr"}

_SECOND_ROLES = ("office", "contact", "reception", "booking", "sales")
_FIRST_NAMES = ("Anna", "Beat", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Irina", "Jonas", "Lea", "Marco")
_LAST_NAMES = ("Muster", "Beispiel", "Probst", "Exempel", "Modell", "Versuch", "Ejemplo", "Exemple", "Sample", "Trial")
_TITLES = ("Owner", "Manager", "Head of Sales", "Chef", "Accounting")


@dataclass(frozen=True, slots=True)
class Business:
    """The facts printed on a page. ``path`` is where on its host the business's website begins."""

    name: str
    category: str = ""
    address: str = ""
    phone: str = ""
    country: str = ""
    path: str = "/"

    @property
    def phone_e164(self) -> str | None:
        """None when there is no phone or it is not a possible number."""
        try:
            number = phonenumbers.parse(self.phone, self.country or None)
        except phonenumbers.NumberParseException:
            return None
        if not phonenumbers.is_valid_number(number):
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    title: str
    email: str


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page given byte by byte, for tests."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PracticeSite:
    """One host. ``web`` and ``mail`` name behaviours; empty ones follow from the host and the mail domain.

    ``pages`` replaces or adds pages by path. Raises InvalidInput for a behaviour that does not exist.
    """

    host: str
    businesses: tuple[Business, ...] = ()
    web: str = ""
    mail: str = ""
    #: The facts are those of a real business, taken from open data.
    open_data: bool = False
    pages: Mapping[str, RawPage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _ = self.web_behaviour, self.mail_behaviour

    @cached_property
    def web_behaviour(self) -> WebBehaviour:
        table = behaviours.load()
        return behaviours.named(table.web, self.web) if self.web else table.web_of(self.host)

    @cached_property
    def mail_behaviour(self) -> MailBehaviour:
        table = behaviours.load()
        return behaviours.named(table.mail, self.mail) if self.mail else table.mail_of(self.domain)

    @cached_property
    def domain(self) -> str:
        """The registrable domain, or the host when it has none."""
        return registrable_domain(self.host)

    @cached_property
    def email_domain(self) -> str:
        """The practice mail domain, which sites on one registrable domain share."""
        return f"{MAIL_LABEL}.{self.domain}"

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The host and the same with or without www., where that makes a host of its own."""
        bare = self.host.removeprefix("www.")
        return frozenset({self.host, bare, f"www.{bare}"} if bare.count(".") == self.domain.count(".") else {self.host})

    @cached_property
    def canonical_host(self) -> str:
        bare = self.host.removeprefix("www.")
        canonical = self.web_behaviour.canonical
        if not canonical or len(self.hosts) == 1:
            return self.host
        return f"www.{bare}" if canonical == "www" else bare

    @cached_property
    def language(self) -> str:
        country = self.businesses[0].country if self.businesses else ""
        return self.web_behaviour.language or _LANGUAGES.get(country, "en")

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Role addresses on the site."""
        seed = behaviours.number(f"roles {self.domain}")
        second = (_SECOND_ROLES[seed // 2 % len(_SECOND_ROLES)],) if seed % 2 else ()
        return tuple(f"{role}@{self.email_domain}" for role in ("info", *second))

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Made-up persons, when the site has a team page."""
        if not self.web_behaviour.team:
            return ()
        seed = behaviours.number(f"people {self.host}")
        found = []
        for n in range(2 + seed % 2):
            first = _FIRST_NAMES[(seed // 7 + 5 * n) % len(_FIRST_NAMES)]
            last = _LAST_NAMES[(seed // 101 + 3 * n) % len(_LAST_NAMES)]
            address = f"{first}.{last}@{self.email_domain}".lower()
            found.append(Person(f"{first} {last}", _TITLES[(seed // 13 + n) % len(_TITLES)], address))
        return tuple(found)

    @cached_property
    def stale(self) -> tuple[str, ...]:
        """Addresses on the site that the mail server does not know."""
        return (f"petra.ehemals@{self.email_domain}",) if self.web_behaviour.stale_address else ()

    @cached_property
    def socials(self) -> Mapping[str, str]:
        """Platform (as in contract 2.2) -> made-up profile URL."""
        if not self.web_behaviour.socials:
            return {}
        handle = "practice." + self.domain.split(".")[0]
        found = {"facebook": f"https://www.facebook.com/{handle}", "instagram": f"https://www.instagram.com/{handle}"}
        if behaviours.number(f"socials {self.host}") % 2:
            found["linkedin"] = f"https://www.linkedin.com/company/{handle.replace('.', '-')}"
        return found

    @property
    def mailboxes(self) -> frozenset[str]:
        """The addresses its mail server has."""
        return frozenset((*self.roles, *(person.email for person in self.people)))

    @property
    def url(self) -> str:
        """Where a client would begin."""
        scheme = "http" if self.web_behaviour.scheme == "http" else "https"
        return f"{scheme}://{self.host}{self.businesses[0].path if self.businesses else '/'}"


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def registrable_domain(host: str) -> str:
    return _suffixes().privatesuffix(host) or host


def split_website(website: str) -> tuple[str, str, str] | None:
    """(scheme, host, path) of a website as open data writes it, None when it is no usable address."""
    try:
        parts = urlsplit(website if "://" in website else f"http://{website}")
        host = (parts.hostname or "").rstrip(".").encode("idna").decode().lower()
        port = parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or "." not in host or port not in (None, 80, 443):
        return None
    return parts.scheme, host, parts.path or "/"


def from_places(places: Iterable[Place]) -> list[PracticeSite]:
    """One site for each host, with all the businesses whose website is there, in the order given."""
    found: dict[str, list[Business]] = {}
    for place in places:
        website = split_website(place.website) if place.website else None
        if website is None:
            continue
        _, host, path = website
        business = Business(
            name=place.name,
            category=next(iter(place.categories), ""),
            address=place.address or "",
            phone=place.phone.raw if place.phone else "",
            country=place.country,
            path=path,
        )
        found.setdefault(host, []).append(business)
    return [PracticeSite(host, tuple(businesses), open_data=True) for host, businesses in found.items()]


SyntheticKind = Literal["mixed", "good"]


def synthetic(count: int, *, kind: SyntheticKind = "mixed", web: str = "", mail: str = "") -> Iterator[PracticeSite]:
    """``count`` made-up sites, each with a domain of its own: www.site-000001.test … "mixed" has the usual share of
    hostile ones, "good" none (well-behaved web, accepting mail); ``web`` and ``mail`` choose one behaviour for all."""
    if count < 0:
        raise InvalidInput(f"{count} is not a number of sites; give 0 or more.")
    table = behaviours.load()
    good = {name: row for name, row in table.web.items() if row.crawlable and not row.delay and row.robots != "delay"}
    for n in range(1, count + 1):
        domain = f"site-{n:06d}.test"
        chosen_web = web or (behaviours.pick(good, domain).name if kind == "good" else "")
        chosen_mail = mail or ("accepts" if kind == "good" else "")
        business = Business(
            name=f"Practice Business {n}", category="practice", address=f"Practice Street {n}, 9490 Vaduz", country="LI"
        )
        yield PracticeSite(f"www.{domain}", (business,), web=chosen_web, mail=chosen_mail)
