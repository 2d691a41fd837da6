from __future__ import annotations

from typing import Any

import pytest

from orbweave import errors
from orbweave.cli.client import Api


@pytest.fixture
def api(fake_server: Any) -> Any:
    with Api(fake_server.url, "cli_a:sk_b:secret_c") as api:
        yield api


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.IllegalState),
        (401, errors.Unauthenticated),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (410, errors.Gone),
        (422, errors.InvalidInput),
        (500, errors.Unavailable),
        (503, errors.Unavailable),
    ],
)
def test_an_error_keeps_the_servers_words(api: Api, fake_server: Any, status: int, kind: type[Exception]) -> None:
    fake_server.on("GET /api/v1/x", {"detail": "so it is"}, status)
    with pytest.raises(kind, match="so it is"):
        api.get("/x")
    with pytest.raises(kind, match="so it is"), api.stream("/x"):
        pass


def test_a_list_of_complaints_becomes_a_sentence(api: Api, fake_server: Any) -> None:
    detail = [{"loc": ["body", "filter", "mode"], "msg": "Field required"}, {"loc": ["body"], "msg": "No"}]
    fake_server.on("POST /api/v1/x", {"detail": detail}, 422)
    with pytest.raises(errors.InvalidInput, match=r"^filter\.mode: Field required; No\.$"):
        api.post("/x", {})


def test_an_error_without_words_still_is_one(api: Api, fake_server: Any) -> None:
    fake_server.on("GET /api/v1/x", b"<html>", 502)
    with pytest.raises(errors.Unavailable, match="answered 502"):
        api.get("/x")


def test_what_is_no_orbweave_server_is_said(api: Api, fake_server: Any) -> None:
    fake_server.on("GET /api/v1/x", b"<html>").on("GET /api/v1/y", [1])
    for path in ("/x", "/y"):
        with pytest.raises(errors.Unavailable, match="is not an Orbweave server"):
            api.get(path)


def test_no_server_is_said(free_port: int) -> None:
    with Api(f"http://127.0.0.1:{free_port}", "a:b:c") as api:
        for ask in (lambda: api.get("/x"), lambda: api.stream("/x").__enter__()):
            with pytest.raises(errors.Unavailable, match="No answer from"):
                ask()


def test_the_rate_limit_is_waited_for(api: Api, fake_server: Any) -> None:
    fake_server.on("GET /api/v1/x", {"detail": "slow"}, 429, Retry_After="0.01").on("GET /api/v1/x", {"ok": 1})
    assert api.get("/x") == {"ok": 1}
    assert len(fake_server.requests) == 2


def test_too_long_a_wait_is_an_error(api: Api, fake_server: Any) -> None:
    fake_server.on("GET /api/v1/x", {"detail": "slow"}, 429, Retry_After="3600")
    with pytest.raises(errors.RateLimited) as caught:
        api.get("/x")
    assert caught.value.retry_after == 3600


def test_all_pages_are_read(api: Api, fake_server: Any) -> None:
    for page in (1, 2, 3):
        fake_server.on("GET /api/v1/x", {"items": [page], "total_pages": 3})
    assert list(api.pages("/x", "items", status="active")) == [1, 2, 3]
    assert [path for _, path, _ in fake_server.requests][2] == "/api/v1/x?page=3&page_size=100&status=active"


def test_no_page_is_no_item(api: Api, fake_server: Any) -> None:
    fake_server.on("GET /api/v1/x", {"items": [], "total_pages": 0})
    assert list(api.pages("/x", "items")) == []
