"""What a perfect crawler and verifier would find: the ground truth that tests compare with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from orbweave.practice.sites import PracticeSite


@dataclass(frozen=True, slots=True)
class ExpectedAddress:
    """One address printed on the site, with the final verdict (greylisting waited for) of contract 2.3.

    ``role`` addresses get ``status`` risky and ``sub_status`` role_account where others would be valid.
    ``counts_as_valid``: deliverable and neither catch-all nor full, which is how campaigns count.
    """

    email: str
    role: bool
    status: Literal["valid", "risky", "invalid", "unknown"]
    sub_status: str
    counts_as_valid: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """``crawlable`` False: there is nothing to find. ``phones`` are E.164. ``forbidden`` are addresses
    that are only on pages robots.txt forbids and must not be found."""

    host: str
    url: str
    web: str
    mail: str
    crawlable: bool
    emails: tuple[ExpectedAddress, ...] = ()
    phones: frozenset[str] = frozenset()
    socials: Mapping[str, str] | None = None
    forbidden: frozenset[str] = frozenset()

    @property
    def addresses(self) -> frozenset[str]:
        return frozenset(one.email for one in self.emails)

    @property
    def has_valid_email(self) -> bool:
        return any(one.counts_as_valid for one in self.emails)


def expected(site: PracticeSite) -> Expected:
    behaviour = site.web_behaviour
    if not behaviour.crawlable:
        return Expected(site.host, site.url, behaviour.name, site.mail_behaviour.name, crawlable=False)
    people = tuple(person.email for person in site.people)
    return Expected(
        host=site.host,
        url=site.url,
        web=behaviour.name,
        mail=site.mail_behaviour.name,
        crawlable=True,
        emails=(
            *(_verdict(site, address, role=True, has_mailbox=True) for address in site.roles),
            *(_verdict(site, address, role=False, has_mailbox=True) for address in people),
            *(_verdict(site, address, role=False, has_mailbox=False) for address in site.stale),
        ),
        phones=frozenset(number for one in site.businesses if (number := one.phone_e164)),
        socials=site.socials,
        forbidden=frozenset({f"trap@{site.email_domain}"} if behaviour.robots in ("disallow", "delay") else ()),
    )


def _verdict(site: PracticeSite, address: str, *, role: bool, has_mailbox: bool) -> ExpectedAddress:
    mail = site.mail_behaviour
    status, sub_status = mail.status, mail.sub_status
    if not has_mailbox and mail.tells_unknown:
        status, sub_status = "invalid", "mailbox_not_found"
    counts = status == "valid"
    if role and sub_status != "catch_all":
        sub_status = "role_account"
        if status == "valid":
            status = "risky"
    return ExpectedAddress(address, role, status, sub_status, counts)
