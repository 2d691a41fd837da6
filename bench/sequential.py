"""A campaign as a plain script would do it: one thing after the other, with the same libraries, settings and pace.

    python -m bench.sequential '{"query": "restaurants", "country_code": "LI", …}'

takes the body of a campaign's submission and prints what it did and how long it took, as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter

from orbweave import config, locations, maps, site, verify
from orbweave.api.models import CampaignSubmission
from orbweave.app import verify_defaults
from orbweave.campaigns import chain
from orbweave.campaigns.spec import CampaignSpec, Workflow
from orbweave.config import Settings
from orbweave.net import NetSettings, Network


async def campaign(spec: CampaignSpec, settings: Settings) -> Counter[str]:
    """Search every location, crawl each website and verify each address as they come. A greylisted address is asked
    again at the end, when its time has come: nobody waits for it meanwhile."""
    workflow = spec.workflow or Workflow()
    done: Counter[str] = Counter()
    seen: set[str] = set()
    mentions: list[str] = []
    counts: dict[str, bool] = {}
    greylisted: list[tuple[float, str, int]] = []
    async with Network(NetSettings.of(settings)) as network:
        verifier = verify.Verifier.of(settings, network)
        crawler = site.Crawler(network, pace=site.Pace(settings.host_delay, settings.host_connections))

        async def check(address: str, asked: int) -> None:
            payload = {**workflow.verify.payload, "email": address}
            _, options = verify.VerifyOptions.from_payload(payload, verify_defaults(settings))
            async for verdict in verifier.check([address], options):
                if verdict.greylisted and asked < len(settings.verify_retry_delays):
                    due = time.monotonic() + settings.verify_retry_delays[asked]
                    greylisted.append((due, address, asked + 1))
                else:
                    counts[address] = verify.is_valid_count(verdict.data())

        for location in locations.load(spec.country_code):
            payload = {
                "search_query": spec.query,
                "country": spec.country_code,
                "location_id": location.location_id,
                "max_results": spec.max_results,
                "lang": spec.lang,
                "source": spec.source,
            }
            data = (await maps.search(maps.SearchRequest.from_payload(payload))).data()
            done.update(locations=1)
            for place in chain.unique_places(data["businesses"]):
                lead = chain.candidate(place, workflow)
                if lead.key in seen:
                    continue
                seen.add(lead.key)
                done.update(leads=1)
                if lead.url is None:
                    continue
                crawl = chain.site_payload(workflow, lead.url, spec.country_code)
                if crawl["url"] in seen:
                    continue
                seen.add(crawl["url"])
                result = (await crawler.crawl(site.CrawlRequest.from_payload(crawl))).data()
                done.update(sites=1)
                if result["crawl_status"] != "failed":
                    done.update(emails=len(set(result["emails"])))
                    for address in chain.addresses(result["emails"], workflow):
                        mentions.append(address)
                        if mentions.count(address) == 1:
                            await check(address, 0)
        while greylisted:
            due, address, asked = greylisted.pop(0)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await check(address, asked)
    done.update(verified=len(mentions), valid=sum(counts[address] for address in mentions))
    return done


def main(body: str) -> None:
    spec = CampaignSubmission.model_validate(json.loads(body)).spec()
    settings = config.load()
    started = time.perf_counter()
    done = asyncio.run(campaign(spec, settings))
    print(json.dumps({"seconds": time.perf_counter() - started, **done}))


if __name__ == "__main__":
    main(sys.argv[1])
