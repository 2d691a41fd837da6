"""Asking one domain's servers about several recipients: which server, which session, when to give up."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from types import TracebackType

from orbweave.net import HeldOff, NameNotFound, NetError, Network, guard
from orbweave.verify.classify import Meaning, blames_our_address, ends_session, meaning
from orbweave.verify.dial import Dialler
from orbweave.verify.egress import CLOSED, MAYBE
from orbweave.verify.facts import Answer, Exchange, Fault, NoAnswer, Reply, Route, Stage
from orbweave.verify.options import VerifyOptions
from orbweave.verify.pace import Pace
from orbweave.verify.session import Patience, Session, Stopped
from orbweave.verify.smtp import Broken
from orbweave.verify.syntax import Address

MAX_DIALS = 4
TOTAL_STEPS = 3
MAX_STRIKES = 2


@dataclass(frozen=True, slots=True)
class Observed:
    """What came of asking about one recipient. ``at`` is the index of the server in the route; ``preamble`` what an
    earlier question's session opening said, ``exchanges`` what was said for this one."""

    answer: Answer
    at: int
    greeted: bool
    attempts: int
    preamble: tuple[Exchange, ...]
    exchanges: tuple[Exchange, ...]


class Conversation:
    """``async with``: the session is closed at the end. One question at a time.

    Sessions are reopened when a server ends them; the next server is tried only when one gave no answer at all, so that
    a backup never overrules the primary. ``pace`` gives the turns: never two sessions with one server. ``heard`` is
    called when a server has answered.
    """

    def __init__(
        self,
        network: Network,
        route: Route,
        options: VerifyOptions,
        hello_name: str,
        tls: Callable[[], ssl.SSLContext],
        pace: Pace,
        dialler: Dialler,
        heard: Callable[[], None],
    ) -> None:
        self.no_server_exists = False
        self._heard = heard
        self._network = network
        self._route = route
        self._options = options
        self._hello_name = hello_name
        self._tls = tls
        self._pace = pace
        self._dialler = dialler
        self._patience = Patience(options.smtp_timeout_secs, TOTAL_STEPS * options.smtp_timeout_secs)
        self._at = 0
        self._session: Session | None = None
        self._turn = AsyncExitStack()
        self._attempts = 0
        self._greeted = False
        self._strikes = 0
        self._given_up: Observed | None = None

    async def __aenter__(self) -> Conversation:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._session is not None:
            self._session.abort()
        await self._close()

    async def ask(self, recipient: Address, *, at: int | None = None) -> Observed:
        """``at`` asks that server (one that has answered before), with what is left of the last question's time unless
        that one failed."""
        if at is None and self._given_up is not None:
            return self._given_up
        if at is None or self._given_up is not None:
            self._patience.renew()
        if at is not None and at != self._at:
            await self._close()
            self._at = at
        preamble = tuple(self._session.preamble) if self._session else ()
        log: list[Exchange] = []
        attempts_before, trouble = self._attempts - (self._session is not None), None
        self._greeted = self._session is not None
        while True:
            if self._session is None and (refusal := await self._open(log, here=at is not None)) is not None:
                trouble = _clearer(trouble, refusal)
                break
            assert self._session is not None
            self._heard()
            session, fresh = self._session, self._session.asked == 0
            answer = await session.ask(self._options.from_email, recipient, log)
            blamed = await self._heed(session.server, answer, str(recipient))
            tired = not fresh and _had_enough(answer, str(recipient)) and not blamed
            if not _ends(answer) and not tired:
                self._strikes = 0
                if session.spent:
                    await self._close()
                observed = self._observed(answer, attempts_before, preamble, log)
                if blamed or (answer.stage is Stage.MAIL and isinstance(answer, Reply)):
                    self._given_up = observed  # it won't hear any of them
                return observed
            await self._close()
            if tired:
                continue
            trouble = _clearer(trouble, answer)
            enough = self._attempts - attempts_before >= MAX_DIALS or meaning(answer) is Meaning.BLOCKED
            if enough or at is not None or self._at + 1 >= len(self._route.servers):
                break
            self._at += 1
        observed = self._observed(trouble, attempts_before, preamble, log)
        self._strikes += 1
        if trouble.stage is not Stage.RCPT or self._strikes >= MAX_STRIKES:
            self._given_up = replace(
                observed, attempts=0, preamble=observed.preamble + observed.exchanges, exchanges=()
            )
        if at is None:
            self._at = 0
        return observed

    def _observed(
        self, answer: Answer, attempts_before: int, preamble: tuple[Exchange, ...], log: list[Exchange]
    ) -> Observed:
        return Observed(answer, self._at, self._greeted, self._attempts - attempts_before, preamble, tuple(log))

    async def _open(self, log: list[Exchange], *, here: bool) -> Answer | None:
        """A session with the first server, from where we are (or just there), that will talk; else the answer that
        says most."""
        trouble: Answer | None = None
        dials = missing = 0
        for index in range(self._at, self._at + 1 if here else len(self._route.servers)):
            server = self._route.servers[index]
            if guard.literal(server) is not None:
                text = (
                    f"An MX record names the address {server} where a host name has to be; such servers are not asked."
                )
                trouble = _clearer(trouble, NoAnswer(Stage.CONNECT, Fault.UNREACHABLE, text, server))
                continue
            try:
                async with asyncio.timeout(self._patience.left()):
                    endpoints = await self._network.endpoints(server, self._options.smtp_port)
            except (NetError, TimeoutError) as error:
                missing += isinstance(error, NameNotFound)
                text = str(error) or f"No DNS answer for {server} in time."
                trouble = _clearer(trouble, NoAnswer(Stage.CONNECT, Fault.UNREACHABLE, text, server))
                continue
            endpoints = [one for one in endpoints if self._dialler.leads_to(one[0])]
            if not endpoints:
                text = f"{server} has no address of the kind of smtp_source (IPv4 or IPv6)."
                trouble = _clearer(trouble, NoAnswer(Stage.CONNECT, Fault.UNREACHABLE, text, server))
                continue
            if not self._dialler.egress.admits():
                trouble = NoAnswer(Stage.CONNECT, Fault.UNREACHABLE, CLOSED, server)
                break
            try:
                await self._acquire(server, [address for address, _ in endpoints])
            except HeldOff as held:
                text = f"{server} complained of our address; it is left alone for {held.seconds / 60:.0f} more minutes."
                trouble = _clearer(trouble, NoAnswer(Stage.CONNECT, Fault.HELD_OFF, text, server))
                break
            for address, port in endpoints[: MAX_DIALS - dials]:
                dials += 1
                self._at = index
                try:
                    self._session = await self._dial(server, address, port, log)
                    return None
                except Stopped as stopped:
                    trouble = _clearer(trouble, stopped.answer)
                    await self._heed(server, stopped.answer)
                    if meaning(stopped.answer) is Meaning.BLOCKED:
                        break
            await self._turn.aclose()
            if dials >= MAX_DIALS or (trouble and meaning(trouble) is Meaning.BLOCKED):
                break
        if not here:
            self.no_server_exists = missing == len(self._route.servers)
        return trouble or NoAnswer(Stage.CONNECT, Fault.UNREACHABLE, "There is no further server to ask.")

    async def _dial(self, server: str, address: str, port: int, log: list[Exchange]) -> Session:
        for tls in (self._tls, None):
            self._attempts += 1
            try:
                connection = await self._dialler.open(server, address, port, self._patience.left())
            except Broken as broken:
                log.append(Exchange(f"(connect {server} [{address}]:{port})", f"({broken})"))
                hint = "" if self._dialler.egress.proved else f". {MAYBE}"
                raise Stopped(NoAnswer(Stage.CONNECT, broken.fault, f"{server}: {broken}{hint}", server)) from None
            session = Session(connection, server, self._patience)
            try:
                await session.start(self._hello_name, tls)
            except Stopped:
                await session.close()
                self._greeted |= session.greeted
                if tls is None or not session.greeted:
                    raise
                continue  # TLS was offered and does not work: plain text is what a mail server would fall back to
            except BaseException:
                session.abort()
                raise
            finally:
                log += session.preamble
            self._greeted = True
            return session
        raise AssertionError("unreachable")

    async def _heed(self, server: str, answer: Answer, about: str = "") -> bool:
        """Leave the server's provider alone when it complains of our address; whether it does."""
        blamed = blames_our_address(answer, about)
        if blamed:
            await self._pace.stop(server)
        return blamed

    async def _acquire(self, server: str, addresses: Sequence[str]) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        await self._turn.enter_async_context(self._pace.turn(server, addresses))
        self._patience.extend(loop.time() - started)

    async def _close(self) -> None:
        session, self._session = self._session, None
        try:
            if session is not None:
                await session.close()
        finally:
            await self._turn.aclose()


def _ends(answer: Answer) -> bool:
    """The session is over after it."""
    return answer.fault is not Fault.UNSUPPORTED if isinstance(answer, NoAnswer) else answer.code == 421


def _had_enough(answer: Answer, about: str) -> bool:
    """In a session that has seen recipients before, it may mean no more than that: a new session will tell."""
    if isinstance(answer, Reply):
        return answer.stage is Stage.MAIL or ends_session(answer, about)
    return answer.fault is Fault.CLOSED


def _clearer(first: Answer | None, second: Answer) -> Answer:
    """Of two failures the one that says more, the earlier when they say the same."""
    return second if first is None or (meaning(first) is Meaning.SILENT is not meaning(second)) else first
