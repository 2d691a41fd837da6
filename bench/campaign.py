"""A whole campaign on the practice internet against a plain script that does the same, one thing after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from bench.harness import Ratio, Scale, database
from orbweave import locations, maps, site, verify
from orbweave.app import build_worker, running_worker, verify_defaults
from orbweave.campaigns import chain, service
from orbweave.campaigns.spec import CampaignSpec, SiteStage, VerifyStage, Workflow
from orbweave.config import Settings, load
from orbweave.net import NetSettings, Network
from orbweave.practice import Practice
from orbweave.store.clients import create_client

WORKFLOW = Workflow(SiteStage(True, {"max_pages": 10}), VerifyStage(True))
COUNTRIES = ("LI", "AD", "MC")
"""All that the practice internet answers for: restaurants of three countries."""


@contextmanager
def environment(values: dict[str, str]) -> Iterator[Settings]:
    with patch.dict("os.environ", values):
        yield load(worker_concurrency=64, workers=1)


async def bench(scale: Scale) -> AsyncIterator[Ratio]:
    async with Practice(",".join(COUNTRIES)) as practice:
        with environment(practice.settings()) as settings:
            ours, leads = await campaign(settings)
        # Fresh servers: what greylists must not remember the campaign.
    async with Practice(",".join(COUNTRIES)) as practice:
        with environment(practice.settings()) as settings:
            script, found = await plain_script(settings)
    assert leads == found, "both must find the same"
    detail = f"{script:.1f} s / {ours:.1f} s for {len(leads)} businesses, same settings and manners"
    yield Ratio("plain script / campaign", script / ours, 5.0, detail=detail)


Found = dict[str, set[tuple[str, str]]]
"""place_id -> (address, status)."""


async def campaign(settings: Settings) -> tuple[float, Found]:
    async with database(gazetteer=True) as db, Network(NetSettings.of(settings)) as network:
        client = (await create_client(db, "bench")).client_id
        started = time.perf_counter()
        ids = []
        for country in COUNTRIES:
            spec = CampaignSpec("restaurants", country, workflow=WORKFLOW, dispatch="auto", max_inflight=50)
            ids.append((await service.create(db, client, spec)).campaign_id)
        async with running_worker(build_worker(settings, db, network)):
            for id in ids:
                while (await service.status(db, client, id)).status != "completed":
                    await asyncio.sleep(0.05)
            seconds = time.perf_counter() - started
        leads = [lead for id in ids async for lead in service.export(db, client, id)]
    return seconds, {lead.place["place_id"]: {(one["email"], one["status"]) for one in lead.verdicts} for lead in leads}


async def plain_script(settings: Settings) -> tuple[float, Found]:
    """What a careful person writes in an afternoon: the same searches, crawls, checks and repetitions."""
    found: Found = {}
    pace = site.Pace(settings.host_delay, settings.host_connections)
    async with Network(NetSettings.of(settings)) as network:
        verifier = verify.Verifier(network)
        started = time.perf_counter()
        for location in [location for country in COUNTRIES for location in locations.load(country)]:
            country, id = location.country_code, location.location_id
            request = maps.SearchRequest("restaurants", 100, country=country, location_id=id)
            for place in (await maps.search(request)).places:
                one = chain.candidate(place.business(), WORKFLOW)
                found[one.key] = set()
                if one.url:
                    request_ = site.CrawlRequest.from_payload(chain.site_payload(WORKFLOW, one.url, country))
                    data = (await site.crawl(request_, network, pace=pace)).data()
                    if data["crawl_status"] != "failed":
                        for email in chain.addresses(data["emails"], WORKFLOW):
                            found[one.key].add((email, (await check(verifier, email, settings))["status"]))
        return time.perf_counter() - started, found


async def check(verifier: verify.Verifier, email: str, settings: Settings) -> dict[str, Any]:
    options = verify_defaults(settings)
    for delay in [*settings.verify_retry_delays, 0.0]:
        [verdict] = await verifier.check_domain([email], options)
        if not verdict.greylisted or not delay:
            break
        await asyncio.sleep(delay)
    return verdict.data()
