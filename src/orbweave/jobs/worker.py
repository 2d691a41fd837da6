"""A worker: claims keys from the queue, runs their step, and commits what it came to together with the acknowledgement.

Any process may die at any moment: what was not committed never happened, and the claim is taken over by another worker
once its heartbeat is older than the time-out.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg
import structlog
from pgqueuer import QueueManager
from pgqueuer.domain.models import Job as Claim

from orbweave.jobs.backoff import backoff
from orbweave.jobs.group_commit import GroupCommit
from orbweave.jobs.maintenance import Maintenance
from orbweave.jobs.model import Done, Failed, Later, Outcome, Released, Retry
from orbweave.jobs.queue import CANCEL_CHANNEL, ClaimQueries, fence, key_of, settle
from orbweave.jobs.steps.base import Step, permanent, sentence
from orbweave.store.connect import AWAY
from orbweave.store.database import Database
from orbweave.store.sql import sql

log = structlog.get_logger()

IDLE_POLL = timedelta(seconds=1)
RECONNECT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """``concurrency`` claims at once; a silent worker's claims are taken over after ``heartbeat_timeout`` seconds; work
    is started at most ``attempts`` times, waiting ``retry_delays`` seconds between; after a stop signal it gets
    ``grace`` seconds to end. Who asks us to come back later than in ``patience`` seconds is not asked again."""

    concurrency: int = 64
    heartbeat_timeout: float = 30.0
    attempts: int = 5
    retry_delays: tuple[float, ...] = (2.0, 15.0, 60.0, 300.0)
    grace: float = 20.0
    patience: float = 6 * 3600.0
    batch: int = 64


@dataclass(frozen=True, slots=True)
class End:
    claim: Claim
    work: Any
    outcome: Outcome[Any] | None


def new_worker_id() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


class Worker:
    """``run(stop)`` works until ``stop`` is set, reconnecting when the database goes away and comes back."""

    def __init__(
        self,
        db: Database,
        steps: Sequence[Step[Any, Any]],
        maintenance: Maintenance,
        limits: Limits,
        worker_id: str | None = None,
    ) -> None:
        self.worker_id = worker_id or new_worker_id()
        self._db = db
        self._steps = steps
        self._maintenance = maintenance
        self._limits = limits
        self._running: dict[asyncio.Task[Any], frozenset[int]] = {}
        self._interrupted: set[asyncio.Task[Any]] = set()
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._session(stop)
            except Exception as error:
                # Mostly the database going away; whatever it is, claims are taken over and a new session starts clean.
                log.warning("session lost, starting another", worker=self.worker_id, error=repr(error))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RECONNECT_SECONDS)
        with suppress(*AWAY):
            await self._db.pool.execute(sql("workers/leave"), self.worker_id)

    async def _session(self, stop: asyncio.Event) -> None:
        await self._beat()
        manager = QueueManager(ClaimQueries.from_asyncpg_pool(self._db.pool))
        for step in self._steps:
            begin = GroupCommit(self._db, partial(self._begin, step), limit=self._limits.batch)
            end = GroupCommit(self._db, partial(self._end, step, manager), limit=self._limits.batch)
            manager.entrypoint(step.entrypoint, accepts_context=False)(partial(self._handle, step, begin, end))
        async with self._db.pool.acquire() as listener:
            await listener.add_listener(CANCEL_CHANNEL, self._on_cancel)
            helpers = [
                asyncio.create_task(self._stop_gently(stop, manager)),
                asyncio.create_task(self._maintenance.run(self._beat)),
            ]
            concurrency = max(2, self._limits.concurrency)
            try:
                # The manager probes its listener before it has begun to listen, and then takes it for dead.
                await manager.queries.driver.add_listener(manager.channel, _ignore)
                await manager.run(
                    dequeue_timeout=IDLE_POLL,
                    batch_size=concurrency // 2,
                    max_concurrent_tasks=concurrency,
                    shutdown_on_listener_failure=True,
                    heartbeat_timeout=timedelta(seconds=self._limits.heartbeat_timeout),
                    log_aggregation_interval=timedelta(0),
                )
            finally:
                async with manager.queries.driver:
                    pass  # gives its connection back, also when the manager never came to use it
                for helper in helpers:
                    helper.cancel()
                await asyncio.gather(*helpers, return_exceptions=True)
                with suppress(*AWAY):
                    await listener.remove_listener(CANCEL_CHANNEL, self._on_cancel)

    async def _handle(
        self, step: Step[Any, Any], begin: GroupCommit[str, Any], end: GroupCommit[End, bool], claim: Claim
    ) -> None:
        try:
            work = await begin(key_of(claim))
            outcome = await self._outcome(step, work) if work is not None else None
            try:
                await end(End(claim, work, outcome))
            except AWAY:
                raise
            except Exception as error:
                log.exception("result could not be stored", step=step.entrypoint, key=key_of(claim))
                await end(End(claim, work, Failed(f"The result could not be stored: {sentence(error)}")))
        except AWAY as error:
            log.warning("claim abandoned, the database is away", step=step.entrypoint, error=repr(error))
        except Exception:
            log.exception("claim abandoned", step=step.entrypoint, key=key_of(claim))

    async def _outcome(self, step: Step[Any, Any], work: Any) -> Outcome[Any] | None:
        """Run the work. None when its jobs were cancelled meanwhile."""
        attempt = step.attempt(work)
        if attempt > self._limits.attempts:
            return Failed(f"Given up: {attempt - 1} workers died or failed at it.")
        if self._stopping:
            return Released()
        task = asyncio.current_task()
        assert task
        self._running[task] = step.jobs(work)
        try:
            return Done(await step.run(work))
        except asyncio.CancelledError:
            if task not in self._interrupted:
                raise
            self._interrupted.remove(task)
            task.uncancel()
            return Released() if self._stopping else None
        except Later as later:
            if attempt >= self._limits.attempts or later.seconds > self._limits.patience:
                return Failed(str(later))
            delay = max(timedelta(seconds=later.seconds), backoff(attempt, self._limits.retry_delays))
            return Retry(str(later), delay, tried=later.tried)
        except Exception as error:
            if permanent(error):
                return Failed(sentence(error))
            log.warning("attempt failed", step=step.entrypoint, attempt=attempt, error=repr(error), exc_info=True)
            if attempt >= self._limits.attempts:
                return Failed(sentence(error))
            return Retry(sentence(error), backoff(attempt, self._limits.retry_delays))
        finally:
            del self._running[task]

    async def _begin(self, step: Step[Any, Any], conn: asyncpg.Connection, keys: Sequence[str]) -> Sequence[Any]:
        works = await step.begin(conn, sorted(set(keys)), self.worker_id)
        return [works.get(key) for key in keys]

    async def _end(
        self, step: Step[Any, Any], manager: QueueManager, conn: asyncpg.Connection, ends: Sequence[End]
    ) -> Sequence[bool]:
        held = await fence(conn, [end.claim for end in ends], manager.queue_manager_id)
        ours = [end for end in ends if end.claim.id in held]
        if ours:
            again = await step.end(conn, [(key_of(end.claim), end.work, end.outcome) for end in ours])
            for end in ours:
                if key_of(end.claim) in again:
                    # The row goes back at once, and the manager passes over what it believes to be still at work.
                    manager.job_context.pop(end.claim.id, None)
            await settle(conn, [end.claim for end in ours], again)
        return [end.claim.id in held for end in ends]

    def _on_cancel(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        cancelled = int(str(payload))
        for task, jobs in list(self._running.items()):
            if cancelled in jobs:
                left = jobs - {cancelled}
                self._running[task] = left
                if not left:
                    self._interrupt(task)

    async def _stop_gently(self, stop: asyncio.Event, manager: QueueManager) -> None:
        await stop.wait()
        manager.shutdown.set()
        await asyncio.sleep(self._limits.grace)
        self._stopping = True
        for task in list(self._running):
            self._interrupt(task)

    def _interrupt(self, task: asyncio.Task[Any]) -> None:
        """Stop the work of a handler, not the handler: it still has to acknowledge."""
        if task not in self._interrupted:
            self._interrupted.add(task)
            task.cancel()

    async def _beat(self) -> None:
        await self._db.pool.execute(
            sql("workers/beat"), self.worker_id, os.getpid(), socket.gethostname(), len(self._running)
        )


def _ignore(_payload: object) -> None:
    pass
