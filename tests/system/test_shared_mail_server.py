"""Four worker processes and one mail server that takes the mail of many domains: it never has two of our sessions, and
hears nothing beyond RCPT TO."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dnslib import MX, QTYPE, RCODE, RR, A, DNSRecord
from dnslib.server import BaseResolver, DNSServer

from orbweave.jobs import service
from orbweave.store.clients import create_client
from orbweave.store.database import Database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("shared_hosts")]

DOMAINS = [f"firm-{number}.test" for number in range(12)]
SERVER = "mx.shared.test"


class Names(BaseResolver):  # type: ignore[misc]
    """Every domain's mail goes to the one server."""

    def resolve(self, request: DNSRecord, handler: object) -> DNSRecord:
        reply, name = request.reply(), str(request.q.qname).rstrip(".")
        if name == SERVER and request.q.qtype == QTYPE.A:
            reply.add_answer(RR(name, QTYPE.A, rdata=A("127.0.0.1"), ttl=60))
        elif name in DOMAINS and request.q.qtype == QTYPE.MX:
            reply.add_answer(RR(name, QTYPE.MX, rdata=MX(SERVER, 10), ttl=60))
        elif name not in (*DOMAINS, SERVER):
            reply.header.rcode = RCODE.NXDOMAIN
        return reply


@dataclass
class MailServer:
    """``info@`` exists, nobody else."""

    port: int = 0
    sessions: int = 0
    most: int = 0
    verbs: Counter[str] = field(default_factory=Counter)
    _open: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        self._open += 1
        self.most = max(self.most, self._open)
        try:
            writer.write(b"220 mx.shared.test ESMTP\r\n")
            while line := await reader.readline():
                verb = line.split()[0].upper().decode()
                self.verbs[verb] += 1
                await asyncio.sleep(0.02)  # so that sessions would overlap
                known = b"<info@" in line.lower()
                refused = verb == "RCPT" and not known
                writer.write(b"550 5.1.1 User unknown\r\n" if refused else b"250 ok\r\n")
                if verb == "QUIT":
                    return
        finally:
            self._open -= 1
            writer.close()


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    served = MailServer()
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    yield served
    server.close()


@pytest.fixture
def name_server() -> Iterator[int]:
    server = DNSServer(Names(), address="127.0.0.1", port=0)
    server.start_thread()
    yield int(server.server.server_address[1])
    server.stop()
    server.server.server_close()


async def test_four_workers_have_one_session_with_a_mail_server(
    db: Database, mail: MailServer, name_server: int, tmp_path: Path
) -> None:
    client = (await create_client(db, "test")).client_id
    jobs = [
        await service.submit(db, client, "verify", {"emails": [f"info@{domain}", f"nobody@{domain}"]})
        for domain in DOMAINS
    ]
    environment = {
        **os.environ,
        "DATABASE_URL": db.dsn,
        "ORBWEAVE_NAMESERVERS": f"127.0.0.1:{name_server}",
        "ORBWEAVE_CONNECT_TO": f"{SERVER}:25:127.0.0.1:{mail.port}",
        "ORBWEAVE_ALLOW_NETWORKS": "127.0.0.0/8",
        "ORBWEAVE_SMTP_DELAY": "0",
        "ORBWEAVE_SMTP_HELLO": "probe.orbweave-tests.org",
        "ORBWEAVE_WORKER_CONCURRENCY": "2",
    }
    with (tmp_path / "workers.log").open("ab") as stderr:
        command = [sys.executable, "-m", "orbweave.cli", "worker"]
        workers = [subprocess.Popen(command, env=environment, stderr=stderr) for _ in range(4)]
    try:
        verdicts = Counter[str]()
        workers_seen = set()
        for job in jobs:
            while (now := await service.get(db, client, job.job_id)).state != "completed":
                assert now.state in ("queued", "processing"), now.error
                await asyncio.sleep(0.05)
            workers_seen.add(now.worker_id)
            data = (await service.results(db, client, job.job_id)).data
            assert data is not None
            verdicts.update(f"{one['email'].partition('@')[0]} {one['sub_status']}" for one in data["results"])
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert verdicts == {"info role_account": len(DOMAINS), "nobody mailbox_not_found": len(DOMAINS)}
    assert len(workers_seen) > 1
    assert mail.sessions >= len(DOMAINS)
    assert mail.most == 1
    assert set(mail.verbs) <= {"EHLO", "HELO", "MAIL", "RCPT", "RSET", "QUIT"}
