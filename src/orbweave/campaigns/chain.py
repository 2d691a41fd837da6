"""Which job follows which result. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from orbweave.campaigns.spec import Workflow
from orbweave.maps import site_filter

PREFERRED_MAILBOXES = ("contact", "info", "kontakt", "office", "mail", "hello", "reservations", "booking")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place as a lead of a campaign: ``url`` is the website to crawl, None when there is nothing to crawl."""

    key: str
    place: dict[str, Any]
    domain: str | None
    filter_reason: str | None
    url: str | None


def candidate(place: dict[str, Any], workflow: Workflow | None) -> Candidate:
    website = place.get("website")
    chosen = workflow or Workflow()
    found = (
        site_filter(
            website,
            social=chosen.filter_social_media,
            review=chosen.filter_review_sites,
            directories=chosen.filter_directories,
            maps=chosen.filter_maps,
        )
        if website
        else None
    )
    domain, reason = (found.domain, found.reason) if found else (None, None)
    crawl = bool(workflow and workflow.site.enabled and domain and not reason and crawlable(website))
    return Candidate(place["place_id"], place, domain, reason, website if crawl else None)


def crawlable(url: str | None) -> bool:
    try:
        parts = urlsplit(url or "")
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def site_payload(workflow: Workflow, url: str, country: str | None) -> dict[str, Any]:
    """The payload of the site job; leads with the same payload share the job."""
    return {**workflow.site.payload, "url": canonical(url), "country": country}


def canonical(url: str) -> str:
    """Two spellings of one start page are one: scheme and host in lower case, no fragment, a path."""
    parts = urlsplit(url.strip())
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", parts.query, ""))


def addresses(emails: Iterable[str], workflow: Workflow) -> list[str]:
    """The addresses to verify: what a business publishes for contact first, in the order found otherwise."""
    if not workflow.verify.enabled:
        return []
    unique = list(dict.fromkeys(email.strip() for email in emails if email.strip()))
    return sorted(unique, key=_preference)[: workflow.verify.max_emails_per_business]


def _preference(email: str) -> int:
    mailbox = email.partition("@")[0].lower()
    return PREFERRED_MAILBOXES.index(mailbox) if mailbox in PREFERRED_MAILBOXES else len(PREFERRED_MAILBOXES)


def unique_places(places: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A source may name a business twice in one answer; the first stands."""
    return list({place["place_id"]: place for place in reversed(places)}.values())[::-1]
