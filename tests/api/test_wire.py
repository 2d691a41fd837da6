"""The published answers, out of values."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from orbweave.api import wire
from orbweave.api.waiting import Found, Patience, until_whole
from orbweave.campaigns.service import Lead, LeadPage
from orbweave.campaigns.status import CampaignStatus, Counts
from orbweave.jobs.model import Job

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

LUXEMBOURG = CampaignStatus(
    campaign_id="camp_lu_restaurants_20261124_0123abcd",
    name=None,
    state="active",
    query="restaurants",
    country_code="LU",
    filter_given={"mode": "all"},
    workflow_given=None,
    counts=Counts(pending=4, queued=2, processing=1, completed=5, results=523),
    pause_reason=None,
    created_at=NOON,
    updated_at=NOON + timedelta(minutes=1),
)
FRANCE = replace(
    LUXEMBOURG,
    campaign_id="camp_fr_restaurants_20261124_0123abcd",
    country_code="FR",
    filter_given={"mode": "population", "min_population": 100_000},
    counts=Counts(
        pending=10,
        queued=3,
        processing=2,
        completed=27,
        results=540,
        businesses=320,
        sites_queued=15,
        sites_completed=280,
        sites_failed=5,
        verifies_queued=20,
        verifies_completed=240,
        verifies_failed=2,
        emails_found=680,
        emails_verified=580,
    ),
)


def test_the_status_of_luxembourg_as_published() -> None:
    assert wire.campaign(LUXEMBOURG) == {
        "campaign_id": "camp_lu_restaurants_20261124_0123abcd",
        "status": "active",
        "query": "restaurants",
        "country_code": "LU",
        "filter_config": {"mode": "all"},
        "progress": {
            "total": 12, "pending": 4, "submitted": 3, "completed": 5, "failed": 0, "percentage": 41.67,
        },
        "jobs": {"queued": 2, "processing": 1, "completed": 5, "failed": 0},
        "results_count": 523,
        "created_at": "2026-11-24T12:00:00.000Z",
        "updated_at": "2026-11-24T12:01:00.000Z",
        "has_workflow": False,
    }  # fmt: skip


def test_the_status_of_france_as_published() -> None:
    plain = wire.campaign(FRANCE)
    assert plain["progress"] == {
        "total": 42, "pending": 10, "submitted": 5, "completed": 27, "failed": 0, "percentage": 64.29,
    }  # fmt: skip
    assert plain["jobs"] == {"queued": 3, "processing": 2, "completed": 27, "failed": 0}
    assert (plain["results_count"], plain["has_workflow"]) == (540, False)

    config = {"spidersite": {"enabled": True}, "spiderverify": {"enabled": True}}
    assert wire.campaign(replace(FRANCE, workflow_given=config)) == {
        **plain,
        "has_workflow": True,
        "workflow_config": config,
        "workflow_progress": {
            "businesses_total": 320,
            "sites_queued": 15,
            "sites_completed": 280,
            "sites_failed": 5,
            "verifies_queued": 20,
            "verifies_completed": 240,
            "verifies_failed": 2,
            "emails_found": 680,
            "emails_verified": 580,
        },
    }


def test_why_a_campaign_pauses_is_said_only_while_it_does() -> None:
    paused = replace(LUXEMBOURG, state="paused", pause_reason="no DNS answer")
    assert wire.campaign(paused)["pause_reason"] == "no DNS answer"
    assert "pause_reason" not in wire.campaign(replace(paused, state="active"))


def test_timestamps_are_utc() -> None:
    assert wire.timestamp(NOON.astimezone(timezone(timedelta(hours=5)))) == "2026-11-24T12:00:00.000Z"


def test_pages() -> None:
    assert [wire.page(total, 1, 50)["total_pages"] for total in (0, 1, 50, 51)] == [0, 1, 1, 2]


LEAD = Lead(
    lead_id=1,
    location_id=3042030,
    search_string="restaurants Vaduz, Liechtenstein",
    display_name="Vaduz, Liechtenstein",
    location_status="completed",
    place={
        "name": "Zum Löwen",
        "place_id": "osm:n1",
        "address": "Städtle 1",
        "phone": "00423 232 00 00",
        "phone_e164": "+4232320000",
        "rating": None,
        "reviews_count": None,
        "categories": ["restaurant"],
        "coordinates": {"latitude": 47.14, "longitude": 9.52},
        "website": "https://www.loewen.example/",
        "email": None,
        "social_media": {"facebook": "https://facebook.com/old", "instagram": "https://instagram.com/loewen"},
        "source": "openstreetmap",
        "source_license": "ODbL-1.0",
        "attribution": "© OpenStreetMap contributors",
        "expires_at": None,
    },
    domain="loewen.example",
    domain_filtered=False,
    filter_reason=None,
    site_status="completed",
    site={
        "pages_crawled": 3,
        "emails": ["info@loewen.example"],
        "phones": [{"raw": "232 00 00", "e164": "+4232320000"}, {"raw": "12", "e164": None}],
        "facebook": "https://facebook.com/loewen",
        "twitter": None,
        "company_vitals": None,
        "team_members": [],
        "lead_scoring": None,
    },
    site_error=None,
    verify_status="completed",
    verdicts=[
        {
            "email": "info@loewen.example",
            "status": "risky",
            "sub_status": "role_account",
            "score": 80,
            "reason": "250 OK",
            "flags": {
                "is_valid_syntax": True,
                "is_deliverable": True,
                "is_free_email": False,
                "is_disposable": False,
                "is_role_account": True,
                "is_catch_all": False,
                "is_disabled": False,
                "has_full_inbox": False,
                "has_gravatar": None,
            },
            "domain": {"name": "loewen.example", "mx_found": True, "mx_records": ["mx.x"], "smtp_provider": None},
        }
    ],
    stage="complete",
)


def test_a_business_in_full() -> None:
    assert wire.business(LEAD) == {
        "business_name": "Zum Löwen",
        "business_place_id": "osm:n1",
        "business_address": "Städtle 1",
        "business_phone": "00423 232 00 00",
        "business_phone_e164": "+4232320000",
        "business_email": None,
        "business_rating": None,
        "business_reviews_count": None,
        "business_categories": ["restaurant"],
        "gmaps_coordinates": {"lat": 47.14, "lng": 9.52},
        "original_website": "https://www.loewen.example/",
        "domain": "loewen.example",
        "domain_filtered": False,
        "filter_reason": None,
        "spidersite_status": "completed",
        "spidersite_error": None,
        "pages_crawled": 3,
        "emails_found": ["info@loewen.example"],
        "phones_found": ["+4232320000", "12"],
        "social_media": {"facebook": "https://facebook.com/loewen", "instagram": "https://instagram.com/loewen"},
        "company_info": None,
        "team_members": [],
        "lead_scoring": None,
        "spiderverify_status": "completed",
        "emails_verified": [
            {
                "email": "info@loewen.example",
                "status": "risky",
                "score": 80,
                "is_deliverable": True,
                "is_free_email": False,
                "is_disposable": False,
                "is_role_account": True,
                "is_catch_all": False,
                "has_gravatar": None,
                "sub_status": "role_account",
                "reason": "250 OK",
                "counts_as_valid": True,
                "domain_info": {
                    "name": "loewen.example",
                    "mx_found": True,
                    "mx_records": ["mx.x"],
                    "smtp_provider": None,
                },
            }
        ],
        "valid_emails_count": 1,
        "workflow_stage": "complete",
        "source": "openstreetmap",
        "source_license": "ODbL-1.0",
        "attribution": "© OpenStreetMap contributors",
        "expires_at": None,
    }


def test_a_business_without_anything_has_every_field_too() -> None:
    bare = replace(LEAD, place={"name": "X", "place_id": "1"}, site=None, verdicts=[], domain=None, stage="maps")
    assert wire.business(bare).keys() == wire.business(LEAD).keys()


def test_results_are_regrouped_by_location() -> None:
    elsewhere = replace(LEAD, location_id=2, display_name="Schaan")
    page = LeadPage(FRANCE, total=9, leads=[LEAD, LEAD, elsewhere], locations={LEAD.location_id: 7, 2: 1})
    answer = wire.workflow_results(page, number=2, size=3)
    assert [
        (each["location_id"], each["businesses_count"], len(each["businesses"])) for each in answer["locations"]
    ] == [
        (LEAD.location_id, 7, 2),
        (2, 1, 1),
    ]
    assert (answer["total"], answer["page"], answer["total_pages"]) == (9, 2, 3)


def job(state: str) -> Job:
    blank: dict[str, Any] = dict.fromkeys(field.name for field in fields(Job))
    return Job(**blank | {"job_id": "j", "type": "maps", "state": state})


async def still_there() -> bool:
    return False


async def wait_for(readings: list[Found], patience: Patience) -> Found:
    left = iter(readings)
    last = readings[-1]

    async def read() -> Found:
        return next(left, last)

    return await until_whole(read, still_there, patience)


async def test_waiting_ends_when_every_business_is_through() -> None:
    readings = [
        Found(job("queued"), []),
        Found(job("completed"), [replace(LEAD, stage="site")]),
        Found(job("completed"), [replace(LEAD, stage="verify")]),
        Found(job("completed"), [LEAD]),
    ]
    found = await wait_for(readings, Patience(pause=0))
    assert (found.is_whole, found.partial) == (True, False)
    assert wire.campaign_job_results(found, "camp")["status"] == "completed"


async def test_waiting_too_long_answers_in_part() -> None:
    found = await wait_for(
        [Found(job("completed"), [LEAD, replace(LEAD, stage="verify")])], Patience(verify=0, pause=0)
    )
    answer = wire.campaign_job_results(found, "camp")
    assert answer["status"] == "partial"
    assert (answer["businesses_total"], answer["businesses_completed"], answer["has_results"]) == (2, 1, True)


def test_not_waiting_says_how_far_it_is() -> None:
    answer = wire.campaign_job_results(Found(job("completed"), [replace(LEAD, stage="site")]), "camp")
    assert (answer["status"], answer["businesses_completed"]) == ("processing", 0)
