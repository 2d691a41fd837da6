"""The HTTP application."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from fastapi.routing import APIRoute

import orbweave
from orbweave.api import errors
from orbweave.api.edge import Edge
from orbweave.api.ratelimit import RateLimiter
from orbweave.api.routes import campaigns, jobs, locations, system
from orbweave.config import Settings
from orbweave.maps import Sources, packaged_sources
from orbweave.store.database import Database

BASE_PATH = "/api/v1"

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    settings: Settings, db: Database, *, sources: Sources | None = None, lifespan: Lifespan | None = None
) -> FastAPI:
    """The API over an open database, which stays the caller's to close. ``sources``: where places come from, the
    packaged data alone when not given.

    FastAPI's own documentation pages are off: they load from a public CDN. The OpenAPI document is at
    ``/api/v1/openapi.json``.
    """
    app = FastAPI(
        title="Orbweave",
        version=orbweave.__version__,
        summary="Businesses from open map data, their websites crawled, their e-mails verified.",
        openapi_url=f"{BASE_PATH}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
    )
    app.state.settings = settings
    app.state.db = db
    app.state.sources = sources or packaged_sources()
    app.state.limiter = RateLimiter()
    app.add_middleware(Edge)
    errors.install(app)
    for router in (campaigns.router, jobs.router, locations.router, system.router):
        app.include_router(router, prefix=BASE_PATH)
    return app


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0]}_{route.name}"
