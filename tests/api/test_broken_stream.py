"""An export that breaks in the middle must not look like a whole one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from orbweave.campaigns import service
from orbweave.campaigns.spec import CampaignSpec
from orbweave.store.clients import create_client
from orbweave.store.database import Database
from orbweave.store.locations import load_gazetteer


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
        server.should_exit = True
        await serving


async def test_the_connection_breaks_with_the_export(
    address: str, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.pool.acquire() as connection:
        await load_gazetteer(connection, ["LI"])
    client = await create_client(db, "ours")
    made = await service.create(db, client.client_id, CampaignSpec("bars", "LI"))

    async def export(*_: object) -> AsyncIterator[service.Lead]:
        raise ZeroDivisionError
        yield

    monkeypatch.setattr(service, "export", export)
    headers = {"Authorization": f"Bearer {client.token}"}
    async with httpx2.AsyncClient(base_url=address, headers=headers, trust_env=False) as http:
        with pytest.raises(httpx2.RemoteProtocolError):
            await http.get(f"/jobs/spiderMaps/campaigns/{made.campaign_id}/export")
        assert (await http.get("/system/health")).status_code == 200
