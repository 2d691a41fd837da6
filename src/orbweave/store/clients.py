"""Clients and their credentials: three random parts, shown once, kept as hashes."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from orbweave.errors import Forbidden, NotFound, Unauthenticated
from orbweave.store.database import Database
from orbweave.store.sql import sql

FORMAT = "Invalid authentication token format. Expected: client_id:api_key:api_secret"
UNKNOWN = "Invalid credentials. Make new ones with `orbweave client create NAME`."


@dataclass(frozen=True, slots=True)
class Credentials:
    client_id: str
    api_key: str
    api_secret: str

    @property
    def token(self) -> str:
        return f"{self.client_id}:{self.api_key}:{self.api_secret}"


@dataclass(frozen=True, slots=True)
class Client:
    """``rate_limit`` is requests a minute, 0 unlimited, None the server's default."""

    client_id: str
    name: str
    active: bool
    rate_limit: int | None
    created_at: datetime | None = None


def _hash(secret: str) -> bytes:
    # The parts are 256 random bits: a plain digest is as good as a slow one, and costs no request a delay.
    return sha256(secret.encode()).digest()


async def create_client(db: Database, name: str, *, rate_limit: int | None = None) -> Credentials:
    made = Credentials(
        f"cli_{secrets.token_hex(8)}", f"sk_{secrets.token_urlsafe(32)}", f"secret_{secrets.token_urlsafe(32)}"
    )
    await db.pool.execute(
        sql("clients/insert"), made.client_id, name, _hash(made.api_key), _hash(made.api_secret), rate_limit
    )
    return made


async def authenticate(db: Database, token: str) -> Client:
    """The client of a ``client_id:api_key:api_secret`` token. Unauthenticated, or Forbidden when it is inactive."""
    parts = token.split(":")
    if len(parts) != 3 or not all(parts):
        raise Unauthenticated(FORMAT)
    client_id, key, secret = parts
    row = None if "\0" in client_id else await db.pool.fetchrow(sql("clients/get"), client_id)
    known_key, known_secret = (row["key_hash"], row["secret_hash"]) if row else (b"", b"")
    key_fits = hmac.compare_digest(_hash(key), known_key)
    if not (hmac.compare_digest(_hash(secret), known_secret) and key_fits and row):
        raise Unauthenticated(UNKNOWN)
    if not row["active"]:
        raise Forbidden("This client is inactive. Enable it with `orbweave client enable`.")
    return Client(row["client_id"], row["name"], row["active"], row["rate_limit"])


async def list_clients(db: Database) -> list[Client]:
    return [Client(**dict(row)) for row in await db.pool.fetch(sql("clients/list"))]


async def set_active(db: Database, client_id: str, active: bool) -> None:
    if await db.pool.fetchval(sql("clients/set_active"), client_id, active) is None:
        raise NotFound(f"There is no client {client_id}. `orbweave client list` shows them.")
