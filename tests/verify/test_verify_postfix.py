"""The same against a real Postfix on loopback, where one is installed and we may start it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from verify_loopback import NameServer, mx

from orbweave.net import NetSettings, Network
from orbweave.verify import Verifier, VerifyOptions

POSTFIX = shutil.which("postfix") or "/usr/sbin/postfix"

pytestmark = pytest.mark.skipif(
    not os.access(POSTFIX, os.X_OK) or os.geteuid() != 0,
    reason="Needs Postfix (apt-get install postfix) and root, who alone can start it.",
)

MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.postfix.test
mydestination =
mynetworks =
inet_interfaces = loopback-only
inet_protocols = ipv4
maillog_file = {home}/log
maillog_file_prefixes = {home}
virtual_mailbox_domains = postfix.test, all.postfix.test
virtual_mailbox_base = /nonexistent
virtual_mailbox_maps = texthash:{home}/mailboxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 1
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access texthash:{home}/recipients
smtpd_tls_security_level = may
smtpd_tls_chain_files = {home}/key.pem
smtpd_tls_session_cache_database =
smtpd_peername_lookup = no
smtputf8_enable = yes
recipient_delimiter = +
smtpd_soft_error_limit = 50
smtpd_error_sleep_time = 0
smtpd_client_connection_rate_limit = 0
"""
SERVICES = """\
{known} inet n - n - - smtpd
{refuses_clients} inet n - n - - smtpd -o smtpd_client_restrictions=reject
{refuses_clients_early} inet n - n - - smtpd -o smtpd_client_restrictions=reject -o smtpd_delay_reject=no
{refuses_senders} inet n - n - - smtpd -o smtpd_sender_restrictions=reject
{refuses_names} inet n - n - - smtpd -o smtpd_helo_restrictions=reject -o smtpd_helo_required=yes
{wants_tls} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
{wants_login} inet n - n - - smtpd -o smtpd_recipient_restrictions=reject_plaintext_session,reject
{few_errors} inet n - n - - smtpd -o smtpd_hard_error_limit=3
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
postlog unix-dgram n - n - 1 postlogd
"""
NAMES = (
    "known",
    "refuses_clients",
    "refuses_clients_early",
    "refuses_senders",
    "refuses_names",
    "wants_tls",
    "wants_login",
    "few_errors",
)
MAILBOXES = """\
bob@postfix.test bob/
info@postfix.test info/
full@postfix.test full/
off@postfix.test off/
grey@postfix.test grey/
closed@postfix.test closed/
jürg@postfix.test jurg/
@all.postfix.test all/
"""
RECIPIENTS = """\
full@postfix.test 552 5.2.2 Mailbox is full / over quota
off@postfix.test 550 5.2.1 This account has been disabled
grey@postfix.test DEFER_IF_PERMIT Greylisted, please try again in 5 minutes
closed@postfix.test REJECT
"""


@dataclass(frozen=True)
class Postfix:
    """``ports`` by service; ``home`` holds its log and queue."""

    home: Path
    ports: dict[str, int]

    @property
    def log(self) -> str:
        return (self.home / "log").read_text("utf-8", "replace")

    def messages(self) -> list[Path]:
        return [file for name in ("incoming", "active", "deferred", "maildrop") for file in self._queued(name)]

    def _queued(self, name: str) -> list[Path]:
        return [file for file in (self.home / "queue" / name).rglob("*") if file.is_file()]


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    home = Path(tempfile.mkdtemp(prefix="orbweave-postfix-"))
    ports = dict(zip(NAMES, free_ports(len(NAMES)), strict=True))
    try:
        home.chmod(0o755)
        for name in ("queue", "data"):
            (home / name).mkdir()
        shutil.chown(home / "data", "postfix")
        settings = {"commands": "/usr/sbin", "daemons": default("daemon_directory"), "home": home}
        (home / "main.cf").write_text(MAIN.format(**settings))
        (home / "master.cf").write_text(SERVICES.format(**{name: f"127.0.0.1:{port}" for name, port in ports.items()}))
        (home / "mailboxes").write_text(MAILBOXES)
        (home / "recipients").write_text(RECIPIENTS)
        certificate = trustme.CA().issue_cert("mx.postfix.test")
        (home / "key.pem").write_bytes(certificate.private_key_and_cert_chain_pem.bytes())
        run("-c", str(home), "start")
        for port in ports.values():
            # Returns once it is listened on: the master opens all before it leaves the foreground.
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
        yield Postfix(home, ports)
    finally:
        subprocess.run([POSTFIX, "-c", home, "stop"], capture_output=True, check=False)
        shutil.rmtree(home, ignore_errors=True)


def run(*arguments: str) -> None:
    done = subprocess.run([POSTFIX, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def default(name: str) -> str:
    return subprocess.run(["postconf", "-dh", name], capture_output=True, text=True, check=True).stdout.strip()


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


@asynccontextmanager
async def verifier(postfix: Postfix, service: str = "known") -> AsyncIterator[tuple[Verifier, VerifyOptions]]:
    records = {(domain, "MX"): mx("mx.postfix.test") for domain in ("postfix.test", "all.postfix.test", "other.test")}
    async with NameServer(records) as names:
        settings = NetSettings(
            nameservers=(f"127.0.0.1:{names.port}",),
            connect_to=(f"mx.postfix.test:25:127.0.0.1:{postfix.ports[service]}",),
            allow_networks=("127.0.0.0/8",),
        )
        async with Network(settings) as network:
            yield Verifier(network), VerifyOptions(smtp_timeout_secs=10, hello_name="probe.test")


VALID, BLOCKED = ("valid", "deliverable", 100), ("unknown", "blocked", 80)
EXPECTED = {
    ("bob@postfix.test", "known"): VALID,
    ("bob+news@postfix.test", "known"): VALID,
    ("jürg@postfix.test", "known"): VALID,
    ("info@postfix.test", "known"): ("risky", "role_account", 90),
    ("eve@postfix.test", "known"): ("invalid", "mailbox_not_found", 80),
    ("off@postfix.test", "known"): ("invalid", "disabled", 30),
    ("full@postfix.test", "known"): ("risky", "full_inbox", 60),
    ("grey@postfix.test", "known"): ("unknown", "greylisted", 80),
    ("closed@postfix.test", "known"): BLOCKED,
    ("bob@all.postfix.test", "known"): ("risky", "catch_all", 85),
    ("bob@other.test", "known"): BLOCKED,
    ("bob@postfix.test", "refuses_clients"): BLOCKED,
    ("bob@postfix.test", "refuses_clients_early"): ("unknown", "blocked", 70),
    ("bob@postfix.test", "refuses_senders"): BLOCKED,
    ("bob@postfix.test", "refuses_names"): BLOCKED,
    ("bob@postfix.test", "wants_tls"): VALID,
    ("bob@postfix.test", "wants_login"): BLOCKED,
}


async def test_verdicts(postfix: Postfix) -> None:
    """All at once, each by a verifier of its own: Postfix takes a second for every recipient that it accepts."""

    async def ask(email: str, service: str) -> tuple[str, str, int]:
        async with verifier(postfix, service) as (ours, options):
            [verdict] = await ours.check_domain([email], options)
        result = verdict.data()
        if result["score"] > 70:
            assert "STARTTLS" in [line["command"] for line in result["transcript"]]
        return result["status"], result["sub_status"], result["score"]

    answers = await asyncio.gather(*(ask(*case) for case in EXPECTED))
    assert dict(zip(EXPECTED, answers, strict=True)) == EXPECTED


@pytest.mark.parametrize("service", ["known", "few_errors"])
async def test_a_whole_domain(postfix: Postfix, service: str) -> None:
    emails = [f"{name}@postfix.test" for i in range(10) for name in ("bob", f"eve{i}")]
    async with verifier(postfix, service) as (ours, options):
        verdicts = await ours.check_domain(emails, options)
    assert [one.status for one in verdicts] == ["valid", "invalid"] * 10


async def test_nothing_is_ever_sent(postfix: Postfix) -> None:
    async with verifier(postfix) as (ours, options):
        await ours.check_domain(["bob@postfix.test", "eve@postfix.test"], options)
    assert "connect from" in postfix.log
    assert "data=" not in postfix.log
    assert not postfix.messages()
