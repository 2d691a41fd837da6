"""A language model behind an OpenAI-compatible endpoint (``POST {url}/chat/completions``)."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson

from orbweave.net import read_at_most
from orbweave.site.llm import answers, schemas

if TYPE_CHECKING:
    from orbweave.config import Settings
    from orbweave.net import Network

MAX_ANSWER = 2_000_000
CONCURRENCY = 4
_RETRIES = 2
_MAX_WAIT = 20.0
_MAX_QUOTED = 200
_FORMATS = ("json_schema", "json_object", "none")

Messages = Sequence[dict[str, str]]


class ModelError(Exception):
    """There is no usable answer; ``str(error)`` is a sentence that says why, without the endpoint's address or key."""


@dataclass
class Usage:
    """What the questions of one crawl took. ``cost`` in USD, None while it cannot be known."""

    model: str | None
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = None
    errors: list[str] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """``metadata.ai_usage`` of contract 2.2."""
        return {
            "model": self.model,
            "calls": self.calls,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "cost_usd": None if self.cost is None else round(self.cost, 6),
            "time_ms": round(self.seconds * 1000),
            "errors": self.errors,
        }


@dataclass(frozen=True, slots=True)
class Question:
    """``schema`` what the answer must be like (None: text); ``strict`` when it may be sent as OpenAI's strict kind;
    ``model`` None for the configured one."""

    system: str
    user: str
    schema: dict[str, Any] | None = None
    strict: bool = False
    temperature: float = 0.2
    max_tokens: int = 1024
    model: str | None = None


@dataclass
class _Dialect:
    """What a model's server was found to understand."""

    format: int = 0
    tokens_field: str = "max_tokens"
    temperature: bool = True


class Model:
    """``timeout`` seconds one answer may take; a question with its retries twice that. ``tls`` for https endpoints;
    prices in USD per million tokens of the configured model; ``retry_delay`` seconds before the first retry. One for
    each process: it asks ``CONCURRENCY`` questions at a time."""

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        *,
        timeout: float = 60.0,
        tls: ssl.SSLContext | None = None,
        input_price: float | None = None,
        output_price: float | None = None,
        retry_delay: float = 1.0,
    ) -> None:
        self.model = model
        self._endpoint = f"{url.rstrip('/').removesuffix('/chat/completions')}/chat/completions"
        self._key = key
        self._timeout = timeout
        self._tls = tls
        self._prices = (input_price, output_price)
        self._retry_delay = retry_delay
        self._places = asyncio.Semaphore(CONCURRENCY)
        self._dialects: dict[str, _Dialect] = {}

    @classmethod
    def of(cls, settings: Settings, network: Network) -> Model | None:
        """None when none is configured."""
        if settings.llm_url is None or settings.llm_model is None:
            return None
        return cls(
            settings.llm_url,
            settings.llm_model,
            settings.llm_key.get_secret_value() if settings.llm_key else None,
            timeout=settings.llm_timeout,
            tls=network.tls_context(),
            input_price=settings.llm_input_price,
            output_price=settings.llm_output_price,
        )

    def session(self) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        """The operator's endpoint may be private, so this is no client of Network; no proxies, no redirects."""
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._tls or True),
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Authorization": f"Bearer {self._key}"} if self._key else None,
            trust_env=False,
        )

    async def ask(self, session: aiohttp.ClientSession, question: Question, usage: Usage) -> Any:
        """The answer, checked against the schema (and asked for once more when it is not as it says), or text. Raises
        ModelError."""
        messages = [{"role": "system", "content": question.system}, {"role": "user", "content": question.user}]
        async with self._places:
            try:
                async with asyncio.timeout(2 * self._timeout):
                    text = await self._complete(session, question, messages, usage)
                    if question.schema is None:
                        return answers.clean(text).strip()
                    answer, problems = _read(text, question.schema)
                    if problems:
                        messages += [
                            {"role": "assistant", "content": text[: 8 * question.max_tokens]},
                            {"role": "user", "content": _REPAIR.format(problems="\n".join(problems))},
                        ]
                        text = await self._complete(session, question, messages, usage)
                        answer, problems = _read(text, question.schema)
            except TimeoutError:
                raise ModelError(f"The language model took longer than {2 * self._timeout:g} s.") from None
        if problems:
            raise ModelError(f"The language model's answer is not as asked for: {'; '.join(problems)[:500]}")
        return answer

    async def _complete(
        self, session: aiohttp.ClientSession, question: Question, messages: Messages, usage: Usage
    ) -> str:
        """The text of one answer. Servers differ in what they understand: what is refused is left out."""
        name = question.model or self.model
        known = self._dialects.setdefault(name, _Dialect())
        dialect = _Dialect(known.format, known.tokens_field, known.temperature)
        retries = 0
        while True:
            started = time.monotonic()
            usage.calls += 1
            try:
                status, headers, body = await self._post(session, _body(name, question, messages, dialect))
            finally:
                usage.seconds += time.monotonic() - started
            if status == 200:
                self._dialects[name] = dialect
                return self._text(body, name, usage)
            if status in (400, 422) and _adapt(dialect, body, question.schema is not None):
                continue
            if (status == 429 or status >= 500) and retries < _RETRIES:
                wait = _retry_after(headers)
                if wait is None or wait <= _MAX_WAIT:
                    await asyncio.sleep(self._retry_delay * 2**retries if wait is None else wait)
                    retries += 1
                    continue
            raise ModelError(self._refusal(status, body))

    async def _post(self, session: aiohttp.ClientSession, body: dict[str, Any]) -> tuple[int, Any, bytes]:
        try:
            async with session.post(self._endpoint, json=body, allow_redirects=False) as response:
                content = await read_at_most(response, MAX_ANSWER)
                if content is None:
                    raise ModelError("The language model's answer is too large.")
                return response.status, response.headers, content
        except TimeoutError:
            raise ModelError(f"The language model did not answer within {self._timeout:g} s.") from None
        except (aiohttp.ClientError, ValueError) as error:
            raise ModelError(f"The language model could not be asked ({type(error).__name__}).") from None

    def _text(self, body: bytes, name: str, usage: Usage) -> str:
        try:
            answer = orjson.loads(body)
            choice = answer["choices"][0]
            message = choice["message"]
            content = message.get("content")
            if isinstance(content, list):
                content = "".join(part.get("text") or "" for part in content)
            self._count(answer.get("usage"), name, usage)
            refusal = message.get("refusal")
        except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
            raise ModelError("The language model's server does not speak the OpenAI protocol.") from None
        if isinstance(content, str) and content.strip():
            return content
        if isinstance(refusal, str) and refusal:
            raise ModelError(f"The language model declined: {answers.clean(refusal)[:_MAX_QUOTED]}")
        cut = choice.get("finish_reason") == "length"
        raise ModelError(
            "The language model used up max_tokens before it answered." if cut else "The language model said nothing."
        )

    def _count(self, reported: Any, name: str, usage: Usage) -> None:
        tokens = (
            [
                value if isinstance(value, int) and value >= 0 else 0
                for value in (reported.get("prompt_tokens"), reported.get("completion_tokens"))
            ]
            if isinstance(reported, dict)
            else [0, 0]
        )
        usage.prompt_tokens += tokens[0]
        usage.completion_tokens += tokens[1]
        before, after = self._prices
        if name == self.model and before is not None and after is not None:
            usage.cost = (usage.cost or 0.0) + (tokens[0] * before + tokens[1] * after) / 1_000_000

    def _refusal(self, status: int, body: bytes) -> str:
        if status in (401, 403):
            return f"The language model's server refused the key (HTTP {status}): check ORBWEAVE_LLM_KEY."
        if status == 404:
            return "The language model's server knows no such model or path: check ORBWEAVE_LLM_URL and the model."
        said = answers.clean(_error(body)).replace(self._key or "\0", "…")[:_MAX_QUOTED]
        return f"The language model's server answered HTTP {status}{f': {said}' if said else ''}."


_REPAIR = """That is not the JSON that was asked for:
{problems}
Answer again with the corrected JSON alone, short enough to be complete."""


def _body(name: str, question: Question, messages: Messages, dialect: _Dialect) -> dict[str, Any]:
    body: dict[str, Any] = {"model": name, "messages": list(messages), dialect.tokens_field: question.max_tokens}
    if dialect.temperature:
        body["temperature"] = question.temperature
    if question.schema is not None:
        match _FORMATS[dialect.format]:
            case "json_schema":
                described = {"name": "answer", "schema": question.schema, "strict": question.strict}
                body["response_format"] = {"type": "json_schema", "json_schema": described}
            case "json_object":
                body["response_format"] = {"type": "json_object"}
    return body


def _adapt(dialect: _Dialect, body: bytes, formatted: bool) -> bool:
    """Leave out what the server refused; False when there is nothing more to leave out."""
    said = _error(body)
    if "max_completion_tokens" in said and dialect.tokens_field == "max_tokens":
        dialect.tokens_field = "max_completion_tokens"
    elif "temperature" in said and dialect.temperature:
        dialect.temperature = False
    elif formatted and dialect.format + 1 < len(_FORMATS):
        dialect.format += 1
    else:
        return False
    return True


def _read(text: str, schema: dict[str, Any]) -> tuple[Any, list[str]]:
    """(answer, what is wrong with it)."""
    try:
        answer = answers.find_json(text)
        return answer, schemas.problems(answer, schema)
    except schemas.UnusableSchema as error:
        raise ModelError(f"The JSON schema cannot be used: {error}") from None
    except ValueError as error:
        return None, [str(error)]


def _error(body: bytes) -> str:
    try:
        error = orjson.loads(body)["error"]
        return str(error["message"] if isinstance(error, dict) else error)
    except (orjson.JSONDecodeError, LookupError, TypeError):
        return ""


def _retry_after(headers: Any) -> float | None:
    value = headers.get("Retry-After") or ""
    return float(value) if value.isascii() and value.isdigit() else None
