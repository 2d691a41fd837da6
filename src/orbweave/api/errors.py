"""Every failure as an answer, in one place: the error tree of ``orbweave.errors`` -> a code and ``{"detail": …}``.

``detail`` is a sentence; for 422 it is a list of ``{loc, msg, type}``, one for each thing that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from orbweave import errors
from orbweave.store.connect import AWAY

log = structlog.get_logger()

CODES: dict[type[errors.OrbweaveError], int] = {
    errors.InvalidInput: 422,
    errors.IllegalState: 400,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
}

DATABASE_AWAY: tuple[type[BaseException], ...] = (*AWAY, asyncpg.TransactionRollbackError, TimeoutError)
SENTENCES = {
    404: "There is nothing at this address. See /api/v1/openapi.json for what there is.",
    405: "This address does not take this method. See /api/v1/openapi.json for what it takes.",
    413: "The request body is too large: at most 1 MiB is accepted.",
}


class Problem(TypedDict):
    loc: list[str | int]
    msg: str
    type: str


class Error(TypedDict):
    detail: str


class Invalid(TypedDict):
    detail: list[Problem]


def answers(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of error answers, beside those that every call has."""
    described: dict[int | str, dict[str, Any]] = {
        code: {"model": Error, "description": HTTPStatus(code).phrase} for code in (*codes, 401, 403, 413, 429, 503)
    }
    return described | {422: {"model": Invalid, "description": "Malformed, or naming what does not exist"}}


def answer(error: Exception) -> Response:
    """The answer for anything that went wrong. What nobody foresaw is logged whole and shown to nobody."""
    match error:
        case RequestValidationError():
            return _answer(422, [_problem(each) for each in error.errors()])
        case errors.InvalidInput():
            where = error.field.split(".") if error.field else []
            return _answer(422, [Problem(loc=["body", *where], msg=str(error), type="value_error")])
        case errors.Unauthenticated():
            return _answer(401, str(error), {"WWW-Authenticate": "Bearer"})
        case errors.OrbweaveError():
            return _answer(next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), 500), str(error))
        case HTTPException():
            return _answer(error.status_code, SENTENCES.get(error.status_code, str(error.detail)), error.headers)
        case _ if isinstance(error, DATABASE_AWAY) and not isinstance(error, asyncpg.exceptions.DataError):
            log.warning("database unavailable", error=repr(error))
            return _answer(503, "The database does not answer now. Try again in a moment.", {"Retry-After": "5"})
        case _:
            log.error("unforeseen error", exc_info=error)
            return _answer(500, "Something went wrong on our side. The server's log has the details.")


def install(app: FastAPI) -> None:
    """What FastAPI would answer by itself, in our shape; everything else reaches the edge."""

    async def handle(_: Request, error: Exception) -> Response:
        return answer(error)

    for kind in (HTTPException, RequestValidationError):
        app.add_exception_handler(kind, handle)


def invalid(where: Iterable[str | int], message: str) -> RequestValidationError:
    return RequestValidationError([{"loc": tuple(where), "msg": message, "type": "value_error"}])


def _problem(error: Mapping[str, Any]) -> Problem:
    """Without the input: it may hold a secret, or what JSON cannot hold."""
    message = error["ctx"]["error"] if error["type"] == "json_invalid" else error["msg"]
    return Problem(loc=list(error["loc"]), msg=str(message).removeprefix("Value error, "), type=error["type"])


def _answer(code: int, detail: str | Sequence[Problem], headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps({"detail": detail}), code, dict(headers or {}), media_type="application/json")
