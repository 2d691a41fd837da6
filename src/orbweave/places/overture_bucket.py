"""Overture's public bucket, over HTTPS: what releases and files there are, and ranges of them as DuckDB asks for them.

DuckDB's own HTTP extension is downloaded at run time and connects by itself; here every request is made by our client.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import aiohttp
from fsspec import AbstractFileSystem
from fsspec.spec import AbstractBufferedFile

from orbweave.errors import InvalidInput, Unavailable
from orbweave.net import NetError, Network, read_at_most

PROTOCOL = "overture"
PLACES = "theme=places/type=place/"
MOST_FILES = 10_000
MAX_LISTING = 16 << 20
TRIES = 3
_RELEASE = re.compile(r"\d{4}-\d{2}-\d{2}(?:\.\d+)?")
_SPACE = re.compile(r"^\{[^}]*\}")
_BLOCK = 4 << 20


class Bucket:
    """``url``: the bucket's address. Use it as an async context manager; ``files`` before ``filesystem``."""

    def __init__(self, network: Network, url: str) -> None:
        self._network = network
        self._url = url.rstrip("/")
        self._server = urlsplit(url).hostname or "the bucket"

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)
        self._http = self._network.http_session(timeout=timeout, auto_decompress=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def newest_release(self) -> str:
        folders, _ = await self._list("release/", delimiter="/")
        releases = [name for folder in folders if _RELEASE.fullmatch(name := folder.strip("/").rpartition("/")[2])]
        if not releases:
            raise Unavailable(f"{self._server} has no Overture release.")
        return max(releases)

    async def files(self, release: str) -> dict[str, int]:
        """Keys of the release's places, with their sizes. InvalidInput when there is no such release."""
        if not _RELEASE.fullmatch(release):
            raise InvalidInput(f"A release is written like 2026-08-19.0, not {release!r}.", field="release")
        _, found = await self._list(f"release/{release}/{PLACES}")
        files = {key: size for key, size in found.items() if key.endswith(".parquet")}
        if not files:
            newest = await self.newest_release()
            raise InvalidInput(f"There is no Overture release {release}; the newest is {newest}.", field="release")
        return files

    def filesystem(self, files: Mapping[str, int]) -> AbstractFileSystem:
        """For DuckDB, whose thread waits for this loop: call it where the loop runs. Paths are ``overture://KEY``."""
        return _Files(self, files, asyncio.get_running_loop())

    async def read(self, key: str, start: int, end: int) -> bytes:
        """The bytes from ``start`` up to ``end``."""
        headers = {"Range": f"bytes={start}-{end - 1}"}
        for attempt in range(1, TRIES + 1):
            try:
                async with self._http.get(f"{self._url}/{quote(key)}", headers=headers, max_redirects=3) as answer:
                    if answer.status == 206:
                        body = await answer.content.read(end - start)
                        while len(body) < end - start and (more := await answer.content.read(end - start - len(body))):
                            body += more
                        if len(body) == end - start:
                            return body
                    elif answer.status not in (429, 500, 502, 503, 504) or attempt == TRIES:
                        raise Unavailable(f"{self._server} refuses a part of {key} (HTTP {answer.status}).")
            except (aiohttp.ClientError, NetError, TimeoutError) as error:
                if attempt == TRIES:
                    raise Unavailable(f"{self._server} does not answer ({type(error).__name__}).") from None
        raise Unavailable(f"{self._server} cuts off {key}; try again later.")

    async def _list(self, prefix: str, delimiter: str | None = None) -> tuple[list[str], dict[str, int]]:
        """Folders and files below ``prefix``, by the bucket's ListObjectsV2."""
        folders: list[str] = []
        files: dict[str, int] = {}
        token: str | None = None
        while len(files) <= MOST_FILES:
            asked = {"list-type": "2", "prefix": prefix, "delimiter": delimiter, "continuation-token": token}
            root = _listing(await self._get({name: value for name, value in asked.items() if value}), self._server)
            for child in root:
                match _SPACE.sub("", child.tag):
                    case "CommonPrefixes":
                        folders.append(_text(child, "Prefix"))
                    case "Contents":
                        files[_text(child, "Key")] = int(_text(child, "Size") or 0)
            token = _text(root, "NextContinuationToken") or None
            if token is None:
                break
        return folders, files

    async def _get(self, query: Mapping[str, str]) -> bytes:
        try:
            async with self._http.get(f"{self._url}/?{urlencode(query)}", max_redirects=3) as answer:
                if answer.status != 200:
                    raise Unavailable(f"{self._server} lists nothing (HTTP {answer.status}); try again later.")
                body = await read_at_most(answer, MAX_LISTING)
        except (aiohttp.ClientError, NetError, TimeoutError) as error:
            raise Unavailable(f"{self._server} does not answer ({type(error).__name__}).") from None
        if body is None:
            raise Unavailable(f"The listing of {self._server} is larger than {MAX_LISTING >> 20} MB.")
        return body


def _listing(body: bytes, server: str) -> ElementTree.Element:
    try:
        if b"<!" in body:  # a document type can define entities that grow
            raise ElementTree.ParseError
        root = ElementTree.fromstring(body)  # noqa: S314
        if not root.tag.endswith("ListBucketResult"):
            raise ElementTree.ParseError
    except ElementTree.ParseError:
        raise Unavailable(f"{server} answers with no listing of a bucket.") from None
    return root


def _text(element: ElementTree.Element, name: str) -> str:
    return next((child.text or "" for child in element if _SPACE.sub("", child.tag) == name), "")


class _Files(AbstractFileSystem):  # type: ignore[misc]
    protocol = PROTOCOL
    cachable = False

    def __init__(self, bucket: Bucket, files: Mapping[str, int], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.bucket, self.files, self.waiting_loop = bucket, files, loop

    def info(self, path: str, **options: Any) -> dict[str, Any]:
        key = self._strip_protocol(path)
        if key not in self.files:
            raise FileNotFoundError(path)
        return {"name": key, "size": self.files[key], "type": "file"}

    def ls(self, path: str, detail: bool = True, **options: Any) -> list[Any]:
        return [self.info(path) if detail else path]

    def glob(self, path: str, **options: Any) -> list[str]:
        return [self._strip_protocol(path)]

    def modified(self, path: str) -> datetime:
        """DuckDB asks, to know whether it may use again what it read; a release does not change."""
        return datetime(2000, 1, 1, tzinfo=UTC)

    def _open(self, path: str, mode: str = "rb", **options: Any) -> AbstractBufferedFile:
        return _File(self, path, mode, block_size=_BLOCK, cache_type="readahead", size=self.info(path)["size"])


class _File(AbstractBufferedFile):  # type: ignore[misc]
    def _fetch_range(self, start: int, end: int) -> bytes:
        reading = self.fs.bucket.read(self.path, start, end)
        body: bytes = asyncio.run_coroutine_threadsafe(reading, self.fs.waiting_loop).result()
        return body
