"""Large files from the web: resumed where they broke off, checked by the server's checksum, in place when whole."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from orbweave.errors import InvalidInput, SetupError, Unavailable
from orbweave.net import NetError, Network

Progress = Callable[[int, int | None], None]
"""Called with the bytes there are, and of how many."""

TRIES = 5
"""Times in a row that a server may break off without having sent anything."""
STALL_SECONDS = 60.0
REDIRECTS = 5
ROOM = 200 << 20
"""Bytes that stay free on the disk."""
_CHUNK = 1 << 20


def silent(done: int, total: int | None) -> None:
    pass


async def download(network: Network, url: str, folder: Path, progress: Progress = silent) -> Path:
    """The file at ``url``, in ``folder``. A part that is there from an earlier try is gone on with, if the server still
    has the same file. Raises InvalidInput (no such file), Unavailable (not now, or damaged) or SetupError (disk)."""
    folder.mkdir(parents=True, exist_ok=True)
    name = urlsplit(url).path.rpartition("/")[2] or "extract.osm.pbf"
    file = _File(url, folder / name, folder / f"{name}.part", folder / f"{name}.tag")
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=STALL_SECONDS)
    async with network.http_session(timeout=timeout, auto_decompress=False) as http:
        for last in (False, True):
            await _whole(http, file, progress)
            if await _is_sound(http, file):
                file.part.replace(file.path)
                file.tag.unlink(missing_ok=True)
                return file.path
            file.forget()
            if last:
                raise Unavailable(f"{url} arrived damaged twice: its checksum is not the server's. Try again later.")
    raise AssertionError


@dataclass(frozen=True, slots=True)
class _File:
    """``tag`` holds the ETag (or date) of what ``part`` is a part of."""

    url: str
    path: Path
    part: Path
    tag: Path

    @property
    def have(self) -> int:
        return self.part.stat().st_size if self.part.exists() and self.tag.exists() else 0

    def forget(self) -> None:
        self.part.unlink(missing_ok=True)
        self.tag.unlink(missing_ok=True)


async def _whole(http: aiohttp.ClientSession, file: _File, progress: Progress) -> None:
    """Get the part to its full length, over as many connections as it takes."""
    failures = 0
    while True:
        before = file.have
        try:
            if await _more(http, file, progress):
                return
            reason = "it breaks off"
        except (aiohttp.ClientError, NetError, TimeoutError) as error:
            if isinstance(error, NetError):
                raise Unavailable(f"{file.url} cannot be fetched: {error}") from None
            reason = "no more of it comes" if isinstance(error, TimeoutError) else type(error).__name__
        except OSError as error:
            raise SetupError(
                f"{file.part}: {error.strerror}; free some room and go on with the same command."
            ) from None
        failures = failures + 1 if file.have <= before else 1
        if failures >= TRIES:
            raise Unavailable(
                f"{file.url} cannot be fetched ({reason}); the same command goes on where it stopped, later."
            )


async def _more(http: aiohttp.ClientSession, file: _File, progress: Progress) -> bool:
    """One request; whether the part is whole now."""
    have = file.have
    headers = {"Range": f"bytes={have}-", "If-Range": file.tag.read_text()} if have else {}
    async with http.get(file.url, headers=headers, max_redirects=REDIRECTS) as answer:
        if answer.status == 416:  # not a part of what is there now
            file.forget()
            return False
        _check(answer, file.url)
        if answer.status != 206:
            have = 0
        total = None if answer.content_length is None else have + answer.content_length
        free = shutil.disk_usage(file.part.parent).free
        if total is not None and total - have > free - ROOM:
            raise SetupError(
                f"{file.url} has {(total - have) >> 20} MB, but {file.part.parent} has only {free >> 20} MB free."
            )
        file.tag.write_text(answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "-")
        with file.part.open("ab" if have else "wb") as part:
            progress(have, total)
            async for chunk in answer.content.iter_chunked(_CHUNK):
                part.write(chunk)
                have += len(chunk)
                progress(have, total)
        return total is None or have >= total


def _check(answer: aiohttp.ClientResponse, url: str) -> None:
    if answer.status in (200, 206):
        return
    if answer.status in (404, 410):
        raise InvalidInput(f"There is nothing at {url} (HTTP {answer.status}).", field="what")
    wait = answer.headers.get("Retry-After", "")
    later = f"in {wait} s" if wait.isdecimal() else "later"
    if answer.status in (429, 502, 503, 504):
        raise Unavailable(f"{answer.url.host} is busy (HTTP {answer.status}); try again {later}.")
    raise Unavailable(f"{answer.url.host} refuses {url} (HTTP {answer.status}).")


async def _is_sound(http: aiohttp.ClientSession, file: _File) -> bool:
    """Compares with ``url``.md5, where the server has that."""
    expected = b""
    with suppress(aiohttp.ClientError, NetError, TimeoutError):
        async with http.get(f"{file.url}.md5", max_redirects=REDIRECTS) as answer:
            if answer.status == 200:
                expected = (await answer.content.read(1000)).split(b" ")[0].strip().lower()
    if len(expected) != 32:
        return True
    with file.part.open("rb") as part:
        return hashlib.file_digest(part, "md5").hexdigest().encode() == expected
