"""Which names exist, where they lead and which mailboxes they have. Pure: sites in, tables out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orbweave.practice import behaviours
from orbweave.practice.behaviours import MailBehaviour
from orbweave.practice.dns import Name
from orbweave.practice.sites import PracticeSite

LOOPBACK = "127.0.0.1"
PRIVATE = "10.0.0.1"
#: A mail host that is always down.
DEAD_HOST = "mx.down.practice.test"
#: A name that leads into a private network.
PRIVATE_HOST = "private.practice.test"

_HERE = Name((LOOPBACK,))


@dataclass(frozen=True, slots=True)
class MailDomain:
    """``mailboxes`` are the local parts, lower case, that it has."""

    behaviour: MailBehaviour
    mailboxes: frozenset[str]


def early_host(behaviour: str) -> str:
    """The mail host of every domain whose server is of this kind, when the kind has a port of its own."""
    return f"mx.{behaviour.replace('_', '-')}.practice.test"


def by_host(sites: Iterable[PracticeSite]) -> dict[str, PracticeSite]:
    """Every host that leads to a site; a site's own host wins over another's www. variant."""
    chosen = list(sites)
    return {host: site for site in chosen for host in site.hosts} | {site.host: site for site in chosen}


def mail_domains(sites: Iterable[PracticeSite], emails: Iterable[str] = ()) -> dict[str, MailDomain]:
    """Each site's practice mail domain and registrable domain; the domains of ``emails`` know at least these."""
    found: dict[str, MailDomain] = {}

    def add(domain: str, behaviour: MailBehaviour, mailboxes: Iterable[str]) -> None:
        known = found.get(domain, MailDomain(behaviour, frozenset()))
        found[domain] = MailDomain(known.behaviour, known.mailboxes | frozenset(mailboxes))

    for site in sites:
        locals_ = [address.rpartition("@")[0] for address in site.mailboxes]
        add(site.email_domain, site.mail_behaviour, locals_)
        add(site.domain, site.mail_behaviour, locals_)
    for address in emails:
        local, _, domain = address.lower().rpartition("@")
        add(domain, behaviours.load().mail["accepts"], [local])
    return found


def zone(hosts: Mapping[str, PracticeSite], mail: Mapping[str, MailDomain]) -> dict[str, Name]:
    """Every name: of websites (``by_host``), of mail domains (``mail_domains``) and of mail hosts."""
    names = {host: name for host, site in hosts.items() if (name := _web(site.web_behaviour.dns)) is not None}
    names |= {DEAD_HOST: _HERE, PRIVATE_HOST: Name((PRIVATE,))}
    names |= {early_host(kind.name): _HERE for kind in behaviours.load().mail.values() if kind.before_recipient}
    for domain, entry in mail.items():
        name = _mail(domain, entry.behaviour)
        website = names.get(domain)
        if website is not None and name is not None:
            names[domain] = Name(website.addresses, name.mx, website.failure)
        elif domain not in hosts and name is not None:
            names[domain] = name
        if name is not None and any(host == f"mail.{domain}" for _, host in name.mx):
            names[f"mail.{domain}"] = _HERE
    return names


def _web(dns: str) -> Name | None:
    match dns:
        case "nxdomain":
            return None
        case "servfail":
            return Name(failure="servfail")
        case "silent":
            return Name(failure="silent")
        case "private":
            return Name((PRIVATE,))
        case "mixed":
            return Name((LOOPBACK, PRIVATE))
        case _:
            return _HERE


def _mail(domain: str, behaviour: MailBehaviour) -> Name | None:
    own = early_host(behaviour.name) if behaviour.before_recipient else f"mail.{domain}"
    match behaviour.mx:
        case "own":
            return Name(mx=((10, own),))
        case "implicit":
            return _HERE
        case "backup":
            return Name(mx=((10, DEAD_HOST), (20, own)))
        case "null":
            return Name(mx=((0, ""),))
        case "dangling":
            return Name(mx=((10, f"gone.{domain}"),))
        case "servfail":
            return Name(failure="servfail")
        case "nxdomain":
            return None
        case "none":
            return Name()
