"""What a crawl found, merged over its pages, in the shape of contract 2.2."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from orbweave.site.compendium import Compendium
from orbweave.site.extract.addresses import address_key
from orbweave.site.extract.company import stated, vitals
from orbweave.site.extract.emails import ROLES
from orbweave.site.extract.socials import PLATFORMS
from orbweave.site.extract.team import address_of, person_key
from orbweave.site.facts import Fact
from orbweave.site.llm import Insights
from orbweave.site.request import CompendiumOptions
from orbweave.storable import storable

MAX_EVIDENCE_PER_VALUE = 5
MAX_VALUES = 500

# What a machine was meant to read is surer than what was written for people.
_RANK = {
    "json-ld": 0,
    "microdata": 1,
    "tel": 2,
    "mailto": 2,
    "link": 2,
    "image": 3,
    "whatsapp": 2,
    "label": 3,
    "text": 3,
    "state": 4,
    "meta": 4,
    "icon": 5,
    "share-image": 6,
}
# A link dials a fax as well; the form of a number says nothing.
_SAYS_WHAT_IT_IS = frozenset({"json-ld", "microdata", "meta", "label", "state"})


@dataclass(frozen=True, slots=True)
class PageReport:
    """One address that was tried. ``status`` HTTP status or None; ``outcome`` "ok" or one word for what went wrong;
    ``reason`` the sentence for it, or a remark about a page that was read; ``ms`` time it took; ``source`` fetched,
    cached or not_modified."""

    url: str
    status: int | None
    outcome: str
    ms: int
    reason: str | None = None
    kind: str | None = None
    final_url: str | None = None
    source: str = "fetched"

    def data(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "status": self.status,
            "ms": self.ms,
            "outcome": self.outcome,
            "reason": self.reason,
            "kind": self.kind,
            "final_url": self.final_url,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Sighting:
    """A fact and the page it came from; ``found_at`` UTC, ISO 8601 with Z."""

    fact: Fact
    url: str
    found_at: str


@dataclass(frozen=True)
class SiteResult:
    """``status`` success (read, and ended by itself or at max_pages), partial (cut short, or pages kept failing) or
    failed (nothing could be read); ``error`` why, for the last two. ``redirected_to`` the start page, when it is on
    another domain than was asked for; ``retry_after`` seconds the site wants to be left alone for; ``ended_early``:
    nothing more was to be found."""

    url: str
    status: str
    pages: tuple[PageReport, ...]
    sightings: tuple[Sighting, ...]
    site: str = ""
    error: str | None = None
    crawl_strategy: str = "bestfirst"
    sitemap_used: bool = False
    seconds: float = 0.0
    with_company: bool = False
    with_team: bool = False
    compendium: Compendium | None = None
    compendium_options: CompendiumOptions = field(default_factory=CompendiumOptions)
    insights: Insights | None = None
    redirected_to: str | None = None
    retry_after: float | None = None
    spa_enabled: bool = False
    ended_early: bool = False

    @property
    def pages_crawled(self) -> int:
        return sum(page.outcome == "ok" for page in self.pages)

    @property
    def compendium_text(self) -> str | None:
        """None when there is none; it may have to be kept elsewhere: ``data`` holds it only if it was asked to."""
        return storable(self.compendium.text) or None if self.compendium else None

    def data(self) -> dict[str, Any]:
        """Contract 2.2 ``data``, every field; ``evidence`` says for each value where it was seen."""
        data: dict[str, Any] = storable(self._data())
        return data

    def _data(self) -> dict[str, Any]:
        said = self.insights
        emails = self._emails()
        phones = self._phones()
        addresses = self._addresses()
        socials = self._socials()
        logo = self._logo()
        company = self._company() if self.with_company else None
        members = self._team(emails) if self.with_team else []
        shown = {*emails, *(phone["e164"] for phone in phones), *addresses.values(), *filter(None, socials.values())}
        shown |= {member["name"] for member in members} | stated(company)
        return {
            "url": self.url,
            "pages_crawled": self.pages_crawled,
            "crawl_status": self.status,
            "emails": emails,
            "phones": phones,
            "addresses": list(addresses.values()),
            **socials,
            "logo": logo,
            "markdown_compendium": self.compendium_text if self.compendium_options.include_in_response else None,
            "compendium": self._compendium(),
            "company_vitals": company,
            "team_members": members,
            "pain_points": said.pain_points if said else None,
            "lead_scoring": said.lead_scoring if said else None,
            "personalization_hooks": said.personalization_hooks if said else None,
            "custom_analysis": said.custom_analysis if said else None,
            "evidence": self._evidence(shown, addresses),
            "metadata": {
                "crawl_strategy": self.crawl_strategy,
                "sitemap_used": self.sitemap_used,
                "spa_enabled": self.spa_enabled,
                "pages": [page.data() for page in self.pages],
                "robots_respected": True,
                "ai_usage": said.usage if said else None,
                "error": self.error,
                "redirected_to": self.redirected_to,
                "retry_after": self.retry_after,
                "ended_early": self.ended_early,
                "total_time_seconds": round(self.seconds, 3),
            },
        }

    def _compendium(self) -> dict[str, Any]:
        text = self.compendium_text
        options = self.compendium_options
        return {
            "chars": len(text or ""),
            "available": text is not None,
            "cleanup_level": options.cleanup_level if options.enabled else None,
            "storage_location": "response" if text is not None and options.include_in_response else None,
            "download_url": None,
        }

    def _of(self, kind: str) -> Iterable[Sighting]:
        return (sighting for sighting in self.sightings if sighting.fact.kind == kind)

    def _emails(self) -> list[str]:
        """The site's own domain first, and there the addresses a business publishes for everybody."""

        def rank(address: str) -> tuple[bool, bool]:
            local, _, domain = address.rpartition("@")
            return not (domain == self.site or domain.endswith("." + self.site)), local not in ROLES

        return sorted(dict.fromkeys(sighting.fact.value for sighting in self._of("email")), key=rank)[:MAX_VALUES]

    def _phones(self) -> list[dict[str, Any]]:
        """Faxes last: the numbers that a page calls a fax and none calls a phone."""
        best: dict[tuple[str, bool], Mapping[str, Any]] = {}
        called_phones = set()
        for sighting in sorted(self._of("phone"), key=_surest):
            fact = sighting.fact
            is_fax = fact.detail["type"] == "fax"
            best.setdefault((fact.value, is_fax), fact.detail)
            if not is_fax and fact.method in _SAYS_WHAT_IT_IS:
                called_phones.add(fact.value)
        numbers = dict.fromkeys(number for number, _ in best)
        keys = [(number, (number, True) in best and number not in called_phones) for number in numbers]
        return [dict(best[key]) for key in sorted(keys, key=lambda key: key[1])][:MAX_VALUES]

    def _addresses(self) -> dict[str, str]:
        """key -> line; of two spellings where one says more, that one."""
        found: dict[str, str] = {}
        for sighting in sorted(self._of("address"), key=_surest):
            key = address_key(sighting.fact.value)
            words = set(key.split())
            known = next((other for other in found if words <= set(other.split()) or words >= set(other.split())), None)
            if known is None:
                found[key] = sighting.fact.value
        return dict(list(found.items())[:MAX_VALUES])

    def _socials(self) -> dict[str, str | None]:
        """The profile most pages lead to; the site's own statement about itself counts most."""
        votes: dict[str, Counter[str]] = {platform: Counter() for platform in PLATFORMS}
        for sighting in self._of("social"):
            weight = 100 if sighting.fact.method in ("json-ld", "microdata") else 1
            votes[sighting.fact.detail["platform"]][sighting.fact.value] += weight
        return {platform: counter.most_common(1)[0][0] if counter else None for platform, counter in votes.items()}

    def _logo(self) -> str | None:
        sightings = sorted(self._of("logo"), key=_surest)
        return urljoin(sightings[0].url, sightings[0].fact.value) if sightings else None

    def _company(self) -> dict[str, Any]:
        return vitals(sighting.fact for sighting in sorted(self._of("company"), key=_surest))

    def _team(self, emails: list[str]) -> list[dict[str, Any]]:
        members: dict[str, dict[str, Any]] = {}
        for sighting in sorted(self._of("person"), key=_surest):
            member = members.setdefault(
                person_key(sighting.fact.value), dict.fromkeys(("name", "title", "email", "linkedin", "phone"))
            )
            for name, value in sighting.fact.detail.items():
                member[name] = member[name] or value
        for member in members.values():
            member["email"] = member["email"] or address_of(member["name"], emails)
        return list(members.values())

    def _evidence(self, shown: set[str], addresses: Mapping[str, str]) -> list[dict[str, str]]:
        seen: Counter[tuple[str, str]] = Counter()
        found = []
        for sighting in self.sightings:
            fact = sighting.fact
            value = addresses.get(address_key(fact.value), fact.value) if fact.kind == "address" else fact.value
            if value not in shown or seen[fact.kind, value] >= MAX_EVIDENCE_PER_VALUE:
                continue
            seen[fact.kind, value] += 1
            found.append(
                {
                    "value": value,
                    "kind": fact.kind,
                    "source_url": sighting.url,
                    "method": fact.method,
                    "context": fact.context,
                    "found_at": sighting.found_at,
                }
            )
        return found


def _surest(sighting: Sighting) -> int:
    return _RANK.get(sighting.fact.method, 4)
