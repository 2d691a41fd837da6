"""Large files from the web: resumed where they broke off, checked by the server's checksum, in place when whole."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp

from orbweave.errors import Conflict, InvalidInput, SetupError, Unavailable
from orbweave.net import NetError, Network

Progress = Callable[[int, int | None], None]
"""Called with the bytes there are, and of how many."""

TRIES = 5
"""Times in a row that a server may break off without having sent anything new."""
PAUSE = 1.0
"""Seconds before the second of these; before the third twice that, and so on."""
STALL_SECONDS = 60.0
REDIRECTS = 5
ROOM = 200 << 20
"""Bytes that stay free on the disk."""
_CHUNK = 1 << 20
_FORMAT = re.compile(r"(\.osm)?(\.pbf|\.bz2|\.gz)?$")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


def silent(done: int, total: int | None) -> None:
    pass


async def download(network: Network, url: str, folder: Path, progress: Progress = silent) -> Path:
    """The file at ``url``, at ``stored_as`` in ``folder``. A part or the whole that is there from an earlier time is
    gone on with, if the server still has the same file. Raises InvalidInput (no such file), Unavailable (not now, or
    damaged), Conflict (another process is at it) or SetupError (disk)."""
    folder.mkdir(parents=True, exist_ok=True)
    file = _File(url, stored_as(url, folder))
    if file.path.exists() and file.tag.exists() and not file.part.exists():
        file.path.replace(file.part)
    async with network.http_session(
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=STALL_SECONDS),
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    ) as http:
        for _ in range(2):
            await _whole(http, file, progress)
            if await _is_sound(http, file):
                file.part.replace(file.path)
                return file.path
            file.forget()
    raise Unavailable(f"{file.shown} arrived damaged twice: its checksum is not the server's. Try again later.")


def stored_as(url: str, folder: Path) -> Path:
    """No two addresses share a file."""
    name = re.sub(r"[^\w.-]+", "_", unquote(urlsplit(url).path.rpartition("/")[2])).strip("._")[-80:] or "extract"
    kind = _FORMAT.search(name)
    end = kind.group() if kind and kind.group() else ".osm.pbf"
    return folder / f"{name.removesuffix(end)}.{hashlib.sha256(url.encode()).hexdigest()[:8]}{end}"


def discard(url: str, folder: Path) -> None:
    """Remove what there is of a download."""
    file = _File(url, stored_as(url, folder))
    file.forget()
    file.path.unlink(missing_ok=True)


def changed(url: str, folder: Path) -> None:
    """The file will no longer be what the server has."""
    _File(url, stored_as(url, folder)).tag.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _File:
    """``tag`` holds the ETag (or date) by which a server knows again what ``part``, or else ``path``, is of."""

    url: str
    path: Path

    @property
    def shown(self) -> str:
        """Without what may be a key."""
        return self.url.partition("?")[0]

    @property
    def part(self) -> Path:
        return self.path.with_name(f"{self.path.name}.part")

    @property
    def tag(self) -> Path:
        return self.path.with_name(f"{self.path.name}.tag")

    @property
    def have(self) -> int:
        return self.part.stat().st_size if self.part.exists() and self.tag.exists() else 0

    def forget(self) -> None:
        self.tag.unlink(missing_ok=True)
        self.part.unlink(missing_ok=True)


async def _whole(http: aiohttp.ClientSession, file: _File, progress: Progress) -> None:
    """Get the part to its full length, over as many connections as it takes."""
    failures, most = 0, file.have
    while True:
        reason = "it breaks off"
        try:
            if await _more(http, file, progress):
                return
        except aiohttp.TooManyRedirects:
            raise Unavailable(f"{file.shown} leads from one address to the next without end.") from None
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise InvalidInput(f"{file.shown} leads to what is no web address ({error}).", field="what") from None
        except NetError as error:
            raise Unavailable(f"{file.shown} cannot be fetched: {error}") from None
        except aiohttp.ClientPayloadError:
            pass
        except TimeoutError:
            reason = "no more of it comes"
        except aiohttp.ClientError as error:
            reason = str(error) or type(error).__name__
        except OSError as error:
            raise SetupError(
                f"{file.part}: {error.strerror}; free some room and go on with the same command."
            ) from None
        failures, most = (0, file.have) if file.have > most else (failures + 1, most)
        if failures >= TRIES:
            raise Unavailable(
                f"{file.shown} cannot be fetched ({reason}); the same command goes on where it stopped, later."
            )
        await asyncio.sleep(PAUSE * failures)


async def _more(http: aiohttp.ClientSession, file: _File, progress: Progress) -> bool:
    """One request; whether the part is whole now."""
    have = file.have
    known = file.tag.read_text() if have else ""
    headers = {"Range": f"bytes={have}-", "If-Range": known} if have else {}
    async with http.get(file.url, headers=headers, max_redirects=REDIRECTS) as answer:
        tag = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        if answer.status == 416 and answer.headers.get("Content-Range") == f"bytes */{have}":
            return True
        _check(answer, file)
        sent = _CONTENT_RANGE.match(answer.headers.get("Content-Range", ""))
        if have and answer.status in (206, 416):
            if sent is None or int(sent.group(1)) != have or tag not in ("", known):
                file.forget()  # not the rest of what we have a part of
                return False
        else:
            have = 0
        total = None if answer.content_length is None else have + answer.content_length
        with file.part.open("ab") as part:
            _take(part.fileno(), file)
            if not have:
                file.tag.unlink(missing_ok=True)
                part.truncate(0)
            _has_room(file, total, have)
            if tag:
                file.tag.write_text(tag)
            progress(have, total)
            async for chunk in answer.content.iter_chunked(_CHUNK):
                part.write(chunk)
                have += len(chunk)
                progress(have, total)
        return total is None or have == total


def _take(descriptor: int, file: _File) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Conflict(f"{file.shown} is being downloaded already; wait until that has ended.") from None


def _has_room(file: _File, total: int | None, have: int) -> None:
    free = shutil.disk_usage(file.part.parent).free
    if total is not None and total - have > free - ROOM:
        raise SetupError(
            f"{file.shown} has {(total - have) >> 20} MB, but {file.part.parent} has only {free >> 20} MB free: free"
            " some room and go on with the same command."
        )


def _check(answer: aiohttp.ClientResponse, file: _File) -> None:
    if answer.status in (200, 206) and answer.content_type == "text/html":
        raise InvalidInput(f"{file.shown} is a web page, not an extract; give the address of the file.", field="what")
    if answer.status in (200, 206, 416):
        return
    if answer.status in (404, 410):
        raise InvalidInput(f"There is nothing at {file.shown} (HTTP {answer.status}).", field="what")
    wait = answer.headers.get("Retry-After", "")
    later = f"in {wait} s" if wait.isdecimal() else "later"
    if answer.status in (429, 502, 503, 504):
        raise Unavailable(f"{answer.url.host} is busy (HTTP {answer.status}); try again {later}.")
    raise Unavailable(f"{answer.url.host} refuses {file.shown} (HTTP {answer.status}).")


async def _is_sound(http: aiohttp.ClientSession, file: _File) -> bool:
    """Compares with ``url``.md5, where the server has that."""
    expected = b""
    address = urlsplit(file.url)
    with suppress(aiohttp.ClientError, NetError, TimeoutError):
        checksum = address._replace(path=f"{address.path}.md5").geturl()
        async with http.get(checksum, max_redirects=REDIRECTS) as answer:
            if answer.status == 200:
                expected = (await answer.content.read(1000)).split(b" ")[0].strip().lower()
    return not re.fullmatch(rb"[0-9a-f]{32}", expected) or await asyncio.to_thread(_md5, file.part) == expected


def _md5(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest().encode()
