"""The practice internet as one object: name, web and mail servers for a set of sites."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import IO

from orbweave.practice import businesses
from orbweave.practice.authority import Authority
from orbweave.practice.dns import DnsServer
from orbweave.practice.log import Log
from orbweave.practice.names import DEAD_HOST, LOOPBACK, by_host, early_host, mail_domains, zone
from orbweave.practice.sites import PracticeSite, from_places
from orbweave.practice.smtp import MailServers
from orbweave.practice.timing import Timing
from orbweave.practice.truth import Expected, expected
from orbweave.practice.web import WebServer


class Practice:
    """Use it with ``async with``; every server is on 127.0.0.1, on a free port, until the end of the block.

    ``country``: one or more ISO codes ("LI", "LI,AD") of the packaged open data, for whose businesses' websites it
    answers; None for none. ``extra_sites`` come first when they name the same host. ``latency``, ``slowness``,
    ``greylist_seconds`` and ``hostile_seconds`` are those of ``Timing``. ``folder`` gets ca.pem (default: a temporary
    one). ``log_file`` gets a JSON line for each thing that the servers see.
    """

    def __init__(
        self,
        country: str | None = None,
        *,
        extra_sites: Iterable[PracticeSite] = (),
        latency: float = 0.02,
        slowness: float = 1.0,
        greylist_seconds: float = 2.0,
        hostile_seconds: float = 60.0,
        folder: Path | None = None,
        log_file: IO[bytes] | None = None,
    ) -> None:
        self.countries = tuple(code.strip().upper() for code in (country or "").split(",") if code.strip())
        self.log = Log(log_file)
        #: Host (as in the website's address) -> site.
        self.sites: dict[str, PracticeSite] = {}
        self._extra_sites = tuple(extra_sites)
        self._timing = Timing(latency, slowness, greylist_seconds, hostile_seconds)
        self._folder = folder
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Practice:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Raises InvalidInput for a country that the packaged data does not have."""
        places = [place for country in self.countries for place in await businesses.all_places(country)]
        for site in (*self._extra_sites, *from_places(filter(businesses.has_website, places))):
            self.sites.setdefault(site.host, site)
        folder = self._folder or Path(
            self._stack.enter_context(tempfile.TemporaryDirectory(prefix="orbweave-practice-"))
        )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        hosts = by_host(self.sites.values())
        self.authority = Authority(
            folder, lambda host: hosts[host].web_behaviour.certificate if host in hosts else "good"
        )
        domains = mail_domains(self.sites.values(), [place.email for place in places if place.email])
        self.dns = DnsServer(zone(hosts, domains), self.log, self._timing.latency)
        self.web = WebServer(hosts, self.log, self._timing)
        self.mail = MailServers(domains, self.log, self._timing)
        try:
            for server in (self.dns, self.web, self.mail):
                self._stack.push_async_callback(server.stop)
            await self.dns.start()
            await self.web.start(self.authority.server_context())
            await self.mail.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        await self._stack.aclose()

    @property
    def hosts(self) -> list[str]:
        """The hosts of the sites, as their addresses have them."""
        return list(self.sites)

    @property
    def expected(self) -> dict[str, Expected]:
        """Host -> what a perfect crawler and verifier would find."""
        return {host: expected(site) for host, site in self.sites.items()}

    async def expected_for(self, query: str, country: str) -> dict[str, Expected]:
        """The part of ``expected`` that a search for ``query`` in ``country`` leads to."""
        hosts = from_places(await businesses.matching(query, country))
        return {site.host: expected(self.sites[site.host]) for site in hosts if site.host in self.sites}

    def settings(self) -> dict[str, str]:
        """The environment that leads an Orbweave (or whoever reads it) here, with a pace for servers of one's own."""
        mail, web = self.mail, self.web
        early = [f"{early_host(name)}:::{port}" for name, port in mail.early_ports.items()]
        connect_to = [
            *early,
            f"{DEAD_HOST}:::{mail.dead_port}",
            f":25::{mail.port}",
            f":80::{web.http_port}",
            f":443::{web.https_port}",
        ]
        return {
            "ORBWEAVE_NAMESERVERS": f"{LOOPBACK}:{self.dns.port}",
            "ORBWEAVE_CONNECT_TO": ",".join(connect_to),
            "ORBWEAVE_CA_FILE": str(self.authority.file),
            "ORBWEAVE_SMTP_PORT": str(mail.port),
            "ORBWEAVE_ALLOW_NETWORKS": "127.0.0.0/8",
            "ORBWEAVE_HOST_DELAY": "0.05",
            "ORBWEAVE_SMTP_DELAY": "0",
            "ORBWEAVE_VERIFY_RETRY_DELAYS": _retry_delays(self._timing.greylist),
        }

    def env_lines(self) -> str:
        """``settings`` as lines for a shell."""
        return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in self.settings().items())


def _retry_delays(greylist_seconds: float) -> str:
    return ",".join(f"{greylist_seconds * factor + 0.5:g}" for factor in (1, 2, 4))
