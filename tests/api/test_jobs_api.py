"""Single jobs over HTTP, on the real services and database."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
from api_worker import worker

from orbweave.store.database import Database

JOBS = {
    "spiderMaps": {"search_query": "restaurants in Vaduz", "country": "LI"},
    "spiderSite": {"url": "https://www.example.com/"},
    "spiderVerify": {"email": "info@example.com"},
}


async def submit(api: httpx2.AsyncClient, kind: str, **payload: Any) -> dict[str, Any]:
    answer = await api.post(f"/jobs/{kind}/submit", json={"payload": {**JOBS[kind], **payload}})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def results(api: httpx2.AsyncClient, job_id: str) -> httpx2.Response:
    while (answer := await api.get(f"/jobs/{job_id}/results")).status_code == 202:
        await asyncio.sleep(0.05)
    return answer


async def test_submit_then_status(api: httpx2.AsyncClient) -> None:
    for kind in JOBS:
        made = await submit(api, kind)
        assert made.keys() == {"success", "job_id", "type", "status", "created_at", "from_cache", "message"}
        assert (made["success"], made["type"], made["status"], made["from_cache"]) == (True, kind, "queued", False)
        status = (await api.get(f"/jobs/{made['job_id']}/status")).json()
        assert (status["type"], status["status"], status["worker_id"]) == (kind, "queued", None)
        pending = await api.get(f"/jobs/{made['job_id'].upper()}/results")
        assert pending.status_code == 202
        assert (pending.json()["status"], pending.json()["data"]) == ("queued", None)


async def test_the_same_payload_is_the_same_job(api: httpx2.AsyncClient, stranger: httpx2.AsyncClient) -> None:
    first = await submit(api, "spiderSite", max_pages=3)
    again = await submit(api, "spiderSite", max_pages=3)
    assert (again["job_id"], again["from_cache"]) == (first["job_id"], True)
    different = [
        await submit(api, "spiderSite", max_pages=4),
        await submit(api, "spiderSite", max_pages=3, test=True),
        await submit(api, "spiderSite", max_pages=3, test=True),
        await submit(api, "spiderSite", max_pages=3, note="of their own"),
        await submit(stranger, "spiderSite", max_pages=3),
    ]
    assert len({first["job_id"], *(each["job_id"] for each in different)}) == 6


OUTSIDE_THE_LIMITS: list[tuple[str, dict[str, Any], str]] = [
    ("spiderMaps", {"search_query": ""}, "search_query"),
    ("spiderMaps", {"search_query": "x", "max_results": 101}, "max_results"),
    ("spiderSite", {}, "url"),
    ("spiderSite", {"url": "example"}, "url"),
    ("spiderSite", {"url": "ftp://example.com"}, "url"),
    ("spiderSite", {"url": "https://example.com/" + "x" * 2048}, "url"),
    ("spiderSite", {"url": "https://example.com", "timeout": 9}, "timeout"),
    ("spiderSite", {"url": "https://example.com", "product_description": "x"}, "icp_description"),
    ("spiderSite", {"url": "https://example.com", "custom_ai_prompt": {"enabled": True}}, "custom_ai_prompt"),
    ("spiderVerify", {}, "email"),
    ("spiderVerify", {"email": "a@b.example", "emails": ["a@b.example"]}, "email"),
    ("spiderVerify", {"emails": []}, "emails"),
    ("spiderVerify", {"emails": ["a@b.example"] * 101}, "emails"),
    ("spiderVerify", {"email": "a@b.example", "from_email": "nobody"}, "from_email"),
]


async def test_a_payload_outside_the_limits_names_the_field(api: httpx2.AsyncClient) -> None:
    for kind, payload, field in OUTSIDE_THE_LIMITS:
        answer = await api.post(f"/jobs/{kind}/submit", json={"payload": payload})
        assert answer.status_code == 422, payload
        assert answer.json()["detail"][0]["loc"][:3] == ["body", "payload", field]


async def test_priority_has_limits(api: httpx2.AsyncClient) -> None:
    for priority in (-1, 11, "high"):
        answer = await api.post("/jobs/spiderSite/submit", json={"payload": JOBS["spiderSite"], "priority": priority})
        assert answer.status_code == 422


async def test_the_old_flat_form(api: httpx2.AsyncClient) -> None:
    for body, kind in (
        ({"url": "https://www.example.com/", "job_type": "spiderSite", "max_pages": 3}, "spiderSite"),
        ({"url": "restaurants in Vaduz", "job_type": "spiderMaps"}, "spiderMaps"),
        (
            {"url": "https://www.google.com/maps/search/pizza+in+Vaduz/@47,9,14z", "job_type": "spiderMaps"},
            "spiderMaps",
        ),
        ({"url": "https://maps.google.com/?q=hotels+in+Schaan", "job_type": "spiderMaps"}, "spiderMaps"),
        ({"query": "bars in Schaan", "job_type": "spiderMaps"}, "spiderMaps"),
    ):
        answer = await api.post("/jobs/submit", json=body)
        assert (answer.status_code, answer.json()["type"]) == (201, kind), answer.text
        assert answer.json()["from_cache"] is False
    same = await submit(api, "spiderSite", max_pages=3)
    assert same["from_cache"] is True, "the flat form makes the same payload"
    for body in (
        {"url": "https://www.example.com/", "job_type": "spiderVerify"},
        {"url": "example", "job_type": "spiderSite"},
        {"job_type": "spiderSite"},
        {"job_type": "spiderMaps"},
        {"url": "https://www.google.com/maps", "job_type": "spiderMaps"},
    ):
        answer = await api.post("/jobs/submit", json=body)
        assert answer.status_code == 400, answer.text
        assert isinstance(answer.json()["detail"], str)
    assert (await api.post("/jobs/submit", json={"url": "x"})).status_code == 422


async def test_results_of_completed_jobs(api: httpx2.AsyncClient, db: Database) -> None:
    made = {kind: (await submit(api, kind))["job_id"] for kind in JOBS}
    many = (await submit(api, "spiderVerify", email=None, emails=["info@a.example", "x@b.example", "info@a.example"]))[
        "job_id"
    ]
    async with worker(db):
        answers = {kind: await results(api, job_id) for kind, job_id in made.items()}
        verified = (await results(api, many)).json()["data"]
    for kind, answer in answers.items():
        envelope = answer.json()
        assert answer.status_code == 200
        assert envelope.keys() == {
            "success", "job_id", "type", "status", "processing_time_seconds", "worker_id", "completed_at", "message",
            "data", "error_message",
        }  # fmt: skip
        assert (envelope["success"], envelope["type"], envelope["status"]) == (True, kind, "completed")
        assert envelope["completed_at"].endswith("Z")
        assert envelope["processing_time_seconds"] >= 0
        assert envelope["worker_id"]
    found = answers["spiderMaps"].json()["data"]
    assert found["results_count"] == len(found["businesses"]) > 0
    assert [each["email"] for each in verified["results"]] == ["info@a.example", "x@b.example", "info@a.example"]
    assert (verified["total"], verified["summary"]["valid"], verified["summary"]["invalid"]) == (3, 2, 1)
    assert (await api.delete(f"/jobs/{made['spiderSite']}")).status_code == 400


async def test_results_of_failed_jobs_are_gone(api: httpx2.AsyncClient, db: Database) -> None:
    job_id = (await submit(api, "spiderMaps", search_query="qwrtzpsdfg in Vaduz"))["job_id"]
    async with worker(db):
        answer = await results(api, job_id)
    assert answer.status_code == 410
    gone = answer.json()
    assert (gone["success"], gone["status"], gone["data"]) == (False, "failed", None)
    assert gone["detail"] == gone["error_message"] != ""


async def test_a_job_can_be_cancelled_once(api: httpx2.AsyncClient) -> None:
    job_id = (await submit(api, "spiderSite"))["job_id"]
    cancelled = await api.delete(f"/jobs/{job_id}")
    assert cancelled.status_code == 200
    assert (cancelled.json()["success"], cancelled.json()["status"]) == (True, "cancelled")
    assert (await api.get(f"/jobs/{job_id}/results")).status_code == 410
    again = await api.delete(f"/jobs/{job_id}")
    assert (again.status_code, set(again.json())) == (400, {"detail"})
    assert (await submit(api, "spiderSite"))["from_cache"] is False, "a cancelled job answers nobody"


async def test_the_list_filters_sorts_and_pages(api: httpx2.AsyncClient) -> None:
    ids = [(await submit(api, "spiderSite", url=f"https://www.example.com/{n}"))["job_id"] for n in range(5)]
    await submit(api, "spiderVerify")
    await api.delete(f"/jobs/{ids[0]}")

    async def listed(**parameters: Any) -> list[str]:
        answer = await api.get("/jobs/list", params=parameters)
        assert answer.status_code == 200
        return [job["job_id"] for job in answer.json()["jobs"]]

    assert await listed(type_filter="spiderSite") == ids[::-1]
    assert await listed(type_filter="spiderSite", sort_order="asc") == ids
    assert await listed(status_filter="cancelled") == ids[:1]
    assert (await listed(sort_by="updated_at"))[0] == ids[0]
    assert (await listed(sort_by="status"))[-1] == ids[0] or (await listed(sort_by="status", sort_order="asc"))[
        0
    ] == ids[0]
    pages = [await listed(type_filter="spiderSite", page=page, page_size=2) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert [job_id for page in pages for job_id in page] == ids[::-1]
    one = (await api.get("/jobs/list", params={"page": 9, "page_size": 2})).json()
    assert (one["total"], one["page"], one["page_size"], one["total_pages"], one["jobs"]) == (6, 9, 2, 3, [])
