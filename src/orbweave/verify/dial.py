"""The way out to mail servers: directly, from a chosen address of this machine, or through a SOCKS5 proxy."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType
from python_socks.async_.asyncio import Proxy

from orbweave.errors import InvalidInput
from orbweave.net import NetError, Network, guard
from orbweave.verify.egress import Egress
from orbweave.verify.facts import Fault
from orbweave.verify.smtp import Broken, Connection, joined

if TYPE_CHECKING:
    from orbweave.config import Settings


PROVIDERS = ("gmail.com", "outlook.com", "yahoo.com")
"""Domains whose servers are hardly ever down."""
FAIR = 2.0
"""Seconds that a server has to be given before its silence means anything."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What ``server`` said first; when it is not ``connected``, ``text`` is why."""

    server: str
    connected: bool
    text: str


class Dialler:
    """``proxy`` ``socks5://[user:password@]host:port``, ``source`` an address of this machine; "" for none. Raises
    InvalidInput. The proxy is the operator's own and may be anywhere; what is dialled through it is an address that
    was checked."""

    def __init__(self, proxy: str = "", source: str = "") -> None:
        self.egress = Egress()
        self._proxy = _proxy(proxy) if proxy else None
        self._local = (source, 0) if source else None
        self._family = 0
        if source:
            try:
                self._family = ip_address(source).version
            except ValueError:
                raise InvalidInput(
                    f"{source!r} is no IP address; give one that this machine has.", field="smtp_source"
                ) from None

    @classmethod
    def of(cls, settings: Settings) -> Dialler:
        proxy = settings.smtp_proxy.get_secret_value() if settings.smtp_proxy else ""
        return cls(proxy, settings.smtp_source or "")

    def leads_to(self, address: str) -> bool:
        """False for IPv6 from an IPv4 source and the other way round."""
        literal = guard.literal(address)
        return self._proxy is not None or not self._family or (literal is not None and literal.version == self._family)

    async def open(self, server: str, address: str, port: int, timeout: float) -> Connection:
        """A connection to ``address``, which is one of ``server``. Raises Broken."""
        try:
            async with asyncio.timeout(timeout):
                connection = await self._connect(address, port)
        except (TimeoutError, ProxyTimeoutError):
            if timeout >= FAIR:
                self.egress.failed(server)
            raise Broken(Fault.TIMEOUT, "no connection in time") from None
        except ProxyConnectionError as error:
            self.egress.failed(server)
            raise Broken(Fault.UNREACHABLE, f"the SOCKS proxy cannot be reached ({error.strerror})") from None
        except ProxyError as error:
            self.egress.failed(server)
            raise Broken(Fault.UNREACHABLE, f"no connection through the SOCKS proxy: {error}") from None
        except OSError as error:
            self.egress.failed(server)
            raise Broken(Fault.UNREACHABLE, f"no connection: {error.strerror or error}") from None
        self.egress.reached()
        return connection

    async def greeting(self, network: Network, server: str, port: int, timeout: float = 10.0) -> Greeting:
        """How ``server`` greets us; nothing is said to it but QUIT."""
        why = f"it has no address of the kind of {self._local[0]}" if self._local else "it has no address"
        try:
            for address, to_port in await network.endpoints(server, port):
                if not self.leads_to(address):
                    continue
                try:
                    connection = await self.open(server, address, to_port, timeout)
                except Broken as broken:
                    why = str(broken)
                    continue
                return Greeting(server, True, await _greeting(connection, timeout))
        except NetError as error:
            why = str(error).rstrip(".")
        return Greeting(server, False, why)

    async def _connect(self, address: str, port: int) -> Connection:
        loop = asyncio.get_running_loop()
        if self._proxy is None:
            return (await loop.create_connection(Connection, address, port, local_addr=self._local))[1]
        kind, host, proxy_port, user, password = self._proxy
        proxy = Proxy(kind, host, proxy_port, user, password)
        sock = await proxy.connect(address, port, local_addr=self._local)
        try:
            return (await loop.create_connection(Connection, sock=sock))[1]
        except BaseException:
            sock.close()
            raise


async def try_providers(network: Network, dialler: Dialler, port: int, timeout: float = 10.0) -> list[Greeting]:
    """How large providers' servers greet us, as far as the DNS knows them; nothing is said to them but QUIT."""

    async def servers(domain: str) -> list[str]:
        try:
            return [one.host for one in (await network.mx(domain))[:1] if one.host != "."]
        except NetError:
            return []

    known = [host for hosts in await asyncio.gather(*map(servers, PROVIDERS)) for host in hosts]
    return await asyncio.gather(*(dialler.greeting(network, host, port, timeout) for host in dict.fromkeys(known)))


async def _greeting(connection: Connection, timeout: float) -> str:
    try:
        code, lines = await connection.reply(timeout)
        return f"{code} {joined(lines)}".rstrip()
    except Broken as broken:
        return str(broken)
    finally:
        await connection.close()


def _proxy(url: str) -> tuple[ProxyType, str, int, str | None, str | None]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme != "socks5" or not host or not port or parts.path.strip("/") or parts.query or parts.fragment:
        # The address itself may hold a password and is not repeated.
        raise InvalidInput(
            "smtp_proxy is not a SOCKS5 proxy; write it like socks5://user:password@proxy.example:1080.",
            field="smtp_proxy",
        )
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return ProxyType.SOCKS5, host, port, user, password
