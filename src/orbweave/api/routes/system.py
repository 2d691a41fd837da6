"""/system: is it well?"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import asyncpg
import structlog
from fastapi import APIRouter, Response
from typing_extensions import TypedDict

import orbweave
from orbweave.api.auth import Config, Db
from orbweave.api.errors import DATABASE_AWAY, Invalid
from orbweave.api.routing import CONTENT, FORMATS, Format, Route
from orbweave.store.sql import sql

log = structlog.get_logger()

Health = Literal["healthy", "degraded", "unhealthy"]
PATIENCE = 5.0

router = APIRouter(prefix="/system", tags=["system"], route_class=Route)


class Services(TypedDict):
    database: Health
    queue: Health
    workers: Health


class HealthAnswer(TypedDict):
    status: Health
    version: str
    services: Services


@router.get(
    "/health",
    responses={
        **FORMATS,
        422: {"model": Invalid},
        503: {"model": HealthAnswer, "content": CONTENT, "description": "Unhealthy"},
    },
)
async def health(db: Db, config: Config, response: Response, format: Format = "json") -> HealthAnswer:
    """Needs no credentials. 503 when the database or the queue is away; degraded when no worker is alive."""
    silence = timedelta(seconds=config.heartbeat_timeout)
    services = Services(database="unhealthy", queue="unhealthy", workers="unhealthy")
    try:
        async with db.pool.acquire(timeout=PATIENCE) as connection:
            await connection.execute("select", timeout=PATIENCE)
            services["database"] = "healthy"
            await connection.execute("select from pgqueuer limit 1", timeout=PATIENCE)
            services["queue"] = "healthy"
            if await connection.fetch(sql("workers/alive"), silence, timeout=PATIENCE):
                services["workers"] = "healthy"
    except (*DATABASE_AWAY, asyncpg.PostgresError) as error:
        log.warning("not healthy", error=repr(error))
    if "unhealthy" in (services["database"], services["queue"]):
        response.status_code = 503
        return HealthAnswer(status="unhealthy", version=orbweave.__version__, services=services)
    status: Health = "healthy" if services["workers"] == "healthy" else "degraded"
    return HealthAnswer(status=status, version=orbweave.__version__, services=services)
