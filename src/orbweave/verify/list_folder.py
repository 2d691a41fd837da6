"""The operator's lists: his own additions and exceptions, and the disposable list that was downloaded last.

In the folder, one domain a line, # begins a comment, and a domain stands for all below it:
  disposable.txt  further throw-away providers
  allowed.txt     domains that are none, whatever other lists say
  never.txt       domains whose servers are never asked
  downloaded.txt  written by ``download``; used instead of the packaged list unless that one is newer
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Set
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import disposable_email_domains

from orbweave.errors import InvalidInput, Unavailable
from orbweave.net import NameNotFound, NetError, Network, read_at_most
from orbweave.net.dns import ascii_name
from orbweave.verify import lists
from orbweave.verify.lists import Edition

LOOK_AGAIN = 30.0
"""Seconds after which changed files are noticed."""
FEWEST = 5_000
MAX_BYTES = 20 * 2**20
TIMEOUT = aiohttp.ClientTimeout(total=120)

OWN = ("disposable", "allowed", "never")
_DOWNLOADED = "downloaded"
_HEADER = re.compile(r"# Downloaded (?P<date>\S+) from (?P<url>\S+) in place of (?P<package>\S+)")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


class ListFolder:
    """``folder`` None or not there: the packaged lists alone. Looks again now and then, so that a long-lived process
    notices what another one changes."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._look_at = 0.0
        self._stamps: tuple[tuple[int, int] | None, ...] | None = None
        self._own: dict[str, frozenset[str]] = dict.fromkeys(OWN, frozenset())
        self._disposable: Set[str] = disposable_email_domains.blocklist
        self._edition = ""

    def is_disposable(self, domain: str) -> bool:
        self._look()
        if lists.is_in(domain, self._own["allowed"]):
            return False
        if lists.is_in(domain, self._own["disposable"]):
            return True
        return lists.is_disposable(domain, self._disposable)

    def is_never(self, domain: str) -> bool:
        """The operator doesn't want its servers asked."""
        self._look()
        return lists.is_in(domain, self._own["never"])

    def editions(self) -> list[Edition]:
        """Of every list in use, the operator's own included when they hold anything."""
        self._look()
        found = [
            Edition(one.name, len(self._disposable), self._edition)
            if one.name == "disposable" and self._edition
            else one
            for one in lists.editions()
        ]
        own = [(name, f"own {name}" if name != "never" else name, names) for name, names in self._own.items() if names]
        return [*found, *(Edition(shown, len(names), _date(self._path(name))) for name, shown, names in own)]

    def _look(self) -> None:
        now = time.monotonic()
        if self._folder is None or now < self._look_at:
            return
        self._look_at = now + LOOK_AGAIN
        stamps = tuple(_stamp(self._path(name)) for name in (*OWN, _DOWNLOADED))
        if stamps == self._stamps:
            return
        self._stamps = stamps
        self._own = {name: read(self._path(name)) for name in OWN}
        downloaded = self._path(_DOWNLOADED)
        match = _HEADER.match(_text(downloaded))
        if match is not None and _number(match["package"]) >= _number(lists.disposable_version()):
            self._disposable, self._edition = read(downloaded), match["date"][:10]
        else:
            self._disposable, self._edition = disposable_email_domains.blocklist, ""

    def _path(self, name: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{name}.txt"


def read(path: Path) -> frozenset[str]:
    """The domains in a file, none when it can't be read; what is no domain is passed over."""
    return frozenset(name for line in _text(path).splitlines() if (name := _domain(line)) is not None)


async def download(network: Network, url: str, folder: Path) -> Edition:
    """Fetch a list of disposable domains, one a line, and use it from now on. Raises InvalidInput for a URL that is not
    https, Unavailable when there is no list or none that can be believed; the former one then stays."""
    if not url.startswith("https://"):
        raise InvalidInput("disposable_list_url has to begin with https://.", field="disposable_list_url")
    text = await _fetch(network, url)
    lines = [line for line in text.splitlines() if line.partition("#")[0].strip()]
    names = {name for line in lines if (name := _domain(line)) is not None}
    wrong = sorted(name for name in {*lists.popular(), *lists.RELAYS} if lists.is_in(name, names))
    if len(names) < FEWEST or len(names) < 0.9 * len(lines):
        raise Unavailable(
            f"{url} is no list of disposable domains: {len(names)} of {len(lines)} lines are domains, at least "
            f"{FEWEST} are expected. The former list stays."
        )
    if wrong:
        raise Unavailable(f"{url} calls {', '.join(wrong[:3])} disposable, so the former list stays.")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    header = f"# Downloaded {now} from {url} in place of {lists.disposable_version()}\n"
    _replace(folder / f"{_DOWNLOADED}.txt", header + "".join(f"{name}\n" for name in sorted(names)))
    return Edition("disposable", len(names), now[:10])


async def _fetch(network: Network, url: str) -> str:
    try:
        async with network.http_session(timeout=TIMEOUT) as http, http.get(url) as answer:
            if answer.status != 200 or answer.url.scheme != "https":
                raise Unavailable(f"{url} gives no list (HTTP {answer.status} from {answer.url.host}).")
            data = await read_at_most(answer, MAX_BYTES)
    except (aiohttp.ClientError, NetError, TimeoutError) as error:
        raise Unavailable(f"{url} cannot be fetched: {str(error).rstrip('.') or 'no answer in time'}.") from None
    if data is None:
        raise Unavailable(f"{url} is larger than {MAX_BYTES >> 20} MB.")
    return data.decode("utf-8", "replace")


def _replace(path: Path, text: str) -> None:
    """Readers see the former content or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _domain(line: str) -> str | None:
    word = line.partition("#")[0].strip().removeprefix("@").lstrip(".")
    try:
        name = ascii_name(word)
    except NameNotFound:
        return None
    return name if _DOMAIN.fullmatch(name) else None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig", "replace")
    except OSError:
        return ""


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _date(path: Path) -> str:
    stamp = _stamp(path)
    return datetime.fromtimestamp(stamp[0] / 1e9, UTC).strftime("%Y-%m-%d") if stamp else ""


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))
