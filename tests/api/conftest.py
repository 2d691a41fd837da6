"""The application in this process, on a real database, called by two clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx2
import pytest
from fastapi import FastAPI

from orbweave.api.app import create_app
from orbweave.config import Settings
from orbweave.store.clients import create_client
from orbweave.store.database import Database

Call = Callable[..., httpx2.AsyncClient]


@pytest.fixture
def settings() -> Settings:
    return Settings(rate_limit_per_minute=0)


@pytest.fixture
def app(settings: Settings, db: Database) -> FastAPI:
    return create_app(settings, db)


@pytest.fixture
async def anyone(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """Without credentials."""
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://orbweave.test/api/v1") as http:
        yield http


@pytest.fixture
async def api(app: FastAPI, db: Database) -> AsyncIterator[httpx2.AsyncClient]:
    async with _client(app, (await create_client(db, "ours")).token) as http:
        yield http


@pytest.fixture
async def stranger(app: FastAPI, db: Database) -> AsyncIterator[httpx2.AsyncClient]:
    """Another client of the same server."""
    async with _client(app, (await create_client(db, "theirs")).token) as http:
        yield http


def _client(app: FastAPI, token: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app),
        base_url="http://orbweave.test/api/v1",
        headers={"Authorization": f"Bearer {token}"},
    )
