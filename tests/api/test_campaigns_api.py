"""Campaigns over HTTP, on the real services and database."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from typing import Any

import httpx2
import pytest
from api_worker import worker

from orbweave.store.database import Database
from orbweave.store.locations import load_gazetteer

CAMPAIGNS = "/jobs/spiderMaps/campaigns"
RESTAURANTS = {"query": "restaurants", "country_code": "LI"}
WORKFLOW = {"spidersite": {"enabled": True}, "spiderverify": {"enabled": True}}
VADUZ, SCHAAN = 3042030, 3042038


@pytest.fixture(autouse=True)
async def liechtenstein(db: Database) -> None:
    async with db.pool.acquire() as connection:
        await load_gazetteer(connection, ["LI"])


async def submit(api: httpx2.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await api.post(f"{CAMPAIGNS}/submit", json={**RESTAURANTS, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def get(api: httpx2.AsyncClient, path: str, **parameters: Any) -> Any:
    answer = await api.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def completed(api: httpx2.AsyncClient, campaign_id: str) -> dict[str, Any]:
    while True:
        status = await get(api, f"{CAMPAIGNS}/{campaign_id}/status")
        if status["status"] == "completed":
            return dict(status)
        await asyncio.sleep(0.05)


async def test_submit_answers_what_was_made(api: httpx2.AsyncClient) -> None:
    made = await submit(api, country_code="li", filter={"mode": "population", "min_population": 1000})
    assert made["campaign_id"].startswith("camp_li_restaurants_")
    assert made["status"] == "active"
    assert made["country_code"] == "LI"
    assert made["filter_config"] == {"mode": "population", "min_population": 1000}
    assert made["total_locations"] > 1
    assert (made["has_workflow"], made["workflow_config"]) == (False, None)
    status = await get(api, f"{CAMPAIGNS}/{made['campaign_id']}/status")
    assert status["progress"]["pending"] == status["progress"]["total"] == made["total_locations"]
    assert "workflow_progress" not in status


async def test_a_polygon_selects_what_lies_inside_and_is_echoed(api: httpx2.AsyncClient) -> None:
    around_vaduz = [[9.51, 47.13], [9.53, 47.13], [9.53, 47.15], [9.51, 47.15], [9.51, 47.13]]
    filter = {
        "mode": "polygon",
        "polygon": {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [around_vaduz]},
        },
    }
    made = await submit(api, filter=filter)
    assert (made["total_locations"], made["filter_config"]) == (1, filter)
    task = (await api.post(f"{CAMPAIGNS}/{made['campaign_id']}/next")).json()["current_task"]
    assert task["location_id"] == VADUZ
    answer = await api.post(f"{CAMPAIGNS}/submit", json={**RESTAURANTS, "filter": filter | {"polygon": {"type": "X"}}})
    assert answer.status_code == 422
    assert "not 'X'" in answer.json()["detail"][0]["msg"]
    assert answer.json()["detail"][0]["loc"][-1] == "polygon"


async def test_what_cannot_be_selected_says_what_there_is(api: httpx2.AsyncClient) -> None:
    for fields, hint in (
        ({"country_code": "QQ"}, "two-letter"),
        ({"filter": {"mode": "regions", "admin_regions": ["Atlantis"]}}, "Vaduz"),
        ({"filter": {"mode": "population", "min_population": 10**6}}, "largest"),
        ({"filter": {"mode": "custom", "location_ids": [1]}}, "/locations"),
        ({"filter": {"mode": "city", "parent_city": "Vaduz"}}, "orbweave places add LI"),
    ):
        answer = await api.post(f"{CAMPAIGNS}/submit", json={**RESTAURANTS, **fields})
        assert answer.status_code == 422, fields
        assert hint in answer.json()["detail"][0]["msg"], fields


async def test_estimate_counts_and_writes_nothing(api: httpx2.AsyncClient) -> None:
    answer = await api.post(f"{CAMPAIGNS}/estimate", json={**RESTAURANTS, "workflow": WORKFLOW})
    assert answer.status_code == 200
    estimate = answer.json()
    assert [stage["service_type"] for stage in estimate["stages"]] == ["spiderMaps", "spiderSite", "spiderVerify"]
    assert estimate["total_jobs"] == sum(stage["estimated_jobs"] for stage in estimate["stages"])
    assert estimate["total_locations"] == estimate["stages"][0]["estimated_jobs"] > 0
    assert (estimate["volume_cap"], estimate["requires_upgrade"]) == (None, False)
    assert (await get(api, CAMPAIGNS))["total"] == 0


async def test_next_takes_the_largest_first_and_never_twice(api: httpx2.AsyncClient) -> None:
    made = await submit(api)
    path = f"{CAMPAIGNS}/{made['campaign_id']}/next"
    first = (await api.post(path)).json()
    assert first["has_more"] is True
    assert first["status"] == "active"
    assert first["current_task"].keys() == {"job_id", "location_id", "search_string", "display_name"}
    assert first["current_task"]["search_string"].startswith("restaurants ")
    assert first["progress"]["percentage"] == round(100 / made["total_locations"], 2)
    rest = await asyncio.gather(*(api.post(path) for _ in range(made["total_locations"] + 4)))
    tasks = [answer.json()["current_task"] for answer in rest]
    assert len({task["location_id"] for task in tasks if task}) == made["total_locations"] - 1
    last = (await api.post(path)).json()
    assert (last["has_more"], last["current_task"], last["status"]) == (False, None, "active")
    assert last["progress"]["percentage"] == 100


async def test_stop_pause_continue(api: httpx2.AsyncClient) -> None:
    made = await submit(api)
    path = f"{CAMPAIGNS}/{made['campaign_id']}"
    for call, status in (
        ("stop", "stopped"),
        ("stop", "stopped"),
        ("pause", "paused"),
        ("continue", "active"),
        ("continue", "active"),
    ):
        answer = await api.post(f"{path}/{call}")
        assert answer.status_code == 200, call
        assert answer.json().keys() == {"status", "message", "remaining_locations"}
        assert (answer.json()["status"], answer.json()["remaining_locations"]) == (status, made["total_locations"])
    await api.post(f"{path}/stop")
    halted = (await api.post(f"{path}/next")).json()
    assert (halted["has_more"], halted["current_task"], halted["status"]) == (False, None, "stopped")


async def test_list_rename_delete(api: httpx2.AsyncClient) -> None:
    ids = [(await submit(api, query=query))["campaign_id"] for query in ("restaurants", "hotels", "bakeries")]
    listed = await get(api, CAMPAIGNS, page_size=2)
    assert [each["campaign_id"] for each in listed["campaigns"]] == ids[:0:-1]
    assert (listed["total"], listed["page"], listed["page_size"], listed["total_pages"]) == (3, 1, 2, 2)
    assert (await get(api, f"{CAMPAIGNS}/", page=2, page_size=2))["campaigns"][0]["query"] == "restaurants"
    assert (await get(api, CAMPAIGNS, status="completed"))["total"] == 0
    assert (await get(api, CAMPAIGNS, country_code="li"))["total"] == 3
    renamed = await api.patch(f"{CAMPAIGNS}/{ids[0]}", json={"name": "First"})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "First")
    await api.post(f"{CAMPAIGNS}/{ids[0]}/next")
    assert (await api.delete(f"{CAMPAIGNS}/{ids[0]}")).status_code == 409
    deleted = await api.delete(f"{CAMPAIGNS}/{ids[1]}")
    assert deleted.json()["deleted_locations"] > 0
    assert (await api.get(f"{CAMPAIGNS}/{ids[1]}/status")).status_code == 404


async def test_another_client_sees_nothing(api: httpx2.AsyncClient, stranger: httpx2.AsyncClient) -> None:
    path = f"{CAMPAIGNS}/{(await submit(api, workflow=WORKFLOW))['campaign_id']}"
    task = (await api.post(f"{path}/next")).json()["current_task"]
    calls = [
        ("GET", f"{path}/status"),
        ("POST", f"{path}/next"),
        ("POST", f"{path}/stop"),
        ("POST", f"{path}/pause"),
        ("POST", f"{path}/continue"),
        ("DELETE", path),
        ("GET", f"{path}/workflow-results"),
        ("GET", f"{path}/export"),
        ("GET", f"{path}/jobs/{task['job_id']}/results"),
        ("GET", f"{path}/jobs/{task['job_id']}/results?wait=true"),
        ("POST", f"{path}/locations/{task['location_id']}/retry"),
        ("GET", f"/jobs/{task['job_id']}/status"),
        ("GET", f"/jobs/{task['job_id']}/results"),
        ("DELETE", f"/jobs/{task['job_id']}"),
    ]
    for method, call in calls:
        answer = await stranger.request(method, call)
        assert answer.status_code == 404, call
        assert set(answer.json()) == {"detail"}
    assert (await stranger.patch(path, json={"name": "mine"})).status_code == 404
    assert (await get(stranger, CAMPAIGNS))["total"] == 0
    assert (await get(stranger, "/jobs/list"))["total"] == 0
    assert (await get(api, f"{path}/status"))["status"] == "active"


async def test_without_a_workflow_there_are_no_workflow_results(api: httpx2.AsyncClient) -> None:
    answer = await api.get(f"{CAMPAIGNS}/{(await submit(api))['campaign_id']}/workflow-results")
    assert answer.status_code == 400
    assert "export" in answer.json()["detail"]


async def test_a_campaign_from_submit_to_export(api: httpx2.AsyncClient, db: Database) -> None:
    made = await submit(
        api, workflow=WORKFLOW, dispatch={"mode": "auto"}, filter={"mode": "population", "min_population": 5000}
    )
    path = f"{CAMPAIGNS}/{made['campaign_id']}"
    async with worker(db):
        status = await completed(api, made["campaign_id"])
        assert (await get(api, "/system/health"))["status"] == "healthy"
    assert status["progress"]["percentage"] == 100
    assert status["workflow_config"]["spidersite"]["max_pages"] == 25
    assert (await api.post(f"{path}/stop")).status_code == 400
    assert (await api.post(f"{path}/continue")).status_code == 400

    results = await get(api, f"{path}/workflow-results", page_size=100, include_pending=True)
    businesses = [business for location in results["locations"] for business in location["businesses"]]
    progress = status["workflow_progress"]
    assert results["workflow_progress"] == progress
    assert results["total"] == results["total_businesses"] == len(businesses) > 10
    assert results["total_emails_found"] == progress["emails_found"] > 0
    assert results["total_valid_emails"] == sum(each["valid_emails_count"] for each in businesses) > 0
    assert [each["businesses_count"] for each in results["locations"]] == [
        len(each["businesses"]) for each in results["locations"]
    ]
    assert {each["workflow_stage"] for each in businesses} <= {"complete", "failed"}
    verified = [email for each in businesses for email in each["emails_verified"]]
    assert {email["status"] for email in verified} == {"valid", "invalid"}

    paged = [
        await get(api, f"{path}/workflow-results", page=page, page_size=7)
        for page in range(1, results["total"] // 7 + 2)
    ]
    names = [
        business["business_place_id"]
        for page in paged
        for location in page["locations"]
        for business in location["businesses"]
    ]
    assert names == [each["business_place_id"] for each in businesses]
    some = await get(api, f"{path}/workflow-results", min_valid_emails=1)
    assert 0 < some["total"] < results["total"]

    export = await api.get(f"{path}/export", params={"format": "csv"})
    assert export.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert export.headers["Content-Disposition"] == f'attachment; filename="{made["campaign_id"]}.csv"'
    lines = list(csv.DictReader(io.StringIO(export.text, newline="")))
    assert [line["place_id"] for line in lines] == names
    assert {line["attribution"] for line in lines} == {"© OpenStreetMap contributors, ODbL 1.0"}
    assert not any(value.startswith(("=", "@", "-")) for line in lines for value in line.values())
    assert any("'=cmd@" in line["emails_found"] or "; =cmd@" in line["emails_found"] for line in lines)

    export = await api.get(f"{path}/export", params={"format": "jsonl"})
    rows = [json.loads(line) for line in export.text.splitlines()]
    assert [{key: row[key] for key in businesses[0]} for row in rows] == businesses
    assert (await api.get(f"{path}/export", params={"format": "xlsx"})).status_code == 422

    await the_answers_of_its_jobs(api, path, results["locations"][0])
    await retry(api, path, results["locations"][0]["location_id"])


async def the_answers_of_its_jobs(api: httpx2.AsyncClient, path: str, location: dict[str, Any]) -> None:
    jobs = (await get(api, "/jobs/list", type_filter="spiderMaps", page_size=100))["jobs"]
    answers = [
        await get(api, f"{path}/jobs/{job['job_id']}/results", wait=wait) for job in jobs for wait in (False, True)
    ]
    assert {answer["status"] for answer in answers} == {"completed"}
    ours = next(answer for answer in answers if answer["businesses_total"] == location["businesses_count"])
    assert ours["businesses_completed"] == ours["businesses_total"] == len(ours["businesses"])
    sites = await get(api, "/jobs/list", type_filter="spiderSite", sort_by="status", sort_order="asc")
    assert all(job["url"] for job in sites["jobs"])


async def retry(api: httpx2.AsyncClient, path: str, location_id: int) -> None:
    again = await api.post(f"{path}/locations/{location_id}/retry", json={"retry_mode": "full"})
    assert again.status_code == 200, again.text
    assert again.json()["retry_count"] == 1
    assert (await get(api, f"{path}/status"))["status"] == "active"
    assert (await api.post(f"{path}/locations/{location_id}/retry")).status_code == 400
    assert (await api.post(f"{path}/locations/1/retry")).status_code == 404
