"""A worker in this process whose websites and mail servers are functions; the places are the packaged ones."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from orbweave import maps
from orbweave.campaigns.advance import Advance
from orbweave.campaigns.chores import chores
from orbweave.jobs.maintenance import Maintenance
from orbweave.jobs.steps.maps import MapsStep
from orbweave.jobs.steps.site import SiteStep
from orbweave.jobs.steps.verify import Answer, Policy, VerifyStep
from orbweave.jobs.worker import Limits, Worker
from orbweave.site import site_key
from orbweave.store.database import Database


async def search(payload: dict[str, Any]) -> dict[str, Any]:
    return (await maps.search(maps.SearchRequest.from_payload(payload))).data()


async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
    host = site_key(payload["url"])
    if host.startswith("fails"):
        return {
            "crawl_status": "failed",
            "emails": [],
            "pages_crawled": 0,
            "metadata": {"error": "It does not answer."},
        }
    return {
        "url": payload["url"],
        "crawl_status": "success",
        "pages_crawled": 2,
        "emails": [f"info@{host}", f"=cmd@{host}"],
        "phones": [],
        "team_members": [],
        "metadata": {},
    }


async def ask(addresses: Sequence[str], options: dict[str, Any]) -> list[Answer]:
    return [Answer(verdict(address, good=address.startswith("info@")), again=False) for address in addresses]


def verdict(address: str, *, good: bool) -> dict[str, Any]:
    domain = address.partition("@")[2]
    return {
        "email": address,
        "status": "valid" if good else "invalid",
        "sub_status": "deliverable" if good else "mailbox_not_found",
        "quality": "good" if good else "bad",
        "score": 90 if good else 40,
        "flags": {
            "is_valid_syntax": True,
            "is_deliverable": good,
            "is_free_email": False,
            "is_disposable": False,
            "is_role_account": good,
            "is_catch_all": False,
            "is_disabled": False,
            "has_full_inbox": False,
            "has_gravatar": None,
        },
        "domain": {"name": domain, "mx_found": True, "mx_records": [f"mx.{domain}"], "smtp_provider": None},
        "reason": "250 OK" if good else "550 no such user",
    }


@contextlib.asynccontextmanager
async def worker(db: Database) -> AsyncIterator[None]:
    advance = Advance(1)
    steps = [MapsStep(search, advance), SiteStep(crawl, advance), VerifyStep(ask, advance, Policy(later=()))]
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(db, steps, Maintenance(db, chores(advance)), Limits(grace=0)).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
