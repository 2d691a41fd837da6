"""A campaign of any size, written with SQL: the rows that a finished one has, and counters that agree with them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from orbweave.campaigns import codec
from orbweave.campaigns.spec import CampaignSpec, SiteStage, VerifyStage, Workflow
from orbweave.store import counters
from orbweave.store.clients import create_client
from orbweave.store.database import Database
from orbweave.store.sql import sql

PER_LOCATION = 100
SPEC = CampaignSpec(
    "restaurants",
    "LI",
    workflow=Workflow(SiteStage(True, {"max_pages": 10}), VerifyStage(True), given={"spidersite": {"enabled": True}}),
)


@dataclass(frozen=True, slots=True)
class Grown:
    client_id: str
    campaign_id: str


async def grow(
    db: Database,
    campaign_id: str,
    businesses: int,
    *,
    open_sites: int = 0,
    claimed_by: UUID | None = None,
    slots: int = counters.SLOTS,
) -> Grown:
    """Half of the businesses have a website, half of those have a verified address. The crawls of the first
    ``open_sites`` websites are in the queue, claimed by that queue manager and begun if one is given."""
    client_id = (await create_client(db, "bench")).client_id
    state = "processing" if claimed_by else "queued"
    locations, sites = -(-businesses // PER_LOCATION), businesses // 2
    verified = max(0, sites - open_sites) // 2
    async with db.transaction() as conn:
        base = await conn.fetchval("select nextval(pg_get_serial_sequence('jobs', 'id'))")
        lead = await conn.fetchval("select nextval(pg_get_serial_sequence('leads', 'id'))")
        site = base + locations
        verify = site + sites
        given, workflow = SPEC.filter.given, SPEC.workflow and SPEC.workflow.given
        await conn.execute(
            sql("campaigns/create"),
            *(campaign_id, client_id, None, SPEC.query, SPEC.country_code, given, workflow, codec.encode(SPEC)),
            *("auto", 50),
        )
        await conn.execute(_LOCATIONS, campaign_id, locations, base)
        await conn.execute(_LEADS, campaign_id, businesses, PER_LOCATION, lead)
        await conn.execute(_SIGHTINGS, businesses, PER_LOCATION, base, lead)
        await conn.execute(_MAPS, campaign_id, client_id, locations, base)
        await conn.execute(_SITES, campaign_id, client_id, sites, PER_LOCATION, site, open_sites, state, verify)
        await conn.execute(_VERIFIES, campaign_id, client_id, verified, PER_LOCATION, verify, open_sites)
        await conn.execute(_CHECKS, campaign_id, verified, verify, open_sites)
        await conn.execute(_QUEUE, site, open_sites, claimed_by)
        await conn.execute("select setval(pg_get_serial_sequence('jobs', 'id'), $1)", verify + sites + 1)
        await conn.execute("select setval(pg_get_serial_sequence('leads', 'id'), $1)", lead + businesses + 1)
        counted = {
            "completed": locations,
            "results": businesses,
            "leads": businesses,
            "with_domains": sites,
            "businesses": sites,
            "sites_queued": open_sites,
            "sites_completed": sites - open_sites,
            "verifies_completed": verified,
            "emails_found": verified,
            "emails_verified": verified,
            "emails_valid": verified,
        }
        for slot in range(slots):
            share = {name: (n + slot) // slots for name, n in counted.items()}
            await counters.add(conn, slot, {campaign_id: share})
    await db.pool.execute("vacuum (analyze)")
    return Grown(client_id, campaign_id)


# Business n (0, 1, …) is of location n / per location, and has a website when n is even: number s = n / 2. Those after
# the open ones have an address when (s - open) is odd. $1 is the campaign in every statement.
_HOST = "format('s%s.%s.example', {s}, $1::text)"
_SITE = f"jsonb_build_object('max_pages', 10, 'country', 'LI', 'url', 'https://www.' || {_HOST} || '/')"
_HASH = "decode(md5(payload::text), 'hex')"

_LOCATIONS = """
insert into campaign_locations (campaign_id, location_id, ord, search_string, display_name, state, job)
select $1, l + 1, l + 1, 'restaurants Place ' || l || ', Liechtenstein', 'Place ' || l, 'completed', $3 + l
from generate_series(0, $2 - 1) as l
"""
_LEADS = f"""
insert into leads (id, campaign_id, business_key, ord, location_id, place, domain, site_hash)
select $4 + n, $1, 'osm:n' || n, n / $3 + 1, n / $3 + 1,
    jsonb_build_object('place_id', 'osm:n' || n, 'name', 'Business ' || n, 'website', domain),
    domain, {_HASH}
from generate_series(0, $2 - 1) as n,
    lateral (select case when n % 2 = 0 then {_HOST.format(s="n / 2")} end,
                    case when n % 2 = 0 then {_SITE.format(s="n / 2")} end) as w (domain, payload)
"""
_SIGHTINGS = """
insert into sightings (job, ord, lead)
select $3::bigint + n / $2::int, n % $2, $4::bigint + n from generate_series(0, $1 - 1) as n
"""
_MAPS = f"""
insert into jobs (id, client_id, type, campaign_id, location_id, key, payload, payload_hash, state, attempt,
    finished_at)
select $4::bigint + l, $2, 'maps', $1, l + 1, ($4 + l)::text, payload, {_HASH}, 'completed', 1, now()
from generate_series(0, $3 - 1) as l, lateral (select jsonb_build_object('location_id', l + 1)) as p (payload)
"""
_SITES = f"""
insert into jobs (id, client_id, type, campaign_id, location_id, key, payload, payload_hash, state, attempt, emails,
    verify_job, finished_at)
select $5::bigint + s, $2, 'site', $1, 2 * s / $4 + 1, {_HOST.format(s="s")}, payload, {_HASH},
    case when s < $6 then $7 else 'completed' end, case when s < $6 and $7 = 'queued' then 0 else 1 end, mails,
    case when mails > 0 then $8::bigint + s end, case when s >= $6 then now() end
from generate_series(0, $3 - 1) as s,
    lateral (select {_SITE.format(s="s")}, (s >= $6 and (s - $6) % 2 = 1)::int) as p (payload, mails)
"""
_VERIFIES = f"""
insert into jobs (id, client_id, type, campaign_id, location_id, payload, payload_hash, state, attempt, emails,
    finished_at)
select $5::bigint + s, $2, 'verify', $1, 2 * s / $4 + 1, payload, {_HASH}, 'completed', 1, 1, now()
from generate_series(0, $3 - 1) as n, lateral (select $6 + 2 * n + 1) as o (s),
    lateral (select jsonb_build_object('emails', jsonb_build_array('info@' || {_HOST.format(s="s")}))) as p (payload)
"""
_CHECKS = f"""
insert into checks (job, campaign_id, ord, address, domain, state, attempt, asked, verdict)
select $3::bigint + s, $1, 0, 'info@' || {_HOST.format(s="s")}, {_HOST.format(s="s")}, 'done', 1, 1,
    '{{"status": "valid", "sub_status": "deliverable", "flags": {{"is_deliverable": true}}}}'
from generate_series(0, $2 - 1) as n, lateral (select $4 + 2 * n + 1) as o (s)
"""
_QUEUE = """
insert into pgqueuer (priority, entrypoint, payload, dedupe_key, execute_after, status, queue_manager_id)
select 0, 'site', convert_to(key, 'UTF8'), 'site:' || key, now(),
    (case when $3::uuid is null then 'queued' else 'picked' end)::pgqueuer_status, $3
from jobs where id >= $1 and id < $1 + $2 order by id
"""
