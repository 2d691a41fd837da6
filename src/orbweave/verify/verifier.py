"""Addresses in, verdicts out: the one place where the parts meet."""

from __future__ import annotations

import asyncio
import hashlib
import random
import socket
import ssl
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orbweave.net import Gate, Network
from orbweave.verify import dnsbl, gravatar, lists, syntax
from orbweave.verify.classify import Meaning, is_accepted, meaning
from orbweave.verify.conversation import TOTAL_STEPS, Conversation, Observed
from orbweave.verify.crowd import Crowd, Place
from orbweave.verify.dial import Dialler
from orbweave.verify.dnsbl import BlockLists
from orbweave.verify.facts import Answer, Exchange, Facts, Fault, NoAnswer, Route, RouteKind, Stage
from orbweave.verify.list_folder import ListFolder
from orbweave.verify.options import MAX_EMAILS, VerifyOptions
from orbweave.verify.pace import Pace, parse_limits
from orbweave.verify.route import find_route
from orbweave.verify.syntax import Address, BadAddress
from orbweave.verify.verdict import Verdict, accepts_all, verdict, wants_another

if TYPE_CHECKING:
    from orbweave.config import Settings

REFUSES_KEPT = 24 * 3600.0
ACCEPTS_ALL_KEPT = 3600.0
MAX_KEPT = 50_000
MAX_DOMAINS_AT_ONCE = 50
POSTMASTER = "postmaster"

# Answers to somebody else's addresses, and what was said to get them.
Aside = tuple[tuple[Answer, ...], tuple[Exchange, ...]]


class Verifier:
    """One per process. Remembers each domain's answer to a random recipient; ``pace`` keeps to one session a server,
    among all that share its gate."""

    def __init__(
        self,
        network: Network,
        *,
        domains_at_once: int = MAX_DOMAINS_AT_ONCE,
        pace: Pace | None = None,
        dialler: Dialler | None = None,
        own_lists: ListFolder | None = None,
        block_lists: BlockLists | None = None,
    ) -> None:
        self._network = network
        self._domains_at_once = domains_at_once
        self._controls = _Controls()
        self._pace = pace or Pace()
        self._dialler = dialler or Dialler()
        self._own_lists = own_lists or ListFolder()
        self._block_lists = block_lists or BlockLists(network)

    @classmethod
    def of(cls, settings: Settings, network: Network, *, gate: Gate | None = None) -> Verifier:
        """As the settings say. Raises InvalidInput when one is unusable."""
        return cls(
            network,
            pace=Pace(gate, settings.smtp_delay, parse_limits(settings.smtp_limits)),
            dialler=Dialler.of(settings),
            own_lists=ListFolder(settings.home / "lists"),
            block_lists=BlockLists(network, dnsbl.parse_zones(settings.dnsbl_zones)),
        )

    @property
    def reaches_servers(self) -> bool:
        """False while no mail server can be connected to from here."""
        return not self._dialler.egress.closed

    async def check(self, addresses: Iterable[str], options: VerifyOptions = VerifyOptions()) -> AsyncIterator[Verdict]:
        """A verdict for each of any mix of addresses, as they are reached; domains side by side, in random order."""
        groups: dict[str, list[str]] = {}
        for address in addresses:
            groups.setdefault(syntax.domain_of(address), []).append(address)
        parts = [group[i : i + MAX_EMAILS] for group in groups.values() for i in range(0, len(group), MAX_EMAILS)]
        random.shuffle(parts)  # neighbours in a list often have the same provider
        reached: asyncio.Queue[list[Verdict] | None] = asyncio.Queue()
        asking = asyncio.create_task(self._check_parts(parts, options, reached))
        try:
            while (verdicts := await reached.get()) is not None:
                for one in verdicts:
                    yield one
            await asking
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _check_parts(
        self, parts: Sequence[list[str]], options: VerifyOptions, reached: asyncio.Queue[list[Verdict] | None]
    ) -> None:
        """Puts the verdicts on each of ``parts`` into ``reached``, None at the end."""
        crowd = Crowd(self._domains_at_once)

        async def check(part: list[str], place: Place) -> None:
            try:
                reached.put_nowait(await self.check_domain(part, options, place.heard))
            finally:
                crowd.leave(place)

        try:
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    group.create_task(check(part, await crowd.enter()))
        finally:
            reached.put_nowait(None)

    async def check_domain(
        self,
        addresses: Sequence[str],
        options: VerifyOptions = VerifyOptions(),
        heard: Callable[[], None] = lambda: None,
    ) -> list[Verdict]:
        """Verdicts in the order of ``addresses``, which share one domain (or are no addresses at all). Never raises for
        anything a server does; ``heard`` is called when one answers. Raises ValueError when the domains differ."""
        facts = {email: self._first_look(email) for email in addresses}
        asked = list(dict.fromkeys(fact.address for fact in facts.values() if fact.address))
        if len({address.domain for address in asked}) > 1:
            raise ValueError("check_domain takes the addresses of one domain; use check for a mix")
        if asked:
            facts = await self._ask(facts, asked, options, heard)
        if options.check_gravatar and asked:
            facts = await self._with_gravatar(facts)
        now = datetime.now(UTC)
        listing, note = await self._listing(facts, asked, now) if options.check_dnsbl and asked else (None, "")
        verdicts = {
            email: verdict(replace(fact, checked_at=now, dnsbl=listing if fact.address else None))
            for email, fact in facts.items()
        }
        if note:
            verdicts = {email: replace(one, reason=one.reason + note) for email, one in verdicts.items()}
        return [verdicts[email] for email in addresses]

    async def _ask(
        self, facts: Mapping[str, Facts], asked: Sequence[Address], options: VerifyOptions, heard: Callable[[], None]
    ) -> dict[str, Facts]:
        domain = asked[0].domain
        route = await self._route(domain, options)
        if not route.found:
            return {email: replace(fact, route=route) if fact.address else fact for email, fact in facts.items()}
        if self._own_lists.is_never(domain):
            unasked = NoAnswer(Stage.CONNECT, Fault.OPTED_OUT, f"{domain} is on your list of domains never asked.")
            return {
                email: replace(fact, route=route, target=unasked) if fact.address else fact
                for email, fact in facts.items()
            }
        hello_name = options.hello_name or own_name()
        async with Conversation(
            self._network, route, options, hello_name, lambda: self._opportunistic_tls, self._pace, self._dialler, heard
        ) as talk:
            targets = {address: await talk.ask(address) for address in asked}
            controls = await self._ask_controls(talk, domain, route, targets.values(), options)
            postmasters = await _ask_postmasters(talk, targets)
        if talk.no_server_exists:
            note = f"None of the mail servers of {domain} exists in the DNS: {', '.join(route.servers)}."
            route = replace(route, kind=RouteKind.NONE, note=note)
        return {
            email: _second_look(fact, route, targets[fact.address], controls, postmasters) if fact.address else fact
            for email, fact in facts.items()
        }

    async def _ask_controls(
        self, talk: Conversation, domain: str, route: Route, targets: Iterable[Observed], options: VerifyOptions
    ) -> dict[int, Aside]:
        """What each server that accepted a target says to random recipients, remembered or asked now."""
        controls: dict[int, Aside] = {}
        for at in sorted({target.at for target in targets if _accepted(target.answer)}):
            key = (domain, route.preferences[at])
            known = self._controls.get(key)
            if known is not None:
                controls[at] = (known, ())
                continue
            asked: list[Observed] = []
            while wants_another(answers := tuple(one.answer for one in asked), domain):
                asked.append(await talk.ask(_nobody(domain, options.hello_name, len(asked)), at=at))
            controls[at] = (answers, tuple(exchange for one in asked for exchange in one.exchanges))
            if (decided := accepts_all(answers, domain)) is not None:
                self._controls.put(key, answers, ACCEPTS_ALL_KEPT if decided else REFUSES_KEPT)
        return controls

    async def _route(self, domain: str, options: VerifyOptions) -> Route:
        try:
            async with asyncio.timeout(TOTAL_STEPS * options.smtp_timeout_secs):
                return await find_route(self._network, domain)
        except TimeoutError:
            return Route(RouteKind.UNKNOWN, note=f"No DNS answer for {domain} in time.")

    async def _listing(
        self, facts: Mapping[str, Facts], asked: Sequence[Address], now: datetime
    ) -> tuple[dict[str, Any] | None, str]:
        """What the block lists say of the domain, and a word when they said nothing."""
        if not self._block_lists.zones:
            return None, f" {dnsbl.HOW_TO_SET}"
        route = next((fact.route for fact in facts.values() if fact.route), None)
        found = await self._block_lists.look_up(asked[0].domain, route.servers if route else (), now)
        return found, "" if found else " No block list could be asked; they may not serve this resolver."

    def _first_look(self, email: str) -> Facts:
        email = email.strip()
        try:
            address = syntax.parse(email)
        except BadAddress as fault:
            return Facts(email, syntax_fault=str(fault))
        return Facts(
            email,
            address,
            free=lists.is_free(address.domain),
            disposable=self._own_lists.is_disposable(address.domain),
            role=lists.is_role(address.local),
        )

    async def _with_gravatar(self, facts: Mapping[str, Facts]) -> dict[str, Facts]:
        async with self._network.http_session() as http:
            emails = [email for email, fact in facts.items() if fact.address]
            answers = await asyncio.gather(*(gravatar.has_picture(http, email) for email in emails))
        found = dict(facts)
        for email, has in zip(emails, answers, strict=True):
            url = gravatar.picture_url(email) if has else None
            found[email] = replace(found[email], has_gravatar=has, gravatar_url=url)
        return found

    @cached_property
    def _opportunistic_tls(self) -> ssl.SSLContext:
        # Without a check of the name: mail between servers falls back to plain text anyway, and nothing secret is said.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context


class _Controls:
    """Answers to random recipients, by domain and preference, each for its time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], tuple[float, tuple[Answer, ...]]] = OrderedDict()

    def get(self, key: tuple[str, int]) -> tuple[Answer, ...] | None:
        until, answers = self._kept.get(key, (0.0, None))
        return answers if until > time.monotonic() else None

    def put(self, key: tuple[str, int], answers: tuple[Answer, ...], seconds: float) -> None:
        self._kept[key] = (time.monotonic() + seconds, answers)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)


async def _ask_postmasters(talk: Conversation, targets: Mapping[Address, Observed]) -> dict[int, Aside]:
    """What each server that refused a target without saying why says to postmaster@, which all must take."""
    servers: dict[int, str] = {}
    for address, target in targets.items():
        if meaning(target.answer, str(address)) is Meaning.OPAQUE and address.local.lower() != POSTMASTER:
            servers.setdefault(target.at, address.domain)
    answers: dict[int, Aside] = {}
    for at, domain in sorted(servers.items()):
        observed = await talk.ask(Address(POSTMASTER, domain), at=at)
        answers[at] = ((observed.answer,), observed.exchanges)
    return answers


def _second_look(
    fact: Facts, route: Route, target: Observed, controls: Mapping[int, Aside], postmasters: Mapping[int, Aside]
) -> Facts:
    nothing: Aside = ((), ())
    control = controls.get(target.at, nothing) if _accepted(target.answer) else nothing
    opaque = meaning(target.answer, str(fact.address)) is Meaning.OPAQUE
    postmaster = postmasters.get(target.at, nothing) if opaque and fact.address else nothing
    return replace(
        fact,
        route=route,
        greeted=target.greeted,
        target=target.answer,
        controls=control[0],
        postmaster=next(iter(postmaster[0]), None),
        attempts=target.attempts,
        transcript=target.preamble + target.exchanges + control[1] + postmaster[1],
    )


def _accepted(answer: Answer) -> bool:
    return answer.stage is Stage.RCPT and is_accepted(answer)


def _nobody(domain: str, hello_name: str, turn: int) -> Address:
    """A recipient that does not exist: random, but the same each time for a domain and turn. A server that
    greylists knows it when it is asked again later."""
    digest = hashlib.blake2s(f"{turn} {domain}".encode(), key=hello_name.encode()[:32], digest_size=10).hexdigest()
    return Address(f"n{digest}", domain)


def own_name() -> str:
    """This host's name when it is a whole one; "" makes the session introduce itself by its address."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() and not name.endswith((".local", ".localdomain")) else ""
