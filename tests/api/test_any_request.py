"""Whatever is sent, by the OpenAPI document or against it: an answer the document knows, and never a 5xx."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from orbweave.api.app import create_app
from orbweave.api.routes import campaigns
from orbweave.api.waiting import Patience
from orbweave.campaigns import service
from orbweave.campaigns.spec import CampaignSpec, LocationFilter, SiteStage, Workflow
from orbweave.config import Settings
from orbweave.store.clients import create_client
from orbweave.store.database import Database
from orbweave.store.locations import load_gazetteer

EXAMPLES = 10
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


async def _seed(dsn: str) -> dict[str, Any]:
    """One of each thing, and a client it belongs to."""
    async with await Database.connect(dsn) as db:
        async with db.pool.acquire() as connection:
            await load_gazetteer(connection, ["LI"])
        client = await create_client(db, "fuzz", rate_limit=0)
        vaduz = LocationFilter("population", min_population=5000, given={"mode": "population"})
        workflow = Workflow(site=SiteStage(enabled=True), given={"spidersite": {"enabled": True}})
        made = await service.create(db, client.client_id, CampaignSpec("bars", "LI", vaduz, workflow=workflow))
        task = (await service.next_location(db, client.client_id, made.campaign_id)).task
        assert task
    return {
        "token": client.token,
        "campaign_id": made.campaign_id,
        "location_id": task.location_id,
        "job_id": task.job_id,
    }


@pytest.fixture
def seeds(dsn: str) -> dict[str, Any]:
    return asyncio.run(_seed(dsn))


@pytest.fixture
def document(dsn: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The application runs in a loop of its own, which its database must share."""
    monkeypatch.setattr(campaigns, "Patience", partial(Patience, whole=0, pause=0))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with await Database.connect(dsn) as app.state.db:
            yield

    app = create_app(Settings(), cast(Database, None), lifespan=lifespan)
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("existing", [True, False], ids=["existing", "any"])
def test_any_request(document: Any, seeds: dict[str, Any], mode: GenerationMode, existing: bool) -> None:
    operations = [found.ok() for found in document.get_all_operations()]
    for operation in operations:
        if existing and not any(f"{{{name}}}" in operation.path for name in seeds):
            continue

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: schemathesis.Case) -> None:
            if existing:
                for name in case.path_parameters.keys() & seeds.keys():
                    case.path_parameters[name] = seeds[name]
            check_answer(case, case.call(headers={"Authorization": f"Bearer {seeds['token']}"}))

        check()


def check_answer(case: schemathesis.Case, answer: schemathesis.Response) -> None:
    case.validate_response(answer, checks=CHECKS)
    if answer.status_code < 400 or case.path == "/api/v1/system/health":
        return
    detail = answer.json()["detail"]
    if answer.status_code == 422:
        assert detail
        assert all(set(problem) == {"loc", "msg", "type"} for problem in detail)
    else:
        assert isinstance(detail, str)
