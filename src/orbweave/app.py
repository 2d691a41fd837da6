"""The composition root: the one place where services, queue, database and network are wired."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog
import uvicorn

from orbweave import maps, site, telemetry, verify
from orbweave.api.app import create_app
from orbweave.campaigns.advance import Advance
from orbweave.campaigns.chores import chores
from orbweave.config import Settings
from orbweave.errors import SetupError
from orbweave.jobs.maintenance import Maintenance, every, prune_queue_log, prune_verdicts, requeue_forgotten
from orbweave.jobs.model import Later
from orbweave.jobs.steps.base import Step
from orbweave.jobs.steps.maps import MapsStep
from orbweave.jobs.steps.site import SiteStep
from orbweave.jobs.steps.verify import Answer, Policy, VerifyStep
from orbweave.jobs.worker import Limits, Worker
from orbweave.net import Gate, NetSettings, Network
from orbweave.places.sources import place_sources
from orbweave.store.connect import AWAY
from orbweave.store.database import Database, open_database
from orbweave.store.hosts import SharedGate, prune_hosts
from orbweave.store.pages import StoredPages, prune_pages
from orbweave.store.places import drop_unused_sets, expire_places

log = structlog.get_logger()

RESTART_SECONDS = 1.0
QUICK_DEATH_SECONDS = 5.0
QUICK_DEATHS = 5
DATABASE_CHECK_SECONDS = 1.0

Announce = Callable[[str, Database], Awaitable[None]]
"""Called with the server's URL and its open database once requests are answered."""


def verify_defaults(settings: Settings) -> verify.VerifyOptions:
    return verify.VerifyOptions(
        smtp_port=settings.smtp_port, from_email=settings.smtp_from, hello_name=settings.smtp_hello
    )


def limits(settings: Settings) -> Limits:
    return Limits(
        concurrency=settings.worker_concurrency,
        heartbeat_timeout=settings.heartbeat_timeout,
        attempts=settings.job_attempts,
        retry_delays=tuple(settings.job_retry_delays),
        grace=settings.shutdown_grace,
    )


def checking(settings: Settings) -> Policy:
    return Policy(
        later=tuple(settings.verify_retry_delays),
        attempts=settings.job_attempts,
        failed=tuple(settings.job_retry_delays),
        reused=timedelta(days=settings.verdict_days),
        unknown_reused=timedelta(hours=settings.unknown_verdict_hours),
    )


def build_worker(settings: Settings, db: Database, network: Network, crawler: site.Crawler, gate: Gate) -> Worker:
    verifier = verify.Verifier.of(settings, network, gate=gate)
    defaults = verify_defaults(settings)
    advance = Advance(os.getpid(), inflight=settings.campaign_inflight)

    sources = place_sources(settings, db, network, gate)

    async def search(payload: dict[str, Any]) -> dict[str, Any]:
        try:
            return (await maps.search(maps.SearchRequest.from_payload(payload), sources)).data()
        except maps.SourceBusy as busy:
            raise Later(str(busy), busy.retry_after) from None

    async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
        request = site.CrawlRequest.from_payload(payload, model=crawler.model is not None)
        result = await crawler.crawl(request)
        if result.status == "failed" and result.retry_after is not None:
            asked = any(page.status is not None for page in result.pages)
            raise Later(result.error or "The website asks to come back later.", result.retry_after, tried=asked)
        return {**result.data(), "markdown_compendium": result.compendium_text}

    async def ask(addresses: Sequence[str], options: dict[str, Any]) -> list[Answer]:
        _, chosen = verify.VerifyOptions.from_payload({**options, "emails": list(addresses)}, defaults)
        found = await verifier.check_domain(addresses, chosen)
        return [Answer(verdict.data(), verdict.greylisted) for verdict in found]

    steps: list[Step[Any, Any]] = [
        MapsStep(search, advance),
        SiteStep(crawl, advance),
        VerifyStep(ask, advance, checking(settings)),
    ]
    now_and_then = [
        requeue_forgotten, prune_queue_log, prune_hosts, prune_pages(settings.page_cache_mb, settings.page_cache_days),
        prune_verdicts(settings.verdict_days), drop_unused_sets, expire_places,
    ]  # fmt: skip
    maintenance = Maintenance(db, [*chores(advance), *(every(60, chore) for chore in now_and_then)])
    return Worker(db, steps, maintenance, limits(settings))


async def worker(settings: Settings) -> None:
    """Run one worker process until SIGTERM or Ctrl-C."""
    telemetry.configure(settings.log_level)
    with stop_signals() as stop:
        async with _opened(settings, stop) as db, Network(NetSettings.of(settings)) as network:
            if db is None:
                return
            pages = StoredPages(db) if settings.page_cache_mb else None
            gate = SharedGate(db, settings.heartbeat_timeout)
            async with site.Crawler.of(settings, network, gate=gate, pages=pages) as crawler:
                await build_worker(settings, db, network, crawler, gate).run(stop)


async def serve(settings: Settings, *, announce: Announce) -> None:
    """Run the API, the workers as processes of their own, and the database when it is ours, until SIGTERM or Ctrl-C.
    A worker or database that dies is started again. SetupError when the port cannot be had."""
    telemetry.configure(settings.log_level)
    verify_defaults(settings)
    verify.Verifier.of(settings, Network(NetSettings.of(settings)))  # what is unusable is said now, not by each worker
    listener = _listen(settings.host, settings.port)
    try:
        with stop_signals() as stop:
            async with _opened(settings, stop, max_connections=20) as db:
                if db is not None:
                    await _serve(settings, db, listener, stop, announce)
    finally:
        listener.close()


async def _serve(
    settings: Settings, db: Database, listener: socket.socket, stop: asyncio.Event, announce: Announce
) -> None:
    server = _Server(
        uvicorn.Config(
            create_app(settings, db, sources=place_sources(settings, db, Network(NetSettings.of(settings)))),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=int(settings.shutdown_grace),
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    keepers = [asyncio.create_task(_keep_worker(settings, db, stop)) for _ in range(settings.workers)]
    keepers.append(asyncio.create_task(_keep_database(db, stop)))
    looking = asyncio.create_task(_look_at_port_25(settings))
    try:
        await announce(_url(listener), db)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({stopping, serving, *keepers}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        looking.cancel()
        server.should_exit = True
        ends = await asyncio.gather(serving, *keepers, return_exceptions=True)
    for error in filter(None, ends):
        raise error


async def _look_at_port_25(settings: Settings) -> None:
    """Say at the start what every verdict would else have to say; not to who isn't set up for the public internet."""
    if not settings.reachable:
        return
    async with Network(NetSettings.of(settings)) as network:
        tried = await verify.try_providers(network, verify.Dialler.of(settings), settings.smtp_port)
    if tried and not any(one.connected for one in tried):
        log.warning("no mail server can be reached", tried=[one.server for one in tried], advice=verify.WHAT_TO_DO)


@asynccontextmanager
async def _opened(
    settings: Settings, stop: asyncio.Event, *, max_connections: int = 10
) -> AsyncIterator[Database | None]:
    """The database, closed afterwards; None when it is time to stop before it is there. A first start takes seconds,
    and who is told to stop in them must not leave a server behind."""
    opening = asyncio.create_task(open_database(settings, max_connections=max_connections))
    if await _first(opening, stop, None):
        opening.cancel()
    try:
        db = await opening
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
        yield None
        return
    try:
        yield db
    finally:
        await db.close()


class _Server(uvicorn.Server):
    """Signals are ours: workers, server and database end in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _keep_worker(settings: Settings, db: Database, stop: asyncio.Event) -> None:
    """One worker process, started again when it dies. Its stdin is our pipe: it ends when we do, however we end.
    SetupError when it keeps dying right after its start."""
    quick_deaths = 0
    while not stop.is_set():
        started = asyncio.get_running_loop().time()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "orbweave.cli", "worker", "--with-parent",
            env={**os.environ, **settings.environment(), "DATABASE_URL": db.dsn},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        ended = asyncio.create_task(process.wait())
        if await _first(ended, stop, None):
            await _end(process, ended, settings.shutdown_grace + 10)
            return
        lived = asyncio.get_running_loop().time() - started
        # Without a database no worker can live; that is not its fault.
        quick_deaths = quick_deaths + 1 if lived < QUICK_DEATH_SECONDS and await _answers(db) else 0
        if quick_deaths == QUICK_DEATHS:
            raise SetupError(
                f"Workers end right after their start (exit code {process.returncode}); their words are above."
            )
        log.warning("worker died, starting another", code=process.returncode)
        await _first(None, stop, RESTART_SECONDS)


async def _answers(db: Database) -> bool:
    try:
        await db.pool.execute("select", timeout=QUICK_DEATH_SECONDS)
    except AWAY:  # a TimeoutError is an OSError
        return False
    return True


async def _first(ended: asyncio.Task[Any] | None, stop: asyncio.Event, seconds: float | None) -> bool:
    """Wait for the first of them; whether it is time to stop."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping, ended} if ended else {stopping}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    return stop.is_set()


async def _end(process: asyncio.subprocess.Process, ended: asyncio.Task[int], patience: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    await asyncio.wait({ended}, timeout=patience)
    if process.returncode is None:
        process.kill()
    await ended


async def _keep_database(db: Database, stop: asyncio.Event) -> None:
    """Start the embedded server again when it has died."""
    while not stop.is_set():
        if await _first(None, stop, DATABASE_CHECK_SECONDS) or db.server is None or await db.server.is_running():
            continue
        log.warning("database died, starting it again")
        try:
            await db.server.start()
        except SetupError as error:
            log.error("database cannot be started", error=str(error))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise SetupError(
            f"Cannot listen on {host} port {port} ({error.strerror}); choose another with --port."
        ) from None
    listener.setblocking(False)
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


@contextlib.contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and Ctrl-C set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def running_worker(worker: Worker) -> AsyncIterator[Worker]:
    """A worker inside this process, for as long as the block lasts: tests and benches."""
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await task
