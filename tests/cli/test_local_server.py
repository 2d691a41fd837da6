from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from orbweave import config, errors
from orbweave.cli import local
from orbweave.store import clients
from orbweave.store.database import Database


def test_nothing_is_found_where_nothing_ran(tmp_path: Path) -> None:
    assert local.find(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": "http://127.0.0.1:1"}'])
def test_a_broken_registration_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "server.json").write_text(content)
    assert local.find(tmp_path) is None


def test_a_registered_server_is_found_when_it_answers(tmp_path: Path, fake_server: Any, free_port: int) -> None:
    server = local.Server(fake_server.url, 1)
    local.register(tmp_path, server)
    assert local.find(tmp_path) is None  # something else listens there
    fake_server.on("GET /api/v1/system/health", {"version": "0.1.0", "status": "unhealthy"}, 503)
    assert local.find(tmp_path) == server
    local.register(tmp_path, local.Server(f"http://127.0.0.1:{free_port}", 1))
    assert local.find(tmp_path) is None  # killed without a word
    local.unregister(tmp_path)
    local.unregister(tmp_path)


def test_without_a_server_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(errors.Unavailable, match="`orbweave serve`"):
        local.connect(config.load(home=tmp_path))
    with pytest.raises(errors.Unauthenticated, match="ORBWEAVE_TOKEN"):
        local.connect(config.load(home=tmp_path, server="http://127.0.0.1:1"))


async def test_the_local_client_is_made_once_for_its_owner(tmp_path: Path, db: Database) -> None:
    await local.ensure_client(tmp_path, db)
    token = local.read_token(tmp_path)
    assert token
    client = await clients.authenticate(db, token)
    assert (client.name, client.rate_limit) == (local.CLIENT, 0)
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    await local.ensure_client(tmp_path, db)
    assert local.read_token(tmp_path) == token


@pytest.mark.parametrize("stale", ["cli_a:sk_b:secret_c", "nonsense", ""])
async def test_a_token_of_another_database_is_replaced(tmp_path: Path, db: Database, stale: str) -> None:
    (tmp_path / "token").write_text(stale)
    await local.ensure_client(tmp_path, db)
    assert await clients.authenticate(db, local.read_token(tmp_path) or "")
    assert os.listdir(tmp_path) == ["token"]


async def test_the_token_of_a_disabled_client_is_replaced(tmp_path: Path, db: Database) -> None:
    await local.ensure_client(tmp_path, db)
    token = local.read_token(tmp_path) or ""
    await clients.set_active(db, token.split(":")[0], False)
    await local.ensure_client(tmp_path, db)
    assert local.read_token(tmp_path) != token


def test_a_taken_port_is_not_free(fake_server: Any, free_port: int) -> None:
    assert not local.is_free("127.0.0.1", int(fake_server.url.rpartition(":")[2]))
    assert local.is_free("127.0.0.1", free_port)
