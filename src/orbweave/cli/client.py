"""The HTTP API, seen from the command line: every answer is a value or one of our errors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx2

from orbweave import __version__
from orbweave.errors import (
    Conflict,
    Forbidden,
    Gone,
    IllegalState,
    InvalidInput,
    NotFound,
    OrbweaveError,
    RateLimited,
    Unauthenticated,
    Unavailable,
)

BASE = "/api/v1"
CAMPAIGNS = "/jobs/spiderMaps/campaigns"


def campaign(campaign_id: str, what: str) -> str:
    """The path of something of a campaign, whatever was typed for its id."""
    return f"{CAMPAIGNS}/{quote(campaign_id, safe='')}/{what}"


_ERRORS: dict[int, type[OrbweaveError]] = {
    400: IllegalState,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: InvalidInput,
}
PATIENCE = 120.0
"""Seconds to wait in all for the rate limit before giving up."""


class Api:
    """A server and a token. Raises the error of orbweave.errors that the answer stands for."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        try:
            self._http = httpx2.Client(
                base_url=self.url + BASE,
                headers={"Authorization": f"Bearer {token}", "User-Agent": f"orbweave-cli/{__version__}"},
                timeout=httpx2.Timeout(30.0, connect=5.0),
                trust_env=False,
            )
        except httpx2.InvalidURL as error:
            raise InvalidInput(f"{url!r} is no server's address: {error}.", field="--server") from None
        except UnicodeEncodeError:
            raise InvalidInput("The API token holds letters that no token has; see ORBWEAVE_TOKEN.") from None

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        return self._call("GET", path, params=parameters)

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        return self._call("POST", path, json=body)

    def pages(self, path: str, items: str, *, page_size: int = 100, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Everything in the list ``items`` of every page."""
        page = total = 1
        while page <= total:
            answer = self.get(path, page=page, page_size=page_size, **parameters)
            yield from answer[items]
            page, total = page + 1, answer.get("total_pages", 1)

    @contextmanager
    def stream(self, path: str, **parameters: Any) -> Iterator[httpx2.Response]:
        """The open answer, to be read as it comes."""
        try:
            with self._http.stream("GET", path, params=parameters) as response:
                if response.is_error:
                    response.read()
                    raise problem(response)
                yield response
        except httpx2.TransportError as error:
            raise self._gone(error) from error

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                response = self._http.request(method, path, **options)
            except httpx2.TransportError as error:
                raise self._gone(error) from error
            wait = _retry_after(response) if response.status_code == 429 else None
            if wait is not None and time.monotonic() + wait < deadline:
                time.sleep(wait)
                continue
            if response.is_error:
                raise problem(response)
            return _object(response)

    def _gone(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"No answer from {self.url} ({error or type(error).__name__}); is the server running? "
            "`orbweave serve` starts one."
        )


def problem(response: httpx2.Response) -> OrbweaveError:
    """The error an answer stands for, with the server's own words."""
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = f"{response.url} answered {response.status_code} {response.reason_phrase}."
    if isinstance(detail, list):
        detail = "; ".join(_complaint(one).rstrip(".") for one in detail) + "."
    if response.status_code == 429:
        return RateLimited(str(detail), retry_after=_retry_after(response))
    return _ERRORS.get(response.status_code, Unavailable)(str(detail))


def _complaint(one: Any) -> str:
    """``filter.min_population: Field required`` of one entry of a 422's list."""
    if not isinstance(one, dict):
        return str(one)
    where = ".".join(str(part) for part in one.get("loc", []) if part != "body")
    return f"{where}: {one.get('msg')}" if where else str(one.get("msg"))


def _retry_after(response: httpx2.Response) -> float:
    try:
        return max(0.1, float(response.headers.get("Retry-After", "1")))
    except ValueError:
        return 1.0


def _object(response: httpx2.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Unavailable(f"{response.url} is not an Orbweave server: it did not answer with a JSON object.")
    return answer
