"""``Network``: what everything that connects is given."""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import aiohttp
import certifi
from aiohttp.abc import ResolveResult

from orbweave.errors import InvalidInput
from orbweave.net import connect_to, guard
from orbweave.net.dns import MX, Resolver
from orbweave.net.errors import AddressRefused, ContactMissing
from orbweave.user_agent import DEFAULT_USER_AGENT, HOW_TO_SET, names_contact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orbweave.config import Settings


MAX_HEADER = 64 * 1024
"""Bytes of one line of an answer's header; content security policies can be long."""


@dataclass(frozen=True)
class NetSettings:
    """``nameservers`` ``address[:port]``, empty for the system's; ``connect_to`` as curl's --connect-to;
    ``ca_file`` PEM trusted besides the system's roots; ``allow_networks`` CIDRs that may be dialled though private;
    ``dns_timeout`` seconds a name may take."""

    nameservers: tuple[str, ...] = ()
    connect_to: tuple[str, ...] = ()
    ca_file: Path | None = None
    allow_networks: tuple[str, ...] = ()
    user_agent: str = DEFAULT_USER_AGENT
    dns_timeout: float = 10.0

    @classmethod
    def of(cls, settings: Settings) -> NetSettings:
        return cls(
            nameservers=tuple(settings.nameservers),
            connect_to=tuple(settings.connect_to),
            ca_file=settings.ca_file,
            allow_networks=tuple(settings.allow_networks),
            user_agent=settings.user_agent,
        )


class Network:
    """One per process and event loop, shared by all that connects. ``async with``, or ``close()`` at the end.

    Every address it hands out or dials was checked: a host that leads to any address outside the public internet and
    outside ``allow_networks`` is refused as a whole. Raises InvalidInput when a setting is unusable.
    """

    def __init__(self, settings: NetSettings = NetSettings()) -> None:
        self.settings = settings
        self._mappings = connect_to.parse(settings.connect_to)
        self._exempt = guard.parse_networks(settings.allow_networks)
        self._resolver = Resolver(settings.nameservers, settings.dns_timeout)

    async def __aenter__(self) -> Network:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._resolver.close()

    async def addresses(self, host: str) -> list[str]:
        """The checked addresses of ``host``, which may be an IP literal. Raises NameNotFound, NameTimeout, ServFail
        (both NameUnavailable) or AddressRefused."""
        address = guard.literal(host)
        if address is None and guard.is_disguised_address(host):
            raise AddressRefused(f"{host} is an address in disguise; only plain notation is dialled.")
        found = [str(address)] if address is not None else await self._resolver.addresses(host)
        for one in found:
            if not guard.is_allowed(ip_address(one), self._exempt):
                raise AddressRefused(
                    f"{host} is not a public address."
                    if address is not None
                    else f"{host} leads to {one}, which is not a public address."
                )
        return found

    async def mx(self, domain: str) -> list[MX]:
        """Mail exchangers by preference; [] when the domain exists without any; a null MX as it is (host ".").
        Raises NameNotFound (the domain does not exist) or NameUnavailable."""
        return await self._resolver.mx(domain)

    async def records(self, name: str, kind: str) -> list[str]:
        """What the A, AAAA, PTR or TXT records of ``name`` say, unchecked: to be read, never to be dialled. Raises
        NameNotFound or NameUnavailable."""
        return await self._resolver.records(name, kind)

    def connect_target(self, host: str, port: int) -> tuple[str, int]:
        """Where ``connect_to`` sends a connection for ``host``:``port``."""
        return connect_to.target(self._mappings, host, port)

    async def endpoints(self, host: str, port: int) -> list[tuple[str, int]]:
        """The checked (address, port) pairs to dial for ``host``:``port``. Raises as ``addresses``."""
        to_host, to_port = self.connect_target(host, port)
        return [(address, to_port) for address in await self.addresses(to_host)]

    async def web_endpoints(self, host: str, port: int) -> list[tuple[str, int]]:
        """``endpoints``, for HTTP. Raises ContactMissing besides, for a public address while the User-Agent doesn't say
        whom its owner can write to."""
        found = await self.endpoints(host, port)
        if not names_contact(self.settings.user_agent) and any(
            guard.is_allowed(ip_address(address)) for address, _ in found
        ):
            raise ContactMissing(f"Site owners could not reach you. {HOW_TO_SET}")
        return found

    def tls_context(self) -> ssl.SSLContext:
        """The system's roots and ``ca_file``; one context for all. Raises InvalidInput when ``ca_file`` is unusable."""
        return self._tls_context

    @cached_property
    def _tls_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        roots = ssl.get_default_verify_paths()
        if roots.cafile is None and not (roots.capath and any(os.scandir(roots.capath))):
            context.load_verify_locations(certifi.where())  # python.org's macOS builds come without roots
        if self.settings.ca_file is not None:
            try:
                context.load_verify_locations(self.settings.ca_file)
            except (OSError, ssl.SSLError) as error:
                raise InvalidInput(
                    f"{self.settings.ca_file} holds no usable PEM certificates ({error}).", field="ca_file"
                ) from None
        return context

    def http_session(self, **options: Any) -> aiohttp.ClientSession:
        """A client whose every connection, also to an IP literal, goes to a checked address; no cookies, no proxies
        from the environment. Pass ``allow_redirects=False`` and follow redirects yourself when each hop needs a say.
        Besides aiohttp's errors, requests raise what ``addresses`` raises. ``options`` go to ClientSession."""
        options.setdefault("cookie_jar", aiohttp.DummyCookieJar())
        options.setdefault("trust_env", False)
        options.setdefault("connector", CheckedConnector(self))
        options.setdefault("max_field_size", MAX_HEADER)
        headers = {"User-Agent": self.settings.user_agent, **(options.pop("headers", None) or {})}
        return aiohttp.ClientSession(headers=headers, **options)


class CheckedConnector(aiohttp.TCPConnector):
    """Dials the checked endpoints of a Network. A resolver alone would not do: aiohttp never asks it about
    IP literals, and only here can the port be mapped too."""

    def __init__(self, network: Network) -> None:
        super().__init__(ssl=network.tls_context(), limit=0, use_dns_cache=False)
        self._network = network

    async def _resolve_host(
        self, host: str, port: int, traces: Sequence[aiohttp.tracing.Trace] | None = None
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=to_port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address, to_port in await self._network.web_endpoints(host, port)
        ]
