"""What mail servers look up about a stranger: does his name fit his address, may he send for his domain?"""

from __future__ import annotations

from ipaddress import ip_address

from orbweave.net import NameNotFound, Network
from orbweave.verify.syntax import domain_of


async def faults(network: Network, hello_name: str, sender: str) -> list[str]:
    """What is wrong, a sentence each, as far as the DNS tells: name -> address -> name (forward-confirmed reverse DNS),
    and the SPF and MX records of the domain of ``sender`` ("" is the null sender, for which the name answers). Raises
    NameUnavailable when the DNS does not answer."""
    if hello_name.startswith("["):
        return [f"{hello_name} is an address, not a name; many servers take no mail from such strangers."]
    found = []
    addresses = await _records(network, hello_name, "A") + await _records(network, hello_name, "AAAA")
    if not addresses:
        found.append(f"{hello_name} leads to no address.")
    for address in addresses:
        names = await _records(network, ip_address(address).reverse_pointer, "PTR")
        if not names:
            found.append(f"{address} has no name (PTR record).")
        elif hello_name.lower().rstrip(".") not in names:
            found.append(f"{address} is called {names[0]}, not {hello_name}.")
    domain = domain_of(sender) if sender else hello_name
    if not any(text.lower().startswith("v=spf1") for text in await _records(network, domain, "TXT")):
        found.append(f"{domain} has no SPF record.")
    if sender and not await _takes_mail(network, domain):
        found.append(f"{domain} has no mail server, so the sender {sender} cannot be answered.")
    return found


async def _records(network: Network, name: str, kind: str) -> list[str]:
    try:
        return await network.records(name, kind)
    except NameNotFound:
        return []


async def _takes_mail(network: Network, domain: str) -> bool:
    try:
        return any(one.host != "." for one in await network.mx(domain)) or bool(await _records(network, domain, "A"))
    except NameNotFound:
        return False
