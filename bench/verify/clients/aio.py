"""A fair verifier on aiosmtplib and dnspython; argv[2] says how it shares what it opens among a domain's addresses.

``session``: one session and one transaction for all of them, and one random recipient; ``transaction``: a transaction
each, as ours; ``nothing``: a session and a random recipient each. MX are cached. It trusts every 5xx and keeps no
evidence: the least that a careful person would write."""

from __future__ import annotations

import asyncio
import secrets
import sys

import aiosmtplib
import dns.asyncresolver
import dns.resolver

from bench.verify import job as jobs


class Verifier:
    def __init__(self, sharing: str) -> None:
        self._sharing = sharing
        self._resolver = dns.asyncresolver.Resolver()
        self._resolver.cache = dns.resolver.LRUCache()

    async def check_domain(self, addresses: list[str]) -> list[str]:
        if self._sharing == "nothing":
            return [state for address in addresses for state in await self._in_one_session([address])]
        return await self._in_one_session(addresses)

    async def _in_one_session(self, addresses: list[str]) -> list[str]:
        domain = addresses[0].rpartition("@")[2]
        answer = await self._resolver.resolve(domain, "MX")
        host = min(answer, key=lambda record: record.preference).exchange.to_text().rstrip(".")
        client = aiosmtplib.SMTP(hostname=host, port=25, local_hostname=jobs.HELLO_NAME, timeout=10)
        await client.connect()
        await client.ehlo()
        await client.mail(jobs.SENDER)
        found = []
        for number, address in enumerate(addresses):
            if number and self._sharing == "transaction":
                await client.rset()
                await client.mail(jobs.SENDER)
            found.append(await _accepts(client, address))
        catch_all = any(found) and await _accepts(client, f"{secrets.token_hex(10)}@{domain}")
        await client.quit()
        return ["risky" if catch_all else "valid" if accepted else "invalid" for accepted in found]


async def _accepts(client: aiosmtplib.SMTP, address: str) -> bool:
    try:
        await client.rcpt(address)
    except aiosmtplib.SMTPRecipientRefused:
        return False
    return True


async def verify(sharing: str, job: jobs.Job, outcome: jobs.Outcome, clock: jobs.Clock) -> None:
    verifier = Verifier(sharing)
    await verifier.check_domain([jobs.WARM_UP])
    groups = job.groups()

    async def lane() -> None:
        for group in groups:
            for state in await verifier.check_domain(group):
                outcome.verdict(state)

    clock.start()
    async with asyncio.TaskGroup() as lanes:
        for _ in range(50):
            lanes.create_task(lane())
    clock.stop()


if __name__ == "__main__":
    jobs.run(lambda job, outcome, clock: asyncio.run(verify(sys.argv[2], job, outcome, clock)))
