"""What holds for every endpoint: credentials, limits, the shape of errors, formats."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
import yaml
from fastapi import FastAPI
from structlog.testing import capture_logs

from orbweave import __version__
from orbweave.api.app import create_app
from orbweave.api.routing import MAX_BODY
from orbweave.config import Settings
from orbweave.store import clients
from orbweave.store.clients import create_client, set_active
from orbweave.store.database import Database

FORMAT = "Invalid authentication token format. Expected: client_id:api_key:api_secret"
CAMPAIGN = {"query": "restaurants", "country_code": "LI"}
SUBMIT = "/jobs/spiderMaps/campaigns/submit"
NOBODY = "00000000-0000-4000-8000-000000000000"


def at(app: FastAPI, token: str | None = None, address: str = "127.0.0.1") -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, client=(address, 1)),
        base_url="http://orbweave.test/api/v1",
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )


# --- credentials


async def test_malformed_credentials(anyone: httpx2.AsyncClient) -> None:
    for header in (None, "", "Bearer", "Bearer a:b", "Bearer a:b:c:d", "Bearer a::c", "Basic a:b:c", "a:b:c"):
        answer = await anyone.get("/jobs/list", headers={} if header is None else {"Authorization": header})
        assert answer.status_code == 401, header
        assert answer.json() == {"detail": FORMAT}
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_wrong_credentials(anyone: httpx2.AsyncClient) -> None:
    for token in ("cli_x:sk_x:secret_x", "c\xe4:\xe4:\xe4"):
        answer = await anyone.get("/jobs/list", headers={b"Authorization": f"Bearer {token}".encode("latin-1")})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_scheme_and_spaces_do_not_matter(anyone: httpx2.AsyncClient, db: Database) -> None:
    token = (await create_client(db, "x")).token
    answer = await anyone.get("/jobs/list", headers={"Authorization": f"bearer  {token} "})
    assert answer.status_code == 200


async def test_an_inactive_client_is_told_so_only_when_its_secret_matches(
    anyone: httpx2.AsyncClient, db: Database
) -> None:
    made = await create_client(db, "x")
    await set_active(db, made.client_id, False)
    wrong = f"{made.client_id}:{made.api_key}:secret_wrong"
    assert (await anyone.get("/jobs/list", headers={"Authorization": f"Bearer {wrong}"})).status_code == 401
    assert (await anyone.get("/jobs/list", headers={"Authorization": f"Bearer {made.token}"})).status_code == 403


async def test_credentials_come_before_the_body(anyone: httpx2.AsyncClient) -> None:
    answer = await anyone.post(SUBMIT, content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 401


async def test_every_call_but_health_needs_credentials(app: FastAPI, anyone: httpx2.AsyncClient) -> None:
    for path, calls in app.openapi()["paths"].items():
        for method in calls:
            answer = await anyone.request(method, path.removeprefix("/api/v1").replace("{", "").replace("}", ""))
            assert (answer.status_code == 401) == (path != "/api/v1/system/health"), path


# --- rate limits


async def test_limits_are_counted_per_client_and_shown_on_every_answer(db: Database) -> None:
    app = create_app(Settings(rate_limit_per_minute=60, rate_limit_burst=3), db)
    ours, theirs = [(await create_client(db, name)).token for name in ("ours", "theirs")]
    async with at(app, ours) as http:
        answers = [await http.get(path) for path in ("/jobs/list", f"/jobs/{NOBODY}/status", "/locations?page=0")]
        assert [answer.status_code for answer in answers] == [200, 404, 422]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0"]
        assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"60"}
        assert int(answers[0].headers["X-RateLimit-Reset"]) > 1_700_000_000
        refused = await http.get("/jobs/list")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "1"
        assert "60 a minute" in refused.json()["detail"]
    async with at(app, theirs) as http:
        assert (await http.get("/jobs/list")).status_code == 200


async def test_a_client_may_have_its_own_limit(db: Database) -> None:
    app = create_app(Settings(rate_limit_per_minute=60, rate_limit_burst=1), db)
    unlimited = await create_client(db, "local", rate_limit=0)
    async with at(app, unlimited.token) as http:
        answers = [await http.get("/jobs/list") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert not any("X-RateLimit-Limit" in answer.headers for answer in answers)


async def test_guessing_credentials_is_limited_by_address(db: Database) -> None:
    app = create_app(Settings(rate_limit_per_minute=60, rate_limit_burst=2), db)
    token = (await create_client(db, "ours")).token
    async with at(app, "a:b:c") as guesser:
        assert [(await guesser.get("/jobs/list")).status_code for _ in range(3)] == [401, 401, 429]
        health = await guesser.get("/system/health")
        assert health.status_code == 200, "health is always answered"
        assert health.headers["X-RateLimit-Remaining"] == "0"
    async with at(app, token) as http:
        assert (await http.get("/jobs/list")).status_code == 200, "a client behind the same address is not"
    async with at(app, "a:b:c", address="127.0.0.2") as other:
        assert (await other.get("/jobs/list")).status_code == 401


# --- bodies


MALFORMED = [
    b"{",
    b"[]",
    b'"x"',
    b"null",
    b"{}",
    b'{"query": "a\\u0000b", "country_code": "LI"}',
    b'{"query": "a", "country_code": "LI", "unknown": [{"x\\u0000": 1}]}',
    b'{"query": "\\ud800", "country_code": "LI"}',
    b'{"query": "\xff", "country_code": "LI"}',
    b'{"query": "a", "country_code": "LI", "max_results": NaN}',
    b'{"query": "a", "country_code": "LI", "max_results": 1e999}',
    b'{"query": "a", "country_code": "LI", "max_results": ' + b"9" * 5000 + b"}",
    b"[" * 100_000,
    b'{"query": "a", "country_code": "LI", "unknown": ' + b"[" * 500 + b"]" * 500 + b"}",
    b"",
]


async def test_a_malformed_body(api: httpx2.AsyncClient) -> None:
    for body in MALFORMED:
        answer = await api.post(SUBMIT, content=body, headers={"Content-Type": "application/json"})
        assert_problems(answer, body[:100])


async def test_a_backslash_before_u0000_is_no_nul(api: httpx2.AsyncClient) -> None:
    body = b'{"query": "a\\\\u0000", "country_code": "QQ"}'
    answer = await api.post(SUBMIT, content=body, headers={"Content-Type": "application/json"})
    assert "NUL" not in answer.text


async def test_the_wrong_content_type(api: httpx2.AsyncClient) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = await api.post(SUBMIT, json=CAMPAIGN, headers={"Content-Type": content_type})
        assert_problems(answer, content_type)


async def test_a_body_too_large(api: httpx2.AsyncClient) -> None:
    answer = await api.post(SUBMIT, json={**CAMPAIGN, "unknown": "x" * MAX_BODY})
    assert answer.status_code == 413
    assert isinstance(answer.json()["detail"], str)

    async def unannounced() -> Any:
        for _ in range(20):
            yield b" " * (MAX_BODY // 10)

    answer = await api.post(SUBMIT, content=unannounced(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


async def test_a_problem_does_not_echo_the_input(api: httpx2.AsyncClient) -> None:
    answer = await api.post(SUBMIT, json={"query": "x", "country_code": "my-secret"})
    assert answer.json() == {
        "detail": [
            {
                "loc": ["body", "country_code"],
                "msg": "String should match pattern '^[A-Za-z]{2}$'",
                "type": "string_pattern_mismatch",
            }
        ]
    }


# --- addresses


MALFORMED_ADDRESSES = [
    "/locations?search=%00",
    "/locations?search=a%00b",
    "/jobs/spiderMaps/campaigns/a%00b/status",
    "/jobs/%00/status",
    "/locations?page=0",
    "/locations?page=99999999999999999999",
    "/locations?page_size=501",
    "/locations?min_population=-1",
    "/locations?min_population=9223372036854775808",
    "/locations?country_code=LIE",
    "/locations/regions",
    "/jobs/list?status_filter=done",
    "/jobs/list?page_size=101",
    "/jobs/list?format=xml",
    "/jobs/spiderMaps/campaigns?page_size=101",
    "/system/health?format=xml",
]


async def test_a_malformed_address(api: httpx2.AsyncClient) -> None:
    for path in MALFORMED_ADDRESSES:
        assert_problems(await api.get(path), path)


ABSENT = [
    f"/jobs/{NOBODY}/status",
    "/jobs/7/status",
    "/jobs/spiderMaps/campaigns/camp_x/status",
    "/nothing",
    "/jobs/a/b/c",
]


async def test_what_does_not_exist(api: httpx2.AsyncClient) -> None:
    for path in ABSENT:
        answer = await api.get(path)
        assert answer.status_code == 404, path
        assert set(answer.json()) == {"detail"}, path


async def test_a_method_that_is_not_taken(api: httpx2.AsyncClient) -> None:
    answer = await api.put("/jobs/list")
    assert answer.status_code == 405
    assert isinstance(answer.json()["detail"], str)
    assert answer.headers["Allow"] == "GET"


# --- failures


async def test_an_unforeseen_error_is_logged_and_not_shown(
    api: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def authenticate(*_: object) -> None:
        raise ZeroDivisionError("the secret")

    monkeypatch.setattr(clients, "authenticate", authenticate)
    with capture_logs() as logs:
        answer = await api.get("/jobs/list")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert set(answer.json()) == {"detail"}
    assert [str(entry["exc_info"]) for entry in logs] == ["the secret"]


async def test_a_database_that_is_away(db: Database, api: httpx2.AsyncClient, anyone: httpx2.AsyncClient) -> None:
    await db.pool.close()
    answer = await api.get("/jobs/list")
    assert answer.status_code == 503
    assert set(answer.json()) == {"detail"}
    assert answer.headers["Retry-After"]
    health = await anyone.get("/system/health")
    assert health.status_code == 503
    assert health.json() == {
        "status": "unhealthy",
        "version": __version__,
        "services": {"database": "unhealthy", "queue": "unhealthy", "workers": "unhealthy"},
    }


async def test_a_queue_that_is_away(db: Database, anyone: httpx2.AsyncClient) -> None:
    await db.pool.execute("drop table pgqueuer cascade")
    health = await anyone.get("/system/health")
    assert (health.status_code, health.json()["status"]) == (503, "unhealthy")
    assert health.json()["services"]["database"] == "healthy"


# --- formats


async def test_health_needs_no_credentials(anyone: httpx2.AsyncClient) -> None:
    answer = await anyone.get("/system/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded", "no worker is there"
    assert answer.json()["services"] == {"database": "healthy", "queue": "healthy", "workers": "unhealthy"}


async def test_answers_in_yaml_and_markdown(api: httpx2.AsyncClient) -> None:
    as_json = await api.get("/jobs/list?format=json")
    as_yaml = await api.get("/jobs/list?format=yaml")
    as_markdown = await api.get("/jobs/list?format=md")
    assert as_yaml.headers["Content-Type"].startswith("application/yaml")
    assert yaml.safe_load(as_yaml.text) == as_json.json()
    assert as_markdown.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert "- **total**: 0" in as_markdown.text


async def test_the_openapi_document_is_there_and_the_cdn_pages_are_not(anyone: httpx2.AsyncClient) -> None:
    assert (await anyone.get("/openapi.json")).json()["info"]["title"] == "Orbweave"
    for path in ("/docs", "/redoc"):
        assert (await anyone.get(f"http://orbweave.test{path}")).status_code == 404


def assert_problems(answer: httpx2.Response, about: object) -> None:
    assert answer.status_code == 422, about
    assert set(answer.json()) == {"detail"}
    assert answer.json()["detail"]
    for problem in answer.json()["detail"]:
        assert set(problem) == {"loc", "msg", "type"}
        assert problem["msg"]
