"""spiderVerify: one claim is one mail domain; a job ends when the last of its addresses has a verdict."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any, ClassVar

import asyncpg
import orjson
import structlog

from orbweave.jobs.backoff import backoff
from orbweave.jobs.followers import Followers, VerifyEnd
from orbweave.jobs.model import Begun, Done, Failed, Outcome, Released, Retry
from orbweave.jobs.queue import NOW
from orbweave.jobs.steps.base import permanent, sentence
from orbweave.jobs.steps.maps import end_event
from orbweave.store import jobs as store
from orbweave.store.events import record
from orbweave.store.sql import sql

log = structlog.get_logger()

CHECKS_A_CLAIM = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """A contract 2.3 result, and whether the server asked to come again later (greylisting)."""

    data: dict[str, Any]
    again: bool


Answers = dict[int, Answer | Exception]
"""Check id -> answer, or why there is none."""

Ask = Callable[[Sequence[str], dict[str, Any]], Awaitable[Sequence[Answer]]]
"""Addresses of one domain and a contract 2.3 payload's options -> an answer each, in order."""


@dataclass(frozen=True, slots=True)
class Check:
    """One address of one job. ``asked`` counts earlier answers; ``known``: the client's verdict that can be reused."""

    id: int
    job: int
    address: str
    attempt: int
    asked: int
    known: dict[str, Any] | None

    @property
    def failures(self) -> int:
        """Attempts before this one that came to nothing; being asked again by a greylisting server is none."""
        return self.attempt - self.asked - 1


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Checks of one domain under the same options."""

    options: dict[str, Any]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """``later``: seconds after which a greylisting server is asked again, once each. An address at which we ourselves
    fail is tried ``attempts`` times, ``failed`` seconds after each other. A client's verdict on an address is reused
    for ``reused``, an unknown one for ``unknown_reused``."""

    later: Sequence[float] = (60.0, 300.0, 900.0)
    attempts: int = 5
    failed: Sequence[float] = (2.0, 15.0, 60.0, 300.0)
    reused: timedelta = timedelta(days=30)
    unknown_reused: timedelta = timedelta(hours=6)


class VerifyStep:
    entrypoint: ClassVar[str] = "verify"

    def __init__(self, ask: Ask, followers: Followers, policy: Policy = Policy()) -> None:
        self._ask = ask
        self._followers = followers
        self._policy = policy

    async def begin(
        self, conn: asyncpg.Connection, keys: Sequence[str], worker_id: str
    ) -> Mapping[str, tuple[Inquiry, ...]]:
        reused = self._policy.reused, self._policy.unknown_reused
        rows = await conn.fetch(sql("jobs/begin_verify"), keys, worker_id, CHECKS_A_CLAIM, *reused)

        def options(row: Any) -> dict[str, Any]:
            return {name: value for name, value in row["payload"].items() if name not in ("email", "emails")}

        def sort(row: Any) -> tuple[str, bytes]:
            return row["domain"], orjson.dumps(options(row), option=orjson.OPT_SORT_KEYS)

        inquiries: dict[str, list[Inquiry]] = {}
        for (domain, _), group in groupby(sorted(rows, key=sort), key=sort):
            members = list(group)
            checks = tuple(
                Check(row["id"], row["job"], row["address"], row["attempt"], row["asked"], row["verdict"])
                for row in members
            )
            inquiries.setdefault(domain, []).append(Inquiry(options(members[0]), checks))
        return {domain: tuple(of_domain) for domain, of_domain in inquiries.items()}

    def attempt(self, work: tuple[Inquiry, ...]) -> int:
        # One address that fails again and again must not fail those claimed with it.
        return min(check.failures for inquiry in work for check in inquiry.checks) + 1

    def jobs(self, work: tuple[Inquiry, ...]) -> frozenset[int]:
        return frozenset(check.job for inquiry in work for check in inquiry.checks)

    async def run(self, work: tuple[Inquiry, ...]) -> Answers:
        answers: Answers = {}
        for inquiry in work:
            addresses = sorted({check.address for check in inquiry.checks if check.known is None})
            said = await self._said(addresses, inquiry.options)
            for check in inquiry.checks:
                answers[check.id] = said[check.address] if check.known is None else Answer(check.known, again=False)
        return answers

    async def _said(self, addresses: Sequence[str], options: dict[str, Any]) -> dict[str, Answer | Exception]:
        """Address -> answer, or why there is none."""
        try:
            return dict(zip(addresses, await self._ask(addresses, options) if addresses else (), strict=True))
        except Exception as error:
            if len(addresses) == 1:
                log.warning("address failed", error=repr(error), exc_info=True)
                return {addresses[0]: error}
        return {address: said for one in addresses for address, said in (await self._said([one], options)).items()}

    async def end(
        self,
        conn: asyncpg.Connection,
        ended: Sequence[tuple[str, tuple[Inquiry, ...] | None, Outcome[Answers] | None]],
    ) -> Mapping[str, timedelta]:
        verdicts: list[tuple[int, dict[str, Any], bool]] = []
        later: list[tuple[int, timedelta]] = []
        retried: list[tuple[int, timedelta]] = []
        released: list[tuple[int, timedelta]] = []
        failed: dict[int, str] = {}
        jobs: set[int] = set()
        for _, work, outcome in ended:
            checks = [check for inquiry in work or () for check in inquiry.checks]
            jobs |= {check.job for check in checks}
            match outcome:
                case Done(answers):
                    for check in checks:
                        match answers[check.id]:
                            case Exception() as error:
                                failures = check.failures + 1
                                if permanent(error) or failures >= self._policy.attempts:
                                    failed[check.job] = sentence(error)
                                else:
                                    retried.append((check.id, backoff(failures, self._policy.failed)))
                            case Answer(again=True) if check.asked < len(self._policy.later):
                                later.append((check.id, timedelta(seconds=self._policy.later[check.asked])))
                            case Answer(data) if check.known is None:
                                verdicts.append((check.id, {**data, "attempts": check.asked + 1}, False))
                            case Answer(data):
                                verdicts.append((check.id, data, True))
                case Failed(error):
                    failed |= {check.job: error for check in checks}
                case Retry(_, delay, _):
                    retried += [(check.id, delay) for check in checks]
                case Released():
                    released += [(check.id, NOW) for check in checks]
        open_jobs = [row["id"] for row in await conn.fetch(sql("checks/lock_jobs"), sorted(jobs))]
        await self._fail(conn, {job: failed[job] for job in open_jobs if job in failed})
        await store.checks_later(conn, later, answers=1)
        await store.checks_later(conn, retried)
        await store.checks_later(conn, released, attempts=-1)
        checked = await store.checks_done(conn, verdicts)
        await self._finish(conn, [job for job in open_jobs if job not in failed], checked)
        waiting = await conn.fetch(sql("checks/waiting_domains"), [key for key, _, _ in ended])
        return {row["domain"]: row["delay"] for row in waiting}

    async def _finish(self, conn: asyncpg.Connection, open_jobs: Sequence[int], checked: Sequence[int]) -> None:
        campaigns = {
            row["id"]: row["campaign_id"]
            for row in await conn.fetch("select id, campaign_id from jobs where id = any ($1)", sorted(set(checked)))
        }
        await self._followers.checked(conn, [c for job in checked if (c := campaigns[job]) is not None])
        rows = await conn.fetch(sql("checks/finished_jobs"), open_jobs)
        ends = [VerifyEnd(Begun.of(row), row["verdicts"] or []) for row in rows]
        await store.finish(conn, [(end.job.id, "completed", None, end.valid) for end in ends])
        await record(conn, [end_event(end.job, None) for end in ends])
        await self._followers.verifies_ended(conn, [end for end in ends if end.job.campaign_id])

    async def _fail(self, conn: asyncpg.Connection, failed: Mapping[int, str]) -> None:
        if not failed:
            return
        await conn.execute(sql("checks/drop"), sorted(failed))
        rows = await conn.fetch(sql("checks/finished_jobs"), sorted(failed))
        await store.finish(conn, [(id, "failed", error, 0) for id, error in sorted(failed.items())])
        ends = [VerifyEnd(Begun.of(row), None, failed[row["id"]]) for row in rows]
        await record(conn, [end_event(end.job, end.error) for end in ends])
        await self._followers.verifies_ended(conn, [end for end in ends if end.job.campaign_id])
