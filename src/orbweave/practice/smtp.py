"""Mail servers on loopback: one port for all that behave until they hear a recipient, one more for each that doesn't.

No message is ever taken: DATA is refused, and its sight is in the log.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Mapping

from orbweave.practice import behaviours
from orbweave.practice.behaviours import MailBehaviour
from orbweave.practice.log import Log, SmtpSession
from orbweave.practice.names import MailDomain, early_host
from orbweave.practice.timing import Timing

LINE_LIMIT = 8192
COMMAND_LIMIT = 1000

_PATH = re.compile(r"(?i)(?:FROM|TO):\s*<([^>]*)>")


class MailServers:
    """``domains`` by name."""

    def __init__(self, domains: Mapping[str, MailDomain], log: Log, timing: Timing = Timing()) -> None:
        self.port = 0
        #: A port that refuses connections.
        self.dead_port = 0
        #: Name of a behaviour that starts before RCPT TO -> its port.
        self.early_ports: dict[str, int] = {}
        self._domains = domains
        self.log = log
        self.timing = timing
        self._greylist: dict[tuple[str, str], float] = {}
        self._servers: list[asyncio.Server] = []
        self._sessions: set[asyncio.Task[None]] = set()
        self._dead: socket.socket | None = None

    async def start(self) -> None:
        self.port = await self._listen(behaviours.load().mail["accepts"], "mail.practice.test")
        for behaviour in behaviours.load().mail.values():
            if behaviour.before_recipient:
                self.early_ports[behaviour.name] = await self._listen(behaviour, early_host(behaviour.name))
        # Bound and not listening: the port is ours and nobody answers.
        self._dead = socket.socket()
        self._dead.bind(("127.0.0.1", 0))
        self.dead_port = self._dead.getsockname()[1]

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._sessions:
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        if self._dead is not None:
            self._dead.close()

    def reply_to_recipient(self, sender: str, recipient: str) -> tuple[str, MailBehaviour | None]:
        """The reply to RCPT TO and the behaviour of the domain, None when it is not one of ours."""
        local, _, domain = recipient.lower().rpartition("@")
        mail = self._domains.get(domain)
        if mail is None:
            return "554 5.7.1 Relay access denied", None
        behaviour = mail.behaviour
        accepts_some = behaviour.known != behaviour.unknown
        if local not in mail.mailboxes and not (local == "postmaster" and accepts_some):
            return behaviour.unknown, behaviour
        if behaviour.greylist:
            now = time.monotonic()
            asked = (sender, recipient.lower())
            first = self._greylist.get(asked)
            self._greylist.setdefault(asked, now)
            if first is None or now - first < self.timing.greylist:
                return "450 4.7.1 Greylisted, please try again later", behaviour
        return ("250 2.1.5 OK" if local == "postmaster" else behaviour.known), behaviour

    async def _listen(self, behaviour: MailBehaviour, host: str) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._sessions.add(task)
            try:
                await self._serve(behaviour, host, reader, writer)
            except asyncio.CancelledError:
                pass  # stop() ends it; asyncio.streams would report a cancelled task as an error
            finally:
                self._sessions.discard(task)

        server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=LINE_LIMIT, backlog=512)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _serve(
        self, behaviour: MailBehaviour, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await asyncio.sleep(0)  # a session that ended before this one began is seen to end first
        seen = self.log.session(SmtpSession(behaviour.name, time.monotonic()))
        try:
            await _Session(self, behaviour, host, reader, writer, seen).run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client left, or sent a line over the limit
        finally:
            if seen.ended is None:
                self.log.finish(seen)
            writer.close()


class _Hangup(Exception):
    """The server ends the session here."""


class _Session:
    def __init__(
        self,
        servers: MailServers,
        behaviour: MailBehaviour,
        host: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        seen: SmtpSession,
    ) -> None:
        self._servers = servers
        self._behaviour = behaviour
        self._host = host
        self._reader = reader
        self._writer = writer
        self._seen = seen
        self._sender: str | None = None

    async def run(self) -> None:
        try:
            await self._greet()
            for _ in range(COMMAND_LIMIT):
                line = await asyncio.wait_for(self._reader.readuntil(b"\n"), self._servers.timing.hostile)
                command = line.decode("utf-8", "replace").strip()
                self._seen.commands.append(command)
                await self._obey(command)
        except (_Hangup, TimeoutError):
            return

    async def _greet(self) -> None:
        await self._misbehave("connect")
        await asyncio.sleep(self._behaviour.greeting_delay * self._servers.timing.slowness)
        await self._say(self._behaviour.greeting.format(host=self._host))
        if not self._behaviour.greeting.startswith("220"):
            raise _Hangup

    async def _obey(self, command: str) -> None:
        verb, _, argument = command.partition(" ")
        match verb.upper():
            case "EHLO" | "HELO":
                await self._misbehave("hello")
                extended = verb.upper() == "EHLO"
                ordinary = f"250-{self._host}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES"
                await self._say(self._behaviour.hello or (ordinary if extended else f"250 {self._host}"))
            case "MAIL":
                await self._misbehave("sender")
                path = _PATH.match(argument)
                if path and self._behaviour.sender.startswith("2"):
                    self._sender = path[1].lower()
                await self._say(self._behaviour.sender if path else "501 5.5.4 Syntax: MAIL FROM:<address>")
            case "RCPT":
                await self._recipient(argument)
            case "RSET":
                self._sender = None
                await self._say("250 2.0.0 OK")
            case "NOOP":
                await self._say("250 2.0.0 OK")
            case "VRFY":
                await self._say("252 2.5.2 Cannot verify, try RCPT")
            case "QUIT":
                # Before the reply leaves: a client that connects again on it is not seen as connected twice.
                self._servers.log.finish(self._seen)
                await self._say("221 2.0.0 Bye")
                raise _Hangup
            case "DATA" | "BDAT":
                await self._say("554 5.3.2 A practice mail server takes no messages")
            case _:
                await self._say("500 5.5.2 Command not recognized")

    async def _recipient(self, argument: str) -> None:
        path = _PATH.match(argument)
        if self._sender is None or path is None:
            await self._say("503 5.5.1 MAIL first" if path else "501 5.5.4 Syntax: RCPT TO:<address>")
            return
        self._seen.recipients.append(path[1].lower())
        reply, behaviour = self._servers.reply_to_recipient(self._sender, path[1])
        if behaviour is not None:
            await self._misbehave("recipient", behaviour)
        await self._say(reply)
        if behaviour is not None and behaviour.close_after_refusal and not reply.startswith("2"):
            raise _Hangup

    async def _misbehave(self, stage: str, behaviour: MailBehaviour | None = None) -> None:
        chosen = behaviour or self._behaviour
        if chosen.drop == stage:
            self._writer.transport.abort()
            raise _Hangup
        if chosen.hang == stage:
            await asyncio.wait_for(self._reader.read(), self._servers.timing.hostile)
            raise _Hangup

    async def _say(self, reply: str) -> None:
        await asyncio.sleep(self._servers.timing.latency + self._behaviour.reply_delay * self._servers.timing.slowness)
        self._seen.replies.append(reply)
        self._writer.write(reply.encode() + b"\r\n")
        await self._writer.drain()
