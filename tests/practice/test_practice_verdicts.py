"""Every practice mail server, asked by the verifier: the truth that practice tells is what it finds."""

from __future__ import annotations

import asyncio
from typing import Any

from orbweave.net import NetSettings, Network
from orbweave.practice import PracticeSite, behaviours
from orbweave.verify import Verifier, VerifyOptions
from orbweave.verify.pace import Pace


async def test_every_mail_behaviour_gets_its_verdict(practice: Any) -> None:
    table = behaviours.load().mail
    hosts = {name: f"www.{name.replace('_', '-')}.test" for name in table}
    running = await practice(
        *(PracticeSite(host, web="team", mail=name) for name, host in hosts.items()), greylist_seconds=0.0
    )
    settings = running.settings()
    network = Network(
        NetSettings(
            nameservers=(settings["ORBWEAVE_NAMESERVERS"],),
            connect_to=tuple(settings["ORBWEAVE_CONNECT_TO"].split(",")),
            allow_networks=(settings["ORBWEAVE_ALLOW_NETWORKS"],),
        )
    )
    options = VerifyOptions(smtp_timeout_secs=1, hello_name="probe.test")
    async with network:

        async def ask(name: str) -> set[tuple[str, str, str]]:
            found = running.expected[hosts[name]]
            # A verifier each: what is slow or dead here tells nothing of the next.
            verifier = Verifier(network, pace=Pace(delay=0))
            emails = [one.email for one in found.emails]
            verdicts = await verifier.check_domain(emails, options)
            if any(one.greylisted for one in verdicts):
                verdicts = await verifier.check_domain(emails, options)
            told = {one.email: (one.email, one.status, one.sub_status) for one in found.emails}
            return {(one.email, one.status, one.sub_status) for one in verdicts} - set(told.values())

        wrong = await asyncio.gather(*map(ask, table))
    assert {name: one for name, one in zip(table, wrong, strict=True) if one} == {}
    assert not {"DATA", "VRFY"} & running.log.smtp_verbs()
