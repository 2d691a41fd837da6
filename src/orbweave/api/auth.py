"""Who is calling, and may they call now?"""

from __future__ import annotations

from math import ceil
from typing import Annotated, cast

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from starlette.requests import HTTPConnection, Request
from starlette.types import Scope

from orbweave.api.ratelimit import Decision, Rate, RateLimiter
from orbweave.config import Settings
from orbweave.errors import RateLimited, Unauthenticated
from orbweave.maps import Sources
from orbweave.store import clients
from orbweave.store.clients import Client
from orbweave.store.database import Database

bearer = HTTPBearer(auto_error=False, bearerFormat="client_id:api_key:api_secret")


def token_of(request: Request) -> str:
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    if scheme.lower() != "bearer":
        raise Unauthenticated(clients.FORMAT)
    return token.strip()


async def admit(request: Request) -> None:
    """Set ``request.state.client``. Raises Unauthenticated, Forbidden, RateLimited.

    Callers without credentials share the allowance of their address, so that guessing secrets is as slow as calling.
    """
    settings: Settings = request.app.state.settings
    try:
        client = await clients.authenticate(request.app.state.db, token_of(request))
    except Unauthenticated:
        _count(request, _address(request), settings.rate_limit_per_minute)
        raise
    own_limit = client.rate_limit
    _count(request, client.client_id, settings.rate_limit_per_minute if own_limit is None else own_limit)
    request.state.client = client


def _count(request: Request, key: str, per_minute: int) -> None:
    settings: Settings = request.app.state.settings
    limiter: RateLimiter = request.app.state.limiter
    decision = limiter.hit(key, Rate(per_minute, settings.rate_limit_burst))
    request.state.rate = decision
    if not decision.allowed:
        raise RateLimited(
            f"Too many requests: {per_minute} a minute are allowed, {settings.rate_limit_burst} of them at once."
            f" Try again in {ceil(decision.retry_after)} s.",
            retry_after=decision.retry_after,
        )


def standing(scope: Scope) -> Decision:
    """The rate limit an answer shows: the caller's, or the address's where nobody was asked who they are."""
    state = scope["app"].state
    decision = scope["state"].get("rate")
    if decision is None:
        rate = Rate(state.settings.rate_limit_per_minute, state.settings.rate_limit_burst)
        decision = state.limiter.peek(_address(HTTPConnection(scope)), rate)
    return cast(Decision, decision)


def _address(connection: HTTPConnection) -> str:
    return f"address {connection.client.host if connection.client else ''}"


def _database(request: Request) -> Database:
    return cast(Database, request.app.state.db)


def _client(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]) -> Client:
    return cast(Client, request.state.client)


def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


def _sources(request: Request) -> Sources:
    return cast(Sources, request.app.state.sources)


Config = Annotated[Settings, Depends(_settings)]
Db = Annotated[Database, Depends(_database)]
Caller = Annotated[Client, Depends(_client)]
PlaceSources = Annotated[Sources, Depends(_sources)]
