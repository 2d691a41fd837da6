"""Names to addresses and mail servers, through aiodns, remembered for their TTL."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import aiodns
import idna
import pycares
from aiodns import error as ares

from orbweave.errors import InvalidInput
from orbweave.net import guard
from orbweave.net.errors import NameNotFound, NameTimeout, NameUnavailable, NetError, ServFail

T = TypeVar("T")

MAX_TTL = 3600.0
MAX_ANSWERS = 20_000
TRY_TIMEOUT = 2.0
MAX_QUESTIONS = 100
"""On the way at once: more answers than that overrun the socket before they are read."""

_NOT_THERE = {ares.ARES_ENOTFOUND, ares.ARES_ENODATA, ares.ARES_ENONAME, ares.ARES_EBADNAME}


@dataclass(frozen=True, slots=True, order=True)
class MX:
    """One mail exchanger; sorts by preference. ``host`` is "." for a null MX (the domain takes no mail)."""

    preference: int
    host: str


def parse_nameservers(nameservers: Sequence[str]) -> tuple[str, ...]:
    """``address[:port]`` (IPv6 with a port in brackets) checked. Raises InvalidInput."""
    for server in nameservers:
        address, _, port = server.rpartition(":") if guard.literal(server) is None else (server, "", "53")
        if guard.literal(address) is None or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise InvalidInput(
                f"{server!r} is not a name server; write its address like 9.9.9.9, 127.0.0.1:5353 or [::1]:5353.",
                field="nameservers",
            )
    return tuple(nameservers)


def ascii_name(host: str) -> str:
    """``host`` as it goes on the wire: lower case, IDNA, no final dot. Raises NameNotFound when it can't be a name."""
    name = host.rstrip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError:
            raise NameNotFound(f"{host!r} is not a host name.") from None
    if not name or len(name) > 253 or any(not 0 < len(label) <= 63 for label in name.split(".")):
        raise NameNotFound(f"{host!r} is not a host name.")
    return name


class Resolver:
    """One c-ares channel; equal questions asked at the same time are asked once. Failures are not remembered."""

    def __init__(self, nameservers: Sequence[str] = (), timeout: float = 10.0) -> None:
        self._nameservers = parse_nameservers(nameservers)
        self._timeout = timeout
        self._channel: aiodns.DNSResolver | None = None
        self._answers: dict[tuple[str, str], tuple[float, Any]] = {}
        self._asking: dict[tuple[str, str], asyncio.Task[Any]] = {}
        self._places = asyncio.Semaphore(MAX_QUESTIONS)

    async def addresses(self, name: str) -> list[str]:
        """A and AAAA records (and the hosts file, when no name servers were given)."""
        return await self._remembered(("host", ascii_name(name)), self._addresses)

    async def mx(self, name: str) -> list[MX]:
        """MX records by preference; [] when the name exists without any."""
        return await self._remembered(("mx", ascii_name(name)), self._mx)

    async def records(self, name: str, kind: str) -> list[str]:
        """What the records of ``name`` say, unchecked: ``kind`` A, AAAA, PTR or TXT. [] when it has none of them.
        Names may have underscores and any number of labels. Nothing of this is to be dialled."""
        return await self._remembered((kind, name.rstrip(".").lower()), lambda asked: self._records(asked, kind))

    async def close(self) -> None:
        for task in self._asking.values():
            task.cancel()
        if self._channel is not None:
            await self._channel.close()
            self._channel = None

    async def _remembered(self, key: tuple[str, str], ask: Callable[[str], Awaitable[tuple[T, float]]]) -> T:
        known = self._answers.get(key)
        if known is not None and known[0] > time.monotonic():
            answer: T = known[1]
            return answer
        task: asyncio.Task[T] | None = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._ask(key, ask))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)

    async def _ask(self, key: tuple[str, str], ask: Callable[[str], Awaitable[tuple[T, float]]]) -> T:
        try:
            async with self._places, asyncio.timeout(self._timeout):
                answer, ttl = await ask(key[1])
        except TimeoutError:
            raise NameTimeout(f"No DNS answer for {key[1]} within {self._timeout:g} s.") from None
        except aiodns.error.DNSError as error:
            raise _explained(key[1], error) from None
        finally:
            del self._asking[key]
        if ttl > 0:
            if len(self._answers) >= MAX_ANSWERS:
                self._answers.clear()
            self._answers[key] = (time.monotonic() + min(ttl, MAX_TTL), answer)
        return answer

    async def _addresses(self, name: str) -> tuple[list[str], float]:
        found = await self._ares.getaddrinfo(name, family=socket.AF_UNSPEC, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(node.addr[0].decode() for node in found.nodes))
        if not addresses:
            raise NameNotFound(f"{name} has no address.")
        return addresses, min(node.ttl for node in found.nodes)

    async def _mx(self, name: str) -> tuple[list[MX], float]:
        try:
            found = await self._ares.query_dns(name, "MX")
        except aiodns.error.DNSError as error:
            if error.args[0] == ares.ARES_ENODATA:
                return [], 0.0
            raise
        records = [(record.ttl, record.data) for record in found.answer]
        servers = sorted(
            MX(data.priority, data.exchange.lower() or ".")
            for _, data in records
            if isinstance(data, pycares.MXRecordData)
        )
        return servers, min((ttl for ttl, _ in records), default=0)

    async def _records(self, name: str, kind: str) -> tuple[list[str], float]:
        try:
            found = await self._ares.query_dns(name, kind)
        except aiodns.error.DNSError as error:
            if error.args[0] == ares.ARES_ENODATA:
                return [], 0.0
            raise
        texts = [(record.ttl, text) for record in found.answer if (text := _text(record.data, kind)) is not None]
        return [text for _, text in texts], min((ttl for ttl, _ in texts), default=0)

    @property
    def _ares(self) -> aiodns.DNSResolver:
        # Made at the first question: a channel belongs to the loop that asks.
        if self._channel is None:
            self._channel = aiodns.DNSResolver(
                nameservers=self._nameservers or None,
                timeout=TRY_TIMEOUT,
                tries=3,
                domains=None,
                # Names are always complete here: the machine's search domains must not be tried.
                flags=pycares.ARES_FLAG_NOSEARCH | pycares.ARES_FLAG_EDNS,
            )
        return self._channel


def _text(data: object, kind: str) -> str | None:
    """What a record says; None for one of another kind, such as the alias that led to it."""
    match data:
        case pycares.ARecordData(addr=text) if kind == "A":
            return text
        case pycares.AAAARecordData(addr=text) if kind == "AAAA":
            return text
        case pycares.PTRRecordData(dname=text) if kind == "PTR":
            return text.rstrip(".").lower()
        case pycares.TXTRecordData(data=raw) if kind == "TXT":
            return raw.decode("utf-8", "replace")
        case _:
            return None


def _explained(name: str, error: aiodns.error.DNSError) -> NetError:
    code = error.args[0]
    if code in _NOT_THERE:
        return NameNotFound(
            f"{name} does not exist in the DNS." if code != ares.ARES_ENODATA else f"{name} has no address."
        )
    if code == ares.ARES_ETIMEOUT:
        return NameTimeout(f"No DNS answer for {name}.")
    if code == ares.ARES_ECONNREFUSED:
        return NameUnavailable(f"The name servers cannot be reached (asked for {name}).")
    return ServFail(f"The name servers could not answer for {name} ({error.args[-1]}).")
