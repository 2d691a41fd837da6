"""One mail session: greeting, HELO, then one transaction a recipient, as far as RCPT TO and never further."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from orbweave.verify.facts import Answer, Exchange, Fault, NoAnswer, Reply, Stage
from orbweave.verify.smtp import Broken, Connection, joined
from orbweave.verify.syntax import Address

SHOWN = 200
RECIPIENTS = 25
REFUSALS = 20  # after so many Postfix hangs up, and others think of harvesters
SECONDS = 120.0
# Many servers make strangers wait for the greeting, to see whether they can.
GREETING_STEPS = 2


class Stopped(Exception):
    """The dialogue got no further than ``answer``."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer))
        self.answer = answer


class Patience:
    """``step`` seconds for each reply and ``total`` for all of them together, from the last ``renew``."""

    def __init__(self, step: float, total: float) -> None:
        self._step = step
        self._total = total
        self.renew()

    def renew(self) -> None:
        self._end = asyncio.get_running_loop().time() + self._total

    def extend(self, seconds: float) -> None:
        """Give back time that was spent waiting for ourselves."""
        self._end += seconds

    def left(self, steps: float = 1) -> float:
        """Seconds that ``steps`` may take."""
        return max(0.0, min(steps * self._step, self._end - asyncio.get_running_loop().time()))


class Session:
    """``preamble`` is what was said before the first recipient; ``asked`` how many were asked so far."""

    def __init__(self, connection: Connection, server: str, patience: Patience) -> None:
        self.server = server
        self.preamble: list[Exchange] = []
        self.asked = 0
        self.greeted = False
        self._connection = connection
        self._patience = patience
        self._extensions: frozenset[str] = frozenset()
        self._in_transaction = False
        self._refused = 0
        self._began = asyncio.get_running_loop().time()

    @property
    def spent(self) -> bool:
        """It has been used enough; who has more to ask takes another turn."""
        age = asyncio.get_running_loop().time() - self._began
        return self.asked >= RECIPIENTS or self._refused >= REFUSALS or age >= SECONDS

    async def start(self, hello_name: str, tls: Callable[[], ssl.SSLContext] | None) -> None:
        """Greeting, EHLO or HELO, and TLS when it is offered and ``tls`` given. Raises Stopped."""
        log = self.preamble
        await self._reply(Stage.BANNER, "(connected)", log)
        name = hello_name or _literal(self._connection.local_address())
        await self._hello(name, log)
        self.greeted = True
        if tls is not None and "STARTTLS" in self._extensions:
            if (await self._say(Stage.HELLO, "STARTTLS", log, expect=None)).code != 220:
                return
            try:
                await self._connection.start_tls(tls(), self.server, self._patience.left())
            except Broken as broken:
                raise self._stopped(Stage.HELLO, broken) from None
            await self._hello(name, log)

    async def ask(self, sender: str, recipient: Address, log: list[Exchange]) -> Answer:
        """The server's answer about ``recipient``: to its RCPT, or to the earlier step that failed.

        Each recipient has a transaction of its own: a message from the null sender never has two, and servers refuse
        the second.
        """
        if recipient.needs_utf8 and "SMTPUTF8" not in self._extensions:
            text = f"{self.server} does not offer SMTPUTF8, which this address needs"
            return NoAnswer(Stage.MAIL, Fault.UNSUPPORTED, text, self.server)
        steps = [
            (Stage.MAIL, f"MAIL FROM:<{sender}>" + (" SMTPUTF8" if recipient.needs_utf8 else "")),
            (Stage.RCPT, f"RCPT TO:<{recipient}>"),
        ]
        if self._in_transaction:
            steps.insert(0, (Stage.MAIL, "RSET"))
        self._in_transaction = True
        self.asked += 1
        talk = self._pipeline if "PIPELINING" in self._extensions else self._walk
        try:
            answer = await talk(steps, log)
        except Stopped as stopped:
            return stopped.answer
        self._refused += not _positive(answer)
        return answer

    async def close(self) -> None:
        await self._connection.close()

    def abort(self) -> None:
        self._connection.abort()

    async def _walk(self, steps: list[tuple[Stage, str]], log: list[Exchange]) -> Reply:
        for stage, command in steps:
            reply = await self._say(stage, command, log, expect=None)
            if not _positive(reply):
                break
        return reply

    async def _pipeline(self, steps: list[tuple[Stage, str]], log: list[Exchange]) -> Reply:
        self._send(steps[0][0], *(command for _, command in steps))
        refused = None
        for stage, command in steps:
            try:
                reply = await self._reply(stage, command, log, expect=None)
            except Stopped:
                if refused is not None:
                    return refused  # what follows a refusal is of no interest
                raise
            if refused is None and not _positive(reply):
                refused = reply
            if reply.code == 421:
                break
        return refused or reply

    async def _hello(self, name: str, log: list[Exchange]) -> None:
        reply = await self._say(Stage.HELLO, f"EHLO {name}", log, expect=None)
        if 500 <= reply.code < 600 and reply.code != 521:
            # Old servers know only HELO, and some say so with whatever code is at hand.
            self._extensions = frozenset()
            await self._say(Stage.HELLO, f"HELO {name}", log)
        elif reply.code != 250:
            raise Stopped(reply)

    async def _say(self, stage: Stage, command: str, log: list[Exchange], expect: int | None = 250) -> Reply:
        self._send(stage, command)
        return await self._reply(stage, command, log, expect)

    def _send(self, stage: Stage, *commands: str) -> None:
        try:
            self._connection.send(*commands)
        except Broken as broken:
            raise self._stopped(stage, broken) from None

    async def _reply(self, stage: Stage, command: str, log: list[Exchange], expect: int | None = 220) -> Reply:
        try:
            code, lines = await self._connection.reply(
                self._patience.left(GREETING_STEPS if stage is Stage.BANNER else 1)
            )
        except Broken as broken:
            log.append(Exchange(command[:SHOWN], f"({broken})"[:SHOWN]))
            raise self._stopped(stage, broken) from None
        reply = Reply(stage, code, joined(lines), self.server)
        log.append(Exchange(command[:SHOWN], str(reply)[:SHOWN]))
        if expect is not None and code != expect:
            raise Stopped(reply)
        if command.startswith("EHLO"):
            self._extensions = frozenset(line.split(" ")[0].upper() for line in lines[1:])
        return reply

    def _stopped(self, stage: Stage, broken: Broken) -> Stopped:
        return Stopped(NoAnswer(stage, broken.fault, f"{self.server}: {broken} ({stage.value})", self.server))


def _positive(reply: Reply) -> bool:
    return 250 <= reply.code <= 252


def _literal(address: str) -> str:
    """RFC 5321 section 4.1.3: what a client without a name calls itself."""
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
