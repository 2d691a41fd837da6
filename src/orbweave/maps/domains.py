"""Which websites are worth a crawl: not those of platforms that merely list the business (contract, domain filter)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

Reason = Literal["social_media", "review_site", "directory", "maps"]

# ``name.*`` is the name under every public suffix (tripadvisor.fr, yelp.co.uk); a path narrows to pages under it.
_PLATFORMS: dict[Reason, str] = {
    "social_media": """
        facebook.com fb.com fb.me fb.watch messenger.com instagram.com instagr.am linkedin.com lnkd.in twitter.com x.com
        t.co tiktok.com youtube.com youtu.be pinterest.* pin.it threads.net threads.com snapchat.com whatsapp.com wa.me
        telegram.org telegram.me t.me vk.com vk.ru ok.ru vimeo.com flickr.com reddit.com tumblr.com weibo.com xing.com
        discord.gg discord.com twitch.tv line.me""",
    "review_site": """
        yelp.* tripadvisor.* trustpilot.* g2.com capterra.* getapp.* softwareadvice.* holidaycheck.* sitejabber.com
        reviews.io glassdoor.* kununu.com provenexpert.com restaurantguru.com foursquare.com zomato.com""",
    "directory": """
        yellowpages.* yell.com paginasamarillas.* paginegialle.it pagesjaunes.fr pagesdor.be goudengids.* gelbeseiten.de
        goldenpages.* herold.at local.ch search.ch dasoertliche.de 11880.com cylex.* bbb.org manta.com booking.com
        hotels.com expedia.* agoda.com airbnb.* hrs.* trivago.* doordash.com ubereats.com grubhub.com deliveroo.*
        just-eat.* lieferando.* takeaway.com thuisbezorgd.nl pyszne.pl glovoapp.com wolt.com opentable.* quandoo.*
        thefork.* lafourchette.com doctolib.* jameda.de linktr.ee linkin.bio beacons.ai bio.link infobel.com
        europages.* kompass.com thomsonlocal.com hotfrog.*""",
    "maps": """
        google.*/maps maps.google.* goo.gl/maps maps.app.goo.gl g.page g.co/kgs waze.com apple.com/maps maps.apple.com
        bing.com/maps here.com openstreetmap.org osm.org mapy.cz mapy.com yandex.*/maps mapquest.com""",
}


@dataclass(frozen=True, slots=True)
class FilterResult:
    """``domain``: the registrable domain (or IP address) of the website, None when there is none to crawl. ``reason``:
    why the website is filtered, None when it is not."""

    domain: str | None
    reason: Reason | None


def site_filter(
    url: str | None, *, social: bool = True, review: bool = True, directories: bool = True, maps: bool = True
) -> FilterResult:
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return FilterResult(None, None)
    if parts.scheme.lower() not in ("http", "https") or not host:
        return FilterResult(None, None)
    asked = {"social_media": social, "review_site": review, "directory": directories, "maps": maps}
    reasons = (reason for reason in _reasons(host, parts.path.lower()) if asked[reason])
    return FilterResult(registrable(host), next(reasons, None))


@lru_cache(maxsize=4096)
def registrable(host: str) -> str | None:
    """``host`` cut to its public suffix and one label; an IP address as it is; None for a bare or reserved name."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    domain: str | None = _suffixes().privatesuffix(host)
    return domain


def _reasons(host: str, path: str) -> list[Reason]:
    """Of the platforms that own the page, most narrowly defined first."""
    anywhere = f"{_without_suffix(host)}.*"
    owners = [
        platform
        for platform in _platforms()
        if any(f".{name}".endswith(f".{platform.host}") for name in (host, anywhere))
        and (not platform.path or f"{path.rstrip('/')}/".startswith(platform.path))
    ]
    return [platform.reason for platform in sorted(owners, key=lambda owner: -len(owner.host + owner.path))]


class _Platform(NamedTuple):
    host: str
    path: str
    reason: Reason


@lru_cache(maxsize=1)
def _platforms() -> list[_Platform]:
    found = []
    for reason, entries in _PLATFORMS.items():
        for entry in entries.split():
            host, _, path = entry.partition("/")
            found.append(_Platform(host, f"/{path}/" if path else "", reason))
    return found


def _without_suffix(host: str) -> str:
    suffix = _suffixes().publicsuffix(host)
    return host.removesuffix(f".{suffix}") if suffix else host


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
