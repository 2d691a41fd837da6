"""One SMTP connection: replies read within hard limits, commands timed. Knows no verdicts.

Own reader on asyncio.Protocol: a stranger's server may stall, drip, flood or talk nonsense, and a client library gives
no say in how much of that is read.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections import deque
from typing import cast

from orbweave.verify.facts import Fault

MAX_LINE = 8 * 1024
MAX_REPLY = 32 * 1024
MAX_REPLY_LINES = 100
MAX_UNREAD = 16
GOODBYE_PATIENCE = 0.5

_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_ENHANCED_PREFIX = re.compile(r"[245]\.\d{1,3}\.\d{1,3} +")


class Broken(Exception):
    """The connection is of no more use."""

    def __init__(self, fault: Fault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._code = 0
        self._lines: list[bytes] = []
        self._size = 0
        self._replies: deque[tuple[int, tuple[str, ...]]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._end: Broken | None = None
        self._lost: asyncio.Future[None] = loop.create_future()

    async def reply(self, timeout: float) -> tuple[int, tuple[str, ...]]:
        """The next whole reply: its code and the text of each line. Raises Broken; so does every later call."""
        if not self._replies and self._end is None:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(timeout):
                    await self._waiter
            except TimeoutError:
                self._break(Fault.TIMEOUT, "no reply in time")
            finally:
                self._waiter = None
        if self._replies:
            return self._replies.popleft()
        assert self._end is not None
        raise self._end

    def send(self, *commands: str) -> None:
        """Writes whole commands. Raises Broken when the server spoke out of turn: its replies could no longer be told
        apart. A 421 that was waiting is the exception: it is left to be read as the reply."""
        waiting = self._replies[0][0] if self._replies else None
        if waiting == 421:
            return
        if waiting is not None or self._lines or self._buffer:
            self._break(Fault.MALFORMED, "the server sent a reply that nothing was asked for")
            self._replies.clear()
        if self._end is not None:
            raise self._end
        assert self._transport is not None
        self._transport.write("".join(f"{command}\r\n" for command in commands).encode())

    async def start_tls(self, context: ssl.SSLContext, host: str, timeout: float) -> None:
        """Call after the server's 220 to STARTTLS. Raises Broken, also when plain text followed it."""
        if self._replies or self._lines or self._buffer:
            self._break(Fault.MALFORMED, "the server sent plain text after agreeing to TLS")
        if self._end is not None:
            raise self._end
        assert self._transport is not None
        plain = self._transport
        try:
            upgraded = await asyncio.get_running_loop().start_tls(
                plain, self, context, server_hostname=host, ssl_handshake_timeout=timeout, ssl_shutdown_timeout=1
            )
        except (OSError, ValueError) as error:
            # asyncio tells the protocol nothing of a handshake that failed.
            plain.abort()
            self.connection_lost(None)
            self._end = Broken(Fault.CLOSED, f"TLS failed: {error}")
            raise self._end from None
        self._transport = cast(asyncio.Transport, upgraded)

    def local_address(self) -> str:
        assert self._transport is not None
        return str(self._transport.get_extra_info("sockname")[0])

    async def close(self) -> None:
        """Says QUIT when there is somebody to say it to, and returns when the connection is gone."""
        if self._end is None and self._transport is not None:
            try:
                self.send("QUIT")
                await self.reply(GOODBYE_PATIENCE)
            except Broken:
                pass
        if self._transport is not None:
            if self._end is None:
                self._transport.close()
            await asyncio.wait([self._lost], timeout=GOODBYE_PATIENCE)
            self.abort()

    def abort(self) -> None:
        if self._transport is not None:
            # Python before 3.11.4 forgets what is under a TLS connection that was closed, and cannot abort it then.
            with contextlib.suppress(AttributeError):
                self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._end is not None:
            return
        self._buffer += data
        start = 0
        while self._end is None and (newline := self._buffer.find(b"\n", start)) >= 0:
            self._line(bytes(self._buffer[start:newline]).removesuffix(b"\r"))
            start = newline + 1
        del self._buffer[:start]
        if len(self._buffer) > MAX_LINE:
            self._break(Fault.MALFORMED, f"a reply line longer than {MAX_LINE} bytes")
        if self._replies:
            self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        self._break(Fault.CLOSED, "the server closed the connection")
        if not self._lost.done():
            self._lost.set_result(None)

    def _line(self, line: bytes) -> None:
        match = _LINE.fullmatch(line)
        if len(line) > MAX_LINE:
            self._break(Fault.MALFORMED, f"a reply line longer than {MAX_LINE} bytes")
        elif match is None:
            self._break(Fault.MALFORMED, f"not an SMTP reply: {printable(line)[:80]!r}")
        elif self._lines and int(match[1]) != self._code:
            self._break(Fault.MALFORMED, f"a reply that changes its code from {self._code} to {int(match[1])}")
        else:
            self._code = int(match[1])
            self._lines.append(match[3] or b"")
            self._size += len(line)
            if self._size > MAX_REPLY or len(self._lines) > MAX_REPLY_LINES:
                self._break(Fault.MALFORMED, "a reply without end")
            elif match[2] != b"-":
                self._replies.append((self._code, tuple(printable(text) for text in self._lines)))
                self._lines, self._size = [], 0
                if len(self._replies) > MAX_UNREAD:
                    self._break(Fault.MALFORMED, "the server sent replies that nothing was asked for")

    def _break(self, fault: Fault, text: str) -> None:
        if self._end is None:
            self._end = Broken(fault, text)
            self._buffer.clear()
            self.abort()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def printable(data: bytes) -> str:
    """Text that is safe to show: control characters become spaces, what isn't UTF-8 a replacement character."""
    text = data.decode("utf-8", "replace")
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return text.strip()


def joined(lines: tuple[str, ...]) -> str:
    """The lines of a reply as one text; the enhanced code that lines begin with comes first, and once."""
    if len(lines) == 1:
        return lines[0]
    code = next((match[0] for line in lines if (match := _ENHANCED_PREFIX.match(line))), "")
    return code + " ".join(filter(None, (line.removeprefix(code) for line in lines)))
